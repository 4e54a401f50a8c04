"""The senders: each takes a message, asks, composes, hands over and records, in one transaction that holds the message.

If the process dies at any step the database frees the message at once; only after the server took the mail and
before that is recorded (N3, N4) is it sent once more, with the same Message-ID. One that is told to end finishes the mails
in hand before.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Literal

import structlog

from services.notification import store
from services.notification.domain import (
    ASKED_FOR,
    BUSY_SECONDS,
    HOLD_SECONDS,
    MOST_ATTEMPTS,
    URGENT,
    domain_of,
    quiet_seconds,
    retry_pause,
)
from services.notification.handlers import outbox
from services.notification.metrics import DELAY_SECONDS, MESSAGES, RETRIES
from services.notification.sender.composing import compose
from services.notification.sender.pace import One, Pace
from services.notification.sender.recipient import Later, Recipient, Registration, RegistrationAwayError
from services.notification.sender.smtp import Answer, MailServer, MailServerAwayError
from services.notification.store import Message, paces
from shared.runtime import clock, db
from shared.runtime.db import Connection
from shared.runtime.killpoints import killpoint
from shared.runtime.loops import Loop, every, finished
from shared.runtime.metrics import OTHER, known
from shared.schemas.messages import Bounced, Failed, Sent
from shared.web.languages import LANGUAGES
from shared.web.pages import Pages

log = structlog.get_logger()

IDLE_SECONDS, REST_SECONDS = 0.2, 10.0
TURN_MESSAGES, TURN_SECONDS = 50, 5.0
SLOT_SECONDS = 30.0
AWAY_SECONDS = 2.0
Final = Literal["sent", "failed", "bounced"]
EVENTS: dict[Final, type[Sent] | type[Failed] | type[Bounced]] = {"sent": Sent, "failed": Failed, "bounced": Bounced}


class Sender:
    """What one sending needs; `most` mails go to one person within any 24 hours.

    Not by calendar days: around midnight a day's mails would come twice.
    """

    def __init__(
        self, pool: db.Pool, registration: Registration, server: MailServer, pages: Pages, pace: Pace, most: int = 3
    ) -> None:
        self._pool, self._registration, self._server, self._pages = pool, registration, server, pages
        self._pace, self._most = pace, most
        self._found = asyncio.Event()

    def loop(self, number: int) -> Loop:
        async def turns(loop: Loop) -> None:
            while True:
                await loop.until_done(lambda: self._send_until_idle(loop.beat), db.DATABASE_AWAY)
                await self._rest(number)

        return Loop(f"sender {number}", turns)

    async def _rest(self, number: int) -> None:
        """While nothing is due the first sender alone looks, and wakes the others when it finds something."""
        if number == 1:
            await asyncio.sleep(IDLE_SECONDS)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REST_SECONDS):
                await self._found.wait()

    async def _send_until_idle(self, beat: Callable[[], None]) -> None:
        end = time.monotonic() + TURN_SECONDS
        for _ in range(TURN_MESSAGES):
            if not await self.send_next(beat):
                await self._server.close_idle()
                return
            if time.monotonic() > end:
                return

    async def send_next(self, beat: Callable[[], None] = lambda: None) -> bool:
        """Deals with one due message, when the pace allows. False where none is due.

        `beat`: a registration or a mail server that says nothing for long is no reason to count this sender as dead.
        """
        beat()
        async with self._pace.one() as one:
            return await finished(self._send_next(one, beat))

    async def _send_next(self, one: One, beat: Callable[[], None]) -> bool:
        async with db.transaction(self._pool) as conn:
            message = await store.claim(conn)
            if message is None:
                self._found.clear()
                return False
            self._found.set()
            killpoint("N1")
            try:
                now = await self._turn(conn, message)
                to = await self._recipient(conn, message) if now else None
                if now and to and await self._may_go(conn, message, to, now):
                    one.used = True
                    beat()
                    await self._hand_over(conn, message, to, now)
            except (RegistrationAwayError, MailServerAwayError) as error:
                RETRIES.labels(type(error).__name__).inc()
                log.warning("message waits", kind=message.kind, reason=type(error).__name__)
                await store.put_back(conn, message.id, AWAY_SECONDS, message.attempts, type(error).__name__)
        killpoint("N5")
        return True

    async def _turn(self, conn: Connection, message: Message) -> datetime | None:
        """The moment, where this one comes next; if not it was put back. At a time one mail is on its way to a person."""
        if not await store.only_sender(conn, message.person_id):
            await store.put_back(conn, message.id, BUSY_SECONDS, message.attempts, "another to this person is on its way")
            return None
        if message.kind in URGENT:
            return await clock.now(conn)
        turn = await store.turn(conn, message, self._most)
        if turn.full or turn.held:
            reason = "enough for a day" if turn.full else "another to this person waits"
            RETRIES.labels(reason).inc()
            await store.hold(conn, message.id, max(turn.full, turn.held), reason)
        elif turn.first != message.id:
            await store.put_back(conn, message.id, BUSY_SECONDS, message.attempts, "another to this person comes first")
        return turn.at if turn.first == message.id and not turn.full else None

    async def _recipient(self, conn: Connection, message: Message) -> Recipient | None:
        """Nobody where it is not to be sent, or not yet."""
        to = await self._registration.recipient(message)
        if to == "gone":
            MESSAGES.labels(message.kind, OTHER, "dropped").inc()
            await store.done(conn, message.id, "dropped")
        elif to == "hold":
            RETRIES.labels("hold").inc()
            await store.put_back(conn, message.id, HOLD_SECONDS, message.attempts, "a partner is gone")
        elif isinstance(to, Later):
            RETRIES.labels("enough unconfirmed").inc()
            await store.hold(conn, message.id, to.seconds, "enough unconfirmed")
        return to if isinstance(to, Recipient) else None

    async def _may_go(self, conn: Connection, message: Message, to: Recipient, now: datetime) -> bool:
        """Whether it is day where the reader is, and their mail server is not sent too many; if not it is held."""
        if quiet := quiet_seconds(message.kind, now, to.round.zone):
            RETRIES.labels("quiet hours").inc()
            await store.hold(conn, message.id, quiet, "quiet hours")
            return False
        if message.kind in URGENT or (message.slot_until and now <= message.slot_until):
            return True
        wait = await self._pace.to_domain(domain_of(to.email), asked_for=message.kind in ASKED_FOR)
        if wait:
            RETRIES.labels("pace of a domain").inc()
            await store.hold_for_slot(conn, message.id, wait, SLOT_SECONDS, "pace of a domain")
        return not wait

    async def _hand_over(self, conn: Connection, message: Message, to: Recipient, now: datetime) -> None:
        answer, said = await self._composed_and_handed_over(message, to)
        if answer == "later" and message.attempts + 1 < MOST_ATTEMPTS:
            RETRIES.labels("deferred").inc()
            await store.put_back(conn, message.id, retry_pause(message.attempts + 1), message.attempts + 1, said)
            return
        finals: dict[str, Final] = {"taken": "sent", "later": "failed", "never": "bounced"}
        await _finish(conn, message, finals[answer], to.language, said, now)

    async def _composed_and_handed_over(self, message: Message, to: Recipient) -> tuple[Answer, str]:
        """A message that cannot be composed is tried again later like one that was not taken: the others go on."""
        try:
            mail = compose(self._pages, message, to)
        except Exception as error:
            log.exception("message not composed", kind=message.kind, language=to.language)
            return "later", f"not composed: {type(error).__name__}"
        killpoint("N2")
        answer = await self._server.hand_over(mail)
        killpoint("N4")
        return answer


async def _finish(conn: Connection, message: Message, state: Final, language: str, said: str, now: datetime) -> None:
    waited = await store.done(conn, message.id, state, language, None if state == "sent" else said)
    MESSAGES.labels(message.kind, known(language, LANGUAGES), state).inc()
    if state == "sent":
        DELAY_SECONDS.labels("asked_for" if message.kind in ASKED_FOR | URGENT else "round").observe(waited)
    event = EVENTS[state](message=message.id, person=message.person_id, kind=message.kind, language=language)
    await outbox.append(conn, event, at=now)


def releasing(pool: db.Pool) -> Loop:
    """Makes due again what was held long enough, and forgets whose pace is free again."""

    async def release() -> None:
        async with db.connection(pool) as conn:
            await store.release(conn)
            await paces.forget(conn)

    return every(1, "held messages", release, db.DATABASE_AWAY)
