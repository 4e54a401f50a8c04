"""`python -m shared.runtime.topics`: makes the topics of an installation; making them again changes nothing."""

import argparse
import asyncio
import os
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.runtime import kafka
from shared.runtime.settings import KafkaSettings
from shared.schemas.topics import RETENTION_DAYS, TOPICS

EXISTS = 36
DAY_MS = 86_400_000


async def make_topics(settings: KafkaSettings, replication: int = 1) -> None:
    """Raises RuntimeError naming the topic that could not be made: the client reports errors, it does not raise them.

    One of kafka.AWAY where it is not let in.
    """
    await kafka.reach(settings)
    admin = AIOKafkaAdminClient(**kafka.client(settings))
    await admin.start()
    try:
        new = [_new(settings.topic(topic.name), topic.partitions, replication) for topic in TOPICS]
        answer = await admin.create_topics(new)
    finally:
        await admin.close()
    for name, code, *message in answer.topic_errors:
        if code not in (0, EXISTS):
            raise RuntimeError(f"topic {name} could not be made: {message} ({code})")


def _new(name: str, partitions: int, replication: int) -> NewTopic:
    keep = {"retention.ms": str(RETENTION_DAYS * DAY_MS), "segment.ms": str(DAY_MS)}
    return NewTopic(name, partitions, replication, topic_configs=keep)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", default=os.environ.get("MYBUDDY_KAFKA_BOOTSTRAP", "localhost:9092"))
    parser.add_argument("--prefix", default=os.environ.get("MYBUDDY_TOPIC_PREFIX", ""))
    parser.add_argument("--replication", type=int, default=1)
    given = parser.parse_args()
    try:
        settings = KafkaSettings(kafka_bootstrap=given.bootstrap, topic_prefix=given.prefix)
        asyncio.run(make_topics(settings, given.replication))
    except kafka.AWAY as error:
        sys.exit(f"Kafka at {given.bootstrap} does not let us in: {error}")
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
