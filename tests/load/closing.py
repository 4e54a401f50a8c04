"""`make bench-close`: 10,000 people confirm, the round closes behind the last of them, and matching waits until it knows
exactly those. Says nothing of right or wrong.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from deploy.local.demo.story import DURING
from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.stack import Stack
from services.registration.handlers import own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.handlers import sign_up as handler
from services.registration.tests.made import one
from shared.runtime import db
from tests.rounds import until

PEOPLE, AT_ONCE = 10_000, 12
OPEN = "SELECT id FROM rounds WHERE phase = 'open' AND region = 'ludwigsburg'"
PASSED = "SELECT EXISTS (SELECT FROM runs WHERE round_id = $1)"


async def _confirm(pool: db.Pool, round_: UUID, numbers: Iterator[int]) -> None:
    for number in numbers:
        form = replace(one(number, role="local" if number % 2 else "newcomer"), round_id=round_)
        async with db.transaction(pool) as conn:
            await handler.sign_up(conn, form)
        async with db.transaction(pool) as conn:
            await own_data.confirm(conn, form.person)


async def bench(installation: Installation) -> None:
    async with (
        db.open_pool(installation.database_url("registration"), AT_ONCE) as pool,
        db.open_pool(installation.database_url("matching"), 1) as matching,
    ):
        round_ = await until("the round is open", lambda: pool.fetchval(OPEN))
        numbers, started = iter(range(1, PEOPLE + 1)), time.perf_counter()
        await asyncio.gather(*(_confirm(pool, round_, numbers) for _ in range(AT_ONCE)))
        print(f"{PEOPLE} people signed up and confirmed in {time.perf_counter() - started:.0f} s", flush=True)
        started = time.perf_counter()
        async with db.transaction(pool) as conn:
            closed = await round_handlers.close(conn, round_)
        answered = time.perf_counter() - started
        await until("matching has everybody", lambda: matching.fetchval(PASSED, round_), seconds=300)
        seconds = time.perf_counter() - started
    print(f"{closed.roster_count} on the roster; closed in {answered:.1f} s, matching had all after {seconds:.1f} s   <= 60 s")


def main() -> int:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start, Python {sys.version.split()[0]}\n")
    with Stack.start(ROOT / "build" / "bench", durable=True) as stack, stack.installation("close") as installation:
        for name in ("geo", "registration", "matching"):
            installation.start(name)
        installation.move_clock(datetime.fromisoformat(DURING))
        asyncio.run(bench(installation))
    return 0


if __name__ == "__main__":
    sys.exit(main())
