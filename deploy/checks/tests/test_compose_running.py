"""docker-compose.yml as a whole: brought up where a Docker engine answers; where none does, it is read by who is there."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.checks.compose import FILE, faults, read
from deploy.checks.environment import SETTINGS
from deploy.local.parts import docker_answer

UP_SECONDS, TARGETS_SECONDS = 1200, 60
TARGETS = "http://127.0.0.1:9090/api/v1/targets?state=active"


@pytest.fixture
def compose(tmp_path: Path) -> list[str]:
    """Beside one that somebody runs already: another name, and no port of this machine."""
    published = [name for name, container in read(FILE)["services"].items() if container.get("ports")]
    (tmp_path / "ports.yml").write_text("services:\n" + "".join(f"  {name}: {{ ports: !reset [] }}\n" for name in published))
    files = ["--file", str(FILE), "--file", str(tmp_path / "ports.yml")]
    return ["docker", "compose", "--project-name", f"mybuddy-test-{os.getpid()}", *files, "--profile", "watch"]


@pytest.mark.timeout(2 * UP_SECONDS)
def test_it_comes_up_where_an_engine_answers_and_is_read_where_none_does(compose: list[str]) -> None:
    answers, _ = docker_answer()
    if answers:
        for watched in brought_up(compose):
            assert watched == {*SETTINGS}
    elif has_compose():
        run([*compose, "config", "--quiet"])
    else:
        assert faults(read(FILE)) == []


def has_compose() -> bool:
    try:
        return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def brought_up(compose: list[str]) -> Iterator[set[str]]:
    """Whom Prometheus reaches, once all are healthy: a service is when its /readyz says so. Nothing of it is left."""
    try:
        run([*compose, "up", "--build", "--detach", "--wait", "--wait-timeout", str(UP_SECONDS)])
        end = time.monotonic() + TARGETS_SECONDS
        while (found := reached(compose)) != {*SETTINGS} and time.monotonic() < end:
            time.sleep(1)
        yield found
    finally:
        run([*compose, "down", "--volumes", "--remove-orphans"])


def reached(compose: list[str]) -> set[str]:
    said = run([*compose, "exec", "--no-TTY", "prometheus", "wget", "-q", "-O", "-", TARGETS])
    targets = json.loads(said)["data"]["activeTargets"]
    return {target["labels"]["service"] for target in targets if target["health"] == "up"} & {*SETTINGS}


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
