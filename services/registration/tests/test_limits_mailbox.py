"""A mailbox where nobody confirms is spared."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from deploy.local.databases import InstallationDatabases
from deploy.local.demo.story import DURING
from services.registration.store import limits as store
from services.registration.store.notices import Notice, keep
from services.registration.tests.front import NOTIFICATION, Front
from services.registration.tests.made import closed, confirmed, one, opened, signed_up
from shared.runtime import db


async def ask(front: Front, person: UUID, message: UUID | None = None, kind: str = "confirm") -> dict[str, Any]:
    question = {"message": str(message or uuid4()), "kind": kind, "person": str(person)}
    answer = await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
    told: dict[str, Any] = answer.json()
    return told


async def crowd(front: Front, *emails: str) -> list[UUID]:
    """Unconfirmed people with these addresses."""
    await opened(front.pool)
    return [await signed_up(front.pool, one(number, email=email)) for number, email in enumerate(emails)]


async def test_one_mailbox_gets_twelve_unconfirmed_mails_a_day_and_the_others_later(
    front: Front, database: InstallationDatabases
) -> None:
    people = await crowd(front, *["victim@example.org"] * 14, "other@example.org")
    answers = [await ask(front, person) for person in people]
    assert [answer["answer"] for answer in answers] == ["send"] * 12 + ["later"] * 2 + ["send"]
    assert answers[12] == {"answer": "later", "seconds": 600}
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(days=1, minutes=1))
    assert (await ask(front, people[12]))["answer"] == "send"


async def test_other_spellings_of_an_address_are_the_same_mailbox(front: Front) -> None:
    spellings = ["Vic.Tim@Example.org", "victim+a@example.org", "v.i.c.t.i.m@example.org"]
    people = await crowd(front, *["victim@example.org"] * 10, *spellings)
    assert [(await ask(front, person))["answer"] for person in people] == ["send"] * 12 + ["later"]


async def test_a_message_asked_about_again_takes_no_second_place(front: Front) -> None:
    people, messages = await crowd(front, *["victim@example.org"] * 13), [uuid4() for _ in range(13)]
    for _ in range(3):
        answers = [await ask(front, person, message) for person, message in zip(people, messages, strict=True)]
        assert [answer["answer"] for answer in answers] == ["send"] * 12 + ["later"]


async def test_links_that_strangers_ask_for_count_too(front: Front) -> None:
    (person,) = await crowd(front, "victim@example.org")
    assert [(await ask(front, person, kind="link"))["answer"] for _ in range(13)] == ["send"] * 12 + ["later"]


async def test_invitations_to_an_address_that_nobody_confirmed_count_too(front: Front) -> None:
    await opened(front.pool)
    notices = [Notice(uuid4(), "ludwigsburg", "de", f"victim+{number}@example.org") for number in range(13)]
    async with db.transaction(front.pool) as conn:
        for notice in notices:
            await keep(conn, notice)
    assert [(await ask(front, notice.id, kind="opens"))["answer"] for notice in notices] == ["send"] * 12 + ["later"]


async def test_each_that_confirms_makes_room_for_another(front: Front) -> None:
    people = await crowd(front, *["family@example.org"] * 13)
    answers = [await ask(front, person) for person in people]
    assert answers[12]["answer"] == "later"
    await front.pool.execute("UPDATE people SET state = 'confirmed', confirmed_at = clock_now() WHERE id = $1", people[0])
    assert (await ask(front, people[12]))["answer"] == "send"


async def test_who_confirmed_is_always_written_to(front: Front) -> None:
    unconfirmed = await crowd(front, *["family@example.org"] * 13)
    for person in unconfirmed:
        await ask(front, person)
    (known,) = await confirmed(front.pool, one(90, email="family@example.org"))
    assert (await ask(front, known, kind="welcome"))["answer"] == "send"
    assert (await ask(front, known, kind="link"))["answer"] == "send"


async def test_questions_at_once_are_counted_one_after_the_other(front: Front) -> None:
    people = await crowd(front, *["victim@example.org"] * 30)
    answers = await asyncio.gather(*(ask(front, person) for person in people))
    assert [answer["answer"] for answer in answers].count("send") == 12


async def test_after_the_close_what_still_waits_for_a_mailbox_is_dropped(front: Front) -> None:
    people = await crowd(front, *["victim@example.org"] * 13)
    for person in people[:12]:
        await ask(front, person)
    await closed(front.pool)
    assert (await ask(front, people[12]))["answer"] == "gone"


async def test_what_is_known_of_mailboxes_goes_after_a_day_and_is_no_address(
    front: Front, database: InstallationDatabases
) -> None:
    (person,) = await crowd(front, "victim@example.org")
    await ask(front, person)
    (row,) = await front.pool.fetch("SELECT * FROM unconfirmed_mails")
    assert "victim" not in str(row)
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(days=1, minutes=1))
    async with db.connection(front.pool) as conn:
        await store.forget(conn)
    assert await front.pool.fetchval("SELECT count(*) FROM unconfirmed_mails") == 0
