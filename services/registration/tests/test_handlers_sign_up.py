"""Signing up on a real database: one form is one sign-up, the same person twice is a repeat, all others are two people."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.registration.handlers import own_data
from services.registration.handlers.sign_up import Result, SignUp, refuse, sign_up
from services.registration.store import people, rounds
from services.registration.tests.made import (
    HERE,
    ROUND,
    answers,
    closed,
    confirmed,
    draft,
    everything,
    one,
    opened,
    proved,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import Confirmed, LinkAsked, SignedUp


@pytest.fixture(autouse=True)
async def _open(pool: db.Pool) -> None:
    await opened(pool)


async def send(pool: db.Pool, form: SignUp) -> Result:
    async with db.transaction(pool) as conn:
        return await sign_up(conn, form)


async def leave(pool: db.Pool, person: UUID) -> str | None:
    async with db.transaction(pool) as conn:
        return await own_data.leave(conn, person)


async def erase(pool: db.Pool, person: UUID) -> bool:
    async with db.transaction(pool) as conn:
        return await own_data.erase(conn, person)


async def counted(pool: db.Pool) -> dict[str, int]:
    async with db.connection(pool) as conn:
        return await rounds.counts(conn, ROUND)


async def names(pool: db.Pool) -> list[str]:
    return [row["name"] for row in await pool.fetch("SELECT name FROM people ORDER BY name")]


async def test_a_sign_up_is_one_row_and_one_event(pool: db.Pool) -> None:
    form = one(1)
    assert await send(pool, form) == "accepted"
    async with db.connection(pool) as conn:
        stored = await people.get(conn, form.person)
    assert stored is not None
    assert (stored.state, stored.version, stored.language, stored.region) == ("unconfirmed", 0, "de", "ludwigsburg")
    assert [event.person for event in await said(pool, SignedUp)] == [form.person]


async def test_the_same_form_sent_again_has_the_same_answer_and_changes_nothing(pool: db.Pool) -> None:
    await send(pool, one(1))
    before = await everything(pool)
    assert await send(pool, one(1)) == "accepted"
    assert await everything(pool) == before


async def test_the_same_form_twenty_times_at_the_same_moment_is_one_sign_up(pool: db.Pool) -> None:
    results = await asyncio.gather(*(send(pool, one(1)) for _ in range(20)))
    assert set(results) == {"accepted"}
    assert await names(pool) == ["Person 1"]
    assert len(await said(pool, SignedUp)) == 1


async def test_the_same_person_in_two_forms_at_the_same_moment_is_one_person(pool: db.Pool) -> None:
    forms = [replace(one(1), form_token=f"form-number-{n}-of-one") for n in range(8)]
    results = await asyncio.gather(*(send(pool, form) for form in forms))
    assert sorted(results) == ["accepted", *["repeated"] * 7]
    assert await names(pool) == ["Person 1"]
    assert len(await said(pool, LinkAsked)) == 7


async def test_a_repeat_asks_for_the_link_of_the_first_and_counts_each_form_once(pool: db.Pool) -> None:
    first = await signed_up(pool, one(1))
    again = replace(one(1, hobbies=["chess"], email="P1@EXAMPLE.org", name="person  1"), form_token="another-form-of-one")
    assert await send(pool, again) == "repeated"
    assert await send(pool, again) == "accepted"
    assert [event.person for event in await said(pool, LinkAsked)] == [first]
    assert await counted(pool) == {"unconfirmed": 1, "repeated": 1}


async def test_one_address_is_shared_by_a_family(pool: db.Pool) -> None:
    await signed_up(pool, one(1, name="Mother", email="family@example.org"))
    await signed_up(pool, one(2, name="Father", email="family@example.org"))
    await signed_up(pool, one(3, name="Mother", email="family@example.org", birth_year=2002))
    assert await names(pool) == ["Father", "Mother", "Mother"]


async def test_a_form_for_a_round_that_is_not_open_leaves_nothing(pool: db.Pool) -> None:
    await closed(pool)
    before = await everything(pool)
    assert await send(pool, one(1)) == "not open"
    assert await everything(pool) == before


async def test_who_left_and_signs_up_again_is_the_same_person_to_be_confirmed_once_more(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    assert await leave(pool, person) == "left"
    back = replace(one(1, hobbies=["chess"]), form_token="a-new-form-of-one")
    assert await send(pool, back) == "accepted"
    async with db.transaction(pool) as conn:
        stored = await people.get(conn, person)
        assert stored is not None
        assert (stored.state, stored.hobbies) == ("unconfirmed", ["chess"])
        assert await own_data.confirm(conn, person) == "confirmed"
    assert [event.version for event in await said(pool, Confirmed)] == [1, 3]
    assert [event.person for event in await said(pool, SignedUp)] == [person, person]


async def test_who_took_back_an_unconfirmed_sign_up_may_come_with_a_new_form(pool: db.Pool) -> None:
    await leave(pool, await signed_up(pool, one(1)))
    assert await names(pool) == []
    assert await send(pool, replace(one(1), form_token="a-new-form-of-one")) == "accepted"
    assert await counted(pool) == {"left": 1, "unconfirmed": 1}


@pytest.mark.parametrize("action", [leave, erase])
async def test_a_form_sent_once_more_brings_nobody_back_who_took_it_back(pool: db.Pool, action: object) -> None:
    person = await signed_up(pool, one(1))
    await action(pool, person)  # type: ignore[operator]
    before = await everything(pool)
    assert await send(pool, one(1)) == "accepted"
    assert await everything(pool) == before


async def test_somebody_under_age_is_counted_once_and_nothing_of_them_is_kept(pool: db.Pool) -> None:
    for _ in range(3):
        async with db.transaction(pool) as conn:
            await refuse(conn, ROUND, "form-of-a-child-0123", "under_age")
    assert await counted(pool) == {"refused": 1}
    assert await names(pool) == []


async def test_who_mistyped_their_year_and_mends_it_is_counted_as_signed_up_alone(pool: db.Pool) -> None:
    form = one(1)
    async with db.transaction(pool) as conn:
        await refuse(conn, ROUND, form.form_token, "under_age")
    assert await send(pool, form) == "accepted"
    assert await counted(pool) == {"unconfirmed": 1}


async def test_who_changed_their_name_is_known_by_the_new_one_and_the_old_is_free(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1, name="Anna Alt"))
    async with db.transaction(pool) as conn:
        await own_data.change(conn, person, "de", answers(name="Anna Neu", email="p1@example.org"), HERE)
    as_new = replace(one(1, name="Anna Neu"), form_token="a-second-form-of-anna")
    as_old = replace(one(1, name="Anna Alt"), form_token="a-third-form-of-anna")
    assert await send(pool, as_new) == "repeated"
    assert await send(pool, as_old) == "accepted"


async def test_many_who_change_into_the_same_at_the_same_moment_all_stay(pool: db.Pool) -> None:
    crowd = await confirmed(pool, *(one(n) for n in range(6)))

    async def change(person: UUID) -> str | None:
        async with db.transaction(pool) as conn:
            return await own_data.change(conn, person, "de", answers(name="One for all"), HERE)

    assert await asyncio.gather(*(change(person) for person in crowd)) == ["mailed"] * 6
    await asyncio.gather(*(proved(pool, person) for person in crowd))
    assert await names(pool) == ["One for all"] * 6


async def test_who_changes_into_somebody_known_stays_apart_from_them(pool: db.Pool) -> None:
    first, second = await confirmed(pool, one(1), one(2))
    async with db.transaction(pool) as conn:
        assert await own_data.change(conn, second, "de", one(1).answers, HERE) == "mailed"
    await proved(pool, second)
    assert await names(pool) == ["Person 1", "Person 1"]
    assert await send(pool, replace(one(1), form_token="another-form-of-one")) == "repeated"
    asked = [event.person for event in await said(pool, LinkAsked)]
    assert asked == [second, first]  # the proof of the new address made a new link


async def test_a_round_that_nobody_knows_is_no_silent_success(pool: db.Pool) -> None:
    await draft(pool)
    with pytest.raises(LookupError):
        await send(pool, replace(one(1), round_id=uuid4()))
