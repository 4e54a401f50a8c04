"""How Kafka is reached: in plain text, or by TLS and with a name and a password, as the settings say."""

import asyncio
import ssl
import time
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.metadata import MetadataRequest

from shared.runtime.inbox import Subscription
from shared.runtime.loops import Loop
from shared.runtime.settings import KafkaSettings

MECHANISM = "SCRAM-SHA-512"
AWAY = (KafkaError, OSError)
FORBIDDEN = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)
GROUP = 0
SERVER_MS, REACH_SECONDS = 4_000, 12.0
QUIET_SECONDS = 30.0
"""So long nothing may come before Kafka is reached anew: a client that is shut out goes on trying, and tells nobody."""


def client(settings: KafkaSettings) -> dict[str, Any]:
    """What every client of aiokafka is told."""
    return {"bootstrap_servers": settings.kafka_bootstrap, **security(settings)}


def security(settings: KafkaSettings) -> dict[str, Any]:
    if not settings.kafka_ca:
        return {}
    context = authority(settings)
    if not settings.kafka_user:
        return {"security_protocol": "SSL", "ssl_context": context}
    return {
        "security_protocol": "SASL_SSL",
        "ssl_context": context,
        "sasl_mechanism": MECHANISM,
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": settings.kafka_password,
    }


def authority(settings: KafkaSettings) -> ssl.SSLContext:
    """It alone is trusted, none of those that the machine knows; the host's name must stand in the certificate."""
    return ssl.create_default_context(cadata=settings.kafka_ca)


async def reach(settings: KafkaSettings, reads: Subscription | None = None) -> None:
    """Opens one connection and closes it. Raises one of AWAY: why we are not let in, of which clients say only that it is so.

    `reads`: also whether this may be read; Faust waits for ever for what it may not.
    """
    refused: Exception = OSError("no server is named")
    async with asyncio.timeout(REACH_SECONDS):
        for host, port, _ in collect_hosts(settings.kafka_bootstrap):
            try:
                connection = await create_conn(host, port, request_timeout_ms=SERVER_MS, **security(settings))
                try:
                    return await _ask(connection, settings, reads)
                finally:
                    connection.close()
            except AWAY as error:
                refused = error
    raise refused


async def _ask(connection: Any, settings: KafkaSettings, reads: Subscription | None) -> None:
    """A server that wants a name says so only when it is asked something."""
    topics = [settings.topic(topic.name) for topic in reads.handlers] if reads else []
    answer = await connection.send(MetadataRequest(topics, allow_auto_topic_creation=False))
    codes = {code for code, *_ in answer.topics}
    if reads:
        codes.add((await connection.send(FindCoordinatorRequest(settings.topic(reads.group), GROUP))).error_code)
    for error in FORBIDDEN:
        if error.errno in codes:
            raise error


class Listening:
    """Tells silence from being shut out, for a loop that listens. It goes on listening: connections that are open may last."""

    def __init__(self, settings: KafkaSettings, reads: Subscription, loop: Loop) -> None:
        self._settings, self._reads, self._loop = settings, reads, loop
        self._since = time.monotonic()

    async def turn(self, *, heard: bool) -> None:
        if heard:
            self._since = time.monotonic()
        elif time.monotonic() - self._since > QUIET_SECONDS:
            try:
                await reach(self._settings, self._reads)
            except AWAY as error:
                self._loop.waits(error, QUIET_SECONDS)
            self._since = time.monotonic()
