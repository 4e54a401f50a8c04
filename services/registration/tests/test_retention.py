"""Data past its retention date goes by itself, once, and not a day before."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.keys import Keys
from services.registration.handlers import own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.handlers.sign_up import refuse
from services.registration.handlers.sign_up import sign_up as sign_up_handler
from services.registration.regions import round_id
from services.registration.retention import BATCH, forget_due
from services.registration.store import notices, people, rounds
from services.registration.store.notices import Notice
from services.registration.tests.front import Front, token
from services.registration.tests.made import (
    LUDWIGSBURG,
    REGIONS,
    ROUND,
    closed,
    confirmed,
    everything,
    one,
    opened,
    said,
    signed_up,
)
from shared.runtime import db
from shared.runtime.audit_chain import record
from shared.runtime.coordinators import Coordinator
from shared.schemas.participants import Erased, Left

DAY = timedelta(days=1)
SIGNED_UP = datetime(2021, 10, 16, 8, tzinfo=UTC)
ENDED = datetime(2021, 12, 1, 8, tzinfo=UTC)
SIX_MONTHS, TWO_YEARS = datetime(2022, 6, 1, 8, tzinfo=UTC), datetime(2023, 12, 1, 8, tzinfo=UTC)
SPRING = round_id("ludwigsburg", "2022-spring")
# Nothing of these names anybody: rounds and their rules, what migrations and tests wrote, what is said only.
NOT_OF_PEOPLE = {"rounds", "schema_migrations", "clock", "outbox", "inbox", "dead_letters"}


class Time:
    """Makes it this moment in the database; from there it goes on."""

    def __init__(self, database: InstallationDatabases) -> None:
        self._database = database

    async def is_now(self, moment: datetime) -> None:
        await asyncio.to_thread(self._database.move_clock, moment)


@pytest.fixture
async def time(pool: db.Pool, database: InstallationDatabases) -> Time:
    made = Time(database)
    await made.is_now(SIGNED_UP)
    await opened(pool)
    return made


async def counted(pool: db.Pool) -> dict[str, int]:
    """Rows of every table that holds anything about people; empty ones are left out."""
    return {name: len(rows) for name, rows in (await everything(pool)).items() if rows and name not in NOT_OF_PEOPLE}


async def forget(pool: db.Pool) -> int:
    return await forget_due(pool, REGIONS)


async def ended(pool: db.Pool) -> None:
    async with db.transaction(pool) as conn:
        await round_handlers.end(conn, ROUND)


async def in_spring(pool: db.Pool) -> None:
    """The next round is open."""
    later = {"slug": "2022-spring", "opens": datetime(2022, 3, 1), "closes": datetime(2022, 7, 1)}  # noqa: DTZ001 - local
    region = LUDWIGSBURG.model_copy(update={"rounds": [LUDWIGSBURG.rounds[0].model_copy(update=later)]})
    async with db.transaction(pool) as conn:
        await round_handlers.draft(conn, region)
        await round_handlers.open_(conn, SPRING)


async def test_a_sign_up_that_is_not_confirmed_goes_after_seven_days_and_not_before(pool: db.Pool, time: Time) -> None:
    (stays,), goes = await confirmed(pool, one(1)), await signed_up(pool, one(2))
    before = await everything(pool)
    await time.is_now(SIGNED_UP + 6 * DAY)
    assert await forget(pool) == 0
    assert {**await everything(pool), "clock": []} == {**before, "clock": []}
    await time.is_now(SIGNED_UP + 7 * DAY + timedelta(minutes=1))
    assert await forget(pool) == 1
    assert [row["id"] for row in await pool.fetch("SELECT id FROM people")] == [stays]
    assert [(event.person, event.version) for event in await said(pool, Left)] == [(goes, 1)]
    async with db.connection(pool) as conn:
        assert await rounds.counts(conn, ROUND) == {"confirmed": 1, "unconfirmed": 1}


async def test_after_close_too_a_sign_up_that_was_never_confirmed_goes(pool: db.Pool, time: Time) -> None:
    await signed_up(pool, one(1))
    await closed(pool)
    await time.is_now(SIGNED_UP + 8 * DAY)
    assert await forget(pool) == 1
    assert await counted(pool) == {"turned_away": 1}


async def test_who_came_back_has_seven_days_from_then_and_is_off_the_round_afterwards(pool: db.Pool, time: Time) -> None:
    form = one(1)
    (person,) = await confirmed(pool, form)
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, person)
    await time.is_now(SIGNED_UP + 5 * DAY)
    await back(pool, replace(form, form_token="a-second-form-of-one"))
    await time.is_now(SIGNED_UP + 11 * DAY)
    assert await forget(pool) == 0
    await time.is_now(SIGNED_UP + 13 * DAY)
    assert await forget(pool) == 1
    assert await pool.fetchval("SELECT state FROM people WHERE id = $1", person) == "left"


async def back(pool: db.Pool, form: Any) -> None:
    async with db.transaction(pool) as conn:
        assert await sign_up_handler(conn, form) == "accepted"


async def test_six_months_after_the_end_everybody_of_that_round_alone_is_erased(pool: db.Pool, time: Time) -> None:
    goes, left, returns = await confirmed(pool, one(1), one(2), one(3))
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, left)
        await refuse(conn, ROUND, "a-form-that-was-refused", "under_age")
    await closed(pool)
    await time.is_now(ENDED)
    await ended(pool)
    await time.is_now(datetime(2022, 3, 2, tzinfo=UTC))
    await in_spring(pool)
    async with db.transaction(pool) as conn:
        await people.move(conn, returns, SPRING, "confirmed", 2)
    await time.is_now(SIX_MONTHS - DAY)
    assert await forget(pool) == 0

    await time.is_now(SIX_MONTHS + timedelta(minutes=1))
    assert await forget(pool) == 3
    assert [row["id"] for row in await pool.fetch("SELECT id FROM people")] == [returns]
    assert await counted(pool) == {"people": 1, "erasures": 2, "erasure_receipts": 2}
    assert {(event.person, event.round, event.on_roster) for event in await said(pool, Erased)} == {
        (goes, ROUND, False),
        (left, ROUND, False),
    }
    keys = [str(goes), str(left)]
    kept = await pool.fetch("SELECT convert_from(payload, 'UTF8') FROM outbox WHERE key = ANY($1) AND payload IS NOT NULL", keys)
    assert all("Erased.v1" in row[0] for row in kept)


async def test_while_somebody_stands_on_the_roster_of_a_round_that_goes_on_they_stay(pool: db.Pool, time: Time) -> None:
    (person,) = await confirmed(pool, one(1))
    await closed(pool)
    await time.is_now(datetime(2022, 3, 2, tzinfo=UTC))
    await in_spring(pool)
    async with db.transaction(pool) as conn:
        await people.move(conn, person, SPRING, "confirmed", 2)
        await round_handlers.close(conn, SPRING)
        await round_handlers.end(conn, SPRING)
    await time.is_now(datetime(2023, 3, 2, tzinfo=UTC))
    assert await forget(pool) == 0
    await ended(pool)
    assert await forget(pool) == 1


async def test_in_the_end_nothing_about_anybody_is_left_in_any_table(pool: db.Pool, time: Time) -> None:
    await confirmed(pool, one(1), one(2))
    await signed_up(pool, one(3))
    async with db.transaction(pool) as conn:
        await own_data.erase(conn, one(2).person)
        await record(conn, Coordinator("Test", "coordinator", ()), "ludwigsburg", "receipts.show", [one(2).person])
        await record(conn, Coordinator("Test", "coordinator", ()), "ludwigsburg", "round.show")
    await closed(pool)
    await time.is_now(ENDED)
    await ended(pool)
    tables = ("people", "turned_away", "roster", "erasures", "erasure_receipts", "audit")
    assert set(await counted(pool)) == {"people", "erasures", "erasure_receipts", "audit"} < set(tables)
    await time.is_now(SIX_MONTHS + DAY)
    assert await forget(pool) > 0
    await time.is_now(datetime(2024, 7, 1, tzinfo=UTC))
    assert await forget(pool) > 0
    assert await counted(pool) == {"audit": 1}
    assert await pool.fetchval("SELECT person FROM audit") is None


async def test_what_proves_that_somebody_was_erased_stays_for_two_years(pool: db.Pool, time: Time) -> None:
    (person,) = await confirmed(pool, one(1))
    async with db.transaction(pool) as conn:
        await own_data.erase(conn, person)
    await time.is_now(SIGNED_UP.replace(year=2023) - DAY)
    assert await forget(pool) == 0
    await time.is_now(SIGNED_UP.replace(year=2023) + timedelta(minutes=1))
    assert await forget(pool) == 1
    assert await counted(pool) == {}


async def test_an_address_that_waits_for_a_round_goes_after_two_years_when_none_came(pool: db.Pool, time: Time) -> None:
    async with db.transaction(pool) as conn:
        await notices.keep(conn, Notice(uuid4(), LUDWIGSBURG.slug, "uk", "waits@example.org"))
    await time.is_now(SIGNED_UP.replace(year=2023) - DAY)
    assert await forget(pool) == 0
    await time.is_now(SIGNED_UP.replace(year=2023) + timedelta(minutes=1))
    assert await forget(pool) == 1
    assert await pool.fetchval("SELECT count(*) FROM notices") == 0


async def test_running_again_changes_nothing(pool: db.Pool, time: Time) -> None:
    await signed_up(pool, one(1))
    await confirmed(pool, one(2))
    await closed(pool)
    await ended(pool)
    await time.is_now(SIX_MONTHS)
    assert await forget(pool) == 3  # the sign-up, its count once the round is over, the other person
    after = await everything(pool)
    assert await forget(pool) == 0
    assert await everything(pool) == after


async def test_two_replicas_at_once_erase_everybody_once(pool: db.Pool, time: Time) -> None:
    crowd = [*await confirmed(pool, *(one(n) for n in range(12))), *[await signed_up(pool, one(n)) for n in range(12, 20)]]
    await closed(pool)
    await ended(pool)
    await time.is_now(SIX_MONTHS)
    await asyncio.gather(*(forget(pool) for _ in range(3)))
    await forget(pool)
    told = [event.person for event in await said(pool, Erased)] + [event.person for event in await said(pool, Left)]
    assert sorted(told) == sorted(crowd)
    assert await pool.fetchval("SELECT count(*) FROM people") == 0


async def test_whoever_confirms_in_the_last_moment_stays(pool: db.Pool, time: Time) -> None:
    crowd = [await signed_up(pool, one(n)) for n in range(6)]
    await time.is_now(SIGNED_UP + 8 * DAY)

    async def confirm(person: UUID) -> str:
        async with db.transaction(pool) as conn:
            return await own_data.confirm(conn, person)

    answers = (await asyncio.gather(*(confirm(person) for person in crowd), forget(pool)))[:-1]
    stays = {person for person, answer in zip(crowd, answers, strict=True) if answer == "confirmed"}
    assert {row["id"] for row in await pool.fetch("SELECT id FROM people")} == stays
    assert {event.person for event in await said(pool, Left)} == set(crowd) - stays


async def test_many_go_in_several_turns(pool: db.Pool, time: Time) -> None:
    async with db.transaction(pool) as conn:
        for number in range(BATCH + 1):
            await refuse(conn, ROUND, f"a-form-that-was-refused-{number}", "under_age")
    await closed(pool)
    await ended(pool)
    await time.is_now(SIX_MONTHS)
    assert [await forget(pool) for _ in range(3)] == [BATCH, 1, 0]


async def test_what_is_kept_of_a_region_without_a_file_goes_too(pool: db.Pool, time: Time) -> None:
    await signed_up(pool, one(1))
    await time.is_now(SIGNED_UP + 8 * DAY)
    assert await forget_due(pool, {}) == 1


async def test_the_office_is_told_what_goes_on_which_day(front: Front, keys: Keys, time: Time) -> None:
    await signed_up(front.pool, one(1))
    await confirmed(front.pool, one(2), one(3))
    await front.pool.execute("INSERT INTO turned_away VALUES ($1, $2, 'refused', 'under_age')", ROUND, uuid4())

    async def goes() -> Any:
        answer = await front.client.get("/coordinator/retention/ludwigsburg", headers=token(keys, "ludwigsburg"))
        assert answer.status_code == 200
        return answer.json()

    assert await goes() == {
        "keeping": {"unconfirmed_days": 7, "after_round_months": 6, "audit_months": 24},
        "goes": [{"kind": "unconfirmed", "day": "2021-10-23", "count": 1}],
        "not_ended": [],
    }
    await closed(front.pool)
    await time.is_now(SIX_MONTHS)
    assert (await goes())["not_ended"] == ["2021-autumn"]
    await time.is_now(ENDED)
    await ended(front.pool)
    await forget(front.pool)
    assert (await goes())["goes"] == []
    await time.is_now(SIX_MONTHS - 2 * DAY)
    assert (await goes())["goes"] == [
        {"kind": "people", "day": "2022-06-01", "count": 2},
        {"kind": "turned_away", "day": "2022-06-01", "count": 2},
    ]
    await time.is_now(SIX_MONTHS + 2 * DAY)
    assert [(row["day"], row["count"]) for row in (await goes())["goes"]] == [("2022-06-03", 2), ("2022-06-03", 2)]
