"""`make bench-repair`: from a no on my page to the next question in the queue of mails, and from an answer to both pages.

Says nothing of right or wrong.
"""

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
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
END = re.compile(r'href="([^"]*/end/[^"]*)"')  # only of a pair that was introduced
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


async def _page(round_: Round, row: Row) -> str:
    return (await round_.public.get(round_.links[row.id]["me"])).text


async def _until_pages(round_: Round, rows: Sequence[Row], *, introduced: bool) -> float:
    """Seconds until the pages of all these people show that they are introduced, or that they are not any more."""
    started = time.perf_counter()

    async def shown() -> bool:
        pages = await asyncio.gather(*(_page(round_, row) for row in rows))
        return all(bool(END.search(page)) == introduced for page in pages)

    await until("both pages show it", shown)
    return time.perf_counter() - started


async def _introduced(round_: Round, two: Sequence[Row]) -> float:
    """Both say yes: from the second yes."""
    for row in two:
        question = QUESTION.search(await _page(round_, row))
        assert question is not None
        await round_.public.post(question.group(1), data={"answer": "yes"})
    return await _until_pages(round_, two, introduced=True)


async def _ended(round_: Round, two: Sequence[Row]) -> float:
    """One of the two ends it: until the other's page shows it too."""
    end = END.search(await _page(round_, two[0]))
    assert end is not None
    await round_.public.post(end.group(1), data={"reason": "no_time"})
    return await _until_pages(round_, two, introduced=False)


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
        repaired = [await _seconds(round_, row) for row in asked]
        by_id = {round_.person_id(row): row for row in rows}
        pairs = [[by_id[one] for one in pair] for pair in await _waiting(round_)]
        introduced = [await _introduced(round_, pair) for pair in pairs]
        ended = [await _ended(round_, pair) for pair in pairs]
    print(f"{len(rows)} people, one after the other, looked every 50 ms:")
    for what, found in (
        ("from a no to the next question in the queue", repaired),
        ("from the second yes to both pages", introduced),
        ("from an end to the other's page", ended),
    ):
        print(f"{what:44} median {statistics.median(found):.2f} s, {min(found):.2f} to {max(found):.2f} s   <= 2 s")


async def _waiting(round_: Round) -> list[tuple[UUID, UUID]]:
    """Pairs in which both were asked and nobody has answered."""
    query = "SELECT newcomer, local FROM pairs WHERE state = 'asked' ORDER BY id LIMIT $1"
    return [(row["newcomer"], row["local"]) for row in await round_.fetch("matching", query, TIMES)]


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
