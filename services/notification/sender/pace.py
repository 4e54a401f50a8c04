"""How many mails a minute go out, in all and to each domain, however many processes send.

A process takes tokens from the database in blocks of a second's worth, so that few mails cost a question.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from services.notification.store import paces
from shared.runtime import db

IN_ALL, ASKED_FOR = "*", "asked for: "
BLOCK_SECONDS = 1.0
# Processes that ask in the same moment are told to wait for as long as they were apart.
MOMENT_SECONDS = 0.05


class Rate:
    """So many a minute: what one costs, and how many are taken at once."""

    def __init__(self, per_minute: int) -> None:
        self.cost, self.block = timedelta(minutes=1) / per_minute, max(1, per_minute // 60)


@dataclass
class One:
    """Leave to hand over one mail; given back where it was not used."""

    used: bool = False


class Pace:
    """Shared by the senders of a process. A block of a domain that is not used up lapses; of the total it is kept."""

    def __init__(self, pool: db.Pool, per_minute: int, per_minute_to_domain: int) -> None:
        self._pool, self._in_all, self._to_domain = pool, Rate(per_minute), Rate(per_minute_to_domain)
        self._left = 0
        self._blocks: dict[str, tuple[int, float]] = {}
        self._waiting, self._asking = asyncio.Lock(), asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[One]:
        """Waits until another mail may be sent at all: this is before a message is claimed, so that none is held up."""
        async with self._waiting:
            if not self._left:
                self._left, wait = await self._take(IN_ALL, self._in_all)
                await asyncio.sleep(wait)
            self._left -= 1
        given = One()
        try:
            yield given
        finally:
            self._left += not given.used

    async def to_domain(self, domain: str, *, asked_for: bool = False) -> float:
        """0 where a mail to this domain may be sent now, else the seconds until the slot that is kept for it.

        What is asked for has a pace of its own: it never stands behind a round's results.
        """
        name = f"{ASKED_FOR}{domain}" if asked_for else domain
        async with self._asking:
            now = time.monotonic()
            self._blocks = {known: block for known, block in self._blocks.items() if block[1] > now}
            left, until = self._blocks.pop(name, (0, now + BLOCK_SECONDS))
            if not left:
                left, wait = await self._take(name, self._to_domain)
                if wait > MOMENT_SECONDS:
                    return wait
            if left > 1:
                self._blocks[name] = left - 1, until
            return 0.0

    async def _take(self, name: str, rate: Rate) -> tuple[int, float]:
        """On a connection of its own: in the sender's transaction others would wait until the mail is handed over."""
        async with db.connection(self._pool) as conn:
            return await paces.take(conn, name, rate.block, rate.cost)
