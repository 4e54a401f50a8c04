"""What can be seen of one installation from outside: whether its consumer groups had peace, and where some ids stand."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.installation import Installation
from tests.faults import topics
from tests.faults.breaking import THE_MAP, fetch

LOOK_SECONDS = 0.2
# What an event says is kept as bytes, which a row shown as text writes in hexadecimal digits.
SHOWN = {"outbox": "key || convert_from(payload, 'UTF8')", "dead_letters": "convert_from(value, 'UTF8')"}


@asynccontextmanager
async def undisturbed(installation: Installation) -> AsyncIterator[None]:
    """Nobody joins or leaves a group of its services meanwhile, or hands a partition to another."""
    seen: set[str] = set()
    looking = asyncio.create_task(_look(installation, seen))
    try:
        yield
        assert not looking.done(), looking.exception()
        assert len(seen) == 1, seen
        assert seen.pop().count("'Stable'") == len(installation.services)
    finally:
        looking.cancel()


async def _look(installation: Installation, seen: set[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=installation.kafka.bootstrap)
    await admin.start()
    try:
        while True:
            groups = [f"{installation.topic_prefix}{name}" for name in installation.services]
            seen.add(str([await _members(admin, group) for group in groups]))
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await admin.close()


async def _members(admin: AIOKafkaAdminClient, group: str) -> list[str]:
    """The group's state, and who is in it with which partitions."""
    (answer,) = await admin.describe_consumer_groups([group])
    (described,) = answer.groups
    return [described[2], *sorted(map(str, described[5]))]


async def places_of(installation: Installation, ids: Sequence[str]) -> list[str]:
    """Tables and topics of the installation in which one of these stands."""
    found = []
    for service in installation.services:
        for (name,) in await fetch(installation, service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            if name in THE_MAP:
                continue
            query = f'SELECT count(*) FROM "{name}" t WHERE {SHOWN.get(name, "t::text")} ~ $1'
            if (await fetch(installation, service, query, "|".join(ids)))[0][0]:
                found.append(f"{service}.{name}")
    said = [(one.topic, (one.value or b"") + (one.key or b"")) for one in await topics.read(installation)]
    return found + [topic for topic, text in said if any(one.encode() in text for one in ids)]
