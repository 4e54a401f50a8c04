"""The hard rules: a pair that breaks one does not exist. Kernels on two records of `sides`."""

import numpy as np
from numba import njit

from services.matching.engine.instance import IntArray
from services.matching.engine.sides import EARTH_RADIUS_HM, Record, Records

# Rules a pair can break, as bits in the order in which they are named: of two people the row's are `mine`.
LANGUAGE, NEAR_MINE, NEAR_THEIRS, WISH_MINE, WISH_THEIRS, AGE_MINE, AGE_THEIRS = (1 << bit for bit in range(7))
CODES = {
    LANGUAGE: "no_shared_language",
    **dict.fromkeys((NEAR_MINE, NEAR_THEIRS), "none_within_distance"),
    **dict.fromkeys((WISH_MINE, WISH_THEIRS), "wish_excluded_all"),
    **dict.fromkeys((AGE_MINE, AGE_THEIRS), "age_excluded_all"),
}

SHORT_CHORD = 0.05  # 320 km


@njit(cache=True, inline="always")
def share_language(a: Record, b: Record) -> bool:
    shared = np.uint64(0)
    for word in range(a.speaks.shape[1]):
        shared |= a.speaks[0, word] & b.speaks[0, word]
    return bool(shared != 0)


@njit(cache=True, inline="always")
def same_gender(a: Record, b: Record) -> bool:
    """True where both have stated the same gender: somebody unstated is nobody's `same`."""
    return bool((a.gender == b.gender) & (a.gender > 0))


@njit(cache=True, inline="always")
def wishes_hold(a: Record, b: Record) -> bool:
    return same_gender(a, b) | (not (a.same | b.same))


@njit(cache=True, inline="always")
def years_apart(a: Record, b: Record) -> int:
    return int(abs(a.born - b.born))


@njit(cache=True, inline="always")
def suit_but_place(a: Record, b: Record) -> bool:
    """All rules that need no distance hold. One branch for all of them: nobody can foretell which way each goes."""
    old_enough = a.able & b.able & (years_apart(a, b) <= min(a.gap, b.gap))
    return bool(old_enough & share_language(a, b) & wishes_hold(a, b))


@njit(cache=True, inline="always")
def square_apart(a: Record, b: Record) -> float:
    """Of the chord between the two."""
    x, y, z = a.x - b.x, a.y - b.y, a.z - b.z
    return float(x * x + y * y + z * z)


@njit(cache=True, inline="always")
def surely_too_far(a: Record, b: Record) -> bool:
    """Known without a root."""
    reach = min(a.reach, b.reach)
    return bool(square_apart(a, b) > reach * reach)


@njit(cache=True, inline="always")
def distance_hm(a: Record, b: Record) -> int:
    """Great-circle distance in 100 m, rounded before any use. Up to 320 km by the series of the arcsine, which every
    machine computes alike.
    """
    square = square_apart(a, b)
    chord = np.sqrt(square)
    if chord < SHORT_CHORD:
        arc = chord * (1.0 + square * (1.0 / 24.0 + square * (3.0 / 640.0)))
    else:
        arc = 2.0 * np.arcsin(min(chord / 2.0, 1.0))
    return int(EARTH_RADIUS_HM * arc + 0.5)


@njit(cache=True, inline="always")
def broken(a: Record, b: Record, distance: int, years: int) -> int:
    """The rules that a pair breaks, 0 where it breaks none. Both are placed and old enough."""
    same = same_gender(a, b)
    return (
        (0 if share_language(a, b) else LANGUAGE)
        | (NEAR_MINE if distance > a.limit else 0)
        | (NEAR_THEIRS if distance > b.limit else 0)
        | (WISH_MINE if a.same and not same else 0)
        | (WISH_THEIRS if b.same and not same else 0)
        | (AGE_MINE if years > a.gap else 0)
        | (AGE_THEIRS if years > b.gap else 0)
    )


@njit(cache=True, nogil=True)
def broken_by(rows: Records, row: IntArray, columns: Records, column: IntArray) -> IntArray:
    """The rules that each pair `row[k]`, `column[k]` breaks."""
    found = np.empty(len(row), np.int64)
    for k in range(len(row)):
        a, b = rows[row[k]], columns[column[k]]
        found[k] = broken(a, b, distance_hm(a, b), years_apart(a, b))
    return found
