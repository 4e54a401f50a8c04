"""The topics of one installation: made by the one job that makes them everywhere, removed when a test is done."""

import asyncio

from deploy.local.sql import complete


def make_topics(bootstrap: str, prefix: str) -> None:
    """In this process: a Python of its own for each installation would cost half a second."""
    from shared.runtime.settings import KafkaSettings
    from shared.runtime.topics import make_topics as make

    complete(make(KafkaSettings(kafka_bootstrap=bootstrap, topic_prefix=prefix)))


def remove_topics(bootstrap: str, prefix: str, seconds: float = 5) -> None:
    """Those that begin with the prefix; a broker that is not there has none that matter."""
    try:
        complete(asyncio.wait_for(_remove(bootstrap, prefix), seconds))
    except (OSError, TimeoutError, RuntimeError):
        return


async def _remove(bootstrap: str, prefix: str) -> None:
    from aiokafka.admin import AIOKafkaAdminClient  # slow to import, and not every stack has a Kafka

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        ours = [name for name in await admin.list_topics() if name.startswith(prefix)]
        if ours:
            await admin.delete_topics(ours)
    finally:
        await admin.close()
