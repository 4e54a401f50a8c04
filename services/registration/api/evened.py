"""Answers whose time says nothing of who asks: a stranger cannot measure who is registered (P14)."""

import asyncio
import functools
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec

from fastapi.responses import Response

P = ParamSpec("P")

STEP_SECONDS, CHANCE_SECONDS = 0.025, 0.015
_chance = secrets.SystemRandom()


def evened(answer: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """The answer at the next whole step of time, and by chance a little later: what takes a millisecond more ends at the same
    moment, and the part of a millisecond by which a timer is late, which still knows what went before, is lost in chance.
    """

    @functools.wraps(answer)
    async def later(*args: P.args, **kwargs: P.kwargs) -> Response:
        begun = time.monotonic()
        made = await answer(*args, **kwargs)
        taken = time.monotonic() - begun
        await asyncio.sleep(STEP_SECONDS - taken % STEP_SECONDS + _chance.uniform(0, CHANCE_SECONDS))
        return made

    return later
