"""Answers from the map: where a postcode or place lies, and which places somebody may mean who types."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.geo.gazetteer import queries
from services.geo.gazetteer.folding import MAX_TYPED, fold, stem
from services.geo.gazetteer.places import NameKind, kilometres
from shared.runtime.db import Connection
from shared.schemas.located_participants import NowhereReason

if TYPE_CHECKING:
    import asyncpg

MAX_RESULTS = 50
NEARBY_KM = 60.0
"""So near, people may mean the namesake: farther than anybody is paired (max_km of the regions)."""
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
    """A place somebody may mean. In a region it is a whole municipality, and `name` is the municipality's.

    `postcode` is empty where the place has several and none was typed; the id alone locates it then. `postcodes` are all
    of its own. `exact`: the text names this place and does not merely resemble it; of a postcode, it is not one that has
    a few streets of it only. `ambiguous`: it names others just as well, so ask.
    """

    place_id: str
    name: str
    postcode: str
    postcodes: tuple[str, ...]
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
        found = await _by_name(conn, text, here)
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
    alike = await _by_name(conn, name, region)
    named = [one for one in alike if one.exact or not here]
    both = _both(here, named) or _both(here, alike)
    if both:
        return [replace(one, ambiguous=len(both) > 1) for one in both]
    doubt = bool(here and named)
    return [replace(one, ambiguous=one.ambiguous or doubt) for one in (*here, *named)]


def _both(here: list[Place], named: list[Place]) -> list[Place]:
    ids = {one.place_id for one in named}
    return [one for one in here if one.place_id in ids]


async def _by_name(conn: Connection, text: str, region: str) -> list[Place]:
    full, short = fold(text), stem(text)
    if not full:
        return []
    swapped = _swapped(full) + _swapped(short)
    # Far more than are shown, so that every namesake is noticed.
    given = (full, short, f"{full}\U0010ffff", region, MAX_RESULTS, full.isascii(), swapped, _wrong_letters(short))
    return _offered(await conn.fetch(queries.BY_NAME, *given), region)


def _offered(rows: "Sequence[asyncpg.Record]", region: str) -> list[Place]:
    """What of the rows, best first, is worth showing beside the best."""
    best = min((row["tier"] for row in rows), default=queries.ALIKE)
    exact = _exact([row for row in rows if row["tier"] == best], best, region)
    kept = _KEPT.get(best, _UNCERTAIN)
    if exact and all(row["region"] != region for row in exact):
        # A village far away is called as somebody spells a town of this region: Lehre, and Lehrte.
        kept = (*kept, queries.NEAR)
    shown, ids = [row for row in rows if row["tier"] in kept], {row["place_id"] for row in exact}
    doubt = len(exact) > 1 or any(row["tier"] == queries.NEAR for row in shown)
    return [_place(row, exact=row["place_id"] in ids, ambiguous=row["place_id"] in ids and doubt) for row in shown]


def _exact(best: "Sequence[asyncpg.Record]", tier: int, region: str) -> "Sequence[asyncpg.Record]":
    """Those of the best rows that the text names.

    In a round of Region Hannover "Burgdorf" is its own town, whatever other places are called so; "Linden", a district of
    Hannover, needs that no Linden is nearby. A namesake in another region, where people sign up as well, is as good.
    """
    ours = [row for row in best if row["region"] == region]
    if tier == queries.FULL and len(ours) == 1 and not any(_rivals(ours[0], row) for row in best if row is not ours[0]):
        return ours
    return best if tier <= queries.SHORT else []


def _rivals(one: "asyncpg.Record", other: "asyncpg.Record") -> bool:
    near = kilometres((one["lat"], one["lon"]), (other["lat"], other["lon"])) <= NEARBY_KM
    return other["region"] is not None or (near and one["kind"] != NameKind.NAME)


def _wrong_letters(word: str) -> int:
    """How many may be wrong, missing or too many in a word of this length."""
    return sum(len(word) >= length for length in (3, 5, 7))


def _swapped(word: str) -> list[str]:
    """The word with each two neighbouring letters swapped."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]


def _place(row: "asyncpg.Record", *, exact: bool, ambiguous: bool) -> Place:
    return Place(
        place_id=row["place_id"],
        name=row["name"],
        postcode=row["postcode"] or "",
        postcodes=tuple(row["postcodes"]),
        state=row["state"],
        region=row["region"],
        municipality=row["municipality"],
        exact=exact,
        ambiguous=ambiguous,
    )
