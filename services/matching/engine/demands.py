"""A round's wishes in vertex numbers (newcomers first, then locals): what a plan must keep besides everybody's capacity."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.matching.engine.instance import NO_PAIR, BoolArray, Conflict, Edges, Instance, IntArray, numbers, pair_numbers


@dataclass(frozen=True, eq=False)
class Count:
    """At least `low` and at most `high` (None: any number of) pairs that have one of the vertices of `member`.

    `mixed`: members of both sides, so that a pair of two members counts once and prices on vertices only bound it.
    """

    name: str
    member: IntArray
    low: int
    high: int | None
    mixed: bool


@dataclass(frozen=True, eq=False)
class Demands:
    """Pinned pairs are taken out: `capacity` is what is left, `must` marks whoever still has to be matched."""

    newcomers: int
    pinned: Edges
    capacity: IntArray
    must: BoolArray
    parties: tuple[IntArray, ...]  # those without a pin
    all_parties: tuple[IntArray, ...]
    counts: tuple[Count, ...]

    @property
    def impossible(self) -> bool:
        """Pins beyond a capacity or a quota, or a quota that contradicts itself."""
        return bool((self.capacity < 0).any()) or any(
            count.high is not None and count.high < max(0, count.low) for count in self.counts
        )

    def kept_by(self, plan: Edges) -> bool:
        """Nobody has too many pairs, parties are whole, counts hold; pins are not part of `plan`."""
        ends = np.stack((plan.newcomer, plan.local + self.newcomers))
        used = np.bincount(ends.ravel(), minlength=len(self.capacity))
        counted = [(int(np.isin(ends, count.member).any(axis=0).sum()), count) for count in self.counts]
        return bool(
            (used <= self.capacity).all()
            and (used[self.must] > 0).all()
            and all(len(set(used[members].tolist())) == 1 for members in self.parties)
            and all(count.low <= number and (count.high is None or number <= count.high) for number, count in counted)
        )

    @property
    def plain(self) -> bool:
        """Nothing but capacities is asked."""
        return not self.parties and not self.counts and not self.must.any()


def demands(instance: Instance) -> Demands:
    """Raises nothing: pins that no plan can keep are found by `broken_pins` before."""
    first = len(instance.newcomers)
    vertex = numbers((*instance.newcomers.ids, *instance.locals.ids))
    ends = np.array([(vertex[pin.newcomer], vertex[pin.local]) for pin in instance.pins], dtype=np.int64).reshape(-1, 2)
    ends = np.unique(ends, axis=0)
    pinned = Edges(ends[:, 0], ends[:, 1] - first, instance.pairs.fits(ends[:, 0], ends[:, 1] - first))
    capacity = np.concatenate((instance.newcomers.capacity, instance.locals.capacity))
    np.subtract.at(capacity, ends.ravel(), 1)
    parties, must = _parties(instance, vertex, ends)
    counts = tuple(_counts(instance, vertex, ends))
    all_parties = tuple(np.array([vertex[name] for name in party], dtype=np.int64) for party in instance.parties)
    return Demands(first, pinned, capacity, must, parties, all_parties, counts)


def broken_pins(instance: Instance) -> tuple[Conflict, ...]:
    """Pins that break a rule, each by itself."""
    if not instance.pins:
        return ()
    rows, columns = numbers(instance.newcomers.ids), numbers(instance.locals.ids)
    here = [(pin.newcomer, pin.local) for pin in instance.pins if pin.newcomer in rows and pin.local in columns]
    fits = dict(zip(here, instance.pairs.fits(*pair_numbers(here, rows, columns)).tolist(), strict=True))
    return tuple(
        Conflict(pin.kind, (pin.newcomer, pin.local), pin.broken or "not_acceptable")
        for pin in instance.pins
        if fits.get((pin.newcomer, pin.local), NO_PAIR) == NO_PAIR
    )


def _parties(instance: Instance, vertex: dict[str, int], ends: IntArray) -> tuple[tuple[IntArray, ...], BoolArray]:
    """Members a pin has not placed yet; where it has placed one, the others have to be matched."""
    pinned, must = set(ends.ravel().tolist()), np.zeros(len(vertex), dtype=np.bool_)
    parties = []
    for party in instance.parties:
        members = np.array([vertex[name] for name in party], dtype=np.int64)
        rest = np.array([v for v in members.tolist() if v not in pinned], dtype=np.int64)
        if len(rest) < len(members):
            must[rest] = True
        else:
            parties.append(members)
    return tuple(parties), must


def _counts(instance: Instance, vertex: dict[str, int], ends: IntArray) -> Iterator[Count]:
    """Quotas less what the pins already count; members who are not here count nothing."""
    first = len(instance.newcomers)
    for quota in instance.quotas:
        member = np.array(sorted(vertex[name] for name in quota.members if name in vertex), dtype=np.int64)
        already = int(np.isin(ends, member).any(axis=1).sum())
        mixed = bool((member < first).any() and (member >= first).any())
        yield Count(quota.name, member, quota.low - already, None if quota.high is None else quota.high - already, mixed)
