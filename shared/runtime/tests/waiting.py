"""Waiting for a condition with a deadline, and running a loop meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from shared.runtime.loops import Loop

T = TypeVar("T")


async def until(what: str, true: Callable[[], Awaitable[T]], seconds: float = 30) -> T:
    """What the condition answered when it was first true."""
    end = time.monotonic() + seconds
    while not (answer := await true()):
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.01)
    return answer


@asynccontextmanager
async def running(loop: Loop) -> AsyncIterator["asyncio.Task[None]"]:
    """Until the block is left. A loop that ended by itself is the test's failure, unless the block cancelled it."""
    task = asyncio.create_task(loop.run())
    try:
        yield task
        assert not task.done() or task.cancelled(), "the loop has ended"
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


def retrying() -> Loop:
    """A loop for its `until_done` alone."""

    async def nothing(_: Loop) -> None:
        return

    return Loop("test", nothing)
