"""Rules, fit and explanations against one pair at a time in plain Python, and what becomes of wishes."""

import copy
import json
import math
import random
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine import parse
from services.matching.engine.build import build
from services.matching.engine.explain import Meeting, band, meetings
from services.matching.engine.instance import NO_PAIR, Instance, PairIds, Pin
from services.matching.engine.instance_file import WishFile
from services.matching.engine.people import Job, Wishes, parties
from services.matching.engine.record import digest, plain
from services.matching.engine.roster import Roster
from services.matching.engine.rules import CODES, broken_by
from services.matching.engine.sides import rarity
from services.matching.engine.tests.county import county, wild
from services.matching.engine.tests.plain import LEVELS, acceptable, apart, broken, parts

Raw = dict[str, Any]
BITS = ("language", "near_mine", "near_theirs", "wish_mine", "wish_theirs", "age_mine", "age_theirs")
JOBS = [*(county(seed, 30, 25, 5) for seed in range(2)), *(wild(seed) for seed in range(6))]


def made(job: Job) -> Instance:
    return build(job.people, job.rules, job.wishes)


def roster_of(one: Instance) -> Roster:
    assert isinstance(one.pairs, Roster)
    return one.pairs


def grid(one: Instance) -> tuple[list[PairIds], Any, Any]:
    """Everybody with everybody: ids, rows, columns."""
    row, column = (axis.ravel() for axis in np.indices((len(one.newcomers), len(one.locals))))
    ids = [(one.newcomers.ids[n], one.locals.ids[m]) for n, m in zip(row.tolist(), column.tolist(), strict=True)]
    return ids, row, column


def pairs(one: Instance) -> dict[PairIds, int]:
    ids, row, column = grid(one)
    fits = zip(ids, one.pairs.fits(row, column).tolist(), strict=True)
    return {pair: fit for pair, fit in fits if fit != NO_PAIR}


@pytest.mark.parametrize("given_job", JOBS)
def test_pairs_and_fit_equal_plain_python(given_job: Raw) -> None:
    found = made(parse.job(given_job))
    people = {one["id"]: one for one in given_job["people"]}
    ids, _, _ = grid(found)
    expected = {
        (n, m): sum(parts(people[n], people[m], given_job).values())
        for n, m in ids
        if acceptable(people[n], people[m], given_job["rules"])
    }
    assert pairs(found) == expected
    assert expected


@pytest.mark.parametrize("given_job", JOBS)
def test_the_rules_a_pair_breaks_equal_plain_python(given_job: Raw) -> None:
    found = made(parse.job(given_job))
    people = {one["id"]: one for one in given_job["people"]}
    ids, row, column = grid(found)
    masks = broken_by(roster_of(found).newcomers.records, row, roster_of(found).locals.records, column)
    seen = set()
    for (n, m), mask in zip(ids, masks.tolist(), strict=True):
        if "impossible" not in (expected := broken(people[n], people[m], given_job["rules"])):
            assert {name for bit, name in enumerate(BITS) if mask >> bit & 1} == expected
            seen |= expected
    assert seen == set(BITS)
    assert len(CODES) == len(BITS)


@pytest.mark.parametrize("given_job", JOBS)
def test_meetings_equal_plain_python(given_job: Raw) -> None:
    found = made(parse.job(given_job))
    people = {one["id"]: one for one in given_job["people"]}
    told = meetings(roster_of(found), pairs(found))
    assert [(meeting.newcomer, meeting.local) for meeting in told] == sorted(pairs(found))
    for meeting in told:
        one, other = people[meeting.newcomer], people[meeting.local]
        assert meeting == expected_meeting(one, other, given_job)
        assert json.loads(json.dumps(plain(meeting))) == plain(meeting)


def expected_meeting(one: Raw, other: Raw, given_job: Raw) -> Meeting:
    found, distance = parts(one, other, given_job), apart(one, other)
    shared = {
        code: min(LEVELS[one["languages"][code]], LEVELS[other["languages"][code]])
        for code in one["languages"].keys() & other["languages"].keys()
    }
    languages = sorted(shared, key=lambda code: (-shared[code], code))
    hobbies = sorted(set(one["hobbies"]) & set(other["hobbies"]))
    total, name = sum(found.values()), band(distance)
    return Meeting(one["id"], other["id"], total, found, tuple(languages), tuple(hobbies), distance / 10, name)


def test_a_pair_that_breaks_a_rule_is_explained_too_and_a_stranger_is_not() -> None:
    roster = roster_of(made(parse.job(pair_job({"lat": 48.5, "languages": {}}, {"lat": 49.5}))))
    assert meetings(roster, [("n", "l")])[0].parts == {"languages": 0, "hobbies": 0, "closeness": 0, "age": 150}
    assert meetings(roster, []) == ()
    with pytest.raises(KeyError):
        meetings(roster, [("n", "x")])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_parts_add_up_to_the_fit_and_stay_in_range(seed: int) -> None:
    instance = made(parse.job(county(seed, 12, 10, 2)))
    found = pairs(instance)
    for meeting in meetings(roster_of(instance), found):
        assert sum(meeting.parts.values()) == meeting.fit == found[meeting.newcomer, meeting.local]
        assert 0 <= meeting.fit <= 1000
        assert meeting.languages


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_the_order_of_people_is_irrelevant(seed: int, order: random.Random) -> None:
    given_job = county(seed, 12, 10, 2)
    mixed = copy.deepcopy(given_job)
    order.shuffle(mixed["people"])
    for one in mixed["people"]:
        order.shuffle(one["hobbies"])
        one["languages"] = dict(order.sample(sorted(one["languages"].items()), len(one["languages"])))
    assert parse.job(mixed) == parse.job(given_job)
    assert digest(parse.job(mixed)) == digest(parse.job(given_job))


def test_distance_is_the_great_circle_in_hundreds_of_metres() -> None:
    """One degree along a meridian of the mean sphere is 111.195 km."""
    meeting = meetings(roster_of(made(parse.job(pair_job({"lat": 48.5}, {"lat": 49.5})))), [("n", "l")])[0]
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


def pair_job(newcomer: Raw, local: Raw, **wishes: Any) -> Raw:
    same = {"birth_year": 1990, "lat": 48.9, "lon": 9.2, "languages": {"de": "well"}}
    people = [{"id": "n", "role": "newcomer"} | same | newcomer, {"id": "l", "role": "local"} | same | local]
    return {"people": people, "rules": {"year": 2021, "max_km": 40}, "wishes": wishes}


ONE_RULE: list[tuple[Raw, Raw, str]] = [
    ({}, {}, ""),
    ({"languages": {}}, {}, "no_shared_language"),
    ({"lat": None, "lon": None}, {"birth_year": 2004}, "place_unknown"),
    ({"birth_year": 2004}, {}, "under_age"),
    ({"birth_year": 2003}, {}, ""),
    ({"wish": "same"}, {}, "wish_excluded_all"),
    ({"wish": "same", "gender": "d"}, {"gender": "d"}, ""),
    ({"gender": "f"}, {"gender": "m", "wish": "same"}, "wish_excluded_all"),
    ({"max_age_gap": 9}, {"birth_year": 1980}, "age_excluded_all"),
    ({}, {"birth_year": 1980, "max_age_gap": 10}, ""),
    ({"max_km": 11}, {"lat": 49.0}, "none_within_distance"),
    ({"max_km": 12}, {"lat": 49.0}, ""),
    ({"max_km": 0}, {}, ""),
    ({"max_km": 200}, {"lat": 49.2, "max_km": 40}, ""),
    ({"max_km": 200}, {"lat": 49.3, "max_km": 200}, "none_within_distance"),
    ({"max_km": 1, "languages": {}, "wish": "same"}, {"lat": 49.0}, "no_shared_language"),
    ({"max_age_gap": 1, "wish": "same"}, {"birth_year": 1980}, "wish_excluded_all"),
]


@pytest.mark.parametrize(("newcomer", "local", "code"), ONE_RULE)
def test_one_rule_at_a_time_forbids_the_pair_and_its_pin(newcomer: Raw, local: Raw, code: str) -> None:
    assert bool(pairs(made(parse.job(pair_job(newcomer, local))))) is (code == "")
    pinned = made(parse.job(pair_job(newcomer, local, pins=[["n", "l"]])))
    assert pinned.pins == (Pin("n", "l", "pin", code),)


@pytest.mark.parametrize(
    ("wishes", "expected", "pins"),
    [
        ({"bans": [["n", "l"]]}, False, ()),
        ({"met": [["n", "l"]]}, False, ()),
        ({"bans": [["n", "l"]], "pins": [["n", "l"]]}, True, (Pin("n", "l"),)),
        ({"bans": [["n", "l"]], "keep": [["n", "l"]]}, True, (Pin("n", "l", "keep"),)),
        ({"pins": [["n", "l"]], "keep": [["n", "l"]]}, True, (Pin("n", "l"),)),
        ({"met": [["n", "l"]], "pins": [["n", "l"]]}, False, (Pin("n", "l", "pin", "met_or_banned"),)),
        ({"met": [["n", "l"]], "keep": [["n", "l"]]}, False, (Pin("n", "l", "keep", "met_or_banned"),)),
        ({"pins": [["n", "x"], ["a", "l"]]}, True, (Pin("a", "l", "pin", "not_here"), Pin("n", "x", "pin", "not_here"))),
    ],
)
def test_wishes_for_a_pair(wishes: Raw, expected: bool, pins: Any) -> None:
    found = made(parse.job(pair_job({}, {}, **wishes)))
    assert bool(pairs(found)) is expected
    assert found.pins == pins


def test_people_stand_in_one_order_with_what_they_waited_and_offer() -> None:
    given_job = county(3, 20, 15, 4)
    job = parse.job(given_job)
    found = made(job)
    members = {name for group in found.parties for name in group}
    assert found.newcomers.ids == roster_of(found).newcomers.ids
    assert found.locals.ids == roster_of(found).locals.ids
    for person in job.people:
        side = found.newcomers if person.role == "newcomer" else found.locals
        row = side.ids.index(person.id)
        assert side.waiting[row] == person.waiting
        assert side.capacity[row] == (1 if person.id in members else person.capacity)
    assert found.newcomers.waiting.dtype == found.locals.capacity.dtype == np.int64
    assert (found.quotas, found.quality_floor, found.levels) == (job.wishes.quotas, 400, job.rules.levels)


def test_a_local_in_a_party_takes_one_and_a_party_of_one_is_none() -> None:
    given_job = pair_job({"party": "a"}, {"party": "b", "capacity": 3})
    assert made(parse.job(given_job)).parties == ()
    assert made(parse.job(given_job)).locals.capacity.tolist() == [3]
    given_job["people"].append(given_job["people"][1] | {"id": "l2"})
    assert made(parse.job(given_job)).parties == (("l", "l2"),)
    assert made(parse.job(given_job)).locals.capacity.tolist() == [1, 1]


def test_wishes_of_a_file_bring_parties_floor_and_levels() -> None:
    job = parse.job(county(3, 8, 6, 2))
    named = {name for group in parties(job.people) for name in group}
    alone = [person.id for person in job.people if person.role == "newcomer" and person.id not in named][:2]
    wished = Wishes(**vars(WishFile((tuple(alone),), quality_floor=7, levels=("fit",))))
    found = build(job.people, job.rules, wished)
    assert found.parties == tuple(sorted((*parties(job.people), tuple(alone))))
    assert (found.quality_floor, found.levels) == (7, ("fit",))


def test_parties_that_share_somebody_are_one_and_strangers_are_in_none() -> None:
    people = parse.job(county(3, 12, 6, 2)).people
    first, second = parties(people)
    assert parties(people, [(first[0], "x")]) == (first, second)
    assert parties(people, [("x", "y")]) == (first, second)
    assert parties(people, [(second[0], first[0])]) == (tuple(sorted(first + second)),)


def test_the_digest_tells_every_difference_and_takes_little_memory() -> None:
    given_job = county(3, 400, 300, 4)
    digests = {digest(parse.job(given_job))}
    for where, name, value in (("people", "waiting", 7), ("rules", "year", 2022), ("wishes", "met", [["n0001", "l0001"]])):
        changed = copy.deepcopy(given_job)
        (changed["people"][3] if where == "people" else changed[where])[name] = value
        digests.add(digest(parse.job(changed)))
    assert len(digests) == 4
    job = parse.job(given_job)
    tracemalloc.start()
    digest(job)
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()
