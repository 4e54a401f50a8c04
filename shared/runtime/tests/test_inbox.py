"""An event takes effect once per consumer, however often and to however many it is delivered; what is invalid is set aside."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.postgres import Postgres
from shared.runtime import clock, db, ids
from shared.runtime.inbox import KEPT_BYTES, Record, handle_batch
from shared.runtime.outbox import Outbox
from shared.runtime.tests.events import dead, effects, left, listening, records, take_effect, value, withdrawn
from shared.runtime.tests.waiting import retrying
from shared.schemas.envelope import decode
from shared.schemas.participants import Left


async def test_an_event_delivered_twice_in_one_batch_is_handled_once(pool: db.Pool) -> None:
    once = value(left(1))
    await handle_batch(pool, listening(), records(once, value(left(2)), once))
    assert await effects(pool) == [1, 2]


async def test_an_event_delivered_in_two_batches_is_handled_once(pool: db.Pool) -> None:
    batch = records(value(left(1)), value(left(2)))
    await handle_batch(pool, listening(), batch)
    await handle_batch(pool, listening(), batch)
    assert await effects(pool) == [1, 2]


async def test_two_consumers_handle_an_event_once_each(pool: db.Pool) -> None:
    batch = records(value(left(1)))
    for group in ("one", "other", "one"):
        await handle_batch(pool, listening(group=group), batch)
    assert await effects(pool) == [1, 1]


async def test_two_processes_that_were_given_the_same_event_at_once_handle_it_once(pool: db.Pool) -> None:
    batch = records(*(value(left(amount)) for amount in range(1, 21)))
    await asyncio.gather(*(handle_batch(pool, listening(), batch) for _ in range(4)))
    assert await effects(pool) == list(range(1, 21))


async def test_two_processes_that_wait_for_each_other_try_again_and_handle_all_once(pool: db.Pool) -> None:
    one, other = records(value(left(1)), value(left(2)))
    meeting, met = asyncio.Barrier(2), list[int]()

    async def meet_once(conn: db.Connection, event: Left) -> None:
        await take_effect(conn, event)
        if len(met) < 2:
            met.append(event.version)
            await meeting.wait()

    async def process(*batch: Record) -> None:
        await retrying().until_done(lambda: handle_batch(pool, listening(meet_once), batch), db.DATABASE_AWAY)

    await asyncio.gather(process(one, other), process(other, one))
    assert sorted(await effects(pool)) == [1, 2]


async def test_what_the_database_refuses_for_ever_is_set_aside_and_the_others_of_the_batch_are_handled(pool: db.Pool) -> None:
    await handle_batch(pool, listening(), records(*(value(left(amount)) for amount in (1, 100, 2, 2**40, 3))))
    assert await effects(pool) == [1, 2, 3]
    assert await dead(pool) == ["refused by the database: CheckViolationError", "refused by the database: DataError"]


async def test_of_a_refused_event_nothing_is_kept_but_the_dead_letter(pool: db.Pool) -> None:
    async def say_then_fail(conn: db.Connection, event: Left) -> None:
        await Outbox("registration").append(conn, event)
        await take_effect(conn, event)

    await handle_batch(pool, listening(say_then_fail), records(value(left(100))))
    assert await pool.fetchval("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM inbox)") == 0


HOSTILE = {
    "null": (None, "null value"),
    "not JSON": (b"\x00\xff", "not UTF-8"),
    "2 MB": (b"x" * 2_000_000, "too large"),
    "10,000 lists": (b"[" * 10_000, "nested too deep"),
    "other version": (value(left()).replace(b"Left.v1", b"Left.v9"), "unknown type or version"),
    "field missing": (value(left()).replace(b'"round":', b'"other":'), "Left.v1: round missing"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_what_is_no_event_is_set_aside_and_the_next_is_handled(pool: db.Pool, content: bytes | None, reason: str) -> None:
    batch = records(content, value(left(5)))
    for _ in range(2):
        await handle_batch(pool, listening(), batch)
    assert await dead(pool) == [reason]
    assert await effects(pool) == [5]
    kept = await pool.fetchrow("SELECT * FROM dead_letters")
    assert kept is not None
    assert (kept["consumer"], kept["topic"], kept["partition"], kept["offset"], kept["key"]) == (
        "tests",
        "participants",
        0,
        0,
        b"key",
    )
    assert kept["value"] == (content[:KEPT_BYTES] if content else content)


async def test_an_event_nobody_here_cares_about_is_passed_over(pool: db.Pool) -> None:
    await handle_batch(pool, listening(), records(value(withdrawn()), value(left(1))))
    assert await effects(pool) == [1]
    assert await dead(pool) == []


async def test_what_a_handler_says_carries_the_trace_of_what_it_heard(pool: db.Pool) -> None:
    async def say(conn: db.Connection, event: Left) -> None:
        await Outbox("registration").append(conn, event)

    first, second = ids.new_id(), ids.new_id()
    await handle_batch(pool, listening(say), records(value(left(1), first), value(left(2), second)))
    said = [decode(row["payload"]) for row in await pool.fetch("SELECT payload FROM outbox ORDER BY id")]
    assert [envelope.trace for envelope in said] == [first, second]


async def test_a_connection_lost_in_the_middle_leaves_nothing_half_done_and_all_is_redone(pool: db.Pool) -> None:
    batch = records(None, *(value(left(amount)) for amount in (1, 2, 3)))
    losses = iter((True,))

    async def lose_once(conn: db.Connection, event: Left) -> None:
        await take_effect(conn, event)
        if event.version == 2 and next(losses, False):
            await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(db.DATABASE_AWAY):
        await handle_batch(pool, listening(lose_once), batch)
    assert (await effects(pool), await dead(pool)) == ([], [])
    await handle_batch(pool, listening(lose_once), batch)
    assert (await effects(pool), await dead(pool)) == ([1, 2, 3], ["null value"])


async def test_a_server_killed_in_the_middle_leaves_nothing_half_done(pool: db.Pool, postgres: Postgres) -> None:
    kills = iter((True,))

    async def kill_once(conn: db.Connection, event: Left) -> None:
        if event.version == 2 and next(kills, False):
            await asyncio.to_thread(postgres.kill)
        await take_effect(conn, event)

    handling = listening(kill_once)
    batch = records(*(value(left(amount)) for amount in (1, 2, 3)))
    with pytest.raises(db.DATABASE_AWAY):
        await handle_batch(pool, handling, batch)
    with pytest.raises(db.DATABASE_AWAY):
        await handle_batch(pool, handling, batch)
    redone = asyncio.create_task(retrying().until_done(lambda: handle_batch(pool, handling, batch), db.DATABASE_AWAY))
    await asyncio.to_thread(postgres.start)
    await asyncio.wait_for(redone, 10)
    assert await effects(pool) == [1, 2, 3]


async def test_now_is_the_databases_time_and_what_the_clock_was_moved_by(pool: db.Pool, database: InstallationDatabases) -> None:
    async with db.transaction(pool) as conn:
        before = await clock.now(conn)
        assert await clock.now(conn) == before
    moved = datetime(2030, 1, 1, tzinfo=UTC)
    await asyncio.to_thread(database.move_clock, moved)
    async with db.connection(pool) as conn:
        assert timedelta(0) <= await clock.now(conn) - moved < timedelta(minutes=1)
