"""Events, records and a handler for tests of the plumbing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared.runtime import db, ids
from shared.runtime.inbox import Handler, Record, Subscription
from shared.runtime.settings import RuntimeSettings
from shared.schemas.envelope import Event, decode, encode
from shared.schemas.participants import Left, Withdrawn
from shared.schemas.topics import PARTICIPANTS

ROUND = UUID(int=7)
TOPIC = PARTICIPANTS.name


def left(amount: int = 1, person: int = 1) -> Left:
    return Left(person=UUID(int=person), version=amount, round=ROUND)


def withdrawn(person: int = 1) -> Withdrawn:
    return Withdrawn(person=UUID(int=person), version=1, round=ROUND)


def value(event: Event, trace: UUID | None = None) -> bytes:
    """As a new event: with an id of its own."""
    now = datetime.now(UTC)
    return encode(event, event_id=ids.new_id(), time=now, source="registration", trace=trace or ids.new_id())


def records(*values: bytes | None, topic: str = TOPIC) -> list[Record]:
    return [Record(topic, 0, offset, b"key", content) for offset, content in enumerate(values)]


async def take_effect(conn: db.Connection, event: Left) -> None:
    await conn.execute("INSERT INTO effects (person, amount) VALUES ($1, $2)", event.person, event.version)


def listening(handler: Handler = take_effect, group: str = "tests") -> Subscription:
    return Subscription(group, {PARTICIPANTS: {Left: handler}})


async def effects(pool: db.Pool) -> list[int]:
    """Amounts in the order in which they took effect."""
    return [row["amount"] for row in await pool.fetch("SELECT amount FROM effects ORDER BY n")]


async def dead(pool: db.Pool) -> list[str]:
    """Reasons of the dead letters, by offset."""
    return [row["reason"] for row in await pool.fetch('SELECT reason FROM dead_letters ORDER BY partition, "offset"')]


async def send(settings: RuntimeSettings, *values: bytes | None, partition: int = 0) -> None:
    """Compressed: what is larger than the broker's limit once unpacked still arrives."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap, acks="all", compression_type="gzip", max_request_size=8_000_000
    )
    await producer.start()
    try:
        for acknowledged in [await producer.send(settings.topic(TOPIC), content, b"key", partition) for content in values]:
            await acknowledged
    finally:
        await producer.stop()


async def on_topic(settings: RuntimeSettings) -> "list[ConsumerRecord[bytes, bytes]]":
    """All that stands on the topic now, in each partition's order."""
    kafka = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, auto_offset_reset="earliest")
    await kafka.start()
    try:
        partitions = [TopicPartition(settings.topic(TOPIC), number) for number in range(PARTICIPANTS.partitions)]
        kafka.assign(partitions)
        ends = await kafka.end_offsets(partitions)
        found: list[ConsumerRecord[bytes, bytes]] = []
        while any([await kafka.position(partition) < ends[partition] for partition in partitions]):
            found += [record for batch in (await kafka.getmany(timeout_ms=200)).values() for record in batch]
        return found
    finally:
        await kafka.stop()


def amounts(found: "Sequence[ConsumerRecord[bytes, bytes]]", person: int = 1) -> list[int]:
    """Of one person's events on the topic, in order."""
    said = [decode(record.value) for record in found if record.key == str(UUID(int=person)).encode()]
    return [envelope.data["version"] for envelope in said]
