"""One look at all pairs by plain loops: is any worth more than its two people pay? No search of the solver has a part in it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit

from services.matching.engine.fit import Tables, fit_of
from services.matching.engine.instance import NO_PAIR, Instance, IntArray
from services.matching.engine.listed import Listed, listed
from services.matching.engine.roster import Roster
from services.matching.engine.sides import EARTH_RADIUS_HM, Records

BLOCK, TILE, PIECE = 256, 1024, 1 << 18  # rows of a thread, columns that stay in its cache, written pairs at a time

Pair = tuple[int, int, int]  # newcomer, local, fit


def short_pairs(
    instance: Instance, newcomer: IntArray, local: IntArray, weight: IntArray, most_fit: int,
    former: Sequence[Pair], linked: Mapping[Pair, IntArray],
) -> IntArray:  # fmt: skip
    """Of each level (l, 2) an acceptable pair worth more than `newcomer` (l, n) and `local` (l, m) pay, else NO_PAIR twice.

    `weight` (3, l): of fit, of being below the floor, and of a pair of the plan before, `former`. Those `linked` pay as
    much besides (l,); they are acceptable, though not among the instance's.
    """
    floor = instance.quality_floor
    if isinstance(instance.pairs, Roster):
        found = _short_roster(instance.pairs, newcomer, local, weight, floor, most_fit)
    else:
        found = _short_listed(listed(instance), newcomer, local, weight, floor)
    for row, column, fit in {*former, *linked}:
        pair = row, column, fit
        need = weight[0] * fit - weight[1] * (fit < floor) + weight[2] * (pair in former) - linked.get(pair, 0)
        found[newcomer[:, row] + local[:, column] < need] = row, column
    return found


def _short_roster(people: Roster, newcomer: IntArray, local: IntArray, weight: IntArray, floor: int, most_fit: int) -> IntArray:
    mine, theirs = people.newcomers, people.locals

    def look(begin: int) -> IntArray:
        rows, never = np.arange(begin, min(begin + BLOCK, len(mine))), mine.never
        return _short_people(mine.records, rows, theirs.records, newcomer, local, weight, floor, most_fit, *never, people.known)

    with ThreadPoolExecutor(people.threads) as pool:
        found = np.array(list(pool.map(look, range(0, max(1, len(mine)), BLOCK))))
    return np.asarray(found[(found[:, :, 0] != NO_PAIR).argmax(axis=0), np.arange(len(newcomer))])


def _short_listed(pairs: Listed, newcomer: IntArray, local: IntArray, weight: IntArray, floor: int) -> IntArray:
    """A piece of the pairs at a time, so that memory does not grow with them."""
    found = np.full((len(newcomer), 2), NO_PAIR)
    for begin in range(0, len(pairs.fit), PIECE):
        fit, column = pairs.fit[begin : begin + PIECE].astype(np.int64), pairs.local[begin : begin + PIECE]
        row = np.searchsorted(pairs.lines.start, np.arange(begin, begin + len(fit)), side="right") - 1
        for k, (each, below) in enumerate(weight[:2].T.tolist()):
            short = np.flatnonzero(newcomer[k, row] + local[k, column] < each * fit - below * (fit < floor))
            if len(short) and found[k, 0] == NO_PAIR:
                found[k] = row[short[0]], column[short[0]]
    return found


@njit(cache=True, inline="always")
def _far(a: Any, b: Any) -> Any:
    """Too far even in a straight line through the ground: most pairs of a country are, and need no root or arc."""
    x, y, z, reach = a.x - b.x, a.y - b.y, a.z - b.z, (min(a.limit, b.limit) + 1.0) / EARTH_RADIUS_HM
    return x * x + y * y + z * z > reach * reach


@njit(cache=True, nogil=True)
def _short_people(
    rows: Records, chosen: IntArray, columns: Records, newcomer: IntArray, local: IntArray, weight: IntArray, floor: int,
    most_fit: int, never_start: IntArray, never_column: IntArray, tables: Tables,
) -> IntArray:  # fmt: skip
    """Every row meets every column, a tile of columns at a time; only who could not be worth their prices is not asked."""
    levels = len(newcomer)
    found = np.full((levels, 2), NO_PAIR)
    short = np.zeros(TILE, dtype=np.bool_)
    for begin in range(0, len(columns), TILE):
        end = min(begin + TILE, len(columns))
        for row in chosen:
            short[:] = False
            for k in range(levels):
                least = weight[0, k] * most_fit - (weight[1, k] if most_fit < floor else 0) - newcomer[k, row]
                for column in range(begin, end):
                    short[column - begin] |= local[k, column] < least
            for column in range(begin, end):
                if not short[column - begin] or _far(rows[row], columns[column]):
                    continue
                fit = fit_of(rows[row], columns[column], tables[0])
                for k in range(levels if fit != NO_PAIR else 0):
                    need = weight[0, k] * fit - (weight[1, k] if fit < floor else 0)
                    less = newcomer[k, row] + local[k, column] < need and found[k, 0] == NO_PAIR
                    if less and column not in never_column[never_start[row] : never_start[row + 1]]:
                        found[k] = row, column
    return found
