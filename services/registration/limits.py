"""How much one network and one region may send: robots are slowed, people behind one address do not notice.

A shelter has one address for hundreds of people, so that one network may send what 200 of them need in an hour, each four
times: with faults, to be checked, and for good. A robot gets as far as they do and then sends eight forms a minute. Robots in
many networks meet the limit of the region, far above what its people send on their busiest day.

What is used up stands in the database, for all replicas together. A replica does not ask it each time: the first posts of a
network in an hour are on the house, so that a household costs no statement and a robot gains FREE posts per replica; of the
region's allowance it takes BLOCK posts at once; and who was told to wait is told the same from memory.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import structlog

from services.registration.store import limits as store
from shared.runtime import db
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

Purpose = Literal["sign_up", "link", "notice"]


@dataclass(frozen=True)
class Limit:
    """A bucket of this many posts, filled again at this rate."""

    at_once: int
    per_minute: int


OF_NETWORK: dict[Purpose, Limit] = {"sign_up": Limit(400, 8), "link": Limit(120, 3), "notice": Limit(120, 3)}
OF_REGION: dict[Purpose, Limit] = {"sign_up": Limit(5000, 400), "link": Limit(1500, 150), "notice": Limit(1500, 150)}
FREE, BLOCK = 20, 50
REMEMBER_SECONDS, MOST_REMEMBERED = 3600.0, 50_000
FORGET_SECONDS = 60.0


@dataclass(frozen=True)
class Wait:
    """Not now: because of whom, and for how many seconds."""

    seconds: float
    of: Literal["network", "region"]


@dataclass
class _Account:
    """What this replica may still let pass without asking, and until when it need not ask."""

    left: int
    refused_until: float = 0.0


class Limits:
    """One replica's view of the limits. `factor` multiplies them all, for benchmarks that come from one address."""

    def __init__(self, factor: float = 1.0) -> None:
        self._factor = factor
        self._accounts: dict[str, _Account] = {}
        self._since = time.monotonic()

    async def wait(self, pool: db.Pool, network: bytes, region: str, purpose: Purpose) -> Wait | None:
        """Counts one post. None: it may go on. Raises one of db.DATABASE_AWAY."""
        seconds = await self._let(pool, f"{purpose} network {network.hex()}", OF_NETWORK[purpose], FREE, 1)
        if seconds:
            return Wait(seconds, "network")
        seconds = await self._let(pool, f"{purpose} region {region}", OF_REGION[purpose], 0, BLOCK)
        return Wait(seconds, "region") if seconds else None

    async def _let(self, pool: db.Pool, key: str, limit: Limit, free: int, block: int) -> float:
        account = self._account(key, int(free * self._factor))
        refused = account.refused_until - time.monotonic()
        if refused > 0:
            return refused
        if account.left < 1:
            seconds = await self._take(pool, key, limit, block)
            if seconds:
                account.refused_until = time.monotonic() + seconds
                return seconds
            account.left += block
        account.left -= 1
        return 0.0

    async def _take(self, pool: db.Pool, key: str, limit: Limit, posts: int) -> float:
        each = timedelta(minutes=1) / (limit.per_minute * self._factor)
        async with db.connection(pool) as conn:
            seconds = await store.take(conn, key, each * posts, each * limit.at_once * self._factor)
        if seconds:
            log.warning("limit reached", kind=key.rpartition(" ")[0], seconds=round(seconds))
        return seconds

    def _account(self, key: str, free: int) -> _Account:
        """All are forgotten every hour, and when there are more than people have networks."""
        now = time.monotonic()
        if now - self._since > REMEMBER_SECONDS or len(self._accounts) > MOST_REMEMBERED:
            self._accounts.clear()
            self._since = now
        return self._accounts.setdefault(key, _Account(free))


def forgetting(pool: db.Pool) -> Loop:
    """Rows go by themselves; several replicas may run it."""

    async def forget() -> None:
        async with db.connection(pool) as conn:
            await store.forget(conn)

    return every(FORGET_SECONDS, "limits", forget, db.DATABASE_AWAY)
