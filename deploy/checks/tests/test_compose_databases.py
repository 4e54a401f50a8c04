"""The scripts inside docker-compose.yml, run against a real PostgreSQL: who may do what, as in the local stack."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.checks.compose import FILE, read
from deploy.local.databases import SERVICES
from deploy.local.postgres import binaries
from deploy.local.stack import Stack
from shared.runtime.migrate import migrate_with_rights

PASSWORDS = {f"{service.upper()}_{role}_PASSWORD": f"it's {role}" for service in SERVICES for role in ("OWNER", "APP")}


class Server:
    """As the image `postgres` would be after its first start."""

    def __init__(self, admin_url: str) -> None:
        self._admin = urlsplit(admin_url)

    def run(self, script: str) -> None:
        content = read(FILE)["configs"][script]["content"].replace("$$", "$")
        address = {"PGHOST": self._admin.hostname, "PGPORT": str(self._admin.port), "PGUSER": "postgres"}
        login = {"PGPASSWORD": self._admin.password, "PATH": f"{binaries()}:{os.environ['PATH']}"}
        environment = {name: value for name, value in {**address, **login, **PASSWORDS}.items() if value}
        subprocess.run(["bash"], input=content, env=environment, text=True, check=True)

    def url(self, role: str, database: str) -> str:
        password = "it%27s%20OWNER" if role.endswith("owner") else "it%27s%20APP"
        return f"postgresql://{role}:{password}@127.0.0.1:{self._admin.port}/{database}?sslmode=disable"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Stack.start(tmp_path_factory.mktemp("compose"), provider="local", parts=("postgres",)) as stack:
        made = Server(stack.postgres.admin_url)
        made.run("databases")
        for service in SERVICES:
            for _ in ("first", "with the next release"):
                migrate_with_rights(service, made.url(f"{service}_owner", service), f"{service}_app")
        yield made


async def execute(url: str, statement: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_the_service_reads_and_writes_its_own(server: Server, service: str) -> None:
    await execute(
        server.url(f"{service}_app", service), "SELECT clock_now(); DELETE FROM outbox; SELECT * FROM schema_migrations"
    )


@pytest.mark.parametrize(
    "statement",
    ["UPDATE clock SET shift = '1 day'", "DELETE FROM schema_migrations", "CREATE TABLE public.mine ()", "DROP TABLE outbox"],
)
async def test_what_is_the_owners_stays_the_owners(server: Server, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(server.url("geo_app", "geo"), statement)


@pytest.mark.parametrize("database", ["matching", "postgres", "template1"])
async def test_nobody_enters_what_is_not_theirs(server: Server, database: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(server.url("geo_app", database), "SELECT 1")


def test_a_role_that_does_not_exist_is_named_in_one_sentence(server: Server) -> None:
    command = [sys.executable, "-m", "shared.runtime.migrate", "geo", "--app", "nobody"]
    told = {**os.environ, "MYBUDDY_OWNER_DATABASE_URL": server.url("geo_owner", "geo")}
    done = subprocess.run(command, env=told, cwd=FILE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == 'nobody could not be given its rights in the database of geo: role "nobody" does not exist\n'
