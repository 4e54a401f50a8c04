"""Looking everywhere at once: into every table of all databases, every byte of the topics, logs and metrics."""

from collections.abc import Sequence

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.installation import Installation

COLUMNS = (
    "SELECT c.table_name, array_agg(CASE c.data_type WHEN 'bytea' THEN format('encode(%I, ''escape'')', c.column_name)"
    " ELSE format('%I::text', c.column_name) END) AS columns FROM information_schema.columns c"
    " JOIN information_schema.tables t USING (table_schema, table_name)"
    " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1"
)
Found = dict[tuple[str, str], list[str]]


async def rows_with(installation: Installation, words: Sequence[str]) -> Found:
    """(service, table) to the rows, as text, that hold one of the words in any column; letters' case does not count."""
    found: Found = {}
    for service in installation.services:
        conn = await asyncpg.connect(installation.database_url(service, "owner"))
        try:
            for table, columns in await conn.fetch(COLUMNS):
                text = f"concat_ws(' | ', {', '.join(columns)})"
                patterns = [f"%{_literal(word)}%" for word in words]
                rows = await conn.fetch(f'SELECT {text} FROM "{table}" WHERE {text} ILIKE ANY ($1)', patterns)
                found |= {(service, table): [row[0] for row in rows]} if rows else {}
        finally:
            await conn.close()
    return found


def _literal(word: str) -> str:
    """As LIKE understands it; bytes above 127 are shown as \\nnn in escaped bytea, so such words are not for topics."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def topics(installation: Installation) -> dict[str, list[bytes]]:
    """Every topic of the installation with all that stands on it now: keys, values and headers."""
    partitions = await _partitions(installation)
    consumer = AIOKafkaConsumer(bootstrap_servers=installation.kafka.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        return await _read(consumer, await consumer.end_offsets(partitions))
    finally:
        await consumer.stop()


async def _partitions(installation: Installation) -> list[TopicPartition]:
    """Of every topic whose name begins as ours do, whoever made it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=installation.kafka.bootstrap)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(installation.topic_prefix)]
        described = await admin.describe_topics(names)
    finally:
        await admin.close()
    return [TopicPartition(one["topic"], part["partition"]) for one in described for part in one["partitions"]]


async def _read(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> dict[str, list[bytes]]:
    read: dict[str, list[bytes]] = {partition.topic: [] for partition in ends}
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for partition, records in (await consumer.getmany(timeout_ms=200, max_records=10_000)).items():
            for record in records:
                headers = b" ".join(name.encode() + b" " + value for name, value in record.headers)
                read[partition.topic].append(b" ".join([record.key or b"", record.value or b"", headers]))
    return read


def logs(installation: Installation) -> dict[str, bytes]:
    return {name: service.log.read_bytes() for name, service in installation.services.items()}


async def metrics(installation: Installation) -> dict[str, str]:
    async with httpx.AsyncClient(timeout=30) as client:
        return {name: (await client.get(f"{service.url}/metrics")).text for name, service in installation.services.items()}


async def metric(installation: Installation, service: str, line: str) -> float:
    """The value of one sample, named as /metrics names it; 0 where it was never counted."""
    lines = (await metrics(installation))[service].splitlines()
    return next((float(one.removeprefix(line)) for one in lines if one.startswith(f"{line} ")), 0.0)
