"""The plumbing runs against real parts, some of which these tests kill; any service's database will do."""

import itertools
from collections.abc import AsyncIterator

import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.sql import complete, execute
from deploy.local.stack import Stack
from shared.runtime import db
from shared.runtime.settings import RuntimeSettings
from shared.runtime.topics import make_topics

_numbers = itertools.count(1)

# What handlers do in these tests; an amount from 100 on is refused by the database for ever.
EFFECTS = "CREATE TABLE effects (n serial, person uuid NOT NULL, amount integer NOT NULL CHECK (amount < 100))"


@pytest.fixture(scope="session")
def stack(local_stack: Stack) -> Stack:
    return local_stack


@pytest.fixture(scope="module")
def service() -> str:
    return "notification"


@pytest.fixture(scope="module")
def database(database: InstallationDatabases, service: str) -> InstallationDatabases:
    complete(execute(database.url(service, "owner"), EFFECTS))
    return database


@pytest.fixture
async def settings(stack: Stack, database: InstallationDatabases, service: str, pool: db.Pool) -> RuntimeSettings:
    """On topics of its own, and on a database that `pool` has emptied."""
    del pool
    prefix = f"r{next(_numbers)}."
    made = RuntimeSettings(database_url=database.url(service, "app"), kafka_bootstrap=stack.kafka.bootstrap, topic_prefix=prefix)
    await make_topics(made)
    return made


@pytest.fixture
async def conn(pool: db.Pool) -> AsyncIterator[db.Connection]:
    async with db.connection(pool) as opened:
        yield opened
