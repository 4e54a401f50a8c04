"""The local server: answers, keeps what it was told through a kill, and runs where there are no user namespaces."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import postgres
from deploy.local.postgres import Postgres
from deploy.local.process import Processes
from deploy.local.sql import complete, execute, fetch_value


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    processes = Processes(tmp_path_factory.mktemp("postgres"))
    yield postgres.launch(processes, processes.scratch / "data", durable=True)
    processes.close()


def ask(server: Postgres, query: str) -> object:
    return complete(fetch_value(server.admin_url, query))


def test_version_and_settings(server: Postgres) -> None:
    assert str(ask(server, "SHOW server_version")).startswith("18.")
    assert ask(server, "SHOW fsync") == "on"
    assert ask(server, "SELECT lower('ÄÖÜ')") == "äöü"
    assert ask(server, "SHOW timezone") == "UTC"


def test_the_socket_folder_is_short_and_ours_alone(server: Postgres) -> None:
    assert len(str(server.sockets)) < 90
    assert server.sockets.stat().st_mode & 0o777 == 0o700
    by_socket = f"postgresql://postgres:{server.password}@/postgres?host={server.sockets}&port={server.port}"
    assert complete(fetch_value(by_socket, "SELECT 1")) == 1


def test_a_password_is_needed(server: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        complete(fetch_value(server.admin_url.replace(server.password, "wrong"), "SELECT 1"))


def test_killed_and_stopped_it_comes_back_with_its_rows(server: Postgres) -> None:
    complete(execute(server.admin_url, "CREATE TABLE kept (i int)", "INSERT INTO kept VALUES (1)"))
    server.kill()
    with pytest.raises(ConnectionRefusedError):
        ask(server, "SELECT 1")
    server.start()
    assert ask(server, "SELECT i FROM kept") == 1
    server.stop()
    server.start()
    assert ask(server, "SELECT i FROM kept") == 1


def test_frozen_it_keeps_everybody_waiting(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.sql.CONNECT_SECONDS", 0.3)
    server.freeze()
    with pytest.raises(TimeoutError):
        ask(server, "SELECT 1")
    server.thaw()
    assert ask(server, "SELECT 1") == 1


def test_without_user_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: Processes) -> None:
    """Where a container forbids them; as root this is the user nobody."""
    monkeypatch.setattr(postgres, "run_as", postgres.without_namespace)
    server = postgres.launch(processes, processes.scratch / "data", durable=False)
    assert ask(server, "SHOW fsync") == "off"
    server.kill()
    server.start()
    assert ask(server, "SELECT 1") == 1
