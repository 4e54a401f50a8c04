"""Why two people were brought together: the parts of their fit, what they share, and how far apart they live."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.engine.fit import PARTS, Tables, age_part, closeness_part, hobby_part, language_part
from services.matching.engine.instance import IntArray, PairIds, numbers
from services.matching.engine.roster import Roster
from services.matching.engine.rules import distance_hm, years_apart
from services.matching.engine.sides import BITS, Records

BANDS = ((20, "under_2"), (50, "under_5"), (100, "under_10"), (200, "under_20"))  # in 100 m
FURTHEST = "over_20"


@dataclass(frozen=True)
class Meeting:
    """`languages` are the shared ones, the best spoken first; `km` between the centres of their places."""

    newcomer: str
    local: str
    fit: int
    parts: dict[str, int]
    languages: tuple[str, ...]
    hobbies: tuple[str, ...]
    km: float
    band: str


def band(distance: int) -> str:
    """The name of a distance in 100 m: people are told this, never the kilometres."""
    return next((name for limit, name in BANDS if distance < limit), FURTHEST)


def meetings(roster: Roster, pairs: Iterable[PairIds]) -> tuple[Meeting, ...]:
    """One explanation per pair, sorted. Raises KeyError for an id that is not on the roster."""
    chosen = sorted(pairs)
    rows, columns = numbers(roster.newcomers.ids), numbers(roster.locals.ids)
    row = np.array([rows[newcomer] for newcomer, _ in chosen], dtype=np.int64)
    column = np.array([columns[local] for _, local in chosen], dtype=np.int64)
    mine, theirs = roster.newcomers.records, roster.locals.records
    told = zip(
        chosen,
        parts_of(mine, row, theirs, column, roster.known).tolist(),
        _languages(mine[row], theirs[column], roster.words.languages),
        _hobbies(mine[row], theirs[column], roster.words.hobbies),
        strict=True,
    )
    return tuple(
        Meeting(*pair, sum(parts), dict(zip(PARTS, parts, strict=True)), languages, hobbies, distance / 10, band(distance))
        for pair, (*parts, distance), languages, hobbies in told
    )


@njit(cache=True, nogil=True)
def parts_of(rows: Records, row: IntArray, columns: Records, column: IntArray, tables: Tables) -> IntArray:
    """Of each pair its PARTS, also where it breaks a rule, and its distance."""
    found = np.empty((len(row), len(PARTS) + 1), np.int64)
    known = tables[0]
    for k in range(len(row)):
        a, b = rows[row[k]], columns[column[k]]
        limit, distance = min(a.limit, b.limit), distance_hm(a, b)
        found[k, 0], found[k, 1] = language_part(a, b, known), hobby_part(a, b, known)
        found[k, 2] = closeness_part(limit, min(limit, distance), known)
        found[k, 3], found[k, 4] = age_part(years_apart(a, b), known), distance
    return found


def _languages(mine: Records, theirs: Records, codes: Sequence[str]) -> list[tuple[str, ...]]:
    """The shared languages of every pair, by the weaker of the two levels, equals by code."""
    little, well, native = (mine["speaks"] & theirs["speaks"]).transpose(1, 0, 2)
    room = [*codes, *[""] * (BITS * native.shape[1] - len(codes))]
    return _named(3 * room, np.concatenate((native, well & ~native, little & ~well), axis=1))


def _hobbies(mine: Records, theirs: Records, codes: Sequence[str]) -> list[tuple[str, ...]]:
    return _named(codes, mine["likes"] & theirs["likes"])


def _named(codes: Sequence[str], words: NDArray[np.uint64]) -> list[tuple[str, ...]]:
    """Of each row of words the codes whose bits are set; many rows are alike."""

    @cache
    def named(bits: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(code for number, code in enumerate(codes) if bits[number // BITS] >> number % BITS & 1)

    return [named(tuple(bits)) for bits in words.tolist()]
