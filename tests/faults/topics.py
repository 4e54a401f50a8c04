"""The topics of an installation, read and written by hand."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.installation import Installation
from shared.runtime.ids import new_id
from shared.schemas.codes import ServiceName
from shared.schemas.envelope import Event, encode
from shared.schemas.topics import TOPICS, Topic, topic_of


@dataclass(frozen=True)
class Said:
    """One record as it stands on a topic; the topic without the installation's prefix."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None

    @property
    def envelope(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.value or b"{}")
        return found


async def read(installation: Installation, *topics: Topic) -> list[Said]:
    """Everything on these topics, or on all, each partition in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=installation.kafka.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [one for topic in topics or TOPICS for one in partitions_of(installation, topic)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Said] = []
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                name = partition.topic.removeprefix(installation.topic_prefix)
                found += [Said(name, partition.partition, one.offset, one.key, one.value) for one in records]
        return found
    finally:
        await consumer.stop()


def partitions_of(installation: Installation, topic: Topic) -> list[TopicPartition]:
    return [TopicPartition(f"{installation.topic_prefix}{topic.name}", number) for number in range(topic.partitions)]


@asynccontextmanager
async def writer(installation: Installation) -> AsyncIterator[AIOKafkaProducer]:
    """Compressing: the broker counts what comes over the wire, a reader what it unpacks."""
    producer = AIOKafkaProducer(
        bootstrap_servers=installation.kafka.bootstrap, compression_type="gzip", max_request_size=8_000_000
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def repeat(installation: Installation, records: Iterable[Said]) -> None:
    """The same bytes once more, each on its own partition, in the order given."""
    async with writer(installation) as producer:
        for one in records:
            await producer.send(f"{installation.topic_prefix}{one.topic}", one.value, one.key, partition=one.partition)
        await producer.flush()


def told(event: Event, source: ServiceName) -> Said:
    """An event that nobody said yet, as its service would say it; the partition is the broker's affair."""
    value = encode(event, event_id=new_id(), time=datetime.now(UTC), source=source, trace=new_id())
    return Said(topic_of(type(event), source).name, -1, -1, str(getattr(event, event.KEY)).encode(), value)


async def say(installation: Installation, records: Sequence[Said]) -> None:
    """In the order given, each on the partition of its key."""
    async with writer(installation) as producer:
        for one in records:
            await producer.send(f"{installation.topic_prefix}{one.topic}", one.value, one.key)
        await producer.flush()


async def is_caught_up(installation: Installation) -> bool:
    """Every consumer has committed everything that is on its topics."""
    ends = await _ends(installation)
    admin = AIOKafkaAdminClient(bootstrap_servers=installation.kafka.bootstrap)
    await admin.start()
    try:
        for group, topics in consumers(installation).items():
            offsets = await admin.list_consumer_group_offsets(f"{installation.topic_prefix}{group}")
            done = {partition: offset.offset for partition, offset in offsets.items()}
            wanted = [one for topic in topics for one in partitions_of(installation, topic)]
            if any(done.get(one, 0) < ends[one] for one in wanted):
                return False
        return True
    finally:
        await admin.close()


async def _ends(installation: Installation) -> dict[TopicPartition, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=installation.kafka.bootstrap)
    await consumer.start()
    try:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(
            [one for topic in TOPICS for one in partitions_of(installation, topic)]
        )
        return ends
    finally:
        await consumer.stop()


def consumers(installation: Installation) -> dict[str, list[Topic]]:
    """Each consumer group with what it reads."""
    return {name: [topic for topic in TOPICS if name in topic.consumers] for name in installation.services}


async def forget_offsets(installation: Installation) -> None:
    """Every consumer group begins at the beginning again; its members must have stopped."""
    for group, topics in consumers(installation).items():
        consumer = AIOKafkaConsumer(
            bootstrap_servers=installation.kafka.bootstrap,
            group_id=f"{installation.topic_prefix}{group}",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            partitions = [one for topic in topics for one in partitions_of(installation, topic)]
            consumer.assign(partitions)
            await consumer.commit(dict.fromkeys(partitions, 0))
        finally:
            await consumer.stop()
