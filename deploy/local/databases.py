"""Each installation's databases and roles: the owner migrates, the app role reads and writes, nobody enters a neighbour's.

Roles belong to the stack and are shared by its installations; each service's schema is migrated once, into a template,
and copied for every further installation.
"""

import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from deploy.local.errors import ProcessError
from deploy.local.process import ROOT
from deploy.local.sql import complete, execute, shift_clocks
from shared.runtime import rights

SERVICES = ("registration", "geo", "matching", "notification")
# What fills tables with data that belongs to a release, after its migrations.
FILLED_BY = {"geo": [["services.geo.gazetteer"]]}
NAME = re.compile(r"[a-z][a-z0-9_]{0,24}")

Role = Literal["owner", "app"]
Migrate = Callable[[str, str], None]


def migrate(service: str, owner_url: str) -> None:
    """Raises ProcessError with what the migration tool said."""
    steps = [["shared.runtime.migrate", service], *FILLED_BY.get(service, [])]
    for step in steps:
        command = [sys.executable, "-m", *step, "--url", owner_url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ProcessError(f"the migrations of {service} failed:\n{done.stdout}{done.stderr}")


@dataclass(frozen=True)
class InstallationDatabases:
    """Where one installation's databases are."""

    names: list[str]
    urls: dict[tuple[str, Role], str]

    def url(self, service: str, role: Role) -> str:
        return self.urls[service, role]

    @property
    def services(self) -> list[str]:
        return [service for service, role in self.urls if role == "owner"]

    def move_clock(self, moment: datetime | None) -> timedelta:
        """Makes it `moment` in all databases now, by one shift; None goes back to real time. Returns the shift."""
        shift: timedelta = complete(shift_clocks([url for (_, role), url in self.urls.items() if role == "owner"], moment))
        return shift


class Databases:
    """Makes the databases of installations on one server. `prefix` keeps stacks apart that share a server."""

    def __init__(self, admin_url: str, prefix: str = "", migrate: Migrate = migrate) -> None:
        self._admin_url = admin_url
        self._prefix = prefix
        self._migrate = migrate
        self._lock = threading.Lock()
        self._templates: set[str] = set()
        self._made: set[str] = set()
        self._passwords = {(s, r): secrets.token_hex(12) for s in SERVICES for r in ("owner", "app")}

    def create(self, installation: str, services: Sequence[str] = SERVICES) -> InstallationDatabases:
        if not NAME.fullmatch(installation) or installation == "template":
            raise ValueError(f"{installation!r} is no name for an installation: use a-z, 0-9 and _, 25 at most")
        self._make_templates(services)
        names = {service: f"{self._prefix}{installation}_{service}" for service in services}
        complete(execute(self._admin_url, *(line for s in services for line in self._copy(names[s], s))))
        self._made.update(names.values())
        roles: tuple[Role, ...] = ("owner", "app")
        return InstallationDatabases(list(names.values()), {(s, r): self._url(names[s], s, r) for s in services for r in roles})

    def drop(self, databases: InstallationDatabases) -> None:
        """Whoever still uses them is thrown out."""
        complete(execute(self._admin_url, *(_drop(name) for name in databases.names)))
        self._made.difference_update(databases.names)

    def drop_all(self) -> None:
        """All that was made here: for a server that outlives the stack."""
        names = [*self._made, *(self._template(service) for service in self._templates)]
        roles = [self._role(s, r) for s, r in self._passwords if s in self._templates]
        complete(execute(self._admin_url, *map(_drop, names), *(f'DROP ROLE IF EXISTS "{role}"' for role in roles)))

    def _role(self, service: str, role: str) -> str:
        return f"{self._prefix}{service}_{role}"

    def _template(self, service: str) -> str:
        return f"{self._prefix}template_{service}"

    def _url(self, database: str, service: str, role: Role) -> str:
        login = f"{self._role(service, role)}:{self._passwords[service, role]}"
        return _with_login(self._admin_url, login, database)

    def _make_templates(self, services: Sequence[str]) -> None:
        with self._lock:
            wanted = [service for service in services if service not in self._templates]
            with ThreadPoolExecutor(len(SERVICES)) as pool:
                list(pool.map(self._make_template, wanted))
            self._templates.update(wanted)

    def _make_template(self, service: str) -> None:
        database, owner, app = self._template(service), self._role(service, "owner"), self._role(service, "app")
        roles = [(owner, "owner"), (app, "app")]
        complete(
            execute(
                self._admin_url,
                _drop(database),  # of an attempt that failed half-way
                *(f'DROP ROLE IF EXISTS "{name}"' for name, _ in roles),
                *(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{self._passwords[service, r]}'" for name, r in roles),
                f'CREATE DATABASE "{database}" OWNER "{owner}"',
                f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
            )
        )
        inside = _with_database(self._admin_url, database)
        complete(execute(inside, *rights.before_migrations(service, owner, app)))
        self._migrate(service, self._url(database, service, "owner"))
        complete(execute(inside, *rights.after_migrations(app)))

    def _copy(self, database: str, service: str) -> list[str]:
        """Rights on a database itself are not copied with it; those inside are."""
        owner, app = self._role(service, "owner"), self._role(service, "app")
        return [
            f'CREATE DATABASE "{database}" OWNER "{owner}" TEMPLATE "{self._template(service)}" STRATEGY file_copy',
            *rights.on_database(database, app),
        ]


def _drop(database: str) -> str:
    return f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'


def _with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _with_login(url: str, login: str, database: str) -> str:
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{login}@{address}", path=f"/{database}"))
