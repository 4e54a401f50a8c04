"""Nobody gets more mails than a day may bring; what waits is sent in its order when the day is over, and none is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.mailbox.part import Mailbox
from deploy.local.stack import Stack
from services.notification import store
from services.notification.handlers import on_gone
from services.notification.sender.recipient import Registration
from services.notification.sender.sending import Sender
from services.notification.sender.smtp import MailServer
from services.notification.tests.beside import Answers
from services.notification.tests.mails import PAGES, ROUND, recipient
from services.notification.tests.test_sending import queued, rows
from shared.runtime import db
from shared.schemas.participants import Left

START = datetime(2021, 10, 16, 8, 0, tzinfo=UTC)
MOST = 3


class Day:
    """Senders, and a clock that this test moves."""

    def __init__(self, pool: db.Pool, database: InstallationDatabases, senders: list[Sender], answers: Answers) -> None:
        self.pool, self.senders, self.answers = pool, senders, answers
        self._database = database

    async def is_at(self, moment: datetime) -> None:
        await asyncio.to_thread(self._database.move_clock, moment)
        async with db.connection(self.pool) as conn:
            await store.release(conn)

    async def send(self) -> None:
        """All that may be sent now is; those whose turn was another's are asked again until they are sent or held."""
        async with asyncio.timeout(30):
            while await self.pool.fetchval("SELECT count(*) FROM messages WHERE state = 'queued' AND held_until IS NULL"):
                await asyncio.gather(*(sender.send_next() for sender in self.senders))

    def person(self) -> tuple[UUID, str]:
        someone = uuid4()
        address = f"{someone.hex}@example.org"
        self.answers.of[someone] = recipient(email=address)
        return someone, address


@pytest.fixture
def mailbox(stack: Stack) -> Mailbox:
    return stack.mailbox


@pytest.fixture
async def day(pool: db.Pool, database: InstallationDatabases, mailbox: Mailbox) -> AsyncIterator[Day]:
    answers = Answers()
    servers = [MailServer(mailbox.smtp_url) for _ in range(4)]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(answers.app), base_url="http://registration") as client:
        senders = [Sender(pool, Registration(client, "x"), server, PAGES, MOST) for server in servers]
        made = Day(pool, database, senders, answers)
        await made.is_at(START)
        yield made
    for server in servers:
        await server.close_idle()


def ids(mailbox: Mailbox, address: str) -> list[str]:
    """Of the messages that came, in the order in which they came."""
    return [mail["message_id"].strip("<>").split("@")[0] for mail in mailbox.mails(address)]


async def test_of_five_messages_three_come_today_and_two_tomorrow_in_their_order(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    messages = [str(await queued(day.pool, someone, "link")) for _ in range(5)]
    await day.send()
    assert ids(mailbox, address) == messages[:3]
    assert [state for _, state in await rows(day.pool)] == ["sent"] * 3 + ["queued"] * 2
    await day.is_at(START + timedelta(hours=23, minutes=55))
    await day.send()
    assert ids(mailbox, address) == messages[:3]
    await day.is_at(START + timedelta(days=1, minutes=1))
    await day.send()
    assert ids(mailbox, address) == messages


async def test_what_became_of_the_round_comes_before_links_however_long_these_wait(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    links = [str(await queued(day.pool, someone, "link")) for _ in range(5)]
    await day.send()
    outcome = str(await queued(day.pool, someone, "unmatched", reason="no_partner"))
    await day.send()
    assert ids(mailbox, address) == links[:3]
    await day.is_at(START + timedelta(days=1, minutes=1))
    late = str(await queued(day.pool, someone, "link"))
    await day.send()
    assert ids(mailbox, address) == [*links[:3], outcome, *links[3:]]
    await day.is_at(START + timedelta(days=2, minutes=2))
    await day.send()
    assert ids(mailbox, address) == [*links[:3], outcome, *links[3:], late]


async def test_senders_at_once_never_send_more_and_keep_the_order(day: Day, mailbox: Mailbox) -> None:
    people = [day.person() for _ in range(5)]
    wanted = {address: [str(await queued(day.pool, someone, "link")) for _ in range(8)] for someone, address in people}
    for days in range(3):
        await day.is_at(START + timedelta(days=days, minutes=days))
        await day.send()
        assert {address: ids(mailbox, address) for _, address in people} == {
            address: messages[: MOST * (days + 1)] for address, messages in wanted.items()
        }


async def test_the_limit_of_one_person_stops_nobody_else(day: Day, mailbox: Mailbox) -> None:
    someone, _ = day.person()
    other, theirs = day.person()
    for _ in range(5):
        await queued(day.pool, someone, "link")
    message = str(await queued(day.pool, other, "link"))
    await day.send()
    assert ids(mailbox, theirs) == [message]


async def test_a_mail_that_bounced_or_was_dropped_is_none_of_the_day(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    day.answers.of[someone] = '{"answer": "gone"}'
    for _ in range(4):
        await queued(day.pool, someone, "link")
    await day.send()
    day.answers.of[someone] = recipient(email=address)
    messages = [str(await queued(day.pool, someone, "link")) for _ in range(3)]
    await day.send()
    assert ids(mailbox, address) == messages


async def test_who_leaves_while_a_message_is_held_is_not_written_to_tomorrow(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    for _ in range(4):
        await queued(day.pool, someone, "link")
    await day.send()
    async with db.transaction(day.pool) as conn:
        await on_gone(conn, Left(person=someone, version=1, round=ROUND))
    await day.is_at(START + timedelta(days=2))
    await day.send()
    assert len(ids(mailbox, address)) == 3


async def test_a_mailbox_that_has_had_enough_is_asked_about_again_later(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    to, day.answers.of[someone] = day.answers.of[someone], '{"answer": "later", "seconds": 600}'
    message = str(await queued(day.pool, someone))
    await day.send()
    assert await rows(day.pool) == [("confirm", "queued")]
    day.answers.of[someone] = to
    await day.is_at(START + timedelta(minutes=9))
    await day.send()
    assert ids(mailbox, address) == []
    await day.is_at(START + timedelta(minutes=11))
    await day.send()
    assert ids(mailbox, address) == [message]


async def test_what_is_held_is_counted_apart_from_what_waits(day: Day) -> None:
    someone, _ = day.person()
    for _ in range(5):
        await queued(day.pool, someone, "link")
    await day.send()
    await day.is_at(START + timedelta(hours=12))
    async with db.connection(day.pool) as conn:
        assert await store.unsent(conn) == (0, 0.0, 2)
