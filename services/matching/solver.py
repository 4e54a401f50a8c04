"""The engine as a process of its own: this service imports neither Numba nor OR-Tools, and survives whatever they do."""

import asyncio
import contextlib
import json
import resource
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.runtime.killpoints import killpoint

COMMAND = (sys.executable, "-m", "services.matching.engine", "job")
SOLVED, INFEASIBLE = 0, 1
LONGEST_LINE = 1 << 16
LOOK_SECONDS = 0.2


class SolverDiedError(RuntimeError):
    """The solver ended without a result that can be used; what it said last is the message."""


class Telling:
    """What the solver says on standard error: how far it is, and the last of anything else."""

    def __init__(self) -> None:
        self.progress: dict[str, Any] | None = None
        self._complaints: deque[str] = deque(maxlen=10)

    def hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if isinstance(said, dict) and "step" in said:
            self.progress = said
        elif line.strip():
            self._complaints.append(line.strip())

    @property
    def complaint(self) -> str:
        return "\n".join(self._complaints)[-500:]


async def solve(
    job: dict[str, Any], memory_mb: int | None, telling: Telling, env: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The result of a job; `env` is the process's whole environment, else it is ours. Raises SolverDiedError where the process
    ends without one; cancelled, it ends the process.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*COMMAND, env=env, stdin=pipe, stdout=pipe, stderr=pipe, limit=LONGEST_LINE)
    killpoint("M2")
    watching = asyncio.create_task(_watch_memory(process, memory_mb, telling))
    try:
        said, _, _ = await asyncio.gather(_read_all(process), _listen(process, telling), _give(process, job))
        code = await process.wait()
    finally:
        watching.cancel()
        if process.returncode is None:
            process.kill()
    if code not in (SOLVED, INFEASIBLE):
        raise SolverDiedError(f"exit {code}: {telling.complaint}")
    return _checked(said, {person["id"] for person in job["people"]}, telling.complaint)


async def _watch_memory(process: asyncio.subprocess.Process, memory_mb: int | None, telling: Telling) -> None:
    """Ends a process that takes more. A limit of the kernel's would be met inside libraries that do not expect it, and one
    of them then runs for ever.
    """
    while memory_mb is not None and process.returncode is None:
        if _resident_mb(process.pid) > memory_mb:
            telling.hear(f"ended because it needed more than {memory_mb} MB of memory")
            process.kill()
            return
        await asyncio.sleep(LOOK_SECONDS)


def _resident_mb(pid: int) -> int:
    """0 for a process that is no more."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize() >> 20


async def _give(process: asyncio.subprocess.Process, job: dict[str, Any]) -> None:
    """A process that dies before it has read everything says why itself."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(json.dumps(job).encode())
        await process.stdin.drain()
    process.stdin.close()


async def _read_all(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await process.stdout.read()


async def _listen(process: asyncio.subprocess.Process, telling: Telling) -> None:
    """Line by line; the rest of a line that is too long is a line of its own."""
    assert process.stderr is not None
    while True:
        try:
            line = await process.stderr.readline()
        except ValueError:
            continue
        if not line:
            return
        telling.hear(line.decode(errors="replace"))


def _checked(said: bytes, people: set[str], complaint: str) -> dict[str, Any]:
    """The result, as far as everything later relies on it."""
    try:
        result: dict[str, Any] = json.loads(said)
        matched = {pair[role] for pair in result["pairs"] for role in ("newcomer", "local")}
        left_over = [one["id"] for one in result["unmatched"]]
        status = result["status"]
    except (ValueError, LookupError, TypeError) as error:
        raise SolverDiedError(f"its result cannot be read ({type(error).__name__}): {complaint}") from None
    if status != "infeasible" and (matched | set(left_over) != people or matched & set(left_over)):
        raise SolverDiedError("its result does not cover exactly the people it was given")
    return result
