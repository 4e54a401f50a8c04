"""`make bench-repair`: from a no on my page to the next question in the queue of mails. Says nothing of right or wrong."""

import asyncio
import re
import statistics
import tempfile
import time
from pathlib import Path
from uuid import UUID

from deploy.local.demo.next_round import regions
from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.stack import Stack
from shared.schemas.people_file import Row
from tests.rounds import Round, town, until

NEWCOMERS, LOCALS, TIMES = 60, 40, 15
QUESTION = re.compile(r'action="([^"]*/answer/[^"]*)"')
ASKED = "SELECT count(*) FROM messages WHERE kind = 'asked' AND person_id = $1"


async def _asked(round_: Round, person: UUID) -> int:
    (row,) = await round_.fetch("notification", ASKED, person)
    count: int = row["count"]
    return count


async def _seconds(round_: Round, row: Row) -> float:
    """This newcomer says no; until their local is asked about somebody who was free."""
    (pair,) = await round_.fetch("matching", "SELECT local FROM pairs WHERE newcomer = $1", round_.person_id(row))
    before = await _asked(round_, pair["local"])
    question = QUESTION.search((await round_.public.get(round_.links[row.id]["me"])).text)
    assert question is not None
    started = time.perf_counter()
    await round_.public.post(question.group(1), data={"answer": "no"})

    async def asked_again() -> bool:
        return await _asked(round_, pair["local"]) > before

    await until("the next question is in the queue", asked_again)
    return time.perf_counter() - started


async def bench(installation: Installation, mailbox_url: str) -> None:
    rows = town(NEWCOMERS, LOCALS)
    async with Round(installation, mailbox_url) as round_:
        await round_.signed_up(rows)
        await round_.close()
        await round_.solved()
        await round_.publish()
        await round_.told()
        matched = {newcomer for newcomer, _ in await round_.pairs()}
        asked = [row for row in rows if round_.person_id(row) in matched][:TIMES]
        found = [await _seconds(round_, row) for row in asked]
    print(f"{len(rows)} people, {len(found)} times, one after the other, until a question is in the queue (looked every 50 ms):")
    print(f"median {statistics.median(found):.2f} s, {min(found):.2f} to {max(found):.2f} s   <= 2 s")


def main() -> None:
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-repair-", dir=ROOT / "build") as named:
        folder = Path(named)
        stack = Stack.start(folder / "stack")
        with stack, stack.installation("repair", regions=regions(folder / "regions")) as installation:
            installation.start_all()
            asyncio.run(bench(installation, stack.mailbox.http_url))


if __name__ == "__main__":
    main()
