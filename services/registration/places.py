"""Asking geo where a place is, while somebody waits: 300 ms, and without an answer what was typed is taken as it is."""

import asyncio
import re
import time
from dataclasses import dataclass, replace
from typing import Any

import httpx
import structlog

from services.registration.domain.answers import FieldError
from services.registration.domain.text import one_line, western_digits
from services.registration.metrics import PLACES_UNANSWERED
from services.registration.store.people import Place
from shared.runtime.internal import bearer

log = structlog.get_logger()

LIMIT_SECONDS = 0.3
REMEMBERED, REMEMBER_SECONDS = 10_000, 600
LONGEST = 100
NONE_OF_THESE = "-"
POSTCODE_LENGTH = 5
FIVE_DIGITS = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A place as geo names it. `postcode` is empty where it has several and none was typed; `postcodes` are all of its own.
    `exact`: it is what was typed; `ambiguous`: others are that just as well.
    """

    place_id: str
    postcode: str
    postcodes: tuple[str, ...]
    name: str
    state: str
    region: str | None
    exact: bool
    ambiguous: bool


@dataclass(frozen=True)
class Unclear:
    """What to ask the person once more, with the places to choose from."""

    error: FieldError
    choices: tuple[Found, ...] = ()


class Places:
    """Geo's look-up with a short memory: places do not move, and many people live in the same ones."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self._client, self._headers = client, bearer(secret)
        self._memory: dict[tuple[str, str], tuple[float, tuple[Found, ...]]] = {}

    async def search(self, text: str, region: str) -> tuple[Found, ...] | None:
        """Places that may be meant, best first; None where geo does not answer in time."""
        key = (text.casefold(), region)
        remembered = self._memory.get(key)
        if remembered and time.monotonic() - remembered[0] < REMEMBER_SECONDS:
            return remembered[1]
        try:
            found = await self._ask(text, region)
        except (httpx.HTTPError, TimeoutError, ValueError, LookupError, TypeError) as error:
            PLACES_UNANSWERED.inc()
            log.warning("geo did not answer", error=type(error).__name__)
            # What was true a while ago is still better than nothing: a choice somebody was offered stays one.
            return remembered[1] if remembered else None
        return self._remember(key, found)

    async def _ask(self, text: str, region: str) -> tuple[Found, ...]:
        # The client's limit holds for each step of an answer; here it holds for the whole.
        async with asyncio.timeout(self._client.timeout.read):
            answer = await self._client.get("/places", params={"q": text, "region": region}, headers=self._headers)
        answer.raise_for_status()
        return tuple(map(_found, answer.json()["places"]))

    def _remember(self, key: tuple[str, str], found: tuple[Found, ...]) -> tuple[Found, ...]:
        if len(self._memory) >= REMEMBERED:
            self._memory.clear()
        self._memory[key] = (time.monotonic(), found)
        return found


def _found(place: dict[str, Any]) -> Found:
    given = {name: place[name] for name in Found.__slots__}
    return Found(**given | {"postcodes": tuple(given["postcodes"])})


async def resolve(places: Places, typed: str, chosen: str, asked: str, region: str) -> Place | Unclear:
    """Where somebody lives, or what to ask them. `asked` is the text they were asked about before: what nobody
    knows is asked once only.
    """
    text = one_line(typed)[:LONGEST]
    digits = western_digits(text)
    if not text:
        return Unclear(FieldError("place", "place_missing"))
    if re.fullmatch(r"[0-9 ]+", digits):
        text = digits = digits.replace(" ", "")
        if len(digits) != POSTCODE_LENGTH:
            return Unclear(FieldError("place", "postcode_form"))
    found = await places.search(text, region)
    # Where there is something to choose from it is asked until it is chosen, or said that none of it is meant.
    insists = chosen == NONE_OF_THESE or (not found and one_line(asked)[:LONGEST].replace(" ", "") == text.replace(" ", ""))
    if re.fullmatch(r"[0-9]{5}", digits):
        return _by_postcode(digits, found, insists=insists)
    inside = FIVE_DIGITS.findall(digits)
    if found is None and len(inside) == 1:
        return Place(inside[0], "", "", unseen=True)
    return _by_name(text, found, chosen, insists=insists)


def _by_postcode(postcode: str, found: tuple[Found, ...] | None, *, insists: bool) -> Place | Unclear:
    """A postcode is enough by itself; one that geo does not know becomes its open question when people insist."""
    if found is None or found or insists:
        return Place(postcode, "", "", unseen=found is None)
    return Unclear(FieldError("place", "place_unknown"))


def _by_name(text: str, found: tuple[Found, ...] | None, chosen: str, *, insists: bool) -> Place | Unclear:
    """A name that nobody understands stays here, as an open question; it never goes on a topic."""
    picked = next((place for place in found or () if place.place_id == chosen), None)
    picked = picked or _clear(found)
    if picked is not None:
        return Place(picked.postcode, picked.place_id, "")
    if found is None or insists:
        return Place("", "", text, unseen=found is None)
    return Unclear(FieldError("place", "place_choose" if found else "place_unknown"), found)


def _clear(found: tuple[Found, ...] | None) -> Found | None:
    """The one place that the text names, if it does."""
    return found[0] if found and found[0].exact and not found[0].ambiguous else None


async def look_again(places: Places, taken: Place, region: str) -> Place | None:
    """A place that was taken while geo was away, as it would be taken now; as it was where that would be a question. None
    while geo is still away.
    """
    found = await places.search(taken.text or taken.postcode, region)
    if found is None:
        return None
    clear = _clear(found) if taken.text else None
    return Place(clear.postcode, clear.place_id, "") if clear else replace(taken, unseen=False)


async def named(places: Places, place: Place, region: str) -> str:
    """A place as people read it: "71672 – Marbach am Neckar", or what they typed; while geo is away the postcode alone.

    Where several places share a postcode their names stand side by side.
    """
    if place.text:
        return place.text
    names = dict.fromkeys(one.name for one in await _meant(places, place, region))
    return " – ".join(filter(None, (place.postcode, ", ".join(list(names)[:MOST_NAMES]))))


async def municipality(places: Places, place: Place, region: str) -> str:
    """The region's municipality of a place; empty for none, where a postcode has several, and while geo is away."""
    names = {one.name for one in await _meant(places, place, region) if one.region == region}
    return names.pop() if len(names) == 1 else ""


async def _meant(places: Places, place: Place, region: str) -> list[Found]:
    if place.text:
        return []
    found = await places.search(place.place_id or place.postcode, region) or ()
    return [one for one in found if (one.place_id == place.place_id if place.place_id else one.exact)]
