"""What becomes of a pair: on the pages of both, and in their mails."""

import re

from shared.schemas.people_file import Row
from tests.rounds import SLUG, Round, person, until

NEWCOMER, LOCAL = person(1), person(101, "local")
END = re.compile(r'href="([^"]*/end/[^"]*)"')


async def _page(round_: Round, row: Row) -> str:
    return (await round_.public.get(round_.links[row.id]["me"])).text


async def test_one_ends_it_and_both_are_told_once_and_the_office_reads_why(round_: Round) -> None:
    await round_.signed_up([NEWCOMER, LOCAL])
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()

    async def both_see_it() -> bool:
        return all([END.search(await _page(round_, row)) for row in (NEWCOMER, LOCAL)])

    await until("both see their pair on their pages", both_see_it)
    (link,) = END.findall(await _page(round_, NEWCOMER))
    for _ in range(2):  # a double click
        await round_.public.post(link, data={"reason": "safety"})

    async def both_are_told() -> bool:
        kinds = [[mail["kind"] for mail in await round_.results(row)] for row in (NEWCOMER, LOCAL)]
        return kinds == [["introduced", "pair_ended"]] * 2 and not END.search(await _page(round_, LOCAL))

    await until("both are told, and their pages say it", both_are_told)
    (ended,) = await round_.command("endings", round_.region, SLUG)
    assert (ended["reason"], ended["by"]) == ("safety", str(round_.person_id(NEWCOMER)))
    told = (await round_.results(LOCAL))[-1]
    assert round_.address(NEWCOMER) not in told["text"]
