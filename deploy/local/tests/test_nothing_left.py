"""However a client ends, nothing it started is left: no process, no port, no folder."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.local import proc
from deploy.local.process import ROOT
from deploy.local.tests.until import answers, until

LIGHT = ("postgres",)
End = Callable[["subprocess.Popen[str]", dict[str, Any]], None]


def go_on(client: "subprocess.Popen[str]", _seen: dict[str, Any]) -> None:
    assert client.stdin is not None
    client.stdin.write("\n")
    client.stdin.flush()


def to_group(number: int) -> End:
    return lambda client, _seen: os.killpg(client.pid, number)


def to_helper(name: str, number: int) -> End:
    def end(client: "subprocess.Popen[str]", seen: dict[str, Any]) -> None:
        os.kill(seen[name], number)
        until(lambda: not any(map(proc.alive, seen["pids"])), f"all ended when the {name} got {number}")
        go_on(client, seen)

    return end


def check_nothing_left(tmp_path: Path, ending: str, end: End, parts: tuple[str, ...] = LIGHT) -> None:
    command = [sys.executable, "-m", "deploy.local.tests.light_client", str(tmp_path), ending, *parts]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as client:
        assert client.stdout is not None
        seen = json.loads(client.stdout.readline())
        assert len(seen["pids"]) >= 6  # guardian, supervisor, the family of four
        assert all(map(proc.alive, seen["pids"]))
        assert all(map(answers, seen["ports"]))
        end(client, seen)
        client.wait(60)
    until(lambda: not any(map(proc.alive, seen["pids"])), "the processes are gone")
    until(lambda: not any(map(answers, seen["ports"])), "the ports are free")
    until(lambda: not any(Path(folder).exists() for folder in seen["folders"]), "the folders are gone")


@pytest.mark.parametrize(("ending", "parts"), [("exit", LIGHT), ("exception", ()), ("crash", ())])
def test_client_ends_by_itself(tmp_path: Path, ending: str, parts: tuple[str, ...]) -> None:
    check_nothing_left(tmp_path, ending, go_on, parts)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_client_is_signalled(tmp_path: Path, number: int) -> None:
    check_nothing_left(tmp_path, "wait", to_group(number), parts=("postgres", "mailbox"))


@pytest.mark.parametrize("helper", ["supervisor", "guardian"])
@pytest.mark.parametrize(("number", "parts"), [(signal.SIGTERM, ()), (signal.SIGKILL, LIGHT)])
def test_supervisor_or_guardian_is_signalled(tmp_path: Path, helper: str, number: int, parts: tuple[str, ...]) -> None:
    check_nothing_left(tmp_path, "wait", to_helper(helper, number), parts)


def test_a_frozen_child_ends_too(tmp_path: Path) -> None:
    check_nothing_left(tmp_path, "frozen", to_group(signal.SIGKILL), parts=())


def test_a_frozen_child_ends_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    check_nothing_left(tmp_path, "frozen", to_helper("supervisor", signal.SIGKILL), parts=())


def test_kafka_ends_with_a_killed_client(tmp_path: Path) -> None:
    check_nothing_left(tmp_path, "wait", to_group(signal.SIGKILL), parts=("kafka",))


def test_prometheus_ends_with_a_killed_client(tmp_path: Path) -> None:
    check_nothing_left(tmp_path, "wait", to_group(signal.SIGKILL), parts=("prometheus",))
