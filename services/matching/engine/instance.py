"""What the engine solves and what it answers: plain frozen data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
PairIds = tuple[str, str]

DEFAULT_LEVELS = ("pairs", "waiting", "below_floor", "fit")
NO_PAIR = -1


class Worth(NamedTuple):
    """What the fit of a pair adds to a plan: fit * `fit`, less `below` where it is under `floor`; both are 0 or more.
    `kept` is added for pairs of the plan before, which whoever looks at all pairs does not know.
    """

    fit: int
    below: int
    floor: int
    kept: int = 0


class Prices(NamedTuple):
    """One whole number for everybody: newcomers and locals, in the order of the instance."""

    newcomer: IntArray
    local: IntArray


class Edges(NamedTuple):
    """Pairs as three equal columns: number of the newcomer, number of the local, fit."""

    newcomer: IntArray
    local: IntArray
    fit: IntArray

    def some(self, chosen: BoolArray | IntArray) -> "Edges":
        return Edges(*(column[chosen] for column in self))


def joined(*parts: Edges) -> Edges:
    """One after the other; what stands in two of them stands twice."""
    return Edges(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Pairs(Protocol):
    """All acceptable pairs of a round, written down (`listed`) or computed from people (`roster`)."""

    @property
    def most_fit(self) -> int:
        """No pair suits better."""

    def above(self, prices: Prices, worth: Worth, most: int, checked: Prices | None = None) -> Edges:
        """Pairs worth more than their two prices, of each newcomer at least the `most` that exceed them most. At the
        prices `checked` there were none: whoever is no cheaper now is left out.
        """

    def best(self, most: int) -> Edges:
        """Of everybody the `most` partners that suit best; a pair may stand there twice."""

    def fits(self, newcomer: IntArray, local: IntArray) -> IntArray:
        """The fit of each pair, NO_PAIR where it is not acceptable."""

    def without(self, newcomer: IntArray, local: IntArray) -> Self:
        """The same but for these pairs."""


@dataclass(frozen=True, eq=False)
class Side:
    """n people in the engine's order: `waiting` rounds that they went without, `capacity` pairs that they take at most."""

    ids: tuple[str, ...]
    waiting: IntArray
    capacity: IntArray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Pin:
    """A pair that must be; `kind` says who asked for it: `pin` (a coordinator) or `keep` (the plan being repaired)."""

    newcomer: str
    local: str
    kind: str = "pin"
    broken: str = ""  # the hard rule that forbids the pair, when known


@dataclass(frozen=True)
class Quota:
    """At least `low`, at most `high` (None: any number) pairs that have one of `members`."""

    name: str
    members: tuple[str, ...]
    low: int = 0
    high: int | None = None


@dataclass(frozen=True, eq=False)
class Instance:
    """One round to solve. Parties, pins and quotas are sorted by id; banned pairs are not acceptable."""

    newcomers: Side
    locals: Side
    pairs: Pairs
    parties: tuple[tuple[str, ...], ...] = ()
    pins: tuple[Pin, ...] = ()
    quotas: tuple[Quota, ...] = ()
    quality_floor: int = 0
    levels: tuple[str, ...] = DEFAULT_LEVELS
    former: tuple[PairIds, ...] = ()  # the plan before: of how many of them stay speaks the level `kept`

    @cached_property
    def before(self) -> Edges:
        """The pairs of `former` whose people are here and still suit."""
        newcomer, local = pair_numbers(self.former, numbers(self.newcomers.ids), numbers(self.locals.ids))
        found = Edges(newcomer, local, self.pairs.fits(newcomer, local))
        return found.some(found.fit != NO_PAIR)

    def keys(self, edges: Edges) -> IntArray:
        """One number for each pair."""
        return edges.newcomer * len(self.locals) + edges.local


@dataclass(frozen=True)
class Level:
    """A level's value in the plan, the bound proved for it, and the bound its stored prices prove by themselves."""

    name: str
    value: int
    bound: int
    price_bound: int

    @property
    def proved(self) -> bool:
        return self.value == self.bound


@dataclass(frozen=True)
class Conflict:
    """One wish of a set that cannot hold together: a pin, a kept pair, a party or one side of a quota.

    `names` are its people (or the quota's name), `why` the broken rule, or `min` or `max` of a quota.
    """

    kind: str
    names: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, eq=False)
class Proof:
    """What bounds one level: `weights` of it and of the levels before it, a price of 0 or more for everybody (sorted by
    id), and what being matched costs members: `parties` and `quotas` (one number for each). `links` (number of the
    party, id of a partner, price): what their pairs cost besides; the party's numbers add up to 0 less the price times
    the partner's room.
    """

    weights: tuple[tuple[str, int], ...]
    newcomers: IntArray
    locals: IntArray
    parties: tuple[tuple[int, ...], ...] = ()
    quotas: tuple[int, ...] = ()
    links: tuple[tuple[int, str, int], ...] = ()


@dataclass(frozen=True)
class Result:
    """`status` is optimal, feasible or infeasible; `pairs` are (newcomer, local, fit), sorted."""

    status: str
    levels: tuple[Level, ...] = ()
    pairs: tuple[tuple[str, str, int], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    proofs: tuple[Proof, ...] = field(default=(), repr=False)


def order(ids: Iterable[str]) -> list[str]:
    """The order in which the engine takes people: by a hash of their ids, so that neither the input's order decides
    between plans equally good, nor does anybody gain by an id that sorts first.
    """
    return sorted(ids, key=lambda name: (blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), name))


def numbers(ids: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(ids)}


def pair_numbers(pairs: Iterable[PairIds], rows: Mapping[str, int], columns: Mapping[str, int]) -> IntArray:
    """(2, k) numbers of newcomer and local, in the order given; pairs of somebody who is not here are left out."""
    here = [(rows[newcomer], columns[local]) for newcomer, local in pairs if newcomer in rows and local in columns]
    return np.array(here, dtype=np.int64).reshape(-1, 2).T.copy()


def whole(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int64)
