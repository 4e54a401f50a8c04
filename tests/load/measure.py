"""What a command takes as a whole process: wall seconds from start to end, and its highest resident memory.

The kernel counts a process's memory from that of whoever started it. So the command is started by this file, run as a
program of its own that imports nothing large.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Measured:
    """`late`: ended by the time limit; `wrong`: what a command that failed said last, else nothing."""

    seconds: float
    peak_mb: int
    late: bool
    wrong: str


def measured(command: Sequence[str], limit: float) -> Measured:
    """Runs it, for at most `limit` seconds and with no more memory than is free now."""
    started = [sys.executable, "-S", "-m", "tests.load.measure", str(limit), str(free_bytes()), *command]
    done = subprocess.run(started, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, kilobytes, late, code = json.loads(done.stdout)
    last = (done.stderr.strip().splitlines() or [f"exit code {code}"])[-1]
    return Measured(seconds, kilobytes // 1024, late, "" if code == 0 or late else last)


def free_bytes() -> int:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("MemAvailable")).split()[1])


def main(limit: float, memory: int, command: Sequence[str]) -> None:
    """The command ends with this process, and this one with whoever started it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, lambda *_: child.kill())
    signal.setitimer(signal.ITIMER_REAL, limit)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    sys.stdout.write(json.dumps([seconds, usage.ru_maxrss, seconds >= limit, os.waitstatus_to_exitcode(status)]))


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
