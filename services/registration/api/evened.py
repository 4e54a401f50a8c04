"""Answers that take the same time whoever asks: a stranger cannot measure who is registered (P14)."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec

from fastapi.responses import Response

P = ParamSpec("P")

STEP_SECONDS = 0.025


def evened(answer: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """The answer at the next whole step of time: what takes a millisecond more ends at the same moment."""

    @functools.wraps(answer)
    async def later(*args: P.args, **kwargs: P.kwargs) -> Response:
        begun = time.monotonic()
        made = await answer(*args, **kwargs)
        taken = time.monotonic() - begun
        await asyncio.sleep(STEP_SECONDS - taken % STEP_SECONDS)
        return made

    return later
