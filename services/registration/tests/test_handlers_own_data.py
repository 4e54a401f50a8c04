"""Confirming, changing, leaving, withdrawing, erasing at every moment of a round."""

from uuid import UUID, uuid4

import pytest

from services.registration.handlers import own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.regions import round_id
from services.registration.store import people
from services.registration.store.people import Person, Place
from services.registration.tests.made import (
    HERE,
    LUDWIGSBURG,
    ROUND,
    answers,
    closed,
    confirmed,
    everything,
    one,
    opened,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import Attributes, Changed, Confirmed, Erased, Left, Withdrawn

CHESS = answers(name="Person 1", email="p1@example.org", hobbies=["chess"])


@pytest.fixture(autouse=True)
async def _open(pool: db.Pool) -> None:
    await opened(pool)


async def stored(pool: db.Pool, person: UUID) -> Person:
    async with db.connection(pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found


async def change(pool: db.Pool, person: UUID, place: Place = HERE) -> str | None:
    async with db.transaction(pool) as conn:
        return await own_data.change(conn, person, "en", CHESS, place)


async def leave(pool: db.Pool, person: UUID) -> str | None:
    async with db.transaction(pool) as conn:
        return await own_data.leave(conn, person)


async def erase(pool: db.Pool, person: UUID) -> bool:
    async with db.transaction(pool) as conn:
        return await own_data.erase(conn, person)


async def test_confirming_counts_once_however_often_the_button_is_pressed(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    before = await everything(pool)
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, person) == "confirmed"
    assert await everything(pool) == before
    (event,) = await said(pool, Confirmed)
    assert (event.version, event.postcode, event.hobbies, event.region) == (1, "71638", ["cooking"], "ludwigsburg")


async def test_confirming_too_late_changes_nothing(pool: db.Pool) -> None:
    person = await signed_up(pool, one(1))
    await closed(pool)
    before = await everything(pool)
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, person) == "not open"
        assert await own_data.confirm(conn, uuid4()) == "gone"
    assert await everything(pool) == before


async def test_who_left_cannot_come_back_by_an_old_link(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    await leave(pool, person)
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, person) == "out"


async def test_before_confirming_a_change_overwrites_silently(pool: db.Pool) -> None:
    person = await signed_up(pool, one(1))
    assert await change(pool, person) == "changed"
    found = await stored(pool, person)
    assert (found.hobbies, found.language, found.version) == (["chess"], "en", 0)
    assert await said(pool, Attributes) == []


async def test_while_open_a_change_is_a_new_version(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    assert await change(pool, person) == "changed"
    assert [(event.version, event.hobbies) for event in await said(pool, Attributes)] == [(1, ["cooking"]), (2, ["chess"])]


async def test_after_close_a_change_is_kept_for_the_next_round_and_nothing_is_said(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    await closed(pool)
    assert await change(pool, person) == "changed_next_round"
    assert (await stored(pool, person)).hobbies == ["chess"]
    assert await said(pool, Changed) == []
    (frozen,) = await pool.fetch("SELECT attributes->'hobbies' AS hobbies, version FROM roster")
    assert (frozen["hobbies"], frozen["version"]) == (["cooking"], 1)


async def test_a_change_keeps_the_party_whose_word_the_page_cannot_show(pool: db.Pool) -> None:
    party = uuid4()
    (person,) = await confirmed(pool, one(1, role="local", party=party))
    async with db.transaction(pool) as conn:
        await own_data.change(conn, person, "de", answers(role="local", capacity=3), HERE)
    (event,) = await said(pool, Changed)
    assert (event.party, event.capacity) == (party, 1)
    async with db.transaction(pool) as conn:
        await own_data.change(conn, person, "de", answers(role="newcomer"), HERE)
    assert (await stored(pool, person)).party is None


async def test_leaving_before_confirming_deletes_and_says_so(pool: db.Pool) -> None:
    person = await signed_up(pool, one(1))
    assert await leave(pool, person) == "left"
    assert await pool.fetchval("SELECT count(*) FROM people") == 0
    assert [(event.person, event.version) for event in await said(pool, Left)] == [(person, 1)]


async def test_leaving_twice_has_the_same_answer_and_is_said_once(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    assert [await leave(pool, person), await leave(pool, person)] == ["left", "left"]
    assert [event.version for event in await said(pool, Left)] == [2]


async def test_withdrawing_twice_has_the_same_answer_and_is_said_once(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    await closed(pool)
    assert [await leave(pool, person), await leave(pool, person)] == ["withdrawn", "withdrawn"]
    assert [(event.person, event.version) for event in await said(pool, Withdrawn)] == [(person, 1)]
    assert await pool.fetchval("SELECT gone FROM roster") == "withdrawn"


async def test_who_is_not_on_the_roster_has_nothing_to_withdraw_from(pool: db.Pool) -> None:
    person = await signed_up(pool, one(1))
    await closed(pool)
    before = await everything(pool)
    assert await leave(pool, person) is None
    assert await leave(pool, uuid4()) is None
    assert await everything(pool) == before


async def test_erasing_before_close_takes_the_person_off_and_blanks_what_was_said(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    assert await erase(pool, person)
    assert await pool.fetchval("SELECT count(*) FROM people") == 0
    assert [(e.version, e.on_roster) for e in await said(pool, Erased)] == [(2, False)]
    assert await said(pool, Attributes) == []
    assert await pool.fetchval("SELECT service FROM erasure_receipts WHERE person_id = $1", person) == "registration"
    assert not await erase(pool, person)


async def test_erasing_after_close_leaves_id_and_version_on_the_roster_and_nothing_else(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    await closed(pool)
    await leave(pool, person)
    assert await erase(pool, person)
    (row,) = await pool.fetch("SELECT person_id, version, attributes, gone FROM roster")
    assert tuple(row) == (person, 1, None, "erased")
    assert [(e.version, e.on_roster) for e in await said(pool, Erased)] == [(1, True)]


async def test_erasing_takes_the_attributes_off_the_roster_of_an_earlier_round_too(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    await closed(pool)
    later = LUDWIGSBURG.rounds[0].model_copy(update={"slug": "2022-spring"})
    region = LUDWIGSBURG.model_copy(update={"rounds": [later]})
    second = round_id("ludwigsburg", "2022-spring")
    async with db.transaction(pool) as conn:
        await round_handlers.draft(conn, region)
        await round_handlers.open_(conn, second)
        await people.move(conn, person, second, "confirmed", 2)
    assert await erase(pool, person)
    assert await pool.fetchval("SELECT attributes FROM roster WHERE round_id = $1", ROUND) is None
    told = {(event.round, event.version, event.on_roster) for event in await said(pool, Erased)}
    assert told == {(ROUND, 1, True), (second, 3, False)}


async def test_a_coordinators_place_counts_now_while_open_and_for_the_next_round_later(pool: db.Pool) -> None:
    form = one(1)
    nowhere = await signed_up(pool, form)
    async with db.transaction(pool) as conn:
        await people.overwrite(conn, nowhere, "de", form.answers, Place("", "", "beim Bahnhof links"))
        await own_data.confirm(conn, nowhere)
        assert len(await people.open_questions(conn, ROUND)) == 1
        assert await own_data.answer_place(conn, nowhere, "71638") == "open"
        assert await people.open_questions(conn, ROUND) == []
    assert [(event.version, event.postcode) for event in await said(pool, Attributes)] == [(1, ""), (2, "71638")]
    await closed(pool)
    async with db.transaction(pool) as conn:
        assert await own_data.answer_place(conn, nowhere, "71634") == "closed"
        assert await own_data.answer_place(conn, uuid4(), "71634") is None
    assert len(await said(pool, Attributes)) == 2
