"""The consumer loop commits exactly what was handled; what is delivered again changes nothing."""

import asyncio
import signal

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client import REGISTRY

from shared.runtime import db
from shared.runtime.consumer import consumer
from shared.runtime.inbox import Subscription
from shared.runtime.settings import RuntimeSettings
from shared.runtime.tests.events import TOPIC, dead, effects, left, listening, send, take_effect, value
from shared.runtime.tests.run_loop import arguments, environment
from shared.runtime.tests.waiting import running, until
from shared.schemas.participants import Left
from shared.schemas.topics import PARTICIPANTS


async def committed(settings: RuntimeSettings) -> dict[int, int]:
    """Offset by partition, of those that have one."""
    kafka = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, group_id=settings.topic("tests"), enable_auto_commit=False
    )
    await kafka.start()
    try:
        partitions = [TopicPartition(settings.topic(TOPIC), number) for number in range(PARTICIPANTS.partitions)]
        offsets = [(partition.partition, await kafka.committed(partition)) for partition in partitions]
        return {number: offset for number, offset in offsets if offset is not None}
    finally:
        await kafka.stop()


async def handled(pool: db.Pool, amounts: list[int]) -> None:
    async def all_of_them() -> bool:
        return sorted(await effects(pool)) == amounts

    await until(f"{len(amounts)} events took effect", all_of_them)


async def committed_are(settings: RuntimeSettings, offsets: dict[int, int]) -> None:
    async def they_are() -> bool:
        return await committed(settings) == offsets

    await until("offsets are committed", they_are)


def shown(name: str) -> float:
    return REGISTRY.get_sample_value(name, {"topic": TOPIC}) or 0


async def test_exactly_what_was_handled_is_committed(pool: db.Pool, settings: RuntimeSettings) -> None:
    tried, database_is_back = asyncio.Event(), asyncio.Event()

    async def wait_for_it(conn: db.Connection, event: Left) -> None:
        if event.version == 9 and not database_is_back.is_set():
            tried.set()
            raise OSError
        await take_effect(conn, event)

    await send(settings, *(value(left(amount)) for amount in (1, 2, 3)), partition=3)
    async with running(consumer(settings, pool, listening(wait_for_it))):
        await handled(pool, [1, 2, 3])
        await committed_are(settings, {3: 3})
        await send(settings, value(left(9)), partition=5)
        await asyncio.wait_for(tried.wait(), 30)
        assert (await effects(pool), await committed(settings)) == ([1, 2, 3], {3: 3})
        assert shown("mybuddy_consumer_lag_events") == 1
        database_is_back.set()
        await handled(pool, [1, 2, 3, 9])
        await committed_are(settings, {3: 3, 5: 1})


async def test_what_a_killed_process_had_handled_but_not_committed_comes_again_and_changes_nothing(
    pool: db.Pool, settings: RuntimeSettings
) -> None:
    await send(settings, *(value(left(amount)) for amount in range(1, 21)))
    killed = await asyncio.create_subprocess_exec(*arguments("consumer"), env=environment(settings, "E3"))
    assert await asyncio.wait_for(killed.wait(), 30) == -signal.SIGKILL
    assert (await effects(pool), await committed(settings)) == (list(range(1, 21)), {})

    before = shown("mybuddy_events_repeated_total")
    async with running(consumer(settings, pool, listening())):
        await committed_are(settings, {0: 20})
    assert shown("mybuddy_events_repeated_total") - before == 20
    assert await effects(pool) == list(range(1, 21))


async def test_a_record_of_2_mb_is_set_aside_and_the_next_is_handled(pool: db.Pool, settings: RuntimeSettings) -> None:
    await send(settings, value(left(1)), b"x" * 2_000_000, None, value(left(2)))
    async with running(consumer(settings, pool, listening())):
        await handled(pool, [1, 2])
        await committed_are(settings, {0: 4})
    assert await dead(pool) == ["too large", "null value"]


async def test_the_lag_is_measured_and_falls_to_0(pool: db.Pool, settings: RuntimeSettings) -> None:
    await send(settings, *(value(left(1)) for _ in range(300)))
    seen = set()

    async def no_lag() -> bool:
        seen.add(shown("mybuddy_consumer_lag_events"))
        return len(await effects(pool)) == 300 and shown("mybuddy_consumer_lag_events") == 0

    async with running(consumer(settings, pool, listening())):
        await until("the lag is 0", no_lag)
    assert max(seen) > 0


async def test_a_handler_that_is_broken_ends_the_loop_and_nothing_of_the_batch_counts(
    pool: db.Pool, settings: RuntimeSettings
) -> None:
    async def broken(conn: db.Connection, event: Left) -> None:
        await take_effect(conn, event)
        if event.version == 2:
            raise ZeroDivisionError

    await send(settings, value(left(1)), value(left(2)))
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(consumer(settings, pool, Subscription("tests", {PARTICIPANTS: {Left: broken}})).run(), 30)
    assert (await effects(pool), await committed(settings)) == ([], {})
