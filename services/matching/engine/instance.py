"""What the engine solves and what it answers: plain frozen data, ids in canonical order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

DEFAULT_LEVELS = ("pairs", "waiting", "below_floor", "fit")


@dataclass(frozen=True)
class Newcomer:
    """Somebody who takes at most one buddy; `waiting` counts the rounds they went without."""

    id: str
    waiting: int = 0


@dataclass(frozen=True)
class Local:
    """Somebody who takes up to `capacity` newcomers; `waiting` counts in each of their pairs."""

    id: str
    waiting: int = 0
    capacity: int = 1


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
class Edges:
    """Acceptable pairs as three equal columns: index of the newcomer, index of the local, fit; sorted by both indices."""

    newcomer: IntArray
    local: IntArray
    fit: IntArray

    def __len__(self) -> int:
        return len(self.fit)


@dataclass(frozen=True, eq=False)
class Instance:
    """One round to solve. People, parties, pins and quotas are sorted by id; banned pairs are no edges."""

    newcomers: tuple[Newcomer, ...]
    locals: tuple[Local, ...]
    edges: Edges
    parties: tuple[tuple[str, ...], ...] = ()
    pins: tuple[Pin, ...] = ()
    quotas: tuple[Quota, ...] = ()
    quality_floor: int = 0
    levels: tuple[str, ...] = DEFAULT_LEVELS


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


@dataclass(frozen=True)
class Proof:
    """Integer prices of one level's rows, `scale` to a unit: (row number, price) where it is not 0."""

    scale: int
    prices: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Result:
    """`status` is optimal, feasible or infeasible; `pairs` are (newcomer, local, fit), sorted."""

    status: str
    levels: tuple[Level, ...] = ()
    pairs: tuple[tuple[str, str, int], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    proofs: tuple[Proof, ...] = field(default=(), repr=False)
    seed: int = 1


def make(
    newcomers: Iterable[Newcomer],
    locals_: Iterable[Local],
    edges: Iterable[tuple[str, str, int]],
    *,
    parties: Iterable[Sequence[str]] = (),
    pins: Iterable[Pin] = (),
    bans: Iterable[tuple[str, str]] = (),
    quotas: Iterable[Quota] = (),
    quality_floor: int = 0,
    levels: Sequence[str] = DEFAULT_LEVELS,
) -> Instance:
    """An instance from ids in any order. A pair both pinned and banned counts as pinned; a party of one is dropped."""
    left = tuple(sorted(newcomers, key=lambda person: person.id))
    right = tuple(sorted(locals_, key=lambda person: person.id))
    rows = {person.id: number for number, person in enumerate(left)}
    columns = {person.id: number for number, person in enumerate(right)}
    wanted = tuple(sorted(pins, key=lambda pin: (pin.newcomer, pin.local, pin.kind)))
    banned = set(bans) - {(pin.newcomer, pin.local) for pin in wanted}
    table = sorted((rows[n], columns[m], fit) for n, m, fit in edges if (n, m) not in banned)
    return Instance(
        left,
        right,
        columns_of(np.array(table, dtype=np.int64).reshape(-1, 3)),
        tuple(sorted(tuple(sorted(party)) for party in parties if len(party) > 1)),
        wanted,
        tuple(sorted(quotas, key=lambda quota: quota.name)),
        quality_floor,
        tuple(levels),
    )


def columns_of(table: IntArray) -> Edges:
    """Edges from an (m, 3) table already in canonical order."""
    return Edges(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy())
