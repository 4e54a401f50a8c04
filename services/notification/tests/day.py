"""Senders whose clock a test moves: what is sent now, what tomorrow."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

from deploy.local.databases import InstallationDatabases
from deploy.local.mailbox.part import Mailbox
from services.notification import store
from services.notification.sender.sending import Sender
from services.notification.tests.beside import Answers
from services.notification.tests.mails import recipient
from shared.runtime import db

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


def ids(mailbox: Mailbox, address: str) -> list[str]:
    """Of the messages that came, in the order in which they came."""
    return [mail["message_id"].strip("<>").split("@")[0] for mail in mailbox.mails(address)]
