"""Pausing and coming back: from a pause, from an earlier round, and while a round closes."""

import asyncio
from uuid import UUID

import pytest

from services.registration.handlers import returning
from services.registration.store import people
from services.registration.tests.front import Front
from services.registration.tests.made import ROUND, closed, confirmed, next_round, one, opened, said, signed_up
from shared.runtime import db
from shared.schemas.participants import Confirmed, Left, SignedUp


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


async def state(front: Front, person: UUID) -> tuple[str, UUID, int]:
    async with db.connection(front.pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found.state, found.round_id, found.version


async def test_who_pauses_is_off_the_roster_and_back_with_one_button(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    link = await front.link(person)
    for _ in range(2):
        answer = await front.client.post(f"{link}/pause")
        assert answer.headers["location"] == "/de/ludwigsburg/done/paused"
    assert await state(front, person) == ("paused", ROUND, 2)
    assert [event.version for event in await said(front.pool, Left)] == [2]
    assert "/return" in (await front.client.get(link)).text
    for _ in range(2):
        assert (await front.client.post(f"{link}/return")).headers["location"] == "/de/ludwigsburg/done/returned"
    assert await state(front, person) == ("confirmed", ROUND, 3)
    assert [event.version for event in await said(front.pool, Confirmed)] == [1, 3]


async def test_somebody_of_an_earlier_round_comes_into_the_next_with_one_button(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    later = await next_round(front.pool)
    answer = await front.client.post(f"{await front.link(person)}/return")
    assert answer.headers["location"].endswith("/done/returned")
    assert await state(front, person) == ("confirmed", later, 2)


async def test_who_never_confirmed_is_asked_to_when_they_come_back(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    later = await next_round(front.pool)
    answer = await front.client.post(f"{await front.link(person)}/return")
    assert answer.headers["location"] == "/de/ludwigsburg/sent"
    assert (await state(front, person))[:2] == ("unconfirmed", later)
    assert [event.round for event in await said(front.pool, SignedUp)] == [ROUND, later]


async def test_nobody_comes_back_where_no_round_is_open(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await closed(front.pool)
    link = await front.link(person)
    assert "/return" not in (await front.client.get(link)).text
    assert (await front.client.post(f"{link}/return")).status_code == 409
    assert (await front.client.post(f"{link}/pause")).status_code == 409


async def test_two_who_come_back_while_the_round_closes_are_in_or_out(front: Front) -> None:
    """Coming back and closing at the same moment: whoever is confirmed in the closed round stands on its roster."""
    people_ = await confirmed(front.pool, *(one(number) for number in range(1, 7)))
    for person in people_:
        async with db.transaction(front.pool) as conn:
            await returning.pause(conn, person)

    async def comes_back(person: UUID) -> None:
        async with db.transaction(front.pool) as conn:
            await returning.come_back(conn, person)

    await asyncio.gather(
        *(comes_back(person) for person in people_[:3]), closed(front.pool), *(comes_back(one_) for one_ in people_[3:])
    )
    rows = await front.pool.fetch("SELECT id FROM people WHERE state = 'confirmed' AND round_id = $1", ROUND)
    roster = await front.pool.fetch("SELECT person_id FROM roster WHERE round_id = $1", ROUND)
    assert {row["id"] for row in rows} == {row["person_id"] for row in roster}
