"""Ending a pair from my page."""

from uuid import UUID, uuid4

import pytest

from services.registration.handlers import own_data
from services.registration.store import outcomes
from services.registration.store.outcomes import Outcome
from services.registration.tests.front import NOTIFICATION, Front, Shown
from services.registration.tests.made import ROUND, closed, confirmed, everything, next_round, one, opened, said
from shared.runtime import db
from shared.schemas.answers import PairEnded
from shared.schemas.participants import OfficeAlerted

PAIR = uuid4()


@pytest.fixture
async def two(front: Front) -> tuple[UUID, UUID]:
    await opened(front.pool)
    newcomer, local = await confirmed(front.pool, one(1), one(2, name="Käthe Groß", role="local"))
    await closed(front.pool)
    why = {"languages": ["de"], "hobbies": [], "band": "under_2", "writes_first": True}
    async with db.transaction(front.pool) as conn:
        for person, partner in ((newcomer, local), (local, newcomer)):
            pair = {"pair": str(PAIR), "partner": str(partner), **why}
            await outcomes.keep(conn, Outcome(person, ROUND, 1, "matched", None, None, [pair]))
    return newcomer, local


async def address(front: Front, person: UUID, pair: UUID = PAIR) -> str:
    return f"{await front.link(person)}/end/{pair}"


async def test_a_reason_ends_it_and_the_event_carries_nothing_else(front: Front, two: tuple[UUID, UUID]) -> None:
    mine = await address(front, two[0])
    assert f'href="{mine}"' in (await front.client.get(await front.link(two[0]))).text
    assert "Käthe" in Shown((await front.client.get(mine)).text).text
    done = await front.client.post(mine, data={"reason": "safety"})
    assert (done.status_code, done.headers["location"]) == (303, "/de/ludwigsburg/done/pair_ended_told")
    assert await said(front.pool, PairEnded) == [PairEnded(pair=PAIR, person=two[0], reason="safety")]


async def test_after_danger_the_page_says_that_the_office_was_told_and_whom_to_call(front: Front, two: tuple[UUID, UUID]) -> None:
    said_more = [front.tools.pages.text("de", key) for key in ("done.pair_ended_told.office", "end.danger")]
    for person, reason, more in ((two[0], "safety", True), (two[1], "no_time", False)):
        done = await front.client.post(await address(front, person), data={"reason": reason})
        assert reason not in done.headers["location"]
        page = Shown((await front.client.get(done.headers["location"])).text).text
        assert [text in page for text in said_more] == [more] * 2, reason
        assert front.tools.pages.text("de", "done.pair_ended.text") in page


async def test_the_mail_of_the_end_knows_who_ended_it_for_safety_and_of_which_pair(front: Front, two: tuple[UUID, UUID]) -> None:
    async def by_safety(person: UUID, *ended: UUID) -> bool:
        question = {"kind": "pair_ended", "person": str(person), "ended": [str(pair) for pair in ended]}
        answer = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
        return bool(answer["by_safety"])

    assert not await by_safety(two[0], PAIR)
    for _ in range(2):
        await front.client.post(await address(front, two[0]), data={"reason": "safety"})
    for person in two:
        async with db.transaction(front.pool) as conn:
            await outcomes.keep(conn, Outcome(person, ROUND, 2, "unmatched", "pair_ended", None, []))
    assert [await by_safety(two[0], *pairs) for pairs in ((PAIR,), (uuid4(), PAIR), (uuid4(),), ())] == [True, True, False, False]
    assert not await by_safety(two[1], PAIR)
    stored = (await front.client.get(f"{await front.link(two[0])}/data.json")).json()
    assert stored["outcome"]["ended_for_safety"] == 1


async def test_the_office_is_told_the_round_of_the_pair_also_when_they_are_in_a_later_one(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    later = await next_round(front.pool)
    await front.pool.execute("UPDATE people SET round_id = $1 WHERE id = $2", later, two[0])
    await front.client.post(await address(front, two[0]), data={"reason": "safety"})
    assert [event.round for event in await said(front.pool, OfficeAlerted)] == [ROUND]


@pytest.mark.parametrize("typed", [{}, {"reason": ""}, {"reason": "because"}])
async def test_without_a_reason_of_the_list_it_is_asked_for_and_nothing_ends(
    front: Front, two: tuple[UUID, UUID], typed: dict[str, str]
) -> None:
    before = await everything(front.pool)
    answer = await front.client.post(await address(front, two[0]), data=typed)
    assert answer.status_code == 422
    assert front.tools.pages.text("de", "error.end_reason_missing") in Shown(answer.text).text
    assert await everything(front.pool) == before


async def test_nobody_ends_a_pair_that_is_not_theirs_or_is_over(front: Front, two: tuple[UUID, UUID]) -> None:
    before = await everything(front.pool)
    assert (await front.client.post(await address(front, two[0], uuid4()), data={"reason": "other"})).status_code == 404
    assert await everything(front.pool) == before
    async with db.transaction(front.pool) as conn:
        await outcomes.keep(conn, Outcome(two[0], ROUND, 2, "unmatched", "pair_ended", None, []))
    assert (await front.client.post(await address(front, two[0]), data={"reason": "other"})).status_code == 404
    assert await said(front.pool, PairEnded) == []


async def test_who_is_erased_leaves_no_word_of_why(front: Front, two: tuple[UUID, UUID]) -> None:
    await front.client.post(await address(front, two[0]), data={"reason": "safety"})
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, two[0])
    assert await said(front.pool, PairEnded) == []
