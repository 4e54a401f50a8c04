"""Whoever is reported for safety's sake counts in no round before the office has looked, and hears nothing of why."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from deploy.local.keys import Keys
from services.registration.handlers import returning
from services.registration.handlers.sign_up import sign_up
from services.registration.store import outcomes, people
from services.registration.store.outcomes import Outcome
from services.registration.tests.doubting import decide
from services.registration.tests.front import Front, Shown, token
from services.registration.tests.made import ROUND, closed, confirmed, next_round, one, opened, said
from shared.runtime import db
from shared.schemas.participants import Confirmed, Left

PAIR = uuid4()


@pytest.fixture
async def two(front: Front) -> tuple[UUID, UUID]:
    """Who reports and who is reported; they were introduced in a round that is closed."""
    await opened(front.pool)
    one_, other = await confirmed(front.pool, one(1), one(2, role="local"))
    await closed(front.pool)
    why = {"languages": ["de"], "hobbies": [], "band": "under_2", "writes_first": True}
    async with db.transaction(front.pool) as conn:
        for person, partner in ((one_, other), (other, one_)):
            pair = {"pair": str(PAIR), "partner": str(partner), **why}
            await outcomes.keep(conn, Outcome(person, ROUND, 1, "matched", None, None, [pair]))
    return one_, other


async def end(front: Front, person: UUID, reason: str = "safety") -> None:
    done = await front.client.post(f"{await front.link(person)}/end/{PAIR}", data={"reason": reason})
    assert done.status_code == 303


async def back(front: Front, person: UUID) -> str | None:
    async with db.transaction(front.pool) as conn:
        return await returning.come_back(conn, person)


async def state(front: Front, person: UUID) -> str:
    async with db.connection(front.pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found.state


async def test_who_was_reported_comes_back_to_the_office_first_and_who_reported_does_not(
    front: Front, two: tuple[UUID, UUID], keys: Keys
) -> None:
    reporter, reported = two
    await end(front, reporter)
    later = await next_round(front.pool)
    assert [await back(front, person) for person in two] == ["returned", "in_doubt"]
    assert [event.person for event in await said(front.pool, Confirmed) if event.round == later] == [reporter]
    shown = await front.client.get("/coordinator/doubts/ludwigsburg/next", headers=token(keys, "ludwigsburg"))
    assert [(one_["person"], one_["kind"]) for one_ in shown.json()] == [(str(reported), "reported")]
    mine = await front.link(reported)
    page = Shown((await front.client.get(mine)).text).text
    assert front.tools.pages.text("de", "me.state.in_doubt") in page
    for address in (f"{mine}/data.json", f"{mine}/data.txt"):
        stored = (await front.client.get(address)).text.replace('"ended_for_safety":0', "")  # their own reports, none
        assert not [word for word in ("reported", "safety") if word in stored]


async def test_who_was_reported_and_signs_up_anew_waits_too(front: Front, two: tuple[UUID, UUID]) -> None:
    await end(front, two[0])
    later = await next_round(front.pool)
    form = replace(one(2, role="local"), round_id=later, form_token="another-form-0123456789")
    async with db.transaction(front.pool) as conn:
        assert await sign_up(conn, form) == "accepted"
    await front.client.post(await front.link(two[1], "confirm"))
    assert await state(front, two[1]) == "in_doubt"


async def test_who_is_in_the_next_round_already_is_off_its_roster_at_once(front: Front, two: tuple[UUID, UUID]) -> None:
    later = await next_round(front.pool)
    assert await back(front, two[1]) == "returned"
    await end(front, two[0])
    assert await state(front, two[1]) == "in_doubt"
    assert [(event.person, event.round) for event in await said(front.pool, Left)] == [(two[1], later)]


async def test_what_the_office_accepts_is_settled_and_what_it_refuses_waits_again_next_time(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    await end(front, two[0])
    await next_round(front.pool)
    assert await back(front, two[1]) == "in_doubt"
    assert await decide(front.pool, two[1], "refused") == ("refused", [])
    assert await front.pool.fetchval("SELECT count(*) FROM reported") == 1
    assert await decide(front.pool, two[1], "accepted", "reported") == ("confirmed", [])
    assert await front.pool.fetchval("SELECT count(*) FROM reported") == 0


@pytest.mark.parametrize("reason", ["no_answer", "did_not_fit", "other"])
async def test_for_any_other_reason_nobody_is_held(front: Front, two: tuple[UUID, UUID], reason: str) -> None:
    await end(front, two[0], reason)
    await next_round(front.pool)
    assert await back(front, two[1]) == "returned"
