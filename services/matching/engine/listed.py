"""The pairs of a round that a file names, written down by newcomer: 8 bytes each."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.engine.instance import NO_PAIR, Edges, Instance, IntArray, Prices, Worth

Column = NDArray[np.int32]
FIT_ALONE = Worth(1, 0, 0)


class Lines(NamedTuple):
    """Pairs by one side: those of person r are `start[r]:start[r + 1]` of both columns, sorted by their partner."""

    start: IntArray
    partner: Column
    fit: Column


@dataclass(frozen=True, eq=False)
class Listed:
    """All acceptable pairs of a round (`instance.Pairs`), each once."""

    lines: Lines
    locals: int

    @classmethod
    def of(cls, newcomers: int, locals_: int, newcomer: Column, local: Column, fit: Column) -> "Listed":
        """From columns in any order."""
        return cls(_turned(_by(local, newcomer, fit, locals_), newcomers), locals_)

    @property
    def most_fit(self) -> int:
        return int(self.fit.max(initial=0))

    @property
    def newcomers(self) -> int:
        return len(self.lines.start) - 1

    @property
    def newcomer(self) -> Column:
        return _persons(self.lines)

    @property
    def local(self) -> Column:
        return self.lines.partner

    @property
    def fit(self) -> Column:
        return self.lines.fit

    def above(self, prices: Prices, worth: Worth, most: int, checked: Prices | None = None) -> Edges:
        """As `Pairs` says. To look at every pair once is cheap, so `checked` spares nothing."""
        return _look(self.lines, prices.newcomer, prices.local, worth, most)

    def best(self, most: int) -> Edges:
        free = np.full(self.newcomers, NO_PAIR), np.zeros(self.locals, dtype=np.int64)
        mine = _look(self.lines, *free, FIT_ALONE, most)
        free = np.full(self.locals, NO_PAIR), np.zeros(self.newcomers, dtype=np.int64)
        local, newcomer, fit = _look(_turned(self.lines, self.locals), *free, FIT_ALONE, most)
        return Edges(*(np.concatenate(columns) for columns in zip(mine, (newcomer, local, fit), strict=True)))

    def fits(self, newcomer: IntArray, local: IntArray) -> IntArray:
        place = self.places(newcomer, local)
        found = np.full(len(place), NO_PAIR)
        found[place != NO_PAIR] = self.fit[place[place != NO_PAIR]]
        return found

    def places(self, newcomer: IntArray, local: IntArray) -> IntArray:
        """Where each pair is written down, NO_PAIR where it is not."""
        return _places(self.lines, np.asarray(newcomer, dtype=np.int64), np.asarray(local, dtype=np.int64))

    def without(self, newcomer: IntArray, local: IntArray) -> Self:
        """The same but for these pairs, which need not be there."""
        place = self.places(newcomer, local)
        kept = np.ones(self.count(), dtype=np.bool_)
        kept[place[place != NO_PAIR]] = False
        start = self.lines.start - np.searchsorted(np.flatnonzero(~kept), self.lines.start)
        return replace(self, lines=Lines(start, self.local[kept], self.fit[kept]))

    def count(self) -> int:
        return len(self.fit)


def listed(instance: Instance) -> Listed:
    """The pairs of an instance that comes from a file of pairs."""
    assert isinstance(instance.pairs, Listed)
    return instance.pairs


def _persons(lines: Lines) -> Column:
    """Whose each pair is."""
    return np.repeat(np.arange(len(lines.start) - 1, dtype=np.int32), np.diff(lines.start))


def _turned(lines: Lines, partners: int) -> Lines:
    """The same pairs by the other side. Sorted, since it takes them in the order of this one."""
    return _by(lines.partner, _persons(lines), lines.fit, partners)


def _look(lines: Lines, price: IntArray, partner_price: IntArray, worth: Worth, most: int) -> Edges:
    room = int(np.minimum(np.diff(lines.start), max(most, 0)).sum())
    return Edges(*_above(lines, price, partner_price, worth, most, room))


@njit(cache=True, nogil=True)
def _by(person: Column, partner: Column, fit: Column, persons: int) -> Lines:
    """By person, otherwise in the order given: one count and one pass, faster than a sort and without its keys."""
    start = np.zeros(persons + 1, np.int64)
    for number in person:
        start[number + 1] += 1
    for number in range(persons):
        start[number + 1] += start[number]
    free = start[:-1].copy()
    partners, fits = np.empty(len(person), np.int32), np.empty(len(person), np.int32)
    for k in range(len(person)):
        place = free[person[k]]
        partners[place], fits[place] = partner[k], fit[k]
        free[person[k]] += 1
    return Lines(start, partners, fits)


@njit(cache=True, nogil=True)
def _above(
    lines: Lines, price: IntArray, partner_price: IntArray, worth: Worth, most: int, room: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Person, partner and fit of the pairs worth more than their prices, of each person the `most` that exceed them most."""
    found, size = np.empty((3, room), np.int64), 0
    longest = 0
    for person in range(len(lines.start) - 1):
        longest = max(longest, lines.start[person + 1] - lines.start[person])
    place, excess = np.empty(longest, np.int64), np.empty(longest, np.int64)
    for person in range(len(lines.start) - 1 if room else 0):
        count = 0
        for k in range(lines.start[person], lines.start[person + 1]):
            value = worth.fit * lines.fit[k] - (worth.below if lines.fit[k] < worth.floor else 0)
            value -= price[person] + partner_price[lines.partner[k]]
            if value > 0:
                place[count], excess[count] = k, value
                count += 1
        least, equals = _cut(excess[:count], most)
        for number in range(count):
            if excess[number] < least or (excess[number] == least and equals == 0):
                continue
            equals -= excess[number] == least
            k = place[number]
            found[0, size], found[1, size], found[2, size] = person, lines.partner[k], lines.fit[k]
            size += 1
    return found[0, :size], found[1, :size], found[2, :size]


@njit(cache=True, nogil=True)
def _cut(excess: IntArray, most: int) -> tuple[int, int]:
    """The least excess among the `most` largest, and how many that have just this one belong to them."""
    if len(excess) <= most:
        return 0, 0
    low, high = 1, excess.max()
    while low < high:
        middle = low + (high - low + 1) // 2
        if (excess >= middle).sum() >= most:
            low = middle
        else:
            high = middle - 1
    return low, most - (excess > low).sum()


@njit(cache=True, nogil=True)
def _places(lines: Lines, person: IntArray, partner: IntArray) -> IntArray:
    found = np.full(len(person), NO_PAIR, np.int64)
    for k in range(len(person)):
        first, last = lines.start[person[k]], lines.start[person[k] + 1]
        place = first + np.searchsorted(lines.partner[first:last], partner[k])
        if place < last and lines.partner[place] == partner[k]:
            found[k] = place
    return found
