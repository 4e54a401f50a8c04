"""Opening and closing exactly once, and a roster that is frozen whole, whatever happens at the same moment."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from deploy.local.databases import InstallationDatabases
from services.registration.calendar import step_due_rounds
from services.registration.domain.answers import Answers
from services.registration.handlers import own_data
from services.registration.handlers import rounds as handlers
from services.registration.regions import round_id
from services.registration.store import people, rounds
from services.registration.tests.made import (
    HANNOVER,
    HERE,
    LUDWIGSBURG,
    ROUND,
    answers,
    closed,
    confirmed,
    draft,
    everything,
    one,
    opened,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import Attributes, Changed, Confirmed, Erased, Left
from shared.schemas.rounds import RoundClosed, RoundEnded, RoundOpened, RoundReopened, roster_digest

OPENS, CLOSES = datetime(2021, 10, 14, 22, 0, tzinfo=UTC), datetime(2021, 10, 31, 22, 59, tzinfo=UTC)


async def do(pool: db.Pool, step: str) -> rounds.Round:
    async with db.transaction(pool) as conn:
        found: rounds.Round = await getattr(handlers, step)(conn, ROUND)
        return found


async def roster(pool: db.Pool) -> dict[UUID, int]:
    async with db.connection(pool) as conn:
        return dict(await rounds.roster(conn, ROUND))


async def last_said(pool: db.Pool) -> dict[UUID, int]:
    """The highest version that was said of each person, those who left not among them."""
    found = {event.person: event.version for event in await said(pool, Attributes)}
    return {person: version for person, version in found.items() if person not in {e.person for e in await said(pool, Left)}}


async def test_a_draft_follows_its_region_file_until_it_opens(pool: db.Pool) -> None:
    await draft(pool)
    stricter = LUDWIGSBURG.model_copy(update={"rules": LUDWIGSBURG.rules.model_copy(update={"min_age": 21})})
    await draft(pool, stricter)
    await do(pool, "open_")
    await draft(pool, LUDWIGSBURG)
    (event,) = await said(pool, RoundOpened)
    assert event.rules.min_age == 21
    assert (event.opens_at, event.closes_at) == (OPENS, CLOSES)
    async with db.connection(pool) as conn:
        assert (await rounds.get(conn, ROUND)).rules["min_age"] == 21


async def test_a_draft_that_left_its_region_file_is_gone_and_a_round_that_has_begun_stays(pool: db.Pool) -> None:
    later = LUDWIGSBURG.rounds[0].model_copy(update={"slug": "later"})
    await draft(pool, LUDWIGSBURG.model_copy(update={"rounds": [*LUDWIGSBURG.rounds, later]}))
    await do(pool, "open_")
    await draft(pool, LUDWIGSBURG.model_copy(update={"rounds": []}))
    assert [dict(row) for row in await pool.fetch("SELECT slug, phase FROM rounds")] == [{"slug": "2021-autumn", "phase": "open"}]


async def test_opening_and_closing_at_the_same_moment_happen_once_and_all_see_it(pool: db.Pool) -> None:
    await draft(pool)
    seen = await asyncio.gather(*(do(pool, "open_") for _ in range(6)))
    assert {found.phase for found in seen} == {"open"}
    await confirmed(pool, one(1), one(2))
    shut = await asyncio.gather(*(do(pool, "close") for _ in range(6)))
    assert {(found.phase, found.closing, found.roster_count) for found in shut} == {("closed", 1, 2)}
    assert len(await said(pool, RoundOpened)) == len(await said(pool, RoundClosed)) == 1


async def test_a_step_out_of_turn_is_refused_with_a_reason(pool: db.Pool) -> None:
    await draft(pool)
    for step in ("close", "reopen", "end"):
        with pytest.raises(handlers.WrongPhaseError):
            await do(pool, step)
    await do(pool, "open_")
    with pytest.raises(handlers.WrongPhaseError, match="only a closed one can end"):
        await do(pool, "end")
    await do(pool, "close")
    with pytest.raises(handlers.WrongPhaseError, match="only a draft can be opened"):
        await do(pool, "open_")


async def test_what_would_be_closed_again_at_once_is_neither_opened_nor_reopened(
    pool: db.Pool, database: InstallationDatabases
) -> None:
    await opened(pool)
    async with db.transaction(pool) as conn:
        await handlers.close(conn, ROUND)
    await asyncio.to_thread(database.move_clock, LUDWIGSBURG.moment(LUDWIGSBURG.rounds[0].closes))
    await draft(pool, HANNOVER)
    for step, round_ in ((handlers.reopen, ROUND), (handlers.open_, round_id("hannover", HANNOVER.rounds[0].slug))):
        with pytest.raises(handlers.WrongPhaseError, match="Its sign-up ended on 31 October 2021"):
            async with db.transaction(pool) as conn:
                await step(conn, round_)


async def test_a_second_round_of_a_region_waits_for_the_first(pool: db.Pool) -> None:
    later = LUDWIGSBURG.rounds[0].model_copy(update={"slug": "2022-spring"})
    await opened(pool)
    await draft(pool, LUDWIGSBURG.model_copy(update={"rounds": [later]}))
    async with db.transaction(pool) as conn:
        second = await rounds.find(conn, "ludwigsburg", "2022-spring")
        assert second is not None
        with pytest.raises(handlers.WrongPhaseError, match="Another round"):
            await handlers.open_(conn, second.id)


async def test_closing_freezes_exactly_the_confirmed_and_says_their_digest(pool: db.Pool) -> None:
    await opened(pool)
    stays, leaves = await confirmed(pool, one(1), one(2))
    await signed_up(pool, one(3))
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, leaves)
    await closed(pool)
    assert await roster(pool) == {stays: 1}
    (event,) = await said(pool, RoundClosed)
    assert (event.closing, event.count, event.digest) == (1, 1, roster_digest({stays: 1}.items()))


async def test_a_change_that_races_with_closing_is_wholly_in_or_wholly_for_the_next_round(
    pool: db.Pool, database: InstallationDatabases
) -> None:
    await opened(pool)
    crowd = await confirmed(pool, *(one(n) for n in range(15)))

    async def act(person: UUID, number: int) -> str | None:
        async with db.transaction(pool) as conn:
            if number == 2 and crowd.index(person) % 3 == 0:
                return await own_data.leave(conn, person)
            return await own_data.change(conn, person, "de", changed(person, number), HERE)

    def changed(person: UUID, number: int) -> Answers:
        return answers(name=f"Of {person}", email=f"p{crowd.index(person)}@example.org", max_km=20 + number)

    async with db.open_pool(database.url("registration", "app"), size=1) as apart:
        work = [act(person, number) for number in range(4) for person in crowd]
        await asyncio.gather(*work[:5], closed(apart), *work[5:])
    assert set(await asyncio.gather(*(act(person, 4) for person in crowd))) == {"changed_next_round"}

    frozen = {row["person_id"]: row for row in await pool.fetch("SELECT * FROM roster")}
    assert {person: row["version"] for person, row in frozen.items()} == await last_said(pool)
    for event in await said(pool, Attributes):
        row = frozen.get(event.person)
        if row is not None and row["version"] == event.version:
            assert row["attributes"]["max_km"] == event.max_km
    (event_closed,) = await said(pool, RoundClosed)
    assert event_closed.digest == roster_digest((await roster(pool)).items())


async def test_reopening_says_of_the_gone_that_they_left_and_closing_again_counts_anew(pool: db.Pool) -> None:
    await opened(pool)
    stays, withdraws, erases = await confirmed(pool, one(1), one(2), one(3))
    await closed(pool)
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, withdraws)
        await own_data.erase(conn, erases)
    await do(pool, "reopen")
    assert [(event.person, event.version) for event in await said(pool, Left)] == [(withdraws, 2)]
    assert [(event.version, event.on_roster) for event in await said(pool, Erased)][-1] == (2, False)
    assert len(await said(pool, RoundReopened)) == 1
    await closed(pool)
    assert await roster(pool) == {stays: 1}
    assert [event.closing for event in await said(pool, RoundClosed)] == [1, 2]


async def test_what_was_changed_after_close_counts_when_the_round_is_reopened(pool: db.Pool) -> None:
    await opened(pool)
    changed, placed, same = await confirmed(pool, one(1), one(2), one(3))
    await closed(pool)
    async with db.transaction(pool) as conn:
        await own_data.change(conn, changed, "de", answers(name="Person 1", email="p1@example.org", max_km=33), HERE)
        await own_data.answer_place(conn, placed, "70806")
    await do(pool, "reopen")
    said_again = {event.person: event for event in await said(pool, Changed)}
    assert {person: event.version for person, event in said_again.items()} == {changed: 2, placed: 2}
    assert (said_again[changed].max_km, said_again[placed].postcode) == (33, "70806")
    await closed(pool)
    assert await roster(pool) == {changed: 2, placed: 2, same: 1} == await last_said(pool)


async def test_a_solved_round_is_not_reopened(pool: db.Pool) -> None:
    await opened(pool)
    await closed(pool)
    async with db.transaction(pool) as conn:
        await rounds.set_progress(conn, ROUND, "solved")
    with pytest.raises(handlers.WrongPhaseError, match="not solved yet"):
        await do(pool, "reopen")


async def test_ending_forgets_the_roster_once(pool: db.Pool) -> None:
    await opened(pool)
    await confirmed(pool, one(1))
    await closed(pool)
    await do(pool, "end")
    await do(pool, "end")
    assert await roster(pool) == {}
    assert len(await said(pool, RoundEnded)) == 1


async def test_rounds_open_and_close_by_their_date_and_each_step_happens_once(
    pool: db.Pool, database: InstallationDatabases
) -> None:
    await draft(pool)
    for moment, phase in (
        (OPENS - timedelta(minutes=1), "draft"),
        (OPENS, "open"),
        (CLOSES - timedelta(minutes=1), "open"),
        (CLOSES, "closed"),
        (CLOSES + timedelta(days=400), "closed"),
    ):
        database.move_clock(moment)
        await asyncio.gather(*(step_due_rounds(pool) for _ in range(3)))
        async with db.connection(pool) as conn:
            assert (await rounds.get(conn, ROUND)).phase == phase, moment
    assert len(await said(pool, RoundOpened)) == len(await said(pool, RoundClosed)) == 1


async def test_a_round_whose_dates_are_over_is_never_opened_by_date(pool: db.Pool, database: InstallationDatabases) -> None:
    await draft(pool)
    database.move_clock(CLOSES)
    before = await everything(pool)
    await step_due_rounds(pool)
    assert await everything(pool) == before


async def test_a_round_opened_by_hand_before_its_date_closes_by_its_date(pool: db.Pool, database: InstallationDatabases) -> None:
    await draft(pool)
    database.move_clock(OPENS - timedelta(days=1))
    await do(pool, "open_")
    (person,) = await confirmed(pool, one(1))
    database.move_clock(CLOSES)
    await step_due_rounds(pool)
    assert await roster(pool) == {person: 1}
    assert [event.person for event in await said(pool, Confirmed)] == [person]
    async with db.connection(pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    assert found.confirmed_at is not None
    assert found.confirmed_at < OPENS
