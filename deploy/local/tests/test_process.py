"""Single processes under a supervisor."""

import os
import signal
import threading
from functools import partial
from pathlib import Path

import pytest

from deploy.local import proc
from deploy.local.errors import ProcessError
from deploy.local.process import Process, Processes, Spec
from deploy.local.tests.until import until

ENV = dict(os.environ)


def sh(name: str, script: str, grace: float = 5) -> Spec:
    return Spec(name, ["sh", "-c", script], env=ENV, grace=grace)


def says(process: Process, word: str) -> bool:
    return word in process.log_text()


def test_exit_code_and_log(processes: Processes) -> None:
    process = processes.start(sh("short", "echo hello; echo oops >&2; exit 7"))
    assert process.wait_exit() == 7
    assert process.log_text() == "hello\noops\n"
    assert process.log == processes.logs / "short.log"


def test_started_again_it_logs_on(processes: Processes) -> None:
    process = processes.start(sh("again", "echo $ROUND"))
    process.wait_exit()
    process.start({"ROUND": "two"})
    process.wait_exit()
    assert process.log_text() == "two\n"
    assert process.log.read_text() == "\ntwo\n"


def test_it_is_not_started_twice(processes: Processes) -> None:
    process = processes.start(sh("once", "sleep 1000"))
    with pytest.raises(ProcessError, match="once: is running already"):
        process.start()


def test_a_missing_program_is_named(processes: Processes) -> None:
    with pytest.raises(ProcessError, match="no/such/program"):
        processes.start(Spec("missing", ["/no/such/program"]))


def test_the_deaf_are_killed_after_their_grace(processes: Processes) -> None:
    process = processes.start(sh("deaf", "trap '' TERM; echo deaf; while true; do sleep 0.05; done", grace=0.2))
    until(lambda: "deaf" in process.log_text(), "it does not listen")
    assert process.stop() == -signal.SIGKILL


def test_kill_reaches_those_beneath_also_in_sessions_of_their_own(processes: Processes) -> None:
    process = processes.start(sh("family", "setsid sleep 1000 & sleep 1001 & wait"))
    until(lambda: len(proc.descendants(process.pid)) == 2, "the family is complete")
    family = proc.members(process.pid)
    process.kill()
    until(lambda: not any(map(proc.alive, family)), "all are gone")


def test_when_it_ends_its_group_ends(processes: Processes) -> None:
    process = processes.start(sh("parent", "sleep 1000 & echo $!; exit 0"))
    process.wait_exit()
    child = int(process.log_text())
    until(lambda: not proc.alive(child), "the child is gone")


def test_frozen_and_thawed(processes: Processes) -> None:
    process = processes.start(sh("ice", "while true; do sleep 0.01; done"))

    def state() -> str:
        entry = proc.read_entry(process.pid)
        return entry.state if entry else "gone"

    process.freeze()
    until(lambda: state() == "T", "it is stopped")
    process.thaw()
    until(lambda: state() != "T", "it runs")
    process.freeze()
    assert process.stop() == -signal.SIGTERM


def test_peak_memory_counts_those_beneath(processes: Processes) -> None:
    process = processes.start(sh("two", "sleep 1000 & wait"))
    until(lambda: proc.descendants(process.pid), "it has a child")
    assert process.peak_mb > proc.peak_mb(proc.descendants(process.pid)[0]) > 0


def test_the_last_started_stops_first(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    order = tmp_path / "order"
    for name in ("one", "two", "three"):
        script = f"trap 'echo {name} >> {order}; exit' TERM; echo up; while true; do sleep 0.02; done"
        process = processes.start(sh(name, script))
        until(partial(says, process, "up"), "it listens")
    processes.close()
    assert order.read_text().split() == ["three", "two", "one"]


def test_threads_may_come_and_go(processes: Processes) -> None:
    """The kernel's parent-death signal follows threads; nothing here may."""
    made: list[Processes] = []
    thread = threading.Thread(target=lambda: made.append(Processes(processes.run_dir / "inner")))
    thread.start()
    thread.join()
    process = made[0].start(sh("after", "sleep 1000"))
    assert process.running
    made[0].close()


def test_after_the_supervisors_death_one_clear_sentence(processes: Processes) -> None:
    process = processes.start(sh("orphan", "sleep 1000"))
    os.kill(processes.pid, signal.SIGKILL)
    until(lambda: not proc.alive(process.pid), "the child is gone")
    with pytest.raises(ProcessError, match="the supervisor is gone"):
        _ = process.exit_code
