"""The consumer loop: fetch, handle in one transaction, then commit exactly the offsets that were handled."""

import asyncio
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from shared.runtime import db, kafka
from shared.runtime.inbox import Record, Subscription, handle_batch
from shared.runtime.loops import Loop
from shared.runtime.metrics import CONSUMER_LAG
from shared.runtime.settings import RuntimeSettings

log = structlog.get_logger()

BATCH = 200
POLL_MS = 500


def consumer(settings: RuntimeSettings, pool: db.Pool, subscription: Subscription) -> Loop:
    """The one consumer loop of a process, for all topics of the subscription."""

    async def turns(loop: Loop) -> None:
        while True:
            await loop.until_done(lambda: _consume(settings, pool, subscription, loop), kafka.AWAY)

    return Loop("consumer", turns)


async def _consume(settings: RuntimeSettings, pool: db.Pool, subscription: Subscription, loop: Loop) -> None:
    await kafka.reach(settings, subscription)
    client = AIOKafkaConsumer(
        *(settings.topic(topic.name) for topic in subscription.handlers),
        **kafka.client(settings),
        group_id=settings.topic(subscription.group),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=2_000,
        # While the database is away the loop waits in place; leaving the group would only make it start over.
        max_poll_interval_ms=10**6,
        metadata_max_age_ms=5_000,
    )
    try:
        await client.start()
        await _turns(settings, pool, subscription, loop, client)
    finally:
        await asyncio.wait({asyncio.ensure_future(client.stop())}, timeout=3)


async def _turns(
    settings: RuntimeSettings, pool: db.Pool, subscription: Subscription, loop: Loop, client: AIOKafkaConsumer
) -> None:
    handled: dict[TopicPartition, int] = {}
    listening = kafka.Listening(settings, subscription, loop)
    while True:
        loop.beat()
        batches = await client.getmany(timeout_ms=POLL_MS, max_records=BATCH)
        await listening.turn(heard=bool(batches))
        for partition, fetched in batches.items():
            handled.setdefault(partition, fetched[0].offset)
        # Also before: while the database is away the loop waits below, and what waits with it must be seen.
        _measure_lag(settings, client, handled)
        for partition, fetched in batches.items():
            records = [_record(settings, record) for record in fetched]
            await loop.until_done(partial(handle_batch, pool, subscription, records), db.DATABASE_AWAY)
            handled[partition] = records[-1].offset + 1
            await _commit(client, partition, handled[partition])
        _measure_lag(settings, client, handled)


def _record(settings: RuntimeSettings, record: "ConsumerRecord[bytes, bytes]") -> Record:
    topic = record.topic.removeprefix(settings.topic_prefix)
    return Record(topic, record.partition, record.offset, record.key, record.value)


async def _commit(client: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> None:
    try:
        await client.commit({partition: offset})
    except (CommitFailedError, IllegalStateError):
        # Somebody else has the partition now and will see these records again; the inbox absorbs them.
        log.warning("offset not committed", topic=partition.topic, partition=partition.partition)


def _measure_lag(settings: RuntimeSettings, client: AIOKafkaConsumer, handled: dict[TopicPartition, int]) -> None:
    """Of partitions that somebody else has now nothing is remembered, and their lag is not ours to show."""
    for lost in handled.keys() - client.assignment():
        del handled[lost]
    lag = dict.fromkeys(client.subscription(), 0)
    for partition in client.assignment():
        end = client.highwater(partition) or 0
        lag[partition.topic] = lag.get(partition.topic, 0) + max(0, end - handled.get(partition, end))
    for topic, events in lag.items():
        CONSUMER_LAG.labels(topic.removeprefix(settings.topic_prefix)).set(events)
