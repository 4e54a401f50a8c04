"""What all tests of a worker share: one stack, fresh databases, installations; started when a test first asks for them."""

import gc
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import asyncpg
import pytest
import structlog

from deploy.local import parts
from deploy.local.databases import SERVICES, InstallationDatabases
from deploy.local.errors import MissingPartError
from deploy.local.installation import Installation
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.sql import complete
from deploy.local.stack import Stack
from shared.runtime import db

ROOT = Path(__file__).parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER")
RUN = ROOT / "build" / "tests" / str(os.getppid() if WORKER else os.getpid())
RUN_DIR = RUN / (WORKER or "main")
LOCK_SECONDS = 10

NewDatabases = Callable[..., InstallationDatabases]
NewInstallation = Callable[..., Installation]

_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Services configure their own logs; here an error is shown plainly, which takes a thousandth of the time."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for running services are spread among those that only compute, so that workers keep all processors busy
    from the first minute to the last; measured: a quarter of the time. The order within a file stays.
    """
    files = dict.fromkeys(item.path for item in items)
    waiting = [path for path in files if path.is_relative_to(ROOT / "tests")]
    computing = [path for path in files if path not in waiting]
    # The last tenth is left to files that are over soon: nobody waits for a single one at the end.
    apart = len(computing) * 0.9 / max(len(waiting), 1)
    places = {path: number * apart for number, path in enumerate(waiting)} | {path: n for n, path in enumerate(computing)}
    items.sort(key=lambda item: places[item.path])


def pytest_collection_finish() -> None:
    """8,000 tests and all modules stay to the end: looking through them for garbage again and again takes a sixth of the time."""
    gc.freeze()


def pytest_report_header() -> list[str]:
    return [_used("kafka"), _used("postgres")]


def pytest_sessionstart(session: pytest.Session) -> None:
    """`-q` leaves the header out; which parts a result comes from is part of the result."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and session.config.get_verbosity() == -1:
        for line in pytest_report_header():
            reporter.write_line(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.stats.keys() & {"failed", "error"} and RUN.exists():
        terminalreporter.write_line(f"what the parts said: {RUN}/*/logs")


def pytest_sessionfinish(exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and WORKER is None:
        shutil.rmtree(RUN, ignore_errors=True)


def _used(part: parts.Part) -> str:
    try:
        choice = parts.choose(part)
        local = ", ".join(parts.describe_local(part)) if choice.provider == "local" else ""
    except MissingPartError as error:
        return f"{part}: MISSING. {error}"
    return f"{part}: {local or choice.provider}, because {choice.why}"


@pytest.fixture(scope="session")
def run_stack() -> Iterator[Stack]:
    with Stack.start(RUN_DIR, parts=()) as started:
        yield started


@pytest.fixture(scope="session")
def stack(run_stack: Stack) -> Stack:
    """Parts come from the environment, a Docker engine, or this machine, in this order; a missing one fails the run."""
    return run_stack


@pytest.fixture(scope="session")
def local_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """One whose parts may be killed and frozen: the run's own where it is local, else a second."""
    if all(parts.choose(part).provider == "local" for part in parts.VARIABLES):
        yield request.getfixturevalue("run_stack")
        return
    with Stack.start(RUN_DIR / "local", parts=(), provider="local") as started:
        yield started


@pytest.fixture
def postgres(local_stack: Stack) -> Iterator[Postgres]:
    """The server of `local_stack`, to be killed, stopped or frozen; for the next test it runs again."""
    server = local_stack.postgres
    assert isinstance(server, Postgres)
    yield server
    server.thaw() if server.process.running else server.start()


@pytest.fixture
def kafka(local_stack: Stack) -> Iterator[Kafka]:
    """The broker of `local_stack`, to be killed, stopped or frozen; for the next test it runs again."""
    broker = local_stack.kafka
    assert isinstance(broker, Kafka)
    yield broker
    broker.thaw() if broker.process.running else broker.start()


@pytest.fixture(scope="module")
def new_databases(stack: Stack) -> Iterator[NewDatabases]:
    """`new_databases("geo", "matching")`: fresh and migrated, with all rights in place; dropped after the module."""
    made: list[InstallationDatabases] = []

    def new(*services: str) -> InstallationDatabases:
        made.append(stack.databases.create(f"d{next(_numbers)}", services or SERVICES))
        return made[-1]

    yield new
    for databases in made:
        stack.databases.drop(databases)


@pytest.fixture(scope="module")
def new_installation(stack: Stack) -> Iterator[NewInstallation]:
    """`new_installation(services=("geo",), env={…})`: what Stack.installation takes but the name; closed after the module."""
    made: list[Installation] = []

    def new(**given: object) -> Installation:
        made.append(stack.installation(f"i{next(_numbers)}", **given))  # type: ignore[arg-type]
        return made[-1]

    yield new
    for installation in made:
        installation.close()


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest) -> str:
    """Whose database `database` is: the service in whose folder the test stands. Tests elsewhere say it themselves."""
    folders = request.path.relative_to(ROOT).parts
    if folders[0] != "services":
        raise pytest.UsageError("give the module a fixture `service` that names the service")
    return folders[1]


@pytest.fixture(scope="module")
def database(new_databases: NewDatabases, service: str) -> InstallationDatabases:
    """The module's own database of `service`; `.url(service, "app")` or `"owner"`."""
    return new_databases(service)


@pytest.fixture(scope="module")
def filled(database: InstallationDatabases, service: str) -> Sequence[str]:
    """Tables that belong to a release, like the map: they are never emptied."""
    return complete(_filled(database.url(service, "owner")))  # type: ignore[no-any-return]


@pytest.fixture
async def pool(database: InstallationDatabases, service: str, filled: Sequence[str]) -> AsyncIterator[db.Pool]:
    """The app role's pool on `database`, as empty as a release leaves it, with the clock at real time."""
    await _empty(database.url(service, "owner"), filled)
    async with db.open_pool(database.url(service, "app")) as opened:
        yield opened


async def _filled(owner_url: str) -> list[str]:
    conn = await asyncpg.connect(owner_url, timeout=LOCK_SECONDS)
    try:
        names = [row[0] for row in await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return [name for name in names if await conn.fetchval(f'SELECT EXISTS (SELECT FROM "{name}")')]  # noqa: S608
    finally:
        await conn.close()


async def _empty(owner_url: str, keep: Sequence[str]) -> None:
    """Only what is filled: that is quicker than all. Whoever still holds a lock after LOCK_SECONDS makes it fail."""
    conn = await asyncpg.connect(owner_url, timeout=LOCK_SECONDS, server_settings={"lock_timeout": f"{LOCK_SECONDS}s"})
    try:
        dirty = [name for name in await _filled(owner_url) if name not in keep]
        if dirty:
            tables = ", ".join(f'"{name}"' for name in dirty)
            await conn.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        await conn.execute("UPDATE clock SET shift = interval '0'")
    finally:
        await conn.close()
