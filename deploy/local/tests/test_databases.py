"""Roles and rights of an installation's databases, and its clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from deploy.local.databases import SERVICES, InstallationDatabases
from deploy.local.sql import complete, execute, fetch_value
from deploy.local.stack import Stack

Denied = asyncpg.InsufficientPrivilegeError


@pytest.fixture(scope="module")
def databases(stack: Stack) -> Iterator[InstallationDatabases]:
    made = stack.databases.create("rights")
    yield made
    stack.databases.drop(made)


def as_app(databases: InstallationDatabases, query: str, service: str = "geo") -> object:
    return complete(fetch_value(databases.url(service, "app"), query))


def test_the_app_reads_and_writes(databases: InstallationDatabases) -> None:
    query = "INSERT INTO outbox (topic, key, payload) VALUES ('t', 'k', '') RETURNING id"
    assert as_app(databases, query) == 1
    assert as_app(databases, "UPDATE outbox SET published_at = now() RETURNING id") == 1
    assert as_app(databases, "SELECT count(*) FROM outbox") == 1
    assert as_app(databases, "DELETE FROM outbox RETURNING id") == 1
    assert as_app(databases, "SELECT clock_now()") is not None


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE mine (i int)",
        "CREATE TEMPORARY TABLE mine (i int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE outbox ADD COLUMN mine int",
        "DROP TABLE outbox",
        "TRUNCATE outbox",
        "UPDATE clock SET shift = interval '1 day'",
        "DELETE FROM schema_migrations",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "COPY outbox TO PROGRAM 'cat'",
    ],
)
def test_the_app_may_not(databases: InstallationDatabases, forbidden: str) -> None:
    with pytest.raises(Denied):
        as_app(databases, forbidden)


@pytest.mark.parametrize("role", ["owner", "app"])
@pytest.mark.parametrize("service", SERVICES)
def test_nobody_enters_another_database(databases: InstallationDatabases, service: str, role: str) -> None:
    own = databases.url(service, role)  # type: ignore[arg-type]
    others = [f"rights_{other}" for other in SERVICES if other != service]
    for other in [*others, "template_geo" if service != "geo" else "template_matching", "postgres", "template1"]:
        with pytest.raises(Denied, match="permission denied for database"):
            complete(fetch_value(own.replace(f"rights_{service}", other), "SELECT 1"))


def test_the_owner_migrates(databases: InstallationDatabases) -> None:
    owner = databases.url("matching", "owner")
    complete(execute(owner, "CREATE TABLE later (id bigserial PRIMARY KEY, i int)"))
    assert as_app(databases, "INSERT INTO later (i) VALUES (5) RETURNING i", "matching") == 5


def test_geo_has_its_extensions(databases: InstallationDatabases) -> None:
    assert as_app(databases, "SELECT similarity(unaccent('Münster'), 'Munster') > 0.9") is True
    with pytest.raises(asyncpg.UndefinedFunctionError):
        as_app(databases, "SELECT unaccent('x')", "matching")


def test_the_clock_moves_in_all_at_once(databases: InstallationDatabases) -> None:
    moment = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
    shift = databases.move_clock(moment)
    seen = {complete(fetch_value(databases.url(s, "app"), "SELECT shift FROM clock")) for s in SERVICES}
    assert seen == {shift}
    now = as_app(databases, "SELECT clock_now()")
    assert isinstance(now, datetime)
    assert moment <= now < moment + timedelta(seconds=20)
    assert databases.move_clock(None) == timedelta(0)
    assert as_app(databases, "SELECT clock_now() = now()") is True


def test_installations_are_apart(stack: Stack, databases: InstallationDatabases) -> None:
    other = stack.databases.create("other", ["geo"])
    as_app(other, "INSERT INTO outbox (topic, key) VALUES ('t', 'k') RETURNING id")
    assert as_app(databases, "SELECT count(*) FROM outbox") == 0
    stack.databases.drop(other)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        as_app(other, "SELECT 1")


@pytest.mark.parametrize("name", ["", "Upper", "a-b", "1a", 'a"b', "x" * 26, "template"])
def test_a_name_that_is_no_name(stack: Stack, name: str) -> None:
    with pytest.raises(ValueError, match="is no name for an installation"):
        stack.databases.create(name)
