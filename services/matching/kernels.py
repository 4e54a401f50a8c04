"""The engine's kernels, compiled before anybody waits for them.

Numba compiles a kernel where it is first used, a minute for all of them, and keeps the machine code for this processor. It
looks at the kernel's own file only, not at those whose functions went into it; so in a folder that outlives a release every
state of the engine has a folder of its own.
"""

import asyncio
import fcntl
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

import structlog

from shared.runtime.loops import Loop

log = structlog.get_logger()

COMMAND = (sys.executable, "-m", "services.matching.engine", "warm")
ENGINE = Path(__file__).parent / "engine"
BESIDE = ENGINE / "__pycache__"
LOOK_SECONDS = 0.2


class KernelsError(RuntimeError):
    """The kernels cannot be compiled or kept: no round could be solved either, and somebody must be told."""


class Kernels:
    """`warm` once all are there. What nobody changed since is taken from the last time, in no time."""

    def __init__(self, kept_in: Path | None) -> None:
        self.warm = False
        self._kept_in = kept_in

    async def missing(self) -> list[str]:
        """For /readyz."""
        return [] if self.warm else ["kernels"]

    async def compile(self, loop: Loop) -> None:
        """Returns when all are there. Raises KernelsError. Of several services that share the folder one compiles."""
        try:
            await self._made(loop)
        except KernelsError as error:
            log.critical("no kernels", reason=str(error))  # The words of compilers, not of people.
            raise
        self.warm = True

    async def _made(self, loop: Loop) -> None:
        done = _folder(self._kept_in) / f"{_state()}.nbw"  # Whoever deletes Numba's own, *.nb?, deletes this too.
        if not done.exists():
            async with _turn(done.parent, loop):
                if not done.exists():
                    await _compile(environment(self._kept_in), loop)
                    done.touch()


def environment(kept_in: Path | None) -> dict[str, str]:
    """What a process of the engine is started with, so that it finds the kernels."""
    return {**os.environ, "NUMBA_CACHE_DIR": str(_folder(kept_in))} if kept_in else dict(os.environ)


def _folder(kept_in: Path | None) -> Path:
    return kept_in / _state() if kept_in else BESIDE


def _state() -> str:
    """Another where machine code would be: by versions, processor, and the sources' time and size, which Numba looks at too."""
    sources = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(ENGINE.glob("*.py"))]
    versions = [sys.version, version("numba"), version("llvmlite")]
    return hashlib.sha256(repr((sources, versions, _processor())).encode()).hexdigest()[:16]


def _processor() -> list[str]:
    first = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    return [line for line in first.splitlines() if line.startswith(("model name", "flags", "CPU ", "Features"))]


@asynccontextmanager
async def _turn(folder: Path, loop: Loop) -> AsyncIterator[None]:
    """While nobody else compiles into this folder: two at once may give two kernels the same file."""
    with _opened(folder) as file:
        while not _is_ours(file):
            loop.beat()
            await asyncio.sleep(LOOK_SECONDS)
        yield


def _opened(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "turn").open("w", encoding="ascii")
    except OSError as error:
        raise KernelsError(f"kernels cannot be kept in {folder} ({error.strerror}): set MYBUDDY_KERNELS_DIR") from None


def _is_ours(file: TextIO) -> bool:
    """Until the file is closed or this process dies."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _compile(env: dict[str, str], loop: Loop) -> None:
    """In a process that dies with this one; cancelled, it is ended."""
    log.info("compiling kernels")
    none, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*COMMAND, env=env, stdin=none, stdout=none, stderr=pipe)
    ending = asyncio.create_task(process.communicate())
    try:
        while not (await asyncio.wait({ending}, timeout=LOOK_SECONDS))[0]:
            loop.beat()
    finally:
        ending.cancel()
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        raise KernelsError(f"exit {process.returncode}: {ending.result()[1].decode(errors='replace').strip()[-500:]}")
