"""Ending a pair from my page."""

from uuid import UUID, uuid4

import pytest

from services.registration.handlers import own_data
from services.registration.store import outcomes
from services.registration.store.outcomes import Outcome
from services.registration.tests.front import Front, Shown
from services.registration.tests.made import ROUND, closed, confirmed, everything, one, opened, said
from shared.runtime import db
from shared.schemas.answers import PairEnded

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
    assert (done.status_code, done.headers["location"]) == (303, "/de/ludwigsburg/done/pair_ended")
    assert await said(front.pool, PairEnded) == [PairEnded(pair=PAIR, person=two[0], reason="safety")]


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
