"""The client's side: asks the supervisor to start processes and steers them. Safe to use from several threads."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local import proc
from deploy.local.errors import ProcessError

ROOT = Path(__file__).parents[2]
ROOM_BYTES = 2 << 30


class Processes:
    """A supervisor of our own; `close()`, or our death, ends everything it started."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir.resolve()
        self.logs = self.run_dir / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._asked = 0
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._supervisor = _start_supervisor(theirs, self.run_dir)
        self._replies = self._socket.makefile("rb")
        hello = self._read_reply()
        self.pid: int = hello["pid"]
        self.scratch = Path(hello["scratch"])
        """Short, private, in memory where there is room; removed at the end, however that comes."""

    @property
    def pids(self) -> tuple[int, int]:
        """Guardian and supervisor."""
        return self._supervisor.pid, self.pid

    def start(self, spec: "Spec") -> "Process":
        process = Process(self, spec)
        process.start()
        return process

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request, one reply. Raises ProcessError with the supervisor's reason."""
        with self._lock:
            self._asked += 1
            try:
                self._socket.sendall(json.dumps({**request, "id": self._asked}).encode() + b"\n")
            except OSError as error:
                raise ProcessError(f"the supervisor is gone ({error})") from error
            return self._read_reply()

    def _read_reply(self) -> dict[str, Any]:
        reply: dict[str, Any] = {"id": -1}
        while reply["id"] != self._asked:  # a Ctrl-C may have left an earlier reply unread
            line = self._replies.readline()
            if not line:
                raise ProcessError(f"the supervisor is gone; see {self.logs / 'supervisor.log'}")
            reply = json.loads(line)
        if "error" in reply:
            raise ProcessError(reply["error"])
        return reply

    def close(self) -> None:
        """Stops everything in reverse order and waits until it is gone."""
        self._replies.close()
        self._socket.close()
        self._supervisor.wait()


def _start_supervisor(theirs: socket.socket, run_dir: Path) -> subprocess.Popen[bytes]:
    arguments = ["--client-fd", str(theirs.fileno()), "--client-pid", str(os.getpid())]
    arguments += ["--scratch-in", str(_roomy_folder()), "--remove", str(run_dir / "data")]
    with (run_dir / "logs" / "supervisor.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local.supervisor", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # Ctrl-C goes to the client, which tells the supervisor in its own time
        )


def _roomy_folder() -> Path:
    """Memory if it has room (containers often give it 64 MB), else the folder for temporary files."""
    memory = Path("/dev/shm")  # noqa: S108 - only the parent of a private folder
    if memory.is_dir() and os.access(memory, os.W_OK):
        free = os.statvfs(memory)
        if free.f_bavail * free.f_frsize >= ROOM_BYTES:
            return memory
    return Path(tempfile.gettempdir())


@dataclass(frozen=True)
class Spec:
    """How to start one process. `stop_signal` asks it to end, `death_signal` reaches it if the supervisor is killed."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: Path = ROOT
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL
    grace: float = 5.0


class Process:
    """One program under the supervisor; it can be started again after it ended."""

    def __init__(self, processes: Processes, spec: Spec) -> None:
        self.processes = processes
        self.spec = spec
        self.log = processes.logs / f"{spec.name}.log"
        self.pid = 0
        self.log_start = 0

    def start(self, env: Mapping[str, str] | None = None) -> None:
        """`env` is added for this start only."""
        self.log_start = self.log.stat().st_size if self.log.exists() else 0
        spec = self.spec
        reply = self.processes.ask(
            op="start",
            name=spec.name,
            argv=list(spec.argv),
            env={**spec.env, **(env or {})},
            cwd=str(spec.cwd),
            log=str(self.log),
            stop_signal=int(spec.stop_signal),
            death_signal=int(spec.death_signal),
            grace=spec.grace,
        )
        self.pid = reply["pid"]

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for a signal."""
        code: int | None = self.processes.ask(op="state", name=self.spec.name)["code"]
        return code

    @property
    def running(self) -> bool:
        return self.exit_code is None

    @property
    def peak_mb(self) -> float:
        """Highest resident memory so far, with the processes beneath it that live now."""
        return proc.peak_mb(self.pid)

    def signal(self, number: int, *, whole: bool = False) -> None:
        """To the process alone, or to all beneath it too."""
        self.processes.ask(op="signal", name=self.spec.name, signal=int(number), whole=whole)

    def terminate(self) -> None:
        """Asks it to end (SIGTERM), as Kubernetes does."""
        self.signal(self.spec.stop_signal)

    def kill(self) -> None:
        """SIGKILL to it and all beneath it, as when the machine goes; returns when it is gone."""
        self.signal(signal.SIGKILL, whole=True)
        self.wait_exit()

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP, whole=True)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT, whole=True)

    def stop(self) -> int:
        """Asks, waits, kills after the grace period. Returns the exit code."""
        self.terminate()
        self.thaw()
        try:
            return self.wait_exit(self.spec.grace)
        except ProcessError:
            self.kill()
            return self.wait_exit()

    def wait_exit(self, deadline: float = 10.0) -> int:
        """The exit code, within `deadline` seconds."""
        end = time.monotonic() + deadline
        while (code := self.exit_code) is None:
            if time.monotonic() > end:
                raise ProcessError(f"{self.spec.name} still runs after {deadline:g} s{self.log_tail()}")
            time.sleep(0.01)
        return code

    def log_text(self) -> str:
        """What it wrote since its last start."""
        with self.log.open("rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")

    def log_tail(self, lines: int = 30) -> str:
        """For error messages: where the log is, and its end."""
        tail = "\n  ".join(self.log_text().splitlines()[-lines:])
        return f"\n{self.log}:\n  {tail}"
