"""It is day wherever these tests send: what is sent at night is a test of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.mailbox.part import Mailbox
from deploy.local.stack import Stack
from services.notification.sender.recipient import Registration
from services.notification.sender.sending import Sender
from services.notification.sender.smtp import MailServer
from services.notification.tests.beside import Answers, quick
from services.notification.tests.day import MOST, START, Day
from services.notification.tests.mails import PAGES
from shared.runtime import db


@pytest.fixture
async def pool(pool: db.Pool, database: InstallationDatabases) -> db.Pool:
    """As everywhere, with the clock at a morning in Germany."""
    await asyncio.to_thread(database.move_clock, START)
    return pool


@pytest.fixture
def mailbox(stack: Stack) -> Iterator[Mailbox]:
    """Behaves again when the test is over."""
    yield stack.mailbox
    stack.mailbox.behave()


@pytest.fixture
async def day(pool: db.Pool, database: InstallationDatabases, mailbox: Mailbox) -> AsyncIterator[Day]:
    answers = Answers()
    servers = [MailServer(mailbox.smtp_url) for _ in range(4)]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(answers.app), base_url="http://registration") as client:
        senders = [Sender(pool, Registration(client, "x"), server, PAGES, quick(pool), MOST) for server in servers]
        made = Day(pool, database, senders, answers)
        await made.is_at(START)
        yield made
    for server in servers:
        await server.close_idle()
