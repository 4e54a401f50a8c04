"""What stands in the outbox comes out on Kafka: all of it, in each key's order, whatever dies or is away meanwhile."""

import asyncio
import signal
import time

import pytest

from deploy.local.kafka import Kafka
from shared.runtime import db
from shared.runtime.consumer import consumer
from shared.runtime.inbox import handle_batch
from shared.runtime.outbox import Outbox, blank
from shared.runtime.relay import LOCK_KEY, relay
from shared.runtime.settings import RuntimeSettings
from shared.runtime.tests.events import amounts, effects, left, listening, on_topic, records
from shared.runtime.tests.run_loop import arguments, environment
from shared.runtime.tests.waiting import running, until
from shared.schemas.envelope import Event

outbox = Outbox("registration")


async def say(pool: db.Pool, *events: Event) -> None:
    async with db.transaction(pool) as conn:
        await outbox.append(conn, *events)


async def say_and_fail(pool: db.Pool, *events: Event) -> None:
    async with db.transaction(pool) as conn:
        await outbox.append(conn, *events)
        raise RuntimeError


async def all_published(pool: db.Pool, seconds: float = 30) -> None:
    async def nothing_waits() -> bool:
        return not await pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")

    await until("everything is published", nothing_waits, seconds)


async def test_events_come_out_in_the_order_of_each_key(pool: db.Pool, settings: RuntimeSettings) -> None:
    for amount in range(1, 31):
        await say(pool, *(left(amount, person) for person in (1, 2, 3)))
    async with running(relay(settings)):
        await all_published(pool)
    found = await on_topic(settings)
    assert len(found) == 90
    for person in (1, 2, 3):
        assert amounts(found, person) == list(range(1, 31))
        assert len({record.partition for record in found if record.key == str(left(1, person).person).encode()}) == 1


async def test_nothing_comes_out_of_a_transaction_that_was_rolled_back(pool: db.Pool, settings: RuntimeSettings) -> None:
    async with running(relay(settings)):
        with pytest.raises(RuntimeError):
            await say_and_fail(pool, left(1))
        await say(pool, left(2))
        await all_published(pool)
    assert amounts(await on_topic(settings)) == [2]


@pytest.mark.parametrize(("killed_at", "published_twice"), [("R3", False), ("R4", True), ("R5", True)])
async def test_a_relay_killed_in_the_middle_says_again_at_most_what_was_not_marked(
    pool: db.Pool, settings: RuntimeSettings, killed_at: str, published_twice: bool
) -> None:
    await say(pool, left(1))
    async with running(relay(settings)):
        await all_published(pool)
    await say(pool, *(left(amount) for amount in range(2, 12)))
    killed = await asyncio.create_subprocess_exec(*arguments("relay"), env=environment(settings, killed_at))
    assert await asyncio.wait_for(killed.wait(), 30) == -signal.SIGKILL
    async with running(relay(settings)):
        await all_published(pool)

    said = amounts(await on_topic(settings))
    assert said[0] == 1
    assert said[-10:] == list(range(2, 12))
    assert said.count(1) == 1
    if not published_twice:
        assert len(said) == 11
    await handle_batch(pool, listening(), records(*(record.value for record in await on_topic(settings))))
    assert await effects(pool) == list(range(1, 12))


async def test_of_two_relays_one_publishes_and_the_other_takes_over_when_it_ends(
    pool: db.Pool, settings: RuntimeSettings
) -> None:
    async def holder() -> int | None:
        query = (
            "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND objid = $1 AND granted"
        )
        pid: int | None = await pool.fetchval(query, LOCK_KEY)
        return pid

    async with running(relay(settings)) as first:
        before = await until("one holds the lock", holder)
        async with running(relay(settings)):
            await say(pool, *(left(amount) for amount in range(1, 51)))
            await all_published(pool)
            assert await holder() == before
            first.cancel()
            await asyncio.wait({first})
            await say(pool, left(51))
            await all_published(pool)
            assert await holder() != before
    assert amounts(await on_topic(settings)) == list(range(1, 52))


async def test_what_was_blanked_before_it_was_published_never_comes_out(pool: db.Pool, settings: RuntimeSettings) -> None:
    await say(pool, left(1), left(2, person=2), left(3))
    async with db.transaction(pool) as conn:
        await blank(conn, left().person)
        await outbox.append(conn, left(4))
    async with running(relay(settings)):
        await all_published(pool)
    found = await on_topic(settings)
    assert amounts(found, person=1) == [4]
    assert amounts(found, person=2) == [2]


async def test_an_event_committed_after_later_ones_is_not_lost(pool: db.Pool, settings: RuntimeSettings) -> None:
    async with running(relay(settings)):
        async with db.transaction(pool) as slow:
            await outbox.append(slow, left(1))
            await say(pool, left(2, person=2))
            await all_published(pool)
        await all_published(pool)
    found = await on_topic(settings)
    assert (amounts(found, person=1), amounts(found, person=2)) == ([1], [2])


async def test_while_the_broker_is_away_events_wait_and_take_effect_in_order_when_it_is_back(
    pool: db.Pool, settings: RuntimeSettings, kafka: Kafka
) -> None:
    async def taken(amount: int) -> bool:
        return amount in await effects(pool)

    async with running(relay(settings)) as speaking, running(consumer(settings, pool, listening())) as hearing:
        await say(pool, left(1))
        await until("the first is handled", lambda: taken(1))
        await asyncio.to_thread(kafka.kill)
        for amount in range(2, 22):
            await say(pool, left(amount))
        await asyncio.to_thread(kafka.start)
        await until("the last is handled", lambda: taken(21))
        assert not speaking.done()
        assert not hearing.done()
    assert await effects(pool) == list(range(1, 22))


async def test_how_many_events_a_second_come_out(
    pool: db.Pool, settings: RuntimeSettings, request: pytest.FixtureRequest
) -> None:
    await say(pool, *(left(1 + number % 90, person=number % 500) for number in range(5_000)))
    async with running(relay(settings)):
        started = time.monotonic()
        await all_published(pool)
        rate = 5_000 / (time.monotonic() - started)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"the relay publishes {rate:,.0f} events a second")
    assert len(await on_topic(settings)) == 5_000
