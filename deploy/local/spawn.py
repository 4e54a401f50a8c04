"""Starts one child of the supervisor: its own session, tied to the supervisor's life, output into its log."""

import ctypes
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Child:
    """One started program; the supervisor collects its end, nobody else may wait for it."""

    popen: subprocess.Popen[bytes]
    stop_signal: int
    grace: float

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def code(self) -> int | None:
        """None while running, then the exit code, negative for a signal."""
        return self.popen.returncode

    def ended(self, status: int) -> None:
        self.popen.returncode = os.waitstatus_to_exitcode(status)


def spawn(request: dict[str, Any]) -> Child:
    with Path(request["log"]).open("ab", buffering=0) as log:
        popen = subprocess.Popen(
            request["argv"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=request["cwd"],
            env=request["env"],
            start_new_session=True,
            preexec_fn=_tie_to(os.getpid(), request["death_signal"]),  # noqa: PLW1509 - this process has one thread
        )
    return Child(popen, request["stop_signal"], request["grace"])


def _tie_to(parent: int, death_signal: int) -> Callable[[], None]:
    def tie() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked to be told
            os._exit(1)

    return tie
