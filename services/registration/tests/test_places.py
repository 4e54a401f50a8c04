"""Where somebody lives: asked once at most, taken as it is when geo is away, harmless whatever was typed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.registration import places as places_module
from services.registration.places import Places, named
from services.registration.store.people import Place
from services.registration.tests.front import Front, Shown
from services.registration.tests.made import HOSTILE_NAMES, ROUND, opened
from shared.runtime import db


async def place(front: Front) -> tuple[str, str, str]:
    (row,) = await front.pool.fetch("SELECT postcode, place_id, place_text FROM people")
    return row["postcode"], row["place_id"], row["place_text"]


async def send_again(front: Front, answer: httpx.Response, typed: str, choice: str | None = None) -> httpx.Response:
    """As a browser does it: with the fields that the page brought."""
    asked = Shown(answer.text).values.get("place_asked", [""])
    chosen: dict[str, Any] = {"place_id": choice} if choice is not None else {}
    return await front.post(place=typed, place_asked=asked[0], **chosen)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("71638", ("71638", "", "")),
        (" 71638\u200e", ("71638", "", "")),
        ("٧١٦٣٨", ("71638", "", "")),
        ("۷۱۶۳۸", ("71638", "", "")),
        ("71 638", ("71638", "", "")),
        ("71711", ("71711", "", "")),
        ("Ludwigsburg", ("", "de-71634-ludwigsburg", "")),
        ("людвігсбург", ("", "de-71634-ludwigsburg", "")),
        ("کورنوستهایم", ("70806", "de-70806-kornwestheim", "")),
        ("Neckarweihingen", ("", "de-71634-ludwigsburg", "")),
        ("Bietigheim", ("74321", "de-74321-bietigheim-bissingen", "")),
        ("Marbach am Neckar", ("71672", "de-71672-marbach-am-neckar", "")),
        ("71672 Marbach", ("71672", "de-71672-marbach-am-neckar", "")),
    ],
    ids=ascii,
)
async def test_what_is_understood_is_not_asked_about(front: Front, typed: str, kept: tuple[str, str, str]) -> None:
    await opened(front.pool)
    assert (await front.post(place=typed)).status_code == 303
    assert await place(front) == kept


@pytest.mark.parametrize("typed", ["7163", "716380", "716 3", "1", "٧١٦٣", "۷۱۶۳۸۰"])
async def test_digits_that_are_no_postcode_are_refused(front: Front, typed: str) -> None:
    await opened(front.pool)
    assert (await front.post(place=typed)).status_code == 422


@pytest.mark.parametrize("typed", ["beim Bahnhof links", "beim  Bahnhof links ", "\u200fbeim Bahnhof\u00a0links", "71699"])
async def test_what_nobody_understands_is_asked_about_once_and_then_taken(front: Front, typed: str) -> None:
    await opened(front.pool)
    asked = await front.post(place=typed)
    assert (asked.status_code, set(Shown(asked.text).faults)) == (422, {"place"})
    assert (await send_again(front, asked, typed)).status_code == 303
    assert await place(front) == (("71699", "", "") if typed == "71699" else ("", "", "beim Bahnhof links"))


async def test_another_answer_to_the_question_is_looked_up_anew(front: Front) -> None:
    await opened(front.pool)
    asked = await front.post(place="beim Bahnhof links")
    assert (await send_again(front, asked, "hinter dem Rathaus")).status_code == 422
    assert (await send_again(front, asked, "71638")).status_code == 303


async def test_a_name_of_several_places_offers_them_and_the_choice_counts(front: Front) -> None:
    await opened(front.pool)
    asked = await front.post(place="Hemmingen")
    page = Shown(asked.text)
    assert asked.status_code == 422
    assert page.values["place_id"][0] == "de-71282-hemmingen"
    assert {"de-30966-hemmingen", "-"} <= set(page.values["place_id"])
    assert (await send_again(front, asked, "Hemmingen", "de-30966-hemmingen")).status_code == 303
    assert await place(front) == ("30966", "de-30966-hemmingen", "")


async def test_where_there_is_something_to_choose_from_nothing_is_taken_unchosen(front: Front) -> None:
    await opened(front.pool)
    asked = await front.post(place="Ludwigsbrug")
    page = Shown((await front.post(place="Ludwigsbrug", place_asked="Ludwigsbrug")).text)
    assert set(page.faults) >= {"place"}
    assert (await send_again(front, asked, "Ludwigsbrug", "-")).status_code == 303
    assert await place(front) == ("", "", "Ludwigsbrug")


async def test_a_choice_that_was_not_offered_counts_for_nothing(front: Front) -> None:
    await opened(front.pool)
    asked = await front.post(place="beim Bahnhof links")
    assert (await send_again(front, asked, "beim Bahnhof links", "de-10115-berlin")).status_code == 303
    assert await place(front) == ("", "", "beim Bahnhof links")


@pytest.mark.parametrize(
    "typed", [*HOSTILE_NAMES, "a\0b", "a\r\nb", "a\u2028b\u202ec\x9b", "x" * 5000, "\0"], ids=lambda t: ascii(t)[:30]
)
async def test_nothing_typed_as_a_place_breaks_anything(front: Front, typed: str) -> None:
    await opened(front.pool)
    first = await front.post(place=typed)
    answer = await send_again(front, first, typed)
    assert {first.status_code, answer.status_code} <= {303, 422}
    for row in await front.pool.fetch("SELECT place_text FROM people WHERE round_id = $1", ROUND):
        assert row["place_text"].isprintable()


@pytest.mark.parametrize("typed", ["Ludwigsbrug", "Kornwesthiem", "Bitigheim"])
async def test_a_slip_is_asked_about_with_the_right_place_first(front: Front, typed: str) -> None:
    await opened(front.pool)
    asked = await front.post(place=typed)
    first = Shown(asked.text).values["place_id"][0]
    assert (asked.status_code, (await send_again(front, asked, typed, first)).status_code) == (422, 303)
    assert (await place(front))[1] == first


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("71638", ("71638", "", "")),
        ("٧١٦٣٨", ("71638", "", "")),
        ("D-71638", ("71638", "", "")),
        ("71638 Ludwigsburg", ("71638", "", "")),
        ("71638 / 71640", ("", "", "71638 / 71640")),
        ("Hemmingen", ("", "", "Hemmingen")),
        ("لودفيغسبورغ", ("", "", "لودفيغسبورغ")),
    ],
    ids=ascii,
)
async def test_while_geo_is_away_a_postcode_is_enough_and_a_name_becomes_a_question(
    front_without_geo: Front, typed: str, kept: tuple[str, str, str]
) -> None:
    await opened(front_without_geo.pool)
    assert (await front_without_geo.post(place=typed)).status_code == 303
    assert await place(front_without_geo) == kept


@pytest.fixture
async def strange(request: pytest.FixtureRequest) -> AsyncIterator[Places]:
    """Something answers at geo's address, but it is not geo."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": request.param})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://geo") as client:
        yield Places(client, "secret")


@pytest.mark.parametrize("strange", [b"<html>", b"[]", b"{}", b'{"places": [{}]}', b'{"places": 1}'], indirect=True, ids=str)
async def test_an_answer_that_is_not_geos_counts_as_none(strange: Places) -> None:
    assert await strange.search("Hemmingen", "ludwigsburg") is None


@pytest.fixture
async def silent() -> AsyncIterator[Places]:
    """Geo takes the question and never answers."""

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Event().wait()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://geo", timeout=0.05) as client:
        yield Places(client, "secret")


async def test_nobody_waits_for_an_answer_that_does_not_come(silent: Places) -> None:
    assert await silent.search("Hemmingen", "ludwigsburg") is None
    assert await named(silent, Place("71672", "", ""), "ludwigsburg") == "71672"


async def test_a_geo_that_refuses_counts_as_none(front: Front) -> None:
    stranger = Places(front.tools.places._client, "another secret")
    assert await stranger.search("Hemmingen", "ludwigsburg") is None


async def test_what_was_found_before_still_counts_when_geo_goes_away(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    places = front.tools.places
    before = await places.search("Erligheim", "ludwigsburg")
    monkeypatch.setattr(places_module, "REMEMBER_SECONDS", 0)
    monkeypatch.setattr(places, "_headers", {})
    assert await places.search("Erligheim", "ludwigsburg") is before
    assert await places.search("Tamm", "ludwigsburg") is None


@pytest.mark.parametrize(
    ("postcode", "place_id", "shown"),
    [
        ("71672", "", "71672 – Marbach am Neckar"),
        ("71672", "de-71672-marbach-am-neckar", "71672 – Marbach am Neckar"),
        ("71711", "", "71711 – Murr, Steinheim an der Murr"),
        ("71711", "de-71711-steinheim-an-der-murr", "71711 – Steinheim an der Murr"),
        ("71706", "", "71706 – Markgröningen"),
        ("", "de-30159-hannover", "Hannover"),
        ("71282", "", "71282 – Hemmingen"),
        ("99999", "", "99999"),
        ("", "de-99999-nowhere", ""),
        ("", "", ""),
    ],
)
async def test_a_page_names_the_place(front: Front, postcode: str, place_id: str, shown: str) -> None:
    assert await named(front.tools.places, Place(postcode, place_id, ""), "ludwigsburg") == shown
    assert await named(front.tools.places, Place("", "", "beim Bahnhof"), "ludwigsburg") == "beim Bahnhof"


async def test_while_geo_is_away_a_page_shows_the_postcode_alone(front_without_geo: Front) -> None:
    places = front_without_geo.tools.places
    assert await named(places, Place("71672", "de-71672-marbach-am-neckar", ""), "ludwigsburg") == "71672"
    assert await named(places, Place("", "de-30159-hannover", ""), "hannover") == ""


async def test_what_geo_found_once_is_remembered_for_a_while(front: Front, pool: db.Pool) -> None:
    del pool
    first = await front.tools.places.search("Marbach", "ludwigsburg")
    assert await front.tools.places.search("MARBACH", "ludwigsburg") is first
