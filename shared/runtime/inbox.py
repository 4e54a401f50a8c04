"""Handling what comes off a topic exactly once in effect: validate, one transaction of inbox row, handler and outbox."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from shared.runtime import db, ids
from shared.runtime.killpoints import killpoint
from shared.runtime.metrics import DEAD_LETTERS, EVENTS_HANDLED, EVENTS_REPEATED
from shared.schemas.envelope import Envelope, Event, InvalidEventError, decode
from shared.schemas.topics import Topic

log = structlog.get_logger()

Handler = Callable[[db.Connection, Any], Awaitable[None]]
KEPT_BYTES = 1_000_000


@dataclass(frozen=True)
class Record:
    """One record as it was fetched; the topic without the installation's prefix."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True)
class Subscription:
    """What one consumer group does with each event. Events without a handler are passed over."""

    group: str
    handlers: Mapping[Topic, Mapping[type[Event], Handler]]

    def topic(self, name: str) -> Topic:
        return next(topic for topic in self.handlers if topic.name == name)


async def handle_batch(pool: db.Pool, subscription: Subscription, records: Sequence[Record]) -> None:
    """Handles the records in one transaction. Raises one of db.DATABASE_AWAY with nothing done: do it again."""
    async with db.transaction(pool) as conn:
        for record in records:
            await _handle(conn, subscription, record)
        killpoint("E2")
    killpoint("E3")


async def _handle(conn: db.Connection, subscription: Subscription, record: Record) -> None:
    topic = subscription.topic(record.topic)
    try:
        envelope = decode(record.value)
        event = topic.read(envelope)
    except InvalidEventError as error:
        return await _bury(conn, subscription, record, error.reason)
    handler = subscription.handlers[topic].get(type(event))
    if handler is None:
        return None
    try:
        async with conn.transaction():
            await _handle_once(conn, subscription, topic, envelope, event, handler)
    except db.NEVER_ACCEPTED as error:
        await _bury(conn, subscription, record, f"refused by the database: {type(error).__name__}")


async def _handle_once(
    conn: db.Connection, subscription: Subscription, topic: Topic, envelope: Envelope, event: Event, handler: Handler
) -> None:
    first = await conn.fetchval(
        "INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
        subscription.group,
        envelope.id,
    )
    if not first:
        EVENTS_REPEATED.labels(topic.name).inc()
        return
    ids.follow_trace(envelope.trace)
    await handler(conn, event)
    EVENTS_HANDLED.labels(topic.name, envelope.type).inc()


async def _bury(conn: db.Connection, subscription: Subscription, record: Record, reason: str) -> None:
    """Keeps what can never be handled, cut to KEPT_BYTES; the next event is handled as if this one had not been."""
    await conn.execute(
        'INSERT INTO dead_letters (consumer, topic, partition, "offset", key, value, reason)'
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        subscription.group,
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value[:KEPT_BYTES] if record.value is not None else None,
        reason,
    )
    DEAD_LETTERS.labels(subscription.topic(record.topic).name).inc()
    log.error("dead letter", topic=record.topic, partition=record.partition, offset=record.offset, reason=reason)
