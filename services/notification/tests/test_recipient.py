"""Registration is asked for several people at once, and each answer is that person's alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.ports import free_port
from services.notification.sender.recipient import MOST_AT_ONCE, Recipient, Registration, RegistrationAwayError
from services.notification.tests.beside import Answers
from services.notification.tests.mails import message, recipient


@pytest.fixture
async def asked() -> AsyncIterator[tuple[Answers, Registration]]:
    answers = Answers()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(answers.app), base_url="http://registration") as client:
        yield answers, Registration(client, "x")


async def told(registration: Registration, *people: UUID) -> list[object]:
    questions = [registration.recipient(replace(message(), person_id=person)) for person in people]
    return list(await asyncio.gather(*questions, return_exceptions=True))


async def test_what_is_asked_at_the_same_moment_is_asked_together_and_each_gets_their_own(
    asked: tuple[Answers, Registration],
) -> None:
    answers, registration = asked
    people = [uuid4() for _ in range(3 * MOST_AT_ONCE)]
    answers.of |= {person: recipient(email=f"{person.hex}@example.org") for person in people}
    found = await told(registration, *people)
    assert [one.email for one in found if isinstance(one, Recipient)] == [f"{person.hex}@example.org" for person in people]
    assert answers.together == MOST_AT_ONCE
    assert len(answers.asked) == len(people)


@pytest.mark.parametrize("broken", [500, 422, "<html>", "{}"], ids=str)
async def test_somebody_for_whom_there_is_no_answer_keeps_none_from_the_others(
    asked: tuple[Answers, Registration], broken: int | str
) -> None:
    answers, registration = asked
    people = [uuid4() for _ in range(5)]
    answers.of |= dict.fromkeys(people, recipient())
    answers.of[people[2]] = broken
    found = await told(registration, *people)
    assert [isinstance(one, Recipient) for one in found] == [True, True, False, True, True]
    assert isinstance(found[2], RegistrationAwayError)


async def test_where_nobody_listens_all_are_told_so() -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port()}") as client:
        found = await told(Registration(client, "x"), *(uuid4() for _ in range(5)))
    assert all(isinstance(one, RegistrationAwayError) for one in found)


async def test_who_ends_while_an_answer_is_awaited_keeps_it_from_nobody(asked: tuple[Answers, Registration]) -> None:
    answers, registration = asked
    people = [uuid4() for _ in range(3)]
    answers.of |= dict.fromkeys(people, recipient())
    tasks = [asyncio.create_task(registration.recipient(replace(message(), person_id=person))) for person in people]
    await asyncio.sleep(0)
    tasks[1].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, Recipient) for one in found] == [True, False, True]


async def test_registration_is_asked_about_the_pairs_whose_end_is_told(asked: tuple[Answers, Registration]) -> None:
    answers, registration = asked
    one, other = message("pair_ended", ended=[str(uuid4())]), message("welcome")
    answers.of |= {one.person_id: recipient(by_safety=True), other.person_id: recipient()}
    found = [await registration.recipient(message) for message in (one, other)]
    assert [question["ended"] for question in answers.asked] == [one.payload["ended"], []]
    assert [isinstance(to, Recipient) and to.by_safety for to in found] == [True, False]
