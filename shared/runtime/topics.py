"""`python -m shared.runtime.topics`: makes the topics of an installation; making them again changes nothing."""

import argparse
import asyncio
import os
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.schemas.topics import RETENTION_DAYS, TOPICS

EXISTS = 36
DAY_MS = 86_400_000


async def make_topics(bootstrap: str, prefix: str, replication: int = 1) -> None:
    """Raises RuntimeError naming the topic that could not be made: the client reports errors, it does not raise them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics([_new(prefix, topic.name, topic.partitions, replication) for topic in TOPICS])
    finally:
        await admin.close()
    for name, code, *message in answer.topic_errors:
        if code not in (0, EXISTS):
            raise RuntimeError(f"topic {name} could not be made: {message} ({code})")


def _new(prefix: str, name: str, partitions: int, replication: int) -> NewTopic:
    keep = {"retention.ms": str(RETENTION_DAYS * DAY_MS), "segment.ms": str(DAY_MS)}
    return NewTopic(f"{prefix}{name}", partitions, replication, topic_configs=keep)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", default=os.environ.get("MYBUDDY_KAFKA_BOOTSTRAP", "localhost:9092"))
    parser.add_argument("--prefix", default=os.environ.get("MYBUDDY_TOPIC_PREFIX", ""))
    parser.add_argument("--replication", type=int, default=1)
    given = parser.parse_args()
    try:
        asyncio.run(make_topics(given.bootstrap, given.prefix, given.replication))
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
