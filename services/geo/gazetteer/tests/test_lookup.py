"""Look-ups on the loaded map."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.geo.gazetteer.lookup import Located, locate, locate_many, search
from services.geo.gazetteer.places import place_id
from services.geo.gazetteer.sources import read_municipalities

OURS = list(read_municipalities())


@pytest.mark.parametrize("m", OURS, ids=lambda m: f"{m.postcode}-{m.name}")
async def test_every_municipality_by_postcode(conn: Any, m: Any) -> None:
    found = {place.municipality: place for place in await search(conn, m.postcode, m.region)}
    assert found[m.ags].postcode == m.postcode
    assert found[m.ags].exact is m.main
    located = await locate(conn, m.postcode, found[m.ags].place_id)
    assert isinstance(located, Located)
    assert located.municipality == m.ags


@pytest.mark.parametrize(
    "typed", ["Hemmingen", "HEMMINGEN", "hemmingen ", "Hemmingen bei Hannover", "Геммінген", "Хемминген", "هيمينغن", "همینگن"]
)
async def test_hemmingen_is_in_both_regions(conn: Any, typed: str) -> None:
    for region, first, second in (("ludwigsburg", "71282", "30966"), ("hannover", "30966", "71282")):
        found = await search(conn, typed, region)
        assert [place.postcode for place in found] == [first, second]
        assert all(place.exact and place.ambiguous for place in found)


@pytest.mark.parametrize(
    ("typed", "region", "place_id"),
    [
        ("Ганновер", "ludwigsburg", "de-30159-hannover"),
        ("هانوفر", "hannover", "de-30159-hannover"),
        ("هانوفر\u200e", "hannover", "de-30159-hannover"),
        ("Hanover", "hannover", "de-30159-hannover"),
        ("Людвігсбург", "ludwigsburg", "de-71634-ludwigsburg"),
        ("Людвигсбург", "ludwigsburg", "de-71634-ludwigsburg"),
        ("لودفيغسبورغ", "ludwigsburg", "de-71634-ludwigsburg"),
        ("Bietigheim", "ludwigsburg", "de-74321-bietigheim-bissingen"),
        ("Oßweil", "ludwigsburg", "de-71634-ludwigsburg"),
        ("Stuttgart", "ludwigsburg", "de-70173-stuttgart"),
        ("71282 Hemmingen", "hannover", "de-71282-hemmingen"),
        ("D-30966", "ludwigsburg", "de-30966-hemmingen"),
        ("٧١٢٨٢", "ludwigsburg", "de-71282-hemmingen"),
        ("71711 Steinheim", "ludwigsburg", "de-71711-steinheim-an-der-murr"),
        ("99999 Tamm", "ludwigsburg", "de-71732-tamm"),
        ("71711 Steinhiem", "ludwigsburg", "de-71711-steinheim-an-der-murr"),
        ("35440 Linden", "hannover", "de-35440-linden"),
        ("38272 Burgdorf", "hannover", "de-38272-burgdorf"),
        ("Hauptstraße 5, 71638 Ludwigsburg", "ludwigsburg", "de-71634-ludwigsburg"),
        ("Bad Nenndorf", "hannover", "de-31542-bad-nenndorf"),
        ("Hemmingen (Württemberg)", "hannover", "de-71282-hemmingen"),
        ("Marbach am Neckar", "", "de-71672-marbach-am-neckar"),
    ],
)
async def test_one_place_is_meant(conn: Any, typed: str, region: str, place_id: str) -> None:
    found = await search(conn, typed, region)
    assert found[0].place_id == place_id
    assert found[0].exact
    assert not found[0].ambiguous


@pytest.mark.parametrize(
    ("typed", "region", "names"),
    [
        ("Lehre", "hannover", ["Lehre", "Lehrte"]),
        ("Elze", "hannover", ["Wedemark", "Elze"]),
        ("Schulenburg", "hannover", ["Langenhagen", "Pattensen"]),
        ("Pattonville", "ludwigsburg", ["Kornwestheim", "Remseck am Neckar"]),
        ("Burgdorf", "ludwigsburg", ["Burgdorf", "Burgdorf"]),
        ("List", "ludwigsburg", ["Hannover", "List auf Sylt"]),
        ("Nenndorf", "hannover", ["Nenndorf", "Bad Nenndorf"]),
    ],
)
async def test_a_name_of_several_places_asks(conn: Any, typed: str, region: str, names: list[str]) -> None:
    found = await search(conn, typed, region)
    assert [place.name for place in found][: len(names)] == names
    assert found[0].exact
    assert found[0].ambiguous


@pytest.mark.parametrize(
    ("typed", "region", "name"),
    [
        ("Burgdorf", "hannover", "Burgdorf"),
        ("Linden", "hannover", "Hannover"),
        ("Steinheim", "ludwigsburg", "Steinheim an der Murr"),
    ],
)
async def test_namesakes_far_away_are_no_reason_to_ask(conn: Any, typed: str, region: str, name: str) -> None:
    found = await search(conn, typed, region)
    assert [(place.name, place.ambiguous) for place in found if place.exact] == [(name, False)]
    assert len(found) > 1


@pytest.mark.parametrize("m", [m for m in OURS if m.main], ids=lambda m: f"{m.postcode}-{m.name}")
async def test_a_place_says_all_its_postcodes_and_is_found_by_its_id(conn: Any, m: Any) -> None:
    own = tuple(sorted(one.postcode for one in OURS if one.ags == m.ags and one.main))
    (by_id, *_) = await search(conn, place_id(own[0], m.name), m.region)
    assert (by_id.name, by_id.municipality, by_id.postcodes) == (m.name, m.ags, own)


async def test_a_postcode_of_two_municipalities_asks(conn: Any) -> None:
    found = await search(conn, "71711", "ludwigsburg")
    assert [(place.name, place.ambiguous) for place in found] == [("Murr", True), ("Steinheim an der Murr", True)]


async def test_a_postcode_and_another_town_asks(conn: Any) -> None:
    found = await search(conn, "71282 Hannover", "ludwigsburg")
    assert [(place.name, place.ambiguous) for place in found] == [("Hemmingen", True), ("Hannover", True)]


async def test_the_beginning_of_a_postcode(conn: Any) -> None:
    found = await search(conn, "712", "ludwigsburg")
    assert [place.postcode for place in found][:2] == ["71254", "71282"]
    assert not any(place.exact for place in found)
    assert await search(conn, "71", "ludwigsburg") == []


@pytest.mark.parametrize("typed", ["", "\0", "beim Bahnhof links", "99999", "123456", "xyzzy", "?" * 5000])
async def test_what_nobody_understands_is_an_empty_list(conn: Any, typed: str) -> None:
    assert await search(conn, typed, "ludwigsburg") == []


async def test_the_limit_holds_and_does_not_hide_a_namesake(conn: Any) -> None:
    found = await search(conn, "Hemmingen", "ludwigsburg", limit=1)
    assert [(place.postcode, place.ambiguous) for place in found] == [("71282", True)]
    assert len(await search(conn, "Neustadt", "", limit=100)) <= 50
    assert await search(conn, "Neustadt", "", limit=-1) == []


awkward = st.text(st.characters(blacklist_categories=[]), max_size=130)
around = st.sampled_from(["", "71282", "Hemmingen", "Ludwigs", "D-", " a.N.", "(", "%", "_", "\\", "\0", "٧١٢"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=around, text=awkward, after=around, region=st.sampled_from(["ludwigsburg", "", "nowhere"]) | awkward)
async def test_no_text_raises(conn: Any, before: str, text: str, after: str, region: str) -> None:
    found = await search(conn, before + text + after, region)
    assert len(found) <= 8
    assert len({(place.place_id, place.postcode) for place in found}) == len(found)


async def test_where_it_lies(conn: Any) -> None:
    by_postcode = await locate(conn, "71638", "de-71634-ludwigsburg")
    by_place = await locate(conn, "", "de-71634-ludwigsburg")
    assert isinstance(by_postcode, Located)
    assert isinstance(by_place, Located)
    assert by_postcode.municipality == by_place.municipality == "08118048"
    assert (by_postcode.lat, by_postcode.lon) != (by_place.lat, by_place.lon)


@pytest.mark.parametrize(
    ("postcode", "place_id", "answer"),
    [
        ("", "", "no_place"),
        ("99999", "", "unknown_postcode"),
        ("99999", "de-1-nowhere", "unknown_postcode"),
        ("", "de-1-nowhere", "unknown_place"),
        ("\0", "", "unknown_postcode"),
        ("", "\ud800", "unknown_place"),
    ],
)
async def test_why_it_lies_nowhere(conn: Any, postcode: str, place_id: str, answer: str) -> None:
    assert await locate(conn, postcode, place_id) == answer


async def test_an_unknown_postcode_gives_way_to_a_known_place(conn: Any) -> None:
    assert await locate(conn, "99999", "de-71732-tamm") == await locate(conn, "", "de-71732-tamm")


async def test_a_postcode_outranks_a_place_that_does_not_have_it(conn: Any) -> None:
    assert await locate(conn, "71282", "de-30966-hemmingen") == await locate(conn, "71282", "")


async def test_many_come_in_their_order(conn: Any) -> None:
    asked = [(m.postcode, "") for m in OURS] * 5 + [("", ""), ("99999", "")]
    answers = await locate_many(conn, asked)
    assert answers[: len(OURS)] == [await locate(conn, m.postcode, "") for m in OURS]
    assert answers[-2:] == ["no_place", "unknown_postcode"]
    assert await locate_many(conn, []) == []
