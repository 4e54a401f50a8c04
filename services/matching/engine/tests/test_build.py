"""Hard rules and fit, block by block, against one pair at a time in plain Python."""

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine import build as building
from services.matching.engine import parse
from services.matching.engine.build import build, roster
from services.matching.engine.explain import band, meetings
from services.matching.engine.instance import Instance
from services.matching.engine.people import Job
from services.matching.engine.sides import rarity
from services.matching.engine.tests.county import county
from services.matching.engine.tests.plain import acceptable, parts

RankedPairs = dict[tuple[str, str], int]


def made(job: Job) -> Instance:
    return build(job.people, job.rules, job.wishes)


def pairs(one: Instance) -> RankedPairs:
    columns = zip(one.edges.newcomer, one.edges.local, one.edges.fit, strict=True)
    return {(one.newcomers[n].id, one.locals[m].id): int(fit) for n, m, fit in columns}


@pytest.mark.parametrize("seed", range(4))
def test_edges_and_fit_equal_plain_python(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "BLOCK", 7)
    given_job = county(seed, 30, 25, 5)
    given_job["rules"] = given_job["rules"] | {"max_age_gap": 30, "max_km": 15}
    newcomers = [one for one in given_job["people"] if one["role"] == "newcomer"]
    locals_ = [one for one in given_job["people"] if one["role"] == "local"]
    expected = {
        (n["id"], m["id"]): sum(parts(n, m, given_job).values())
        for n in newcomers
        for m in locals_
        if acceptable(n, m, given_job["rules"])
    }
    assert pairs(made(parse.job(given_job))) == expected
    assert expected


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_parts_add_up_to_the_fit_and_stay_in_range(seed: int) -> None:
    job = parse.job(county(seed, 12, 10, 2))
    table = roster(job.people, job.rules, job.wishes)
    found = pairs(build(job.people, job.rules, job.wishes, table))
    for meeting in meetings(table, found):
        assert sum(meeting.parts.values()) == meeting.fit == found[meeting.newcomer, meeting.local]
        assert 0 <= meeting.fit <= 1000
        assert meeting.languages


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_the_order_of_people_is_irrelevant(seed: int, order: random.Random) -> None:
    given_job = county(seed, 12, 10, 2)
    mixed = json.loads(json.dumps(given_job))
    order.shuffle(mixed["people"])
    for one in mixed["people"]:
        order.shuffle(one["hobbies"])
        one["languages"] = dict(order.sample(sorted(one["languages"].items()), len(one["languages"])))
    assert parse.job(mixed) == parse.job(given_job)


def test_distance_is_the_great_circle_in_hundreds_of_metres() -> None:
    """One degree along a meridian of the mean sphere is 111.195 km."""
    job = parse.job(pair_job({"lat": 48.5}, {"lat": 49.5}))
    meeting = meetings(roster(job.people, job.rules, job.wishes), [("n", "l")])[0]
    assert (meeting.km, meeting.band) == (111.2, "over_20")


@pytest.mark.parametrize(
    ("hundreds", "name"),
    [(0, "under_2"), (19, "under_2"), (20, "under_5"), (49, "under_5"), (50, "under_10"), (199, "under_20"), (200, "over_20")],
)  # fmt: skip
def test_bands(hundreds: int, name: str) -> None:
    assert band(hundreds) == name


def test_rarity_grows_by_16_with_each_halving() -> None:
    assert [rarity(480, count) for count in (480, 240, 120, 60, 30)] == [16, 32, 48, 64, 80]
    assert rarity(3, 2) == 16 + math.floor(16 * math.log2(1.5))


def pair_job(newcomer: dict[str, Any], local: dict[str, Any], **wishes: Any) -> dict[str, Any]:
    same = {"birth_year": 1990, "lat": 48.9, "lon": 9.2, "languages": {"de": "well"}}
    people = [{"id": "n", "role": "newcomer"} | same | newcomer, {"id": "l", "role": "local"} | same | local]
    return {"people": people, "rules": {"year": 2021, "max_km": 40}, "wishes": wishes}


@pytest.mark.parametrize(
    ("newcomer", "local", "wishes", "expected"),
    [
        ({}, {}, {}, True),
        ({"languages": {}}, {}, {}, False),
        ({"lat": None, "lon": None}, {}, {}, False),
        ({"birth_year": 2004}, {}, {}, False),
        ({"birth_year": 2003}, {}, {}, True),
        ({"wish": "same"}, {}, {}, False),
        ({"wish": "same", "gender": "d"}, {"gender": "d"}, {}, True),
        ({"gender": "f"}, {"gender": "m", "wish": "same"}, {}, False),
        ({"max_age_gap": 9}, {"birth_year": 1980}, {}, False),
        ({}, {"birth_year": 1980, "max_age_gap": 10}, {}, True),
        ({"max_km": 11}, {"lat": 49.0}, {}, False),
        ({"max_km": 12}, {"lat": 49.0}, {}, True),
        ({"max_km": 0}, {}, {}, True),
        ({}, {}, {"bans": [["n", "l"]]}, False),
        ({}, {}, {"met": [["n", "l"]]}, False),
        ({}, {}, {"bans": [["n", "l"]], "pins": [["n", "l"]]}, True),
        ({}, {}, {"met": [["n", "l"]], "pins": [["n", "l"]]}, False),
    ],
)
def test_one_rule_at_a_time(newcomer: Any, local: Any, wishes: Any, expected: bool) -> None:
    assert bool(pairs(made(parse.job(pair_job(newcomer, local, **wishes))))) is expected


def test_a_local_in_a_party_takes_one_and_a_party_of_one_is_none() -> None:
    given_job = pair_job({"party": "a"}, {"party": "b", "capacity": 3})
    assert made(parse.job(given_job)).parties == ()
    assert made(parse.job(given_job)).locals[0].capacity == 3
    given_job["people"].append(given_job["people"][1] | {"id": "l2"})
    assert made(parse.job(given_job)).parties == (("l", "l2"),)
    assert {local.capacity for local in made(parse.job(given_job)).locals} == {1}
