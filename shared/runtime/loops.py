"""The endless tasks of a service: each shows that it lives, each waits out what is away, and a dead one ends the process."""

import asyncio
import os
import random
import signal
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog

from shared.runtime.metrics import DEPENDENCY_RETRIES, LOOP_LAST_TURN

log = structlog.get_logger()

T = TypeVar("T")
MayBegin = Callable[[], Awaitable[bool]]
STALE_SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
FINISH_SECONDS = 5.0


class Loop:
    """One endless task. It calls `beat` on every turn; without a turn for STALE_SECONDS it counts as dead."""

    def __init__(self, name: str, run: "Callable[[Loop], Awaitable[None]]") -> None:
        self.name = name
        self._run = run
        self.beat()

    def beat(self) -> None:
        self._last_beat = time.monotonic()
        LOOP_LAST_TURN.labels(self.name).set_to_current_time()

    @property
    def alive(self) -> bool:
        return time.monotonic() - self._last_beat < STALE_SECONDS

    async def run(self) -> None:
        await self._run(self)

    async def until_done(self, work: Callable[[], Awaitable[None]], away: tuple[type[Exception], ...]) -> None:
        """Does the work, again and again with growing pauses while what it needs is away."""
        pause = FIRST_PAUSE
        while True:
            self.beat()
            try:
                return await work()
            except away as error:
                self.waits(error, pause)
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(2 * pause, LONGEST_PAUSE)

    def waits(self, error: Exception, pause: float) -> None:
        """Says and counts that what it needs is away; where that lasts, an alert follows."""
        DEPENDENCY_RETRIES.labels(self.name).inc()
        log.warning("waiting", loop=self.name, error=type(error).__name__, pause=pause, **_reason(error))


def _reason(error: Exception) -> dict[str, str]:
    """What OpenSSL says of a certificate is its own words; other errors may quote somebody, and only their kind is logged."""
    return {"reason": error.verify_message} if isinstance(error, ssl.SSLCertVerificationError) else {}


def every(seconds: float, name: str, work: Callable[[], Awaitable[None]], away: tuple[type[Exception], ...]) -> Loop:
    """A loop that does one thing at an interval."""

    async def turns(loop: Loop) -> None:
        while True:
            await loop.until_done(work, away)
            await asyncio.sleep(seconds)

    return Loop(name, turns)


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Work in hand that is brought to its end, within FINISH_SECONDS, where its loop is told to stop in the middle of it."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=FINISH_SECONDS)
        task.cancel()
        raise


async def _always() -> bool:
    return True


class Loops:
    """All loops of one process."""

    def __init__(self, *loops: Loop) -> None:
        self._loops = loops
        self.failed = False

    @property
    def dead(self) -> list[str]:
        return [loop.name for loop in self._loops if not loop.alive]

    @asynccontextmanager
    async def running(self, may_begin: MayBegin = _always, away: tuple[type[Exception], ...] = ()) -> AsyncIterator[None]:
        """`may_begin`: asked until it says so; a service that is there before its tables waits for them. Where it cannot even be
        asked, which is an error of `away`, each loop says what it waits for.
        """
        tasks = [asyncio.create_task(self._watch(loop, may_begin, away), name=loop.name) for loop in self._loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=10) if tasks else None

    async def _watch(self, loop: Loop, may_begin: MayBegin, away: tuple[type[Exception], ...]) -> None:
        """A loop that returns or raises has failed: say so and ask the process to stop, with a failing exit code."""

        async def begun() -> None:
            while not await may_begin():
                loop.beat()
                await asyncio.sleep(FIRST_PAUSE)

        try:
            await loop.until_done(begun, away)
            await loop.run()
            log.error("loop ended", loop=loop.name)
        except asyncio.CancelledError:
            raise
        except BaseException:
            log.exception("loop died", loop=loop.name)
        self.failed = True
        os.kill(os.getpid(), signal.SIGTERM)
