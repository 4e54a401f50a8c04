"""The relay: publishes what stands in the outbox, in order, one relay per database at a time."""

import asyncio
import os

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber

from shared.runtime import db, kafka
from shared.runtime.killpoints import killpoint
from shared.runtime.loops import Loop
from shared.runtime.metrics import OUTBOX_PUBLISHED
from shared.runtime.settings import RuntimeSettings

log = structlog.get_logger()

BATCH = 500
PAUSE_SECONDS = 0.1
"""Between two looks at the outbox, unless there is more: many small batches cost Kafka and the database more than few."""
LOCK_KEY = 7_305_102
KEEPALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""The lock of a machine that died without a word is free after half a minute, not after the two hours of a default."""
AWAY = (*db.DATABASE_AWAY, KafkaError)


def relay(settings: RuntimeSettings) -> Loop:
    """The loop. It has a connection of its own, for the lock that makes it the only one lives as long as that."""

    async def turns(loop: Loop) -> None:
        while True:
            await loop.until_done(lambda: _publish_while_connected(settings, loop), AWAY)

    return Loop("outbox relay", turns)


async def _publish_while_connected(settings: RuntimeSettings, loop: Loop) -> None:
    conn = await asyncpg.connect(
        settings.database_url,
        timeout=db.CONNECT_SECONDS,
        command_timeout=db.COMMAND_SECONDS,
        server_settings=KEEPALIVE,
    )
    try:
        while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
            loop.beat()
            await asyncio.sleep(1)
        await _publish_with_producer(settings, conn, loop)
    finally:
        conn.terminate()


async def _publish_with_producer(settings: RuntimeSettings, conn: db.Connection, loop: Loop) -> None:
    await kafka.reach(settings)
    producer = AIOKafkaProducer(
        **kafka.client(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_request_size=4_000_000,
        request_timeout_ms=10_000,
    )
    await producer.start()
    try:
        while True:
            loop.beat()
            if await publish_batch(settings, conn, producer) < BATCH:
                await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await asyncio.wait({asyncio.ensure_future(producer.stop())}, timeout=3)


async def publish_batch(settings: RuntimeSettings, conn: db.Connection, producer: AIOKafkaProducer) -> int:
    """Publishes up to BATCH events in id order; marked only after every one was acknowledged. Returns how many."""
    rows = await conn.fetch("SELECT id, topic, key, payload FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT $1", BATCH)
    if not rows:
        return 0
    killpoint("R3")
    waits = [await producer.send(settings.topic(row["topic"]), row["payload"], row["key"].encode()) for row in rows]
    killpoint("R4")
    await _acknowledged(waits)
    killpoint("R5")
    await conn.execute("UPDATE outbox SET published_at = now() WHERE id = ANY($1)", [row["id"] for row in rows])
    for row in rows:
        OUTBOX_PUBLISHED.labels(row["topic"]).inc()
    return len(rows)


async def _acknowledged(waits: list["asyncio.Future[object]"]) -> None:
    results = await asyncio.gather(*waits, return_exceptions=True)
    for result in results:
        if isinstance(result, OutOfOrderSequenceNumber):
            # The producer's sender has ended for good (aiokafka issue 1017); only a new process helps.
            log.critical("producer lost its sequence")
            os._exit(1)
        if isinstance(result, BaseException):
            raise result
