"""Answers from the map: where a postcode or place lies, and which places somebody may mean who types."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.geo.gazetteer import queries
from services.geo.gazetteer.folding import MAX_TYPED, fold, stem
from shared.runtime.db import Connection
from shared.schemas.located_participants import NowhereReason

if TYPE_CHECKING:
    import asyncpg

MAX_RESULTS = 50
_FIVE_DIGITS = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")
_COUNTRY_OR_DIGIT = re.compile(r"^\W*(?:d|de)\b|\d", re.IGNORECASE)
# What is offered beside the best: once a name is complete only longer ones, while it is not all but the merely alike.
_LONGER = (queries.STARTS, queries.STARTS_ELSEWHERE)
_UNCERTAIN = (queries.NEAR, queries.STARTS, queries.ALIKE_HERE, queries.STARTS_ELSEWHERE)
_KEPT = {
    queries.FULL: (queries.FULL, *_LONGER),
    queries.SHORT: (queries.SHORT, *_LONGER),
    queries.ALIKE: (queries.ALIKE,),
}


@dataclass(frozen=True, slots=True)
class Located:
    """The centre (WGS 84) of a postcode or, without one, of a place. `municipality` is the AGS where a region has it."""

    lat: float
    lon: float
    municipality: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place somebody may mean.

    `postcode` is empty where the place has several and none was typed; the id alone locates it then.
    `exact`: the text names this place and does not merely resemble it. `ambiguous`: it names others just as well, so ask.
    """

    place_id: str
    name: str
    postcode: str
    state: str
    region: str | None
    municipality: str | None
    exact: bool
    ambiguous: bool


async def locate(conn: Connection, postcode: str, place_id: str) -> Located | NowhereReason:
    return (await locate_many(conn, [(postcode, place_id)]))[0]


async def locate_many(conn: Connection, asked: Sequence[tuple[str, str]]) -> list[Located | NowhereReason]:
    """One answer for each (postcode, place id), in their order, in one query. Either may be empty.

    The postcode says where, and the place which municipality if that is one of the postcode's; a postcode that does not
    exist gives way to a place that does.
    """
    clean = [(_plain(postcode), _plain(place_id)) for postcode, place_id in asked]
    rows = await conn.fetch(queries.LOCATE, [postcode for postcode, _ in clean], [place_id for _, place_id in clean])
    return [_located(row, *one) for row, one in zip(rows, clean, strict=True)]


async def search(conn: Connection, text: str, region: str, limit: int = 8) -> list[Place]:
    """The places somebody may mean, likeliest first, those of the round's region before others; never raises for a text.

    Five digits are a postcode, three or four the beginning of one; all else is a name, however it is spelled.
    """
    limit = max(0, min(limit, MAX_RESULTS))
    text, here = text[:MAX_TYPED], _plain(region)
    typed = fold(text)
    postcode = _FIVE_DIGITS.search(typed)
    if postcode is not None:
        found = await _by_postcode(conn, postcode[0], text, here)
    elif typed.isdigit():
        found = await _by_postcode_start(conn, typed, here)
    else:
        found = await _by_name(conn, text, here, limit)
    return found[:limit]


def _located(row: "asyncpg.Record", postcode: str, place_id: str) -> Located | NowhereReason:
    if row["lat"] is not None:
        return Located(row["lat"], row["lon"], row["municipality"])
    if postcode:
        return "unknown_postcode"
    return "unknown_place" if place_id else "no_place"


def _plain(code: str) -> str:
    """A code as it is; what cannot be one, and PostgreSQL might refuse, becomes one that nobody has."""
    return code if code.isascii() and code.isprintable() else "?"


async def _by_postcode_start(conn: Connection, digits: str, region: str) -> list[Place]:
    if len(digits) not in (3, 4):
        return []
    first, last = digits.ljust(5, "0"), digits.ljust(5, "9")
    rows = await conn.fetch(queries.BY_POSTCODE_START, first, last, region, MAX_RESULTS)
    return [_place(row, exact=False, ambiguous=False) for row in rows]


async def _by_postcode(conn: Connection, postcode: str, text: str, region: str) -> list[Place]:
    """The places of a postcode; a name typed beside it picks one of them, or is offered too where it contradicts."""
    rows = await conn.fetch(queries.BY_POSTCODE, postcode, region)
    own = sum(row["own"] for row in rows)
    here = [_place(row, exact=row["own"] or len(rows) == 1, ambiguous=row["own"] and own > 1) for row in rows]
    name = _COUNTRY_OR_DIGIT.sub(" ", text)
    named = [one for one in await _by_name(conn, name, region, MAX_RESULTS) if one.exact or not here]
    ids = {one.place_id for one in named}
    both = [one for one in here if one.place_id in ids]
    if both:
        return [replace(one, ambiguous=len(both) > 1) for one in both]
    doubt = bool(here and named)
    return [replace(one, ambiguous=one.ambiguous or doubt) for one in (*here, *named)]


async def _by_name(conn: Connection, text: str, region: str, limit: int) -> list[Place]:
    full, short = fold(text), stem(text)
    if not full:
        return []
    # Two at least, so that a namesake is noticed whatever the limit.
    swapped = _swapped(full) + _swapped(short)
    given = (full, short, f"{full}\U0010ffff", region, max(limit, 2), full.isascii(), swapped, _wrong_letters(short))
    rows = await conn.fetch(queries.BY_NAME, *given)
    best = min((row["tier"] for row in rows), default=queries.ALIKE)
    exact = {row["place_id"] for row in rows if row["tier"] == best <= queries.SHORT}
    kept = _KEPT.get(best, _UNCERTAIN)
    doubt = len(exact) > 1
    if exact and not any(row["region"] == region for row in rows if row["place_id"] in exact):
        # A village far away is called as somebody spells a town of this region: Lehre, and Lehrte.
        kept = (*kept, queries.NEAR)
        doubt = doubt or any(row["tier"] == queries.NEAR for row in rows)
    return [
        _place(row, exact=row["place_id"] in exact, ambiguous=row["place_id"] in exact and doubt)
        for row in rows
        if row["tier"] in kept
    ]


def _wrong_letters(word: str) -> int:
    """How many may be wrong, missing or too many in a word of this length."""
    return sum(len(word) >= length for length in (3, 5, 9))


def _swapped(word: str) -> list[str]:
    """The word with each two neighbouring letters swapped."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]


def _place(row: "asyncpg.Record", *, exact: bool, ambiguous: bool) -> Place:
    return Place(
        place_id=row["place_id"],
        name=row["name"],
        postcode=row["postcode"] or "",
        state=row["state"],
        region=row["region"],
        municipality=row["municipality"],
        exact=exact,
        ambiguous=ambiguous,
    )
