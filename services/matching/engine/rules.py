"""The hard rules, on whole blocks of pairs: a pair that breaks one does not exist."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.instance import IntArray
from services.matching.engine.sides import BoolArray, Side

EARTH_RADIUS_HM = 63_710.088  # mean radius of the IUGG in units of 100 m


@dataclass(frozen=True, eq=False)
class Checks:
    """One boolean (n, m) per rule, true where the pair passes it; `distance` in 100 m, `years` apart.

    A wish has two halves: `mine` is that of the row's person, `theirs` that of the column's.
    """

    possible: BoolArray  # both placed and old enough
    language: BoolArray
    near_mine: BoolArray
    near_theirs: BoolArray
    wish_mine: BoolArray
    wish_theirs: BoolArray
    age_mine: BoolArray
    age_theirs: BoolArray
    distance: IntArray
    years: IntArray

    @property
    def acceptable(self) -> BoolArray:
        near = self.near_mine & self.near_theirs
        wish = self.wish_mine & self.wish_theirs
        return self.possible & self.language & near & wish & self.age_mine & self.age_theirs


def distance_hm(rows: Side, columns: Side) -> IntArray:
    """Great-circle distance (haversine) in 100 m, rounded before any use so that machines cannot differ."""
    half = (rows.place[:, None, :] - columns.place[None, :, :]) / 2
    cosines = np.cos(rows.place[:, 0])[:, None] * np.cos(columns.place[:, 0])[None, :]
    square = np.sin(half[..., 0]) ** 2 + cosines * np.sin(half[..., 1]) ** 2
    arc = 2 * np.arcsin(np.sqrt(np.minimum(square, 1.0)))
    return np.asarray(np.rint(EARTH_RADIUS_HM * arc), dtype=np.int64)


def same_gender(rows: Side, columns: Side) -> BoolArray:
    """True where both have stated the same gender: somebody unstated is nobody's `same`."""
    return np.asarray((rows.gender[:, None] == columns.gender[None, :]) & (rows.gender > 0)[:, None])


def check(rows: Side, columns: Side) -> Checks:
    """Every rule between all rows (n) and all columns (m). The rules are symmetric: either side may be the rows."""
    distance = distance_hm(rows, columns)
    years = np.abs(rows.born[:, None] - columns.born[None, :])
    same = same_gender(rows, columns)
    return Checks(
        (rows.located & rows.old_enough)[:, None] & (columns.located & columns.old_enough)[None, :],
        rows.speaks[0] @ columns.speaks[0].T > 0,
        distance <= rows.limit[:, None],
        distance <= columns.limit[None, :],
        same | ~rows.same[:, None],
        same | ~columns.same[None, :],
        years <= rows.gap[:, None],
        years <= columns.gap[None, :],
        distance,
        years,
    )
