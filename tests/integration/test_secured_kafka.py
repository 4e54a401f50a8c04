"""On a Kafka that asks for a name and a password by TLS, and grants what the example's users are granted and no more."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from prometheus_client import REGISTRY
from ruamel.yaml import YAML
from structlog.testing import capture_logs

from conftest import NewDatabases
from deploy.local import kafka_users, secured_kafka
from deploy.local.certificate import certificate
from deploy.local.databases import SERVICES, InstallationDatabases
from deploy.local.kafka_users import Grant
from deploy.local.process import ROOT, Processes
from deploy.local.secured_kafka import Secured
from deploy.local.sql import complete
from services.geo.consumer import SUBSCRIPTION, Stream
from shared.runtime import db, kafka, loops
from shared.runtime.consumer import consumer
from shared.runtime.inbox import Subscription
from shared.runtime.loops import Loop
from shared.runtime.outbox import Outbox
from shared.runtime.relay import relay
from shared.runtime.settings import RuntimeSettings
from shared.runtime.tests.waiting import running, until
from shared.schemas.envelope import Event
from shared.schemas.located_participants import Located
from shared.schemas.participants import Confirmed, Left
from shared.schemas.topics import LOCATED, TOPICS, Topic
from tests.faults.people import confirmed, someone

USERS = ROOT / "deploy/k8s/example/kafka-users.yaml"
NAME = "ludwigsburg"


def granted() -> list[Grant]:
    return [
        Grant(
            user["metadata"]["name"], one["resource"]["type"], one["resource"]["name"], operation, one["resource"]["patternType"]
        )
        for user in YAML(typ="safe").load_all(USERS.read_text(encoding="utf-8"))
        for one in user["spec"]["authorization"]["acls"]
        for operation in one["operations"]
    ]


@dataclass
class Site:
    """The broker, and the databases of the services that speak over it."""

    secured: Secured
    databases: InstallationDatabases

    def settings(self, service: str, **other: str) -> RuntimeSettings:
        given = {
            "database_url": self.databases.urls.get((service, "app"), ""),
            "kafka_bootstrap": self.secured.bootstrap,
            "kafka_ca": self.secured.ca,
            "kafka_user": f"{NAME}-{service}",
            "kafka_password": f"of {service}",
            "topic_prefix": f"{NAME}.",
        }
        return RuntimeSettings(**given | other)  # type: ignore[arg-type]

    async def password(self, service: str, password: str) -> None:
        await kafka_users.set_passwords(self.secured.kafka.bootstrap, {f"{NAME}-{service}": password})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, new_databases: NewDatabases) -> Iterator[Site]:
    processes = Processes(tmp_path_factory.mktemp("secured"))
    try:
        secured = secured_kafka.launch(processes, processes.scratch / "data")
        made = Site(secured, new_databases("registration", "geo", "matching"))
        secured.kafka.wait_ready()
        plain, passwords = secured.kafka.bootstrap, {f"{NAME}-{name}": f"of {name}" for name in (*SERVICES, "topics")}
        complete(kafka_users.set_passwords(plain, passwords))
        complete(kafka_users.grant(plain, granted()))
        assert topics_job(made.settings("topics")).returncode == 0
        yield made
    finally:
        processes.close()


def topics_job(settings: RuntimeSettings) -> "subprocess.CompletedProcess[str]":
    told = {f"MYBUDDY_{name.upper()}": str(getattr(settings, name)) for name in ("kafka_bootstrap", "kafka_ca", "kafka_user")}
    told |= {"MYBUDDY_KAFKA_PASSWORD": settings.kafka_password, "MYBUDDY_TOPIC_PREFIX": settings.topic_prefix}
    command = [sys.executable, "-m", "shared.runtime.topics"]
    return subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=False, cwd=ROOT)


async def say(pool: db.Pool, number: int) -> None:
    """As registration does when somebody has confirmed."""
    async with db.transaction(pool) as conn:
        await Outbox("registration").append(conn, Confirmed(**someone(uuid4(), number)))


@asynccontextmanager
async def pool_of(site: Site, service: str) -> AsyncIterator[db.Pool]:
    async with db.open_pool(site.databases.url(service, "app")) as opened:
        yield opened


def matching(settings: RuntimeSettings, pool: db.Pool, heard: list[int]) -> Loop:
    """A consumer in matching's place that only notes whose turn it was."""

    async def note(_: db.Connection, event: Event) -> None:
        assert isinstance(event, Located)
        heard.append(event.birth_year)

    return consumer(settings, pool, Subscription("matching", {LOCATED: {Located: note}}))


async def test_a_person_comes_from_registration_by_geo_to_matching(site: Site) -> None:
    heard: list[int] = []

    async def arrived() -> bool:
        return heard == [1981]

    async with (
        pool_of(site, "registration") as said,
        pool_of(site, "geo") as placed,
        pool_of(site, "matching") as kept,
        running(relay(site.settings("registration"))),
        running(Stream(site.settings("geo"), placed).loop),
        running(relay(site.settings("geo"))),
        running(matching(site.settings("matching"), kept, heard)),
    ):
        await say(said, 1)
        await until("matching has heard of it", arrived)


async def test_each_service_writes_and_reads_what_the_design_draws_and_nothing_else(site: Site) -> None:
    for service in SERVICES:
        assert await written(site, service) == {topic.name for topic in TOPICS if service in topic.producers}
    for service in SERVICES:
        assert await read(site, service) == {topic.name for topic in TOPICS if service in topic.consumers}


async def written(site: Site, service: str) -> set[str]:
    """On which topics Kafka takes something of it."""
    done, settings = set(), site.settings(service)
    async with AIOKafkaProducer(**kafka.client(settings), acks="all", enable_idempotence=True) as producer:
        for topic in TOPICS:
            with suppress(TopicAuthorizationFailedError):
                await producer.send_and_wait(settings.topic(topic.name), b"nothing", partition=0)
                done.add(topic.name)
    return done


async def read(site: Site, service: str) -> set[str]:
    """Of which topics Kafka tells it what stands there; something stands on each."""
    told = await asyncio.gather(*(tells(site.settings(service), service, topic) for topic in TOPICS))
    return {topic.name for topic, tells_it in zip(TOPICS, told, strict=True) if tells_it}


async def tells(settings: RuntimeSettings, service: str, topic: Topic) -> bool:
    with suppress(TopicAuthorizationFailedError):
        await kafka.reach(settings, Subscription(service, {topic: {}}))
        async with AIOKafkaConsumer(**kafka.client(settings), auto_offset_reset="earliest") as reader:
            reader.assign([TopicPartition(settings.topic(topic.name), 0)])
            return bool(await reader.getmany(timeout_ms=10_000))
    return False


async def test_of_another_installation_nothing_is_read_written_or_made(site: Site) -> None:
    other = {"topic_prefix": "hannover."}
    with pytest.raises(TopicAuthorizationFailedError):
        await kafka.reach(site.settings("geo", **other), SUBSCRIPTION)
    with pytest.raises(GroupAuthorizationFailedError):
        await kafka.reach(site.settings("geo"), Subscription("matching", SUBSCRIPTION.handlers))
    made = topics_job(site.settings("topics", **other))
    assert made.returncode == 1
    assert re.search(r"topic hannover\.\S+ could not be made: \['Authorization failed\.'\]", made.stderr)


def by_relay(settings: RuntimeSettings, _: db.Pool) -> Loop:
    return relay(settings)


def by_consumer(settings: RuntimeSettings, pool: db.Pool) -> Loop:
    return consumer(settings, pool, SUBSCRIPTION)


def by_stream(settings: RuntimeSettings, pool: db.Pool) -> Loop:
    return Stream(settings, pool).loop


Make = Callable[[RuntimeSettings, db.Pool], Loop]
LISTENING: list[Make] = [by_consumer, by_stream]
LOOPS = [by_relay, *LISTENING]


@pytest.mark.parametrize("make", LOOPS)
async def test_a_wrong_password_is_named_and_waited_for_until_it_is_right(
    site: Site, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "LONGEST_PAUSE", 0.4)
    monkeypatch.setattr(kafka, "QUIET_SECONDS", 0.3)
    async with pool_of(site, "geo") as pool:
        loop = make(site.settings("geo", kafka_password="new"), pool)
        with capture_logs() as said:
            async with running(loop):
                await waits_twice(loop, "SaslAuthenticationFailed", said)
                await site.password("geo", "new")
                await goes_on(site, pool)
                await site.password("geo", "of geo")
                if make in LISTENING:  # its connection lasts, and nobody would hear of it before the broker's next start
                    await waits_twice(loop, "SaslAuthenticationFailed", said)
                    await goes_on(site, pool)


async def waits_twice(loop: Loop, error: str, said: Sequence[Mapping[str, Any]]) -> None:
    """It says so, counts so, and lives."""
    before = waited(loop)

    async def twice() -> bool:
        return waited(loop) >= before + 2

    await until("it waits", twice)
    assert loop.alive
    assert {(line["loop"], line["error"]) for line in said if line["event"] == "waiting"} == {(loop.name, error)}


def waited(loop: Loop) -> float:
    return REGISTRY.get_sample_value("mybuddy_dependency_retries_total", {"loop": loop.name}) or 0


async def goes_on(site: Site, pool: db.Pool) -> None:
    """What geo has to say is published, or what it has to hear is handled: whichever the loop is there for."""
    person = confirmed(uuid4(), 2)
    async with db.transaction(pool) as conn:
        await Outbox("geo").append(conn, Left(person=uuid4(), version=1, round=uuid4()))
    settings = site.settings("registration")
    async with AIOKafkaProducer(**kafka.client(settings)) as producer:
        await producer.send_and_wait(settings.topic(person.topic), person.value, person.key)

    async def done() -> bool:
        heard = await pool.fetchval("SELECT count(*) FROM outbox WHERE key = $1", (person.key or b"").decode())
        return bool(heard) or not await pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")

    await until("it goes on", done)


OTHERS: list[tuple[dict[str, str], str]] = [
    ({"kafka_ca": certificate()[0]}, "certificate signature failure"),
    ({"kafka_bootstrap": "localhost:{port}"}, "Hostname mismatch, certificate is not valid for 'localhost'."),
]


@pytest.mark.parametrize(("other", "reason"), OTHERS)
async def test_a_certificate_of_somebody_else_is_not_taken_and_the_reason_is_said(
    site: Site, other: dict[str, str], reason: str
) -> None:
    port = site.secured.bootstrap.partition(":")[2]
    loop = relay(site.settings("geo", **{name: value.replace("{port}", port) for name, value in other.items()}))
    with capture_logs() as said:
        async with running(loop):
            await waits_twice(loop, "SSLCertVerificationError", said)
    assert {line["reason"] for line in said if line["event"] == "waiting"} == {reason}


def test_the_topics_job_says_why_it_is_not_let_in(site: Site) -> None:
    done = topics_job(site.settings("topics", kafka_password="wrong"))
    assert done.returncode == 1
    assert f"Kafka at {site.secured.bootstrap} does not let us in: [Error 58] SaslAuthenticationFailed" in done.stderr
