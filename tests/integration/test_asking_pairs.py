"""Both of a pair are asked before either hears a name; after a no somebody else is found, with the real engine."""

import re

from deploy.local.demo.door import Door
from shared.schemas.people_file import Row
from tests.rounds import Round, person, until

FIRST, SECOND, LOCAL = person(3), person(5), person(101, "local", gender="f")
QUESTION = re.compile(r'action="([^"]*/answer/[^"]*)"')


async def _page(round_: Round, row: Row) -> str:
    return (await round_.public.get(round_.links[row.id]["me"])).text


async def _is_asked(round_: Round, row: Row) -> bool:
    return bool(QUESTION.search(await _page(round_, row)))


async def _answer(round_: Round, row: Row, said: str) -> None:
    await until(f"{row.id} is asked", lambda: _is_asked(round_, row))
    assert await Door(round_.public, round_.region).answer(round_.links[row.id]["me"], said) == 1


async def _kinds(round_: Round, row: Row) -> list[str]:
    return [mail["kind"] for mail in await round_.results(row)]


async def test_whoever_says_no_is_replaced_and_names_are_told_when_both_have_said_yes(asking_round: Round) -> None:
    round_ = asking_round
    await round_.signed_up([FIRST, SECOND, LOCAL])
    await round_.close()
    await round_.solved()
    await round_.publish()
    await until("the local is asked", lambda: _is_asked(round_, LOCAL))
    asked, free = (FIRST, SECOND) if await _is_asked(round_, FIRST) else (SECOND, FIRST)
    people = {row.id: row for row in (asked, free, LOCAL)}

    await _answer(round_, LOCAL, "yes")
    await _answer(round_, asked, "no")
    await _answer(round_, free, "yes")
    for row in people.values():  # nothing yet names anybody
        others = [other for other in people.values() if other != row]
        for said in (await _page(round_, row), *(mail["text"] for mail in await round_.results(row))):
            assert not [other for other in others if other.name in said or round_.address(other) in said]
    await _answer(round_, LOCAL, "yes")

    async def all_told() -> bool:
        kinds = {row.id: await _kinds(round_, row) for row in people.values()}
        return kinds == {
            LOCAL.id: ["asked", "asked", "introduced"],
            asked.id: ["asked", "fell_through"],
            free.id: ["unmatched", "asked", "introduced"],
        }

    await until("everybody is told what became of it", all_told)
    assert round_.address(LOCAL) in (await round_.results(free))[-1]["text"]
    assert round_.address(free) in await _page(round_, LOCAL)
    assert await round_.pairs() == {(round_.person_id(free), round_.person_id(LOCAL))}
