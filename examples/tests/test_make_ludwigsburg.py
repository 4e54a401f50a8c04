"""The invented round: the same every time, readable, and with every kind of trouble in it."""

from collections import Counter
from functools import cache

import pytest

from examples.awkward import UNKNOWN_POSTCODE
from examples.draw import TINY, YEAR, homes, read_inhabitants
from examples.make_ludwigsburg import FILE, make
from services.geo.gazetteer.places import Gazetteer, kilometres
from services.geo.gazetteer.sources import read_gazetteer
from shared.schemas.people_file import Row, format_people, read_people
from shared.web.hobbies import HOBBIES

ROWS, BAD = read_people(FILE)
DEFAULT_KM = 10
STAYS = ("", "withdraws", "declines", "silent")
ON_ROSTER = [r for r in ROWS if r.demo in STAYS and YEAR - r.birth_year >= 18 and r.postcode not in ("", UNKNOWN_POSTCODE)]


@cache
def gazetteer() -> Gazetteer:
    return read_gazetteer()


def test_the_file_is_what_the_script_makes() -> None:
    assert FILE.read_bytes() == format_people(make()).encode()


def test_every_line_is_read() -> None:
    assert BAD == []
    assert [row.id for row in ROWS] == [f"lb{n:03}" for n in range(1, 481)]


def test_the_numbers() -> None:
    roles = Counter(row.role for row in ROWS)
    assert 265 <= roles["newcomer"] <= 275
    assert 205 <= roles["local"] <= 215
    behaviour = Counter(row.demo for row in ROWS)
    assert [behaviour[d] for d in ("unconfirmed", "leaves", "withdraws", "repeats")] == [12, 8, 6, 5]
    assert [behaviour[d] for d in ("declines", "silent")] == [14, 10]
    assert Counter(row.capacity for row in ROWS)[3] == 1
    assert Counter(row.capacity for row in ROWS)[2] == 11


def test_ages_pages_hobbies_and_addresses() -> None:
    assert {row.language for row in ROWS} == {"de", "en", "ar", "fa", "tr", "uk"}
    assert {hobby for row in ROWS for hobby in row.hobbies} == set(HOBBIES)
    assert all(row.email.endswith(("@example.org", "@example.net")) and row.email.isascii() for row in ROWS)
    ages = [YEAR - row.birth_year for row in ROWS]
    assert Counter(age < 18 for age in ages)[True] == 3
    assert max(ages) <= 80
    assert any("\u200c" in row.name for row in ROWS)


def test_people_live_where_people_live() -> None:
    inhabitants = read_inhabitants()
    assert len(inhabitants) == 39
    seats = Counter(name for name, _ in homes(475))
    assert all(abs(seats[name] - 475 * number / sum(inhabitants.values())) < 1 for name, number in inhabitants.items())
    main = gazetteer().main_place()
    names = {place.place_id: place for place in gazetteer().places}
    for row in ROWS:
        if row.postcode and row.postcode != UNKNOWN_POSTCODE:
            assert names[main[row.postcode]].region == "ludwigsburg"
            assert row.place in ("", *(p.name for p in gazetteer().places if row.postcode in p.postcodes))


def test_awkward_places() -> None:
    assert UNKNOWN_POSTCODE not in gazetteer().centres
    assert [row.postcode for row in ROWS].count(UNKNOWN_POSTCODE) == 1
    without = Counter(row.place for row in ROWS if not row.postcode)
    assert without == {"Hemmingen": 3, "Ганновер": 1, "beim Bahnhof links": 1}


def test_families_and_parties() -> None:
    repeats = [row for row in ROWS if row.demo == "repeats"]
    for row in repeats:
        assert any(same_person(row, other) and other.id < row.id for other in ROWS)
    addresses = Counter(row.email for row in ROWS if row.demo != "repeats")
    ((address, members),) = [(a, n) for a, n in addresses.items() if n > 1]
    family = [row for row in ROWS if row.email == address]
    assert members == 4
    assert len({row.name for row in family}) == len({row.birth_year for row in family}) == 4
    assert len({row.postcode for row in family}) == len({row.name.split(" ")[1] for row in family}) == 1
    assert Counter(row.party for row in ROWS if row.party) == {"friends": 2, "neighbours": 2}


def same_person(one: Row, other: Row) -> bool:
    return one is not other and all(
        getattr(one, name) == getattr(other, name) for name in ("email", "name", "birth_year", "role", "place")
    )


def share_a_language(one: Row, other: Row) -> bool:
    return bool({tag for tag, _ in one.languages} & {tag for tag, _ in other.languages})


def near(one: Row, other: Row) -> bool:
    centres = gazetteer().centres
    way = kilometres(centres[one.postcode], centres[other.postcode])
    return way <= min(one.max_km or DEFAULT_KM, other.max_km or DEFAULT_KM)


def wishes_fit(one: Row, other: Row) -> bool:
    return "same" not in (one.wish, other.wish) or one.gender == other.gender


def partners(row: Row) -> tuple[list[Row], list[Row], list[Row]]:
    """Those who share a language, of them the near, of them the wished for."""
    speaking = [other for other in ON_ROSTER if other.role != row.role and share_a_language(row, other)]
    within = [other for other in speaking if near(row, other)]
    return speaking, within, [other for other in within if wishes_fit(row, other)]


@pytest.mark.parametrize("step", ["language", "distance", "wish"])
def test_every_reason_to_stay_alone_occurs(step: str) -> None:
    newcomers = [row for row in ON_ROSTER if row.role == "newcomer"]
    found = {
        "language": [row for row in newcomers if not partners(row)[0]],
        "distance": [row for row in newcomers if partners(row)[0] and not partners(row)[1]],
        "wish": [row for row in newcomers if partners(row)[1] and not partners(row)[2]],
    }
    assert found[step]
    if step == "language":
        assert {"am", "ta", "mn"} <= {row.languages[0][0] for row in found[step]}
    if step == "distance":
        assert any(row.place in TINY and row.max_km == 1 for row in found[step])


def test_there_are_too_few_locals() -> None:
    places = sum(row.capacity for row in ON_ROSTER if row.role == "local")
    assert places < sum(1 for row in ON_ROSTER if row.role == "newcomer" and partners(row)[2])


def test_a_party_that_cannot_be_placed() -> None:
    alone = [row for row in ON_ROSTER if row.party == "neighbours" and not partners(row)[2]]
    assert len(alone) == 1
