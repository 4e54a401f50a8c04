"""Both of a pair answer at the same moment: once both said yes, no yes is taken back any more."""

import asyncio
from uuid import UUID, uuid4

import pytest

from services.registration.handlers import answering
from services.registration.tests import test_answering as alone
from services.registration.tests.front import Front
from services.registration.tests.made import said
from services.registration.tests.test_answering import PAIR, address, hear, page, pair, text, words
from shared.runtime import db
from shared.runtime.tests.waiting import until
from shared.schemas.answers import Answered

two = alone.two
MANY = 30


async def spoken(front: Front, of: UUID = PAIR) -> list[tuple[UUID, str]]:
    """What the other services hear of the pair, in its order."""
    return [(one.person, one.answer) for one in await said(front.pool, Answered) if one.pair == of]


async def say(front: Front, person: UUID, answer: str, of: UUID = PAIR) -> int:
    return (await front.client.post(await address(front, person, of), data={"answer": answer})).status_code


@pytest.mark.parametrize("answer", ["no", "not_again"])
@pytest.mark.parametrize("confirmed_by_matching", [False, True])
async def test_a_yes_stays_from_the_moment_the_other_said_yes_too(
    front: Front, two: tuple[UUID, UUID], answer: str, confirmed_by_matching: bool
) -> None:
    """Also while neither page shows the partner: the news of it is still on its way."""
    assert [await say(front, person, "yes") for person in two] == [303, 303]
    if confirmed_by_matching:
        await hear(front, two[0], 2, pair(two[1], "agreed"))
        await hear(front, two[1], 2, pair(two[0], "introduced"))
    assert [await say(front, person, answer) for person in two] == [404, 404]
    assert await spoken(front) == [(two[0], "yes"), (two[1], "yes")]
    assert text(front, f"answer.noted.{answer}") not in words(await page(front, two[0]))


async def test_taking_back_waits_for_a_yes_that_is_being_said(front: Front, two: tuple[UUID, UUID]) -> None:
    await say(front, two[0], "yes")
    async with db.transaction(front.pool) as conn:
        assert await answering.answer(conn, two[1], PAIR, "yes")
        back = asyncio.create_task(say(front, two[0], "no"))
        await until("somebody waits for the pair", lambda: _somebody_waits(front))
    assert await back == 404
    assert await spoken(front) == [(two[0], "yes"), (two[1], "yes")]


async def _somebody_waits(front: Front) -> bool:
    waiting = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(await front.pool.fetchval(waiting))


async def test_however_often_the_two_meet_nobody_is_introduced_after_a_no(front: Front, two: tuple[UUID, UUID]) -> None:
    heard = []
    for revision in range(2, MANY + 2):
        of = uuid4()
        await hear(front, two[0], revision, pair(two[1], of=of))
        await hear(front, two[1], revision, pair(two[0], of=of))
        await say(front, two[0], "yes", of)
        both = [say(front, two[0], "no", of), say(front, two[1], "yes", of)]
        codes = dict(zip(("no", "yes"), await asyncio.gather(*both), strict=True))
        heard = [("mine" if person == two[0] else "theirs", answer) for person, answer in await spoken(front, of)]
        taken_back = [("mine", "yes"), ("mine", "no"), ("theirs", "yes")]
        assert (heard, codes["no"]) in (([("mine", "yes"), ("theirs", "yes")], 404), (taken_back, 303)), revision
