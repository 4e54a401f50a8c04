"""Migrations build every database from nothing, go down and up again; what the app's role may do ends where it must."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from conftest import NewDatabases
from deploy.local.databases import SERVICES, InstallationDatabases
from deploy.local.sql import complete, execute
from deploy.local.stack import Stack
from shared.runtime.migrate import ROOT, _dbmate, migrate

SHAPE = """
SELECT 'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 'schema_migrations'::regclass
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
ORDER BY 1, 2
"""


@pytest.fixture
def empty(stack: Stack, service_name: str) -> Iterator[str]:
    """The owner's URL of an empty database; the owner is no superuser."""
    name = f"empty_{service_name}"
    admin = stack.postgres.admin_url
    complete(execute(admin, f"CREATE ROLE {name} LOGIN PASSWORD 'x'", f"CREATE DATABASE {name} OWNER {name}"))
    parts = urlsplit(admin)
    yield urlunsplit(parts._replace(netloc=f"{name}:x@{parts.netloc.rpartition('@')[2]}", path=f"/{name}"))
    complete(execute(admin, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}"))


async def shape(url: str) -> list[tuple[object, ...]]:
    conn = await asyncpg.connect(url, timeout=10)
    try:
        return [tuple(row) for row in await conn.fetch(SHAPE)]
    finally:
        await conn.close()


def folders(service: str) -> list[Path]:
    return [ROOT / "shared/runtime/migrations", ROOT / "services" / service / "migrations"]


def files(service: str) -> list[Path]:
    return [file for folder in folders(service) for file in folder.glob("*.sql")]


def roll_back(service: str, url: str) -> None:
    """All of it, one migration after the other."""
    places = [part for folder in folders(service) for part in ("--migrations-dir", str(folder))]
    command = [_dbmate(), "--no-dump-schema", *places, "rollback"]
    for _ in files(service):
        subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True, capture_output=True)


@pytest.mark.parametrize("service_name", SERVICES)
async def test_up_again_down_and_up(empty: str, service_name: str) -> None:
    await asyncio.to_thread(migrate, service_name, empty)
    built = await shape(empty)
    assert built
    await asyncio.to_thread(migrate, service_name, empty)
    assert await shape(empty) == built
    await asyncio.to_thread(roll_back, service_name, empty)
    assert await shape(empty) == []
    await asyncio.to_thread(migrate, service_name, empty)
    assert await shape(empty) == built


def test_no_two_migrations_of_a_database_have_the_same_number() -> None:
    for service in SERVICES:
        numbers = [file.name.split("_")[0] for file in files(service)]
        assert len(numbers) == len(set(numbers)), service


@pytest.fixture(scope="module")
def two(new_databases: NewDatabases) -> InstallationDatabases:
    return new_databases("registration", "notification")


FORBIDDEN = {
    "create a table": "CREATE TABLE mine (id int)",
    "create a table that lasts a session": "CREATE TEMP TABLE mine (id int)",
    "create a schema": "CREATE SCHEMA mine",
    "create a function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
    "create an extension": "CREATE EXTENSION citext",
    "alter a table": "ALTER TABLE outbox ADD COLUMN mine int",
    "drop a table": "DROP TABLE inbox",
    "empty a table at once": "TRUNCATE outbox",
    "create an index": "CREATE INDEX mine ON outbox (topic)",
    "disable triggers": "ALTER TABLE outbox DISABLE TRIGGER ALL",
    "move the clock": "UPDATE clock SET shift = interval '1 day'",
    "add a clock": "INSERT INTO clock (id) VALUES (1)",
    "delete the clock": "DELETE FROM clock",
    "forge a migration": "INSERT INTO schema_migrations (version) VALUES ('99991231235959')",
    "create a role": "CREATE ROLE mine",
    "create a database": "CREATE DATABASE mine",
    "become the owner": "SET ROLE notification_owner",
    "read a file": "SELECT pg_read_file('/etc/passwd')",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "read passwords": "SELECT rolpassword FROM pg_authid",
}


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
async def test_the_app_may_not(two: InstallationDatabases, statement: str) -> None:
    conn = await asyncpg.connect(two.url("notification", "app"), timeout=10)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)
    finally:
        await conn.close()


async def test_the_app_may_read_and_write_its_own_tables_and_read_the_clock(two: InstallationDatabases) -> None:
    conn = await asyncpg.connect(two.url("notification", "app"), timeout=10)
    try:
        await conn.execute("INSERT INTO outbox (topic, key) VALUES ('t', 'k')")
        await conn.execute("DELETE FROM outbox")
        assert await conn.fetchval("SELECT clock_now() = now()")
    finally:
        await conn.close()


@pytest.mark.parametrize("role", ["app", "owner"])
async def test_nobody_enters_anothers_database(two: InstallationDatabases, role: str) -> None:
    own, theirs = urlsplit(two.url("notification", role)), urlsplit(two.url("registration", role))  # type: ignore[arg-type]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(urlunsplit(own._replace(path=theirs.path)), timeout=10)
