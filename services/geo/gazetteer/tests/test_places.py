"""How the map is put together, and that the packages hold what our lists say."""

import re

import pytest

from services.geo.gazetteer.places import (
    Alias,
    Gazetteer,
    Municipality,
    Named,
    NameKind,
    UnresolvedError,
    build,
    kilometres,
    place_id,
)
from services.geo.gazetteer.sources import read_municipalities

OURS = list(read_municipalities())


def test_the_regions_are_complete() -> None:
    counted = {
        region: (
            len({m.ags for m in OURS if m.region == region}),
            len({m.postcode for m in OURS if m.region == region}),
        )
        for region in ("ludwigsburg", "hannover")
    }
    assert counted == {"ludwigsburg": (39, 44), "hannover": (21, 52)}
    assert all(m.ags.startswith({"ludwigsburg": "08118", "hannover": "03241"}[m.region]) for m in OURS)


def test_every_municipality_is_on_the_map(gazetteer: Gazetteer) -> None:
    centre = {"ludwigsburg": (48.93, 9.15), "hannover": (52.42, 9.72)}
    places = {place.ags: place for place in gazetteer.places if place.ags}
    assert len(places) == 60
    for m in OURS:
        place = places[m.ags]
        assert m.postcode in (place.postcodes if m.main else place.also)
        assert kilometres(place.centre, centre[m.region]) < 40


def test_ids_are_short_ascii_and_stand_once(gazetteer: Gazetteer) -> None:
    ids = [place.place_id for place in gazetteer.places]
    assert len(ids) == len(set(ids)) > 10_000
    assert all(re.fullmatch(r"de-[0-9]{5}-[a-z0-9-]{1,60}", one) for one in ids)
    assert "de-71282-hemmingen" in ids


def test_every_postcode_has_a_centre_and_a_place(gazetteer: Gazetteer) -> None:
    main = gazetteer.main_place()
    assert set(main) == set(gazetteer.centres)
    assert main["71282"] == "de-71282-hemmingen"
    assert main["70378"] == "de-70173-stuttgart"
    assert main["74321"] == "de-74321-bietigheim-bissingen"
    assert main["30669"] == "de-30851-langenhagen"
    assert all(47 < lat < 56 and 5 < lon < 16 for lat, lon in gazetteer.centres.values())


def test_a_place_of_several_postcodes_is_one(gazetteer: Gazetteer) -> None:
    found = [place for place in gazetteer.places if place.name == "Ludwigsburg"]
    assert [place.postcodes for place in found] == [("71634", "71636", "71638", "71640", "71642")]


CENTRES = {"10001": (50.0, 10.0), "10002": (50.01, 10.0), "20001": (51.0, 10.0)}
NAMED = [Named("10001", "Ödorf", "BY"), Named("10002", "Ödorf", "BY"), Named("20001", "Ödorf", "BY")]
ODORF = Municipality("r", "Ödorf", "09000001", "10001", main=True)


def test_namesakes_far_apart_stay_two() -> None:
    built = build(NAMED, CENTRES, [], [])
    assert [(p.place_id, p.postcodes) for p in built.places] == [
        ("de-10001-oedorf", ("10001", "10002")),
        ("de-20001-oedorf", ("20001",)),
    ]


def test_a_postcode_without_a_centre_takes_that_of_its_place() -> None:
    built = build([*NAMED, Named("10003", "Ödorf", "BY"), Named("30000", "Nirgends", "BY")], CENTRES, [], [])
    assert "10003" in built.centres
    assert "30000" not in built.centres


def test_a_postcode_without_a_name_goes_to_its_neighbour() -> None:
    built = build(NAMED, CENTRES | {"20009": (51.02, 10.0)}, [], [])
    assert built.main_place()["20009"] == "de-20001-oedorf"


def test_an_alias_names_our_place() -> None:
    built = build(NAMED, CENTRES, [ODORF], [Alias("r", "Ödorf", "Едорф")])
    assert ("едорф", "de-10001-oedorf", NameKind.ALIAS) in built.names


@pytest.mark.parametrize(
    ("municipality", "alias"),
    [
        (Municipality("r", "Adorf", "09000001", "10001", main=True), None),
        (Municipality("r", "Ödorf", "09000001", "99999", main=True), None),
        (Municipality("r", "Ödorf", "09000001", "10001", main=False), None),
        (ODORF, Alias("r", "Adorf", "A")),
        (ODORF, Alias("x", "Ödorf", "A")),
        (ODORF, Alias("r", "Ödorf", "?")),
    ],
)
def test_what_does_not_resolve_is_refused(municipality: Municipality, alias: Alias | None) -> None:
    with pytest.raises(UnresolvedError):
        build(NAMED, CENTRES, [municipality], [alias] if alias else [])


def test_an_id_holds_nothing_but_ascii() -> None:
    assert place_id("71723", "Großbottwar") == "de-71723-grossbottwar"
    assert place_id("01234", "Łódź / Süd (Öl)") == "de-01234-odz-sued-oel"
