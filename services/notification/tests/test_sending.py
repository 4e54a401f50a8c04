"""From the queue to a real mail server: taken, deferred, refused, away, held; each message once."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.mailbox.part import Mailbox
from deploy.local.ports import free_port
from services.notification import store
from services.notification.domain import MOST_ATTEMPTS
from services.notification.sender.recipient import Registration
from services.notification.sender.sending import Sender
from services.notification.sender.smtp import MailServer
from services.notification.tests.beside import SILENT, Answers, quick, server_saying
from services.notification.tests.mails import PAGES, ROUND, partner, recipient
from shared.runtime import db
from shared.runtime.ids import new_id
from shared.schemas.codes import MessageKind
from shared.schemas.envelope import Event, decode
from shared.schemas.messages import Bounced, Failed, Sent
from shared.schemas.topics import MESSAGES

E = TypeVar("E", bound=Event)
_numbers = itertools.count(1)


@pytest.fixture
async def registration() -> AsyncIterator[tuple[Answers, Registration]]:
    answers = Answers()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(answers.app), base_url="http://registration") as client:
        yield answers, Registration(client, "of notification")


@pytest.fixture
async def sender(pool: db.Pool, registration: tuple[Answers, Registration], mailbox: Mailbox) -> AsyncIterator[Sender]:
    server = MailServer(mailbox.smtp_url)
    yield Sender(pool, registration[1], server, PAGES, quick(pool))
    await server.close_idle()


@pytest.fixture
def answers(registration: tuple[Answers, Registration]) -> Answers:
    return registration[0]


def address() -> str:
    """Of nobody else, for many tests share the mailbox."""
    return f"sending-{next(_numbers)}@example.org"


async def queued(pool: db.Pool, person: UUID, kind: MessageKind = "confirm", **payload: Any) -> UUID:
    message = new_id()
    async with db.transaction(pool) as conn:
        await store.queue(conn, message, person, ROUND, kind, None, payload)
    return message


async def due_again(pool: db.Pool) -> float:
    """Seconds until the message would be tried again; now it is."""
    pause: float = await pool.fetchval("SELECT extract(epoch FROM due_at - now())::float FROM messages")
    await pool.execute("UPDATE messages SET due_at = now()")
    return pause


async def rows(pool: db.Pool, person: UUID | None = None) -> list[tuple[str, str]]:
    """(kind, state) of the messages, in their order."""
    found = await pool.fetch("SELECT * FROM messages ORDER BY written_at, id")
    return [(row["kind"], row["state"]) for row in found if person in {None, row["person_id"]}]


async def said(pool: db.Pool, kind: type[E]) -> list[E]:
    """What was said of the messages, in its order."""
    found = await pool.fetch("SELECT payload FROM outbox WHERE topic = 'messages' ORDER BY id")
    events = [MESSAGES.read(decode(row["payload"])) for row in found]
    return [event for event in events if isinstance(event, kind)]


async def attempts(pool: db.Pool) -> int:
    tried: int = await pool.fetchval("SELECT attempts FROM messages")
    return tried


async def test_a_message_that_is_due_becomes_one_mail_and_is_recorded(
    pool: db.Pool, sender: Sender, answers: Answers, mailbox: Mailbox
) -> None:
    person, to = uuid4(), address()
    answers.of[person] = recipient("uk", email=to)
    message = await queued(pool, person)
    assert await sender.send_next()
    assert not await sender.send_next()
    (mail,) = mailbox.mails(to)
    assert (mail["recipients"], mail["language"], mail["problems"]) == ([to], "uk", [])
    assert mail["message_id"] == f"<{message}@ludwigsburg.example>"
    assert await rows(pool) == [("confirm", "sent")]
    assert [(event.message, event.language) for event in await said(pool, Sent)] == [(message, "uk")]
    about = {"message": str(message), "kind": "confirm", "person": str(person), "round": str(ROUND), "partners": []}
    assert answers.asked == [about | {"ended": [], "pair": None, "step": None, "secret": "Bearer of notification"}]


async def test_a_server_that_asks_for_patience_is_asked_again_with_growing_pauses(
    pool: db.Pool, sender: Sender, answers: Answers, mailbox: Mailbox
) -> None:
    person, to = uuid4(), address()
    answers.of[person] = recipient(email=to)
    await queued(pool, person)
    mailbox.behave("defer", to)
    pauses = []
    for _ in range(4):
        assert await sender.send_next()
        pauses.append(round(await due_again(pool)))
    assert pauses == [2, 4, 8, 16]
    assert await attempts(pool) == 4
    mailbox.behave()
    assert await sender.send_next()
    assert await rows(pool) == [("confirm", "sent")]
    assert len(mailbox.mails(to)) == 1


async def test_after_the_last_try_a_message_has_failed_and_that_is_said(
    pool: db.Pool, sender: Sender, answers: Answers, mailbox: Mailbox
) -> None:
    person, to = uuid4(), address()
    answers.of[person] = recipient(email=to)
    message = await queued(pool, person)
    await pool.execute("UPDATE messages SET attempts = $1", MOST_ATTEMPTS - 1)
    mailbox.behave("defer", to)
    assert await sender.send_next()
    assert await rows(pool) == [("confirm", "failed")]
    assert [event.message for event in await said(pool, Failed)] == [message]


async def test_an_address_that_is_refused_for_good_has_bounced_and_is_not_tried_again(
    pool: db.Pool, sender: Sender, answers: Answers, mailbox: Mailbox
) -> None:
    person, other, to, theirs = uuid4(), uuid4(), address(), address()
    answers.of |= {person: recipient(email=to), other: recipient(email=theirs)}
    message = await queued(pool, person)
    await queued(pool, other)
    mailbox.behave("reject", to)
    while await sender.send_next():
        pass
    assert await rows(pool, person) == [("confirm", "bounced")]
    assert [(event.message, event.person) for event in await said(pool, Bounced)] == [(message, person)]
    assert len(mailbox.mails(theirs)) == 1


async def test_while_nobody_listens_the_message_waits_and_no_try_is_counted(
    pool: db.Pool, answers: Answers, registration: tuple[Answers, Registration]
) -> None:
    person = uuid4()
    answers.of[person] = recipient()
    await queued(pool, person)
    sender = Sender(pool, registration[1], MailServer(f"smtp://127.0.0.1:{free_port()}"), PAGES, quick(pool))
    for _ in range(3):
        assert await sender.send_next()
        assert round(await due_again(pool)) == 2
    assert (await rows(pool), await attempts(pool)) == ([("confirm", "queued")], 0)


REPLIES = [
    ({"greeting": "554 no service"}, "queued", 0),
    ({"greeting": "421 later"}, "queued", 0),
    ({"auth": "535 wrong password"}, "queued", 0),
    ({"mail": "530 log in first"}, "queued", 0),
    ({"mail": "451 not now"}, "queued", 0),
    ({"rcpt": "450 greylisted"}, "queued", 1),
    ({"rcpt": "550 nobody"}, "bounced", 0),
    ({"data": "451 not now"}, "queued", 1),
    ({"end": "452 full"}, "queued", 1),
    ({"end": "554 spam"}, "bounced", 0),
    ({}, "sent", 0),
]


@pytest.mark.parametrize(("replies", "state", "tries"), REPLIES, ids=str)
async def test_only_a_word_about_the_recipient_or_the_mail_counts_against_it(
    pool: db.Pool, registration: tuple[Answers, Registration], replies: dict[str, str], state: str, tries: int
) -> None:
    person = uuid4()
    registration[0].of[person] = recipient()
    await queued(pool, person)
    async with server_saying(**replies) as url:
        server = MailServer(url)
        assert await Sender(pool, registration[1], server, PAGES, quick(pool)).send_next()
        await server.close_idle()
    assert (await rows(pool), await attempts(pool)) == ([("confirm", state)], tries)


async def test_held_waits_gone_is_dropped_and_neither_is_a_mail(pool: db.Pool, sender: Sender, answers: Answers) -> None:
    held, gone = uuid4(), uuid4()
    answers.of |= {held: '{"answer": "hold"}', gone: '{"answer": "gone"}'}
    await queued(pool, held, "introduced")
    await queued(pool, gone, "introduced")
    while await sender.send_next():
        pass
    assert await rows(pool, gone) == [("introduced", "dropped")]
    assert await rows(pool, held) == [("introduced", "queued")]
    assert await pool.fetchval("SELECT attempts FROM messages WHERE state = 'queued'") == 0
    assert await said(pool, Sent) == []


@pytest.mark.parametrize(
    "answer", [500, 401, "<html>", "{}", "[]", '{"answer": "later"}', '{"answer": "send"}', '{"answer": "send", "name": 1}']
)
async def test_what_is_no_answer_of_registration_makes_the_message_wait(
    pool: db.Pool, sender: Sender, answers: Answers, answer: Any
) -> None:
    person = uuid4()
    answers.of[person] = answer
    await queued(pool, person)
    assert await sender.send_next()
    assert (await rows(pool), await attempts(pool)) == ([("confirm", "queued")], 0)


@pytest.mark.parametrize(
    "to",
    [
        recipient("xx"),
        recipient(email="not an address"),
        recipient(email="anna@example.org, x@evil.example"),
        recipient(email="a@bücher.example"),
        recipient(partners=[]),
    ],
    ids=["language", "address", "two addresses", "no ASCII", "partner missing"],
)
async def test_a_message_that_cannot_be_composed_stops_no_other(
    pool: db.Pool, sender: Sender, answers: Answers, mailbox: Mailbox, to: Any
) -> None:
    broken, whole, theirs = uuid4(), uuid4(), address()
    answers.of |= {broken: to, whole: recipient(email=theirs)}
    payload = {"pairs": [{"partner": str(uuid4())}]} if to.email == "anna@example.org" and to.language == "de" else {}
    await queued(pool, broken, "introduced" if payload else "confirm", **payload)
    await queued(pool, whole)
    while await sender.send_next():
        pass
    assert (await rows(pool, broken))[0][1] in {"queued", "bounced"}
    assert len(mailbox.mails(theirs)) == 1
    assert mailbox.mails("x@evil.example") == []


async def test_many_senders_at_once_send_each_message_once(
    pool: db.Pool, registration: tuple[Answers, Registration], mailbox: Mailbox
) -> None:
    addresses = [address() for _ in range(30)]
    for to in addresses:
        person, other = uuid4(), uuid4()
        registration[0].of[person] = recipient(email=to, partners=[partner(other)])
        await queued(pool, person, "confirm")
    server = MailServer(mailbox.smtp_url)
    senders = [Sender(pool, registration[1], server, PAGES, quick(pool)) for _ in range(3)]

    async def work(sender: Sender) -> None:
        while await sender.send_next():
            pass

    await asyncio.gather(*(work(sender) for sender in senders * 2))
    await server.close_idle()
    assert [len(mailbox.mails(to)) for to in addresses] == [1] * 30
    assert len(await said(pool, Sent)) == 30


async def test_a_reply_that_is_lost_sends_the_mail_again_with_the_same_id(
    pool: db.Pool, sender: Sender, answers: Answers, mailbox: Mailbox
) -> None:
    person, to = uuid4(), address()
    answers.of[person] = recipient(email=to)
    await queued(pool, person)
    mailbox.behave("drop-after-data", to)
    assert await sender.send_next()
    assert (await rows(pool), await attempts(pool)) == ([("confirm", "queued")], 1)
    mailbox.behave()
    await due_again(pool)
    assert await sender.send_next()
    first, second = mailbox.mails(to)
    assert first["message_id"] == second["message_id"]
    assert await rows(pool) == [("confirm", "sent")]


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data", "end"])
async def test_a_server_that_says_nothing_more_keeps_no_mail_from_others(
    pool: db.Pool, registration: tuple[Answers, Registration], mailbox: Mailbox, step: str
) -> None:
    """Before the mail is given it waits for the server; afterwards each try comes later than the one before."""
    (first, other), to = (uuid4(), uuid4()), address()
    registration[0].of |= {first: recipient(), other: recipient(email=to)}
    await queued(pool, first)
    async with server_saying(**{step: SILENT}) as url:
        stalled = MailServer(url, seconds=0.2)
        beats: list[str] = []
        assert await Sender(pool, registration[1], stalled, PAGES, quick(pool)).send_next(lambda: beats.append("beat"))
        await stalled.close_idle()
    assert (await rows(pool), await attempts(pool)) == ([("confirm", "queued")], 1 if step in {"data", "end"} else 0)
    assert beats == ["beat", "beat"]
    server = MailServer(mailbox.smtp_url)
    await queued(pool, other)
    assert await Sender(pool, registration[1], server, PAGES, quick(pool)).send_next()
    await server.close_idle()
    assert len(mailbox.mails(to)) == 1
