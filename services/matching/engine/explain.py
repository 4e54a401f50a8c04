"""Why two people were brought together: the parts of their fit, what they share, and how far apart they live."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from services.matching.engine import fit
from services.matching.engine.build import Roster
from services.matching.engine.rules import check
from services.matching.engine.sides import Side

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


def meetings(table: Roster, pairs: Iterable[tuple[str, str]]) -> tuple[Meeting, ...]:
    """One explanation per pair, sorted. Raises KeyError for an id that is not on the roster."""
    rows = {name: number for number, name in enumerate(table.newcomers.ids)}
    columns = {name: number for number, name in enumerate(table.locals.ids)}
    return tuple(_meeting(table, n, rows[n], m, columns[m]) for n, m in sorted(pairs))


def _meeting(table: Roster, newcomer: str, row: int, local: str, column: int) -> Meeting:
    one = table.newcomers.rows(np.array([row]))
    other = table.locals.rows(np.array([column]))
    checks = check(one, other)
    found = fit.parts(one, other, checks, table.words, table.rules.weights)
    parts = {name: int(value[0, 0]) for name, value in found.items()}
    hobbies = np.flatnonzero(one.likes[0] * other.likes[0])
    distance = int(checks.distance[0, 0])
    return Meeting(
        newcomer,
        local,
        sum(parts.values()),
        parts,
        _shared_languages(table, one, other),
        tuple(table.words.hobbies[number] for number in hobbies),
        distance / 10,
        band(distance),
    )


def _shared_languages(table: Roster, one: Side, other: Side) -> tuple[str, ...]:
    level = np.minimum(one.speaks.sum(axis=0)[0], other.speaks.sum(axis=0)[0])
    shared = [(-level[number], table.words.languages[number]) for number in np.flatnonzero(level)]
    return tuple(code for _, code in sorted(shared))
