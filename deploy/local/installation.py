"""One installation on a stack: databases, a topic prefix, keys, and the services that use them, in one process each or more."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from deploy.local import phone
from deploy.local.databases import Databases, InstallationDatabases, Role
from deploy.local.environment import base_environment, service_environment
from deploy.local.keys import Keys
from deploy.local.mailbox.part import Mailbox
from deploy.local.process import ROOT, Process, Processes, Spec
from deploy.local.service import Service
from deploy.local.sql import UNREACHABLE
from deploy.local.topics import make_topics, remove_topics

Command = Callable[[str], Sequence[str]]


def module_of(service: str) -> list[str]:
    return [sys.executable, "-m", f"services.{service}"]


class Broker(Protocol):
    """Kafka, whoever runs it."""

    @property
    def bootstrap(self) -> str: ...


@dataclass
class Installation:
    """Services are made at once and started on demand. Leaving a `with` block stops them and drops the databases."""

    name: str
    topic_prefix: str
    processes: Processes
    kafka: Broker
    server: Databases
    databases: InstallationDatabases
    keys: Keys
    services: dict[str, Service] = field(default_factory=dict)
    replicas: list[Service] = field(default_factory=list)
    """Processes beside the first one of their service; whoever made them starts them."""

    def database_url(self, service: str, role: Role = "app") -> str:
        return self.databases.url(service, role)

    def start(self, name: str, env: Mapping[str, str] | None = None, *, wait: bool = True) -> Service:
        """Ready when it returns. `env` is added for this start only."""
        self.services[name].start(env, wait=wait)
        return self.services[name]

    def replica(self, name: str) -> Service:
        """Another process of a service, on the same database and topics; not started yet."""
        made = self.services[name].another(2 + sum(one.name == name for one in self.replicas))
        self.replicas.append(made)
        return made

    def start_all(self) -> None:
        """The first process of each, all at once, then waits for each."""
        idle = [one for one in self.services.values() if one.pid == 0 or not one.running]
        for one in idle:
            one.start(wait=False)
        for one in idle:
            one.wait_ready()

    def stop_all(self) -> None:
        """All processes asked at once, then each waited for."""
        started = [one for one in (*self.services.values(), *self.replicas) if one.pid]
        for one in started:
            one.terminate()
        for one in reversed(started):
            one.stop()

    def make_topics(self) -> None:
        """Done at the beginning, and needed again after Kafka came back empty."""
        make_topics(self.kafka.bootstrap, self.topic_prefix)

    def move_clock(self, moment: datetime | None) -> timedelta:
        """Makes it `moment` for all services now; None goes back to real time. Returns the shift."""
        return self.databases.move_clock(moment)

    def coordinator_environment(self) -> dict[str, str]:
        """What a coordinator's command needs: the private key's file and the services' addresses."""
        urls = {f"MYBUDDY_{name.upper()}_URL": one.url for name, one in self.services.items()}
        return urls | {"MYBUDDY_COORDINATOR_PRIVATE_KEY_FILE": str(self.keys.coordinator_private_file)}

    def describe(self) -> list[str]:
        return [f"{one.name} at {one.url}, log {one.log}" for one in (*self.services.values(), *self.replicas)]

    def close(self) -> None:
        """What a dead server kept cannot be dropped, and goes with it."""
        self.stop_all()
        with suppress(*UNREACHABLE):
            self.server.drop(self.databases)
        remove_topics(self.kafka.bootstrap, self.topic_prefix)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def add_services(
    installation: Installation,
    ports: Mapping[str, int],
    mailbox: Mailbox,
    regions: str | Path,
    env: Mapping[str, str],
    command: Command,
) -> None:
    """One for each database. `ports` names all services: their addresses are told also where one does not run."""
    values = _values(installation, ports, mailbox, regions)
    base = base_environment(installation.processes.scratch)
    for name in installation.databases.services:
        own = {"DATABASE_URL": installation.database_url(name, "app"), "HTTP_PORT": str(ports[name])}
        if name == "registration":
            own["HTTP_HOST"] = phone.listen()
        environment = {**base, **service_environment(name, values | own), **env}
        spec = Spec(f"{installation.name}-{name}", command(name), env=environment, grace=10)
        installation.services[name] = Service(Process(installation.processes, spec), name, ports[name])


def _values(installation: Installation, ports: Mapping[str, int], mailbox: Mailbox, regions: str | Path) -> dict[str, str]:
    urls = {name: f"http://{phone.HERE}:{port}" for name, port in ports.items()}
    keys = installation.keys
    return {
        "KAFKA_BOOTSTRAP": installation.kafka.bootstrap,
        "TOPIC_PREFIX": installation.topic_prefix,
        "HTTP_HOST": phone.HERE,
        "LINGER_SECONDS": "0.2",  # nobody comes while all of it ends
        "PUBLIC_URL": f"http://{phone.host()}:{ports['registration']}",
        "REGISTRATION_URL": urls["registration"],
        "GEO_URL": urls["geo"],
        "SMTP_URL": mailbox.smtp_url,
        "REGIONS_DIR": str(ROOT / regions),
        "LIMITS_FACTOR": "1000",  # whoever comes, comes from this machine
        "FASTEST_FORM_SECONDS": "0",  # and may be a program
        "MAILS_PER_MINUTE": "1000000",  # the mailbox here is ours, and all invented people have theirs at one domain
        "MAILS_PER_MINUTE_TO_DOMAIN": "1000000",
        "LINK_KEYS": keys.links,
        "INTERNAL_SECRET_NOTIFICATION": keys.notification,
        "INTERNAL_SECRET_REGISTRATION": keys.registration,
        "COORDINATOR_PUBLIC_KEY": keys.coordinator_public,
    }
