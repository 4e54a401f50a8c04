"""One look at all pairs of people, cell by cell, without ever writing them all down.

Rows and columns are the two sides, either way round. Columns are sorted so that neighbours lie together, and cut into
cells: a cell too far away, or whose people cost more than the best pair could be worth, is skipped as a whole
(Lee and Orlin 1993 price out very large assignment problems in this way).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.engine.fit import Known, Tables, age_part, fit_of, hobby_part, language_part, with_place
from services.matching.engine.instance import NO_PAIR, IntArray, Worth
from services.matching.engine.rules import suit_but_place, surely_too_far, years_apart
from services.matching.engine.sides import Record, Records

CELL = 64
MOST_FIT = 1_000


class Never(NamedTuple):
    """Pairs that must not be: the columns of row r are `column[start[r]:start[r + 1]]`."""

    start: IntArray
    column: IntArray


class Cells(NamedTuple):
    """Columns by cell: `member[start[c]:start[c + 1]]`; `centre` (c, 3), `radius` and `reach` as chords."""

    member: IntArray
    start: IntArray
    centre: NDArray[np.float64]
    radius: NDArray[np.float64]
    reach: NDArray[np.float64]


def order_of(people: Records) -> IntArray:
    """Neighbours together: by the bits of x, y and z in turn (Morton's order); equal places keep their order."""
    key = np.zeros(len(people), dtype=np.uint64)
    axes = [((people[axis] + 1.0) * (2**20 - 1)).astype(np.uint64) for axis in "xyz"]
    for bit in range(20, -1, -1):
        for axis in axes:
            key = (key << np.uint64(1)) | ((axis >> np.uint64(bit)) & np.uint64(1))
    return np.argsort(key, kind="stable")


def cells_of(people: Records, member: IntArray) -> Cells:
    """Cells of some of the people, who are in order."""
    first = np.arange(0, len(member), CELL)
    start = np.append(first, len(member)).astype(np.int64)
    if not len(member):
        return Cells(member, start, np.zeros((0, 3)), np.zeros(0), np.zeros(0))
    size = np.diff(start)
    places = np.column_stack([people[axis][member] for axis in "xyz"])
    centre = np.add.reduceat(places, first) / size[:, None]
    away = ((places - np.repeat(centre, size, axis=0)) ** 2).sum(axis=1)
    radius = np.sqrt(np.maximum.reduceat(away, first)) + 1e-12
    return Cells(member, start, centre, radius, np.maximum.reduceat(people["reach"][member], first))


@njit(cache=True, inline="always")
def worth_of(fit: int, worth: Worth) -> int:
    return worth.fit * fit - (worth.below if fit < worth.floor else 0)


@njit(cache=True, inline="always")
def too_far(a: Record, reach: float, cells: Cells, cell: int) -> bool:
    x, y, z = a.x - cells.centre[cell, 0], a.y - cells.centre[cell, 1], a.z - cells.centre[cell, 2]
    limit = min(reach, cells.reach[cell]) + cells.radius[cell]
    return bool(x * x + y * y + z * z > limit * limit)


@njit(cache=True, inline="always")
def _fit_above(a: Record, b: Record, known: Known, worth: Worth, need: int) -> int:
    """The fit of a pair worth more than `need`, else NO_PAIR; the exact distance last, as it costs most."""
    if surely_too_far(a, b) or not suit_but_place(a, b):
        return NO_PAIR
    others = language_part(a, b, known) + age_part(years_apart(a, b), known)
    if worth_of(others + known.hobbies + known.closeness, worth) <= need:
        return NO_PAIR
    others += hobby_part(a, b, known)
    if worth_of(others + known.closeness, worth) <= need:
        return NO_PAIR
    fit = with_place(a, b, known, others)
    return NO_PAIR if fit == NO_PAIR or worth_of(fit, worth) <= need else fit


@njit(cache=True, nogil=True)
def above(
    rows: Records, chosen: IntArray, row_price: IntArray, columns: Records, cells: Cells, column_price: IntArray,
    cheapest: IntArray, never: Never, tables: Tables, worth: Worth, most: int,
) -> tuple[IntArray, IntArray, IntArray]:  # fmt: skip
    """Pairs of the `chosen` rows and the cells' columns worth more than their two prices: row, column, fit; of each row
    the `most` that exceed them most, equals by place. `cheapest` is the lowest price of each cell.
    """
    size, found, excess = 0, np.empty((3, 1024), np.int64), np.empty(1024, np.int64)
    known, top = tables[0], worth_of(MOST_FIT, worth)
    for row in chosen:
        a, price, begin, least = rows[row], row_price[row], size, np.int64(0)
        for cell in range(len(cells.start) - 1):
            if not a.able or top - price - cheapest[cell] <= least or too_far(a, a.reach, cells, cell):
                continue
            for column in cells.member[cells.start[cell] : cells.start[cell + 1]]:
                need = price + column_price[column] + least
                if top <= need:
                    continue
                fit = _fit_above(a, columns[column], known, worth, need)
                if fit == NO_PAIR or _is_never(never, row, column):
                    continue
                if size == len(excess):
                    found, excess = _wider(found), _longer(excess)
                size = _keep(found, excess, begin, size, most, (row, column, fit, worth_of(fit, worth) - need + least))
                least = excess[begin] if size - begin == most else least
    return found[0, :size], found[1, :size], found[2, :size]


@njit(cache=True, inline="always")
def _keep(found: IntArray, excess: IntArray, begin: int, size: int, most: int, pair: tuple[int, int, int, int]) -> int:
    """Adds a pair to those of its row, in place of the least where there are `most`; how many there are then in all."""
    full = size - begin == most
    place = begin if full else size
    found[0, place], found[1, place], found[2, place], excess[place] = pair
    if full:
        _sift(found, excess, begin, size, 0)
    elif size + 1 - begin == most:
        _heapify(found, excess, begin, size + 1)
    return size if full else size + 1


@njit(cache=True, inline="always")
def _is_never(never: Never, row: int, column: int) -> bool:
    found = False
    for k in range(never.start[row], never.start[row + 1]):
        found |= never.column[k] == column
    return found


@njit(cache=True)
def _longer(array: IntArray) -> IntArray:
    longer = np.empty(2 * len(array), np.int64)
    longer[: len(array)] = array
    return longer


@njit(cache=True)
def _wider(array: IntArray) -> IntArray:
    wider = np.empty((3, 2 * array.shape[1]), np.int64)
    wider[:, : array.shape[1]] = array
    return wider


@njit(cache=True)
def _heapify(found: IntArray, excess: IntArray, begin: int, end: int) -> None:
    """The least excess of a row first."""
    for hole in range((end - begin) // 2 - 1, -1, -1):
        _sift(found, excess, begin, end, hole)


@njit(cache=True)
def _sift(found: IntArray, excess: IntArray, begin: int, end: int, hole: int) -> None:
    while True:
        down = 2 * hole + 1
        if begin + down >= end:
            return
        if begin + down + 1 < end and excess[begin + down + 1] < excess[begin + down]:
            down += 1
        one, other = begin + hole, begin + down
        if excess[other] >= excess[one]:
            return
        excess[one], excess[other] = excess[other], excess[one]
        for line in range(1, 3):
            found[line, one], found[line, other] = found[line, other], found[line, one]
        hole = down


@njit(cache=True, nogil=True)
def fits_of(rows: Records, row: IntArray, columns: Records, column: IntArray, never: Never, tables: Tables) -> IntArray:
    """The fit of each pair `row[k]`, `column[k]`, NO_PAIR where it is not acceptable."""
    fits = np.empty(len(row), np.int64)
    for k in range(len(row)):
        fits[k] = NO_PAIR if _is_never(never, row[k], column[k]) else fit_of(rows[row[k]], columns[column[k]], tables[0])
    return fits
