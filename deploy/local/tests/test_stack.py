"""Where parts come from, two stacks side by side, given ports, and what is said about it all."""

from pathlib import Path

import pytest

from deploy.local import parts
from deploy.local.errors import ElsewhereError, MissingPartError
from deploy.local.parts import Choice, choose, elsewhere
from deploy.local.ports import free_port
from deploy.local.sql import complete, fetch_value
from deploy.local.stack import Stack
from deploy.local.tests.conftest import STAND_IN, migrate_runtime_only
from deploy.local.tests.until import answers


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("STACK_PROVIDER", "STACK_KAFKA", "STACK_POSTGRES"):
        monkeypatch.delenv(variable, raising=False)


def docker(monkeypatch: pytest.MonkeyPatch, answer: bool, said: str) -> None:
    monkeypatch.setattr(parts, "docker_answer", lambda: (answer, said))


def test_an_address_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    docker(monkeypatch, True, "engine 29")
    monkeypatch.setenv("STACK_KAFKA", "kafka.example:9092")
    assert choose("kafka") == Choice("kafka", "given", "STACK_KAFKA names it")
    assert choose("postgres").provider == "docker"


def test_then_docker_then_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    docker(monkeypatch, True, "engine 29")
    assert choose("kafka") == Choice("kafka", "docker", "STACK_KAFKA is not set, and Docker answers (engine 29)")
    docker(monkeypatch, False, "no Docker engine answers")
    assert choose("kafka") == Choice("kafka", "local", "STACK_KAFKA is not set, and no Docker engine answers")


def test_the_choice_can_be_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    docker(monkeypatch, True, "engine 29")
    monkeypatch.setenv("STACK_POSTGRES", "postgresql://x")
    assert choose("postgres", "local").provider == "local"
    monkeypatch.setenv("STACK_PROVIDER", "local")
    assert choose("postgres").provider == "local"
    monkeypatch.setenv("STACK_PROVIDER", "kubernetes")
    with pytest.raises(MissingPartError, match="STACK_PROVIDER is 'kubernetes'"):
        choose("postgres")


def test_what_others_run_cannot_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_POSTGRES", "postgresql://admin:secret@db.example:5432/postgres")
    part = elsewhere(choose("postgres"))
    assert part.admin_url == "postgresql://admin:secret@db.example:5432/postgres"
    assert part.describe == "PostgreSQL (given in STACK_POSTGRES) at db.example:5432/postgres"
    with pytest.raises(ElsewhereError, match="kill: only a local part can be steered"):
        part.kill()


def test_a_given_server_is_left_as_it_was(stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STACK_POSTGRES", stack.postgres.admin_url)
    monkeypatch.setenv("STACK_KAFKA", stack.kafka.bootstrap)
    count = "SELECT (SELECT count(*) FROM pg_database) + (SELECT count(*) FROM pg_roles)"
    before = complete(fetch_value(stack.postgres.admin_url, count))
    with Stack.start(tmp_path, migrate=migrate_runtime_only) as guest:
        made = guest.installation("t1", services=["geo"])
        assert made.topic_prefix.endswith("_t1.")
        assert made.topic_prefix != "t1."
        assert complete(fetch_value(made.database_url("geo"), "SELECT 1")) == 1
        assert [line.split(" at ")[0] for line in guest.describe()][:2] == [
            "Kafka (given in STACK_KAFKA)",
            "PostgreSQL (given in STACK_POSTGRES)",
        ]
    assert complete(fetch_value(stack.postgres.admin_url, count)) == before


def test_two_stacks_side_by_side(stack: Stack, tmp_path: Path) -> None:
    with Stack.start(tmp_path, provider="local", parts=["postgres", "mailbox"], migrate=migrate_runtime_only) as other:
        databases = [one.databases.create("same") for one in (stack, other)]
        urls = [made.url("geo", "app") for made in databases]
        assert len(set(urls)) == 2
        assert [complete(fetch_value(url, "SELECT 1")) for url in urls] == [1, 1]
        ports = {one.mailbox.http_url for one in (stack, other)}
        assert len(ports) == 2
        assert stack.processes.scratch != other.processes.scratch
    assert complete(fetch_value(urls[0], "SELECT 1")) == 1
    stack.databases.drop(databases[0])


def test_ports_can_be_given(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("STACK_GEO_PORT", str(port))
    with stack.installation("ports", services=["geo"], command=lambda _name: STAND_IN) as made:
        made.start("geo")
        assert made.services["geo"].url == f"http://127.0.0.1:{port}"
        assert answers(port)


def test_what_runs_is_described(stack: Stack) -> None:
    _ = stack.kafka, stack.postgres, stack.mailbox
    text = "\n".join(stack.describe())
    for words in ("Kafka 4.3.1 (local", "PostgreSQL 18.6 (local", "Java 25", "Mailbox at http://127.0.0.1:"):
        assert words in text


def test_a_failing_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.postgres.SETTINGS", {"no_such_setting": "1"})
    with pytest.raises(Exception, match=r"(?s)PostgreSQL did not start.*no_such_setting"):
        Stack.start(tmp_path, provider="local", parts=["postgres"])
