"""Entries in doubt on a real database: found when they are confirmed or changed, off the roster until they are accepted."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from services.registration.handlers import doubts as handlers
from services.registration.handlers import own_data
from services.registration.handlers.sign_up import sign_up
from services.registration.store.people import Place
from services.registration.tests.doubting import (
    ADULT,
    ANNA,
    LINK,
    change,
    confirm,
    counted,
    decide,
    in_doubt,
    kinds,
    roster,
    stored,
    wanted,
)
from services.registration.tests.made import (
    LUDWIGSBURG,
    ROUND,
    closed,
    confirmed,
    everything,
    one,
    opened,
    proved,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import Attributes, Changed, Confirmed, Left, LinkAsked, NotChecked, Refused


@pytest.fixture(autouse=True)
async def _open(pool: db.Pool) -> None:
    await opened(pool)


# Found


async def test_a_name_that_is_a_link_confirms_and_waits(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    found = await stored(pool, person)
    assert (found.state, found.version, await kinds(pool, person)) == ("in_doubt", 0, ["name"])
    assert found.confirmed_at is not None
    assert await said(pool, Attributes) == []
    before = await everything(pool)
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, person, ADULT) == "in_doubt"
    assert await everything(pool) == before


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"name": "Anna Muller"}, "in_doubt"),
        ({"name": "müller anna", "email": "P1@example.org", "birth_year": 1991}, "in_doubt"),
        ({"name": "Anna Müller", "birth_year": 1991}, "confirmed"),
        ({"name": "Anna Müller", "role": "local"}, "confirmed"),
        ({"name": "Berta Müller"}, "confirmed"),
        ({"name": "Berta Müller", "email": "p1@example.org"}, "confirmed"),
    ],
    ids=str,
)
async def test_who_may_be_somebody_already_there_waits_and_all_others_do_not(
    pool: db.Pool, second: dict[str, Any], expected: str
) -> None:
    await confirmed(pool, one(1, **ANNA))
    assert await confirm(pool, one(2, **second)) == expected


async def test_the_same_name_and_year_in_another_place_are_two_people(pool: db.Pool) -> None:
    await confirmed(pool, one(1, **ANNA))
    assert await confirm(pool, replace(one(2, **ANNA), place=Place("71672", "", ""))) == "confirmed"
    assert await confirm(pool, replace(one(3, **ANNA), place=Place("", "", "beim Bahnhof"))) == "confirmed"


async def test_who_never_confirmed_or_left_puts_nobody_in_doubt(pool: db.Pool) -> None:
    await signed_up(pool, one(1, **ANNA))
    (gone,) = await confirmed(pool, one(2, **ANNA))
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, gone)
    assert await confirm(pool, one(3, **ANNA)) == "confirmed"


async def test_of_two_who_confirm_at_the_same_moment_one_waits(pool: db.Pool) -> None:
    forms = [one(number, **ANNA) for number in range(4)]
    results = await asyncio.gather(*(confirm(pool, form) for form in forms))
    assert sorted(results) == ["confirmed", *["in_doubt"] * 3]


@pytest.mark.parametrize(("birth_year", "expected"), [(2003, "confirmed"), (2004, "in_doubt")])
async def test_who_is_under_age_waits_where_the_region_asks(pool: db.Pool, birth_year: int, expected: str) -> None:
    assert await confirm(pool, one(1, birth_year=birth_year)) == expected


@pytest.mark.parametrize(("rule", "age"), [("no", 0), ("ask", 18)])
def test_the_age_from_which_nobody_is_asked_is_the_regions(rule: str, age: int) -> None:
    minors = LUDWIGSBURG.minors.model_copy(update={"rule": rule})
    assert LUDWIGSBURG.model_copy(update={"minors": minors}).adult_from == age


async def test_an_entry_in_doubt_is_known_when_it_comes_again(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    async with db.transaction(pool) as conn:
        assert await sign_up(conn, replace(one(1, **LINK), form_token="another-form-of-one")) == "repeated"
    assert [event.person for event in await said(pool, LinkAsked)] == [person]
    assert await wanted(pool, "link", person) == "send"


# Decided


async def test_accepting_makes_the_entry_count_once(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    assert await decide(pool, person, "accepted") == ("confirmed", [])
    before = await everything(pool)
    assert await decide(pool, person, "accepted") == ("confirmed", [])
    assert await everything(pool) == before
    assert [(event.person, event.version) for event in await said(pool, Confirmed)] == [(person, 1)]
    (row,) = await pool.fetch("SELECT decision, reason, decided_by FROM doubts")
    assert tuple(row) == ("accepted", "known to us", "Test")
    await closed(pool)
    assert await roster(pool) == {person: 1}


async def test_of_several_doubts_all_must_be_accepted(pool: db.Pool) -> None:
    person = await in_doubt(pool, name="www.evil.example", birth_year=2005)
    assert await decide(pool, person, "accepted", "name") == ("in_doubt", ["under_age"])
    with pytest.raises(handlers.NothingToDecideError, match="Not name is in doubt here, but under_age"):
        await decide(pool, person, "accepted", "name")
    assert await said(pool, Confirmed) == []
    assert await decide(pool, person, "accepted") == ("confirmed", [])


async def test_a_refused_entry_is_off_the_roster_and_told_once(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    assert await decide(pool, person, "refused") == ("refused", [])
    assert await decide(pool, person, "refused") == ("refused", [])
    (event,) = await said(pool, Refused)
    assert (event.person, event.region, event.round, event.language) == (person, "ludwigsburg", ROUND, "de")
    assert [await wanted(pool, kind, person) for kind in ("refused", "welcome", "confirm")] == ["send", "gone", "gone"]
    assert await counted(pool) == {"refused by the office": 1}
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, person) == "out"
        assert await own_data.leave(conn, person) == "left"
    assert (await stored(pool, person)).state == "refused"
    await closed(pool)
    assert await roster(pool) == {}
    assert await said(pool, NotChecked) == []


async def test_who_was_refused_gets_no_second_chance_by_the_same_form_but_the_office_may_change_its_mind(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    await decide(pool, person, "refused")
    async with db.transaction(pool) as conn:
        assert await sign_up(conn, replace(one(1, **LINK), form_token="another-form-of-one")) == "repeated"
    assert await decide(pool, person, "accepted") == ("confirmed", [])
    assert await wanted(pool, "refused", person) == "gone"


async def test_what_nobody_doubts_is_not_decided(pool: db.Pool) -> None:
    (counts,) = await confirmed(pool, one(1))
    unconfirmed = await signed_up(pool, one(2, **LINK))
    for person, decision in ((counts, "refused"), (unconfirmed, "accepted")):
        with pytest.raises(handlers.NothingToDecideError, match="Nothing about this entry waits for a decision"):
            await decide(pool, person, decision)  # type: ignore[arg-type]
    with pytest.raises(handlers.NothingToDecideError, match="Nobody with this id"):
        await decide(pool, uuid4(), "accepted")


async def test_two_who_decide_otherwise_at_the_same_moment_leave_one_answer(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    done = await asyncio.gather(decide(pool, person, "accepted"), decide(pool, person, "refused"), return_exceptions=True)
    state = (await stored(pool, person)).state
    assert state == "confirmed"
    assert len(await said(pool, Confirmed)) == 1
    assert sum(isinstance(one_of, handlers.NothingToDecideError) for one_of in done) + len(await said(pool, Refused)) == 1


# Changed


async def test_who_was_told_apart_stays_so_for_both_when_one_changes_the_address(pool: db.Pool) -> None:
    (first,) = await confirmed(pool, one(1, **ANNA))
    second = await in_doubt(pool, 2, **ANNA)
    await decide(pool, second, "accepted")
    assert await change(pool, first, **{**ANNA, "email": "elsewhere@example.org"}) == "mailed"
    await proved(pool, first)
    assert (await stored(pool, first)).state == "confirmed"


async def test_a_change_that_is_in_doubt_takes_off_the_roster_until_it_is_accepted(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    assert await change(pool, person, name="fuck you", email="p1@example.org") == "changed_in_doubt"
    assert ((await stored(pool, person)).state, await kinds(pool, person)) == ("in_doubt", ["name"])
    assert [event.version for event in await said(pool, Left)] == [2]
    await decide(pool, person, "accepted")
    assert [event.version for event in await said(pool, Confirmed)] == [1, 3]
    assert await change(pool, person, name="fuck you", email="p1@example.org", max_km=12) == "changed"
    assert [event.version for event in await said(pool, Changed)] == [4]
    assert await change(pool, person, name="fuck me: fuck", email="p1@example.org", max_km=12) == "changed_in_doubt"
    assert (await stored(pool, person)).state == "in_doubt"


async def test_a_doubt_does_not_go_away_by_typing_something_else(pool: db.Pool) -> None:
    person = await in_doubt(pool, birth_year=2005)
    assert await change(pool, person, name="Person 1", email="p1@example.org", birth_year=2000) == "changed_in_doubt"
    assert ((await stored(pool, person)).state, await kinds(pool, person)) == ("in_doubt", ["under_age"])
    assert await said(pool, Attributes) == []


async def test_who_mends_their_name_before_confirming_is_in_no_doubt(pool: db.Pool) -> None:
    person = await signed_up(pool, one(1, **LINK))
    await change(pool, person, name="Anna", email="p1@example.org")
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, person, ADULT) == "confirmed"
