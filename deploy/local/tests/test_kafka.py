"""The local broker: answers, and comes back from every fault on the same port."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.kafka import Kafka
from deploy.local.sql import complete
from deploy.local.stack import Stack


@pytest.fixture
def kafka(stack: Stack) -> Kafka:
    assert isinstance(stack.kafka, Kafka)
    return stack.kafka


def produce(kafka: Kafka, topic: str) -> None:
    async def send() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(topic, 1, 1)])
        await admin.close()
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence=True) as producer:
            await producer.send_and_wait(topic, b"hello")

    complete(asyncio.wait_for(send(), 20))


def consume(kafka: Kafka, topic: str) -> bytes:
    async def read() -> bytes:
        settings = {"group_id": f"{topic}-group", "auto_offset_reset": "earliest", "enable_auto_commit": False}
        async with AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap, **settings) as consumer:
            message = await consumer.getone()
            return bytes(message.value)

    value: bytes = complete(asyncio.wait_for(read(), 20))
    return value


def topics(kafka: Kafka) -> set[str]:
    async def ask() -> set[str]:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        await admin.start()
        try:
            return set(await admin.list_topics())
        finally:
            await admin.close()

    found: set[str] = complete(asyncio.wait_for(ask(), 20))
    return found


def test_killed_it_comes_back_on_the_same_port_with_its_messages(kafka: Kafka) -> None:
    produce(kafka, "kept")
    before = kafka.bootstrap
    kafka.kill()
    kafka.start()
    assert kafka.bootstrap == before
    assert consume(kafka, "kept") == b"hello"


def test_frozen_it_answers_nobody_and_thawed_it_does(kafka: Kafka) -> None:
    kafka.freeze()
    with pytest.raises(TimeoutError):
        complete(asyncio.wait_for(asyncio.to_thread(consume_soon, kafka), 5))
    kafka.thaw()
    produce(kafka, "thawed")
    assert consume(kafka, "thawed") == b"hello"


def consume_soon(kafka: Kafka) -> None:
    async def ask() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        try:
            await admin.start()
        finally:
            await admin.close()

    complete(asyncio.wait_for(ask(), 0.5))


def test_it_comes_back_empty(kafka: Kafka) -> None:
    produce(kafka, "forgotten")
    assert "forgotten" in topics(kafka)
    kafka.stop()
    kafka.start(empty=True)
    assert topics(kafka) == set()
    produce(kafka, "new")
    assert consume(kafka, "new") == b"hello"


def test_it_stays_small(kafka: Kafka) -> None:
    assert kafka.peak_mb < 400
