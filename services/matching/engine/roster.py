"""A round's people as the pairs they could be: all acceptable ones, found when asked for and never written down."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from services.matching.engine.fit import Tables, tables
from services.matching.engine.instance import (
    NO_PAIR,
    Edges,
    IntArray,
    PairIds,
    Prices,
    Worth,
    joined,
    numbers,
    order,
    pair_numbers,
)
from services.matching.engine.people import Person, Rules
from services.matching.engine.scan import MOST_FIT, Never, above, cells_of, fits_of, order_of
from services.matching.engine.sides import Records, Words, records_of, words_of

BLOCK = 512  # rows that one thread takes at a time
FIT_ALONE = Worth(1, 0, 0)


@dataclass(frozen=True, eq=False)
class Half:
    """One side in the engine's order, neighbours together, and whom of the other side nobody may meet."""

    ids: tuple[str, ...]
    records: Records
    never: Never

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def all(self) -> IntArray:
        return np.arange(len(self))


@dataclass(frozen=True, eq=False)
class Roster:
    """All acceptable pairs of a round's people (`instance.Pairs`), looked for by `threads` at once."""

    newcomers: Half
    locals: Half
    words: Words
    rules: Rules
    known: Tables
    threads: int = 1

    @property
    def most_fit(self) -> int:
        return MOST_FIT

    def above(self, prices: Prices, worth: Worth, most: int, checked: Prices | None = None) -> Edges:
        if checked is None:
            return self.look(prices, self.newcomers.all, self.locals.all, worth, most)
        cheaper = prices.newcomer < checked.newcomer
        theirs = np.flatnonzero(prices.local < checked.local)
        found = (
            self.look(prices, np.flatnonzero(cheaper), self.locals.all, worth, most),
            self.look(prices, np.flatnonzero(~cheaper), theirs, worth, most),
        )
        return joined(*found)

    def best(self, most: int) -> Edges:
        free = Prices(np.full(len(self.newcomers), NO_PAIR), np.zeros(len(self.locals), dtype=np.int64))
        mine = self.look(free, self.newcomers.all, self.locals.all, FIT_ALONE, most)
        turned = replace(self, newcomers=self.locals, locals=self.newcomers)
        free = Prices(np.full(len(self.locals), NO_PAIR), np.zeros(len(self.newcomers), dtype=np.int64))
        local, newcomer, fit = turned.look(free, self.locals.all, self.newcomers.all, FIT_ALONE, most)
        return joined(mine, Edges(newcomer, local, fit))

    def fits(self, newcomer: IntArray, local: IntArray) -> IntArray:
        return fits_of(self.newcomers.records, newcomer, self.locals.records, local, self.newcomers.never, self.known)

    def without(self, newcomer: IntArray, local: IntArray) -> Self:
        start, column = self.newcomers.never
        row = np.repeat(self.newcomers.all, np.diff(start))
        pairs = np.unique(np.stack((np.append(row, newcomer), np.append(column, local)), axis=1), axis=0)
        newcomers = replace(self.newcomers, never=_never(pairs, len(self.newcomers)))
        return replace(self, newcomers=newcomers, locals=replace(self.locals, never=_never(pairs[:, ::-1], len(self.locals))))

    def look(self, prices: Prices, rows: IntArray, columns: IntArray, worth: Worth, most: int) -> Edges:
        """`above` between some newcomers and some locals. Blocks of rows over the threads, put together in their order:
        threads change nothing.
        """
        if not len(rows) or not len(columns):
            return Edges(*np.zeros((3, 0), dtype=np.int64))
        mine, theirs = self.newcomers, self.locals
        cells = cells_of(theirs.records, columns)
        cheapest = np.minimum.reduceat(prices.local[columns], cells.start[:-1])

        def one(block: IntArray) -> tuple[IntArray, IntArray, IntArray]:
            return above(
                mine.records, block, prices.newcomer, theirs.records, cells, prices.local,
                cheapest, mine.never, self.known, worth, most,
            )  # fmt: skip

        with ThreadPoolExecutor(self.threads) as pool:
            found = list(pool.map(one, np.array_split(rows, -(-len(rows) // BLOCK))))
        return joined(*(Edges(*columns) for columns in found))


def roster(people: Sequence[Person], rules: Rules, never: Iterable[PairIds] = (), threads: int = 1) -> Roster:
    """Both sides of `people`; `never` are pairs (newcomer, local) that must not be, of people here or not."""
    words = words_of(people)
    mine, theirs = (_placed(people, role, rules, words) for role in ("newcomer", "local"))
    rows, columns = numbers(mine[0]), numbers(theirs[0])
    pairs = np.unique(pair_numbers(never, rows, columns).T, axis=0)
    newcomers = Half(*mine, _never(pairs, len(rows)))
    locals_ = Half(*theirs, _never(pairs[:, ::-1], len(columns)))
    return Roster(newcomers, locals_, words, rules, tables(rules.weights, words), threads)


def _placed(people: Sequence[Person], role: str, rules: Rules, words: Words) -> tuple[tuple[str, ...], Records]:
    by_id = {person.id: person for person in people if person.role == role}
    hashed = [by_id[name] for name in order(by_id)]
    records = records_of(hashed, rules, words)
    place = order_of(records)
    return tuple(hashed[number].id for number in place.tolist()), records[place]


def _never(pairs: IntArray, rows: int) -> Never:
    by_row = pairs[np.argsort(pairs[:, 0], kind="stable")]
    start = np.searchsorted(by_row[:, 0], np.arange(rows + 1)).astype(np.int64)
    return Never(start, np.ascontiguousarray(by_row[:, 1]))
