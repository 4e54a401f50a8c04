"""The office is told that there is something to read: without the words, at its right mailbox, and not for every question."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.demo.story import DURING
from services.registration.handlers.asking import MOST_A_DAY, answer, tell_offices
from services.registration.store.people import Place
from services.registration.tests.front import NOTIFICATION, Front
from services.registration.tests.made import LUDWIGSBURG, confirmed, one, opened, said
from services.registration.tests.test_contacts import MARBACH
from shared.runtime import db
from shared.schemas.participants import OfficeAsked

OFFICE = LUDWIGSBURG.office


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


async def ask(front: Front, person: UUID, number: int = 0) -> None:
    form = {"form_token": f"a-form-with-a-question-{number}", "question": "Quellfrage?"}
    assert (await front.client.post(f"{await front.link(person)}/ask", data=form)).status_code == 303


async def tell(front: Front) -> int:
    async with db.transaction(front.pool) as conn:
        return await tell_offices(conn)


async def told(front: Front, office: UUID) -> dict[str, Any]:
    question = {"kind": "office_asked", "person": str(office)}
    answered: dict[str, Any] = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    return answered


async def test_many_questions_at_once_are_one_mail_without_a_word_of_them(front: Front) -> None:
    people = await confirmed(front.pool, *(one(number) for number in range(1, 21)))
    for person in people:
        await ask(front, person)
    assert [await tell(front), await tell(front)] == [1, 0]
    (event,) = await said(front.pool, OfficeAsked)
    assert event.region == "ludwigsburg"
    mail = await told(front, event.office)
    assert (mail["answer"], mail["email"], mail["language"], mail["address"]) == ("send", OFFICE.email, "de", "sie")
    assert not [word for word in ("Quellfrage", "Person 1", "example.org") if word in str(mail).replace(OFFICE.email, "")]


async def test_who_asks_within_the_hour_is_told_of_after_it_and_three_times_a_day_are_enough(
    front: Front, database: InstallationDatabases
) -> None:
    (person,) = await confirmed(front.pool, one(1))
    counts = []
    for hour in range(MOST_A_DAY + 2):
        await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(hours=hour, minutes=hour))
        await ask(front, person, hour)
        counts.append(await tell(front))
        counts.append(await tell(front))
    assert counts == [1, 0] * MOST_A_DAY + [0, 0] * 2
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(days=1, hours=1))
    assert await tell(front) == 1


async def test_a_question_of_the_same_hour_waits_for_the_next(front: Front, database: InstallationDatabases) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await ask(front, person, 1)
    assert await tell(front) == 1
    await ask(front, person, 2)
    assert await tell(front) == 0
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(minutes=61))
    assert [await tell(front), await tell(front)] == [1, 0]


async def test_what_is_answered_meanwhile_is_no_news(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await ask(front, person)
    await tell(front)
    (event,) = await said(front.pool, OfficeAsked)
    async with db.transaction(front.pool) as conn:
        question = await conn.fetchval("SELECT id FROM asked")
        assert await answer(conn, "ludwigsburg", question, "Ja.", "Test")
    assert await told(front, event.office) == {"answer": "gone"}
    assert await told(front, person) == {"answer": "gone"}


async def test_the_contact_of_a_municipality_is_told_of_its_people_and_the_office_of_all_others(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(front.tools.regions, "ludwigsburg", LUDWIGSBURG.model_copy(update={"contacts": [MARBACH]}))
    here, there = await confirmed(front.pool, replace(one(1), place=Place("71672", "", "")), one(2))
    await ask(front, here)
    assert await tell(front) == 1
    await ask(front, there)
    assert await tell(front) == 1
    mailboxes = [(await told(front, event.office))["email"] for event in await said(front.pool, OfficeAsked)]
    assert mailboxes == [MARBACH.email, OFFICE.email]
