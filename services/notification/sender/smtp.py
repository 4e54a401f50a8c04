"""Handing one mail to the mail server, and what its answer means."""

import asyncio
import contextlib
import time
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.notification.metrics import HANDOVER_SECONDS
from services.notification.sender.composing import Mail

TIMEOUT_SECONDS = 25.0
Answer = Literal["taken", "later", "never"]


class MailServerAwayError(Exception):
    """There is no mail server to speak to now; the message waits, and no try is counted."""


class Connection(aiosmtplib.SMTP):
    """Knows whether a mail was given to the server and nobody can say what became of it."""

    unanswered = False

    async def data(self, *mail: Any, **options: Any) -> aiosmtplib.SMTPResponse:
        self.unanswered = True
        try:
            return await super().data(*mail, **options)
        except aiosmtplib.SMTPResponseException:
            self.unanswered = False
            raise


class MailServer:
    """Where mails are handed over. A connection is used again as long as there are mails; `close_idle` ends those not in use."""

    def __init__(self, url: str, seconds: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        self._given: dict[str, Any] = {
            "hostname": parts.hostname or "localhost",
            "port": parts.port or (465 if tls else 25),
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": tls,
            "timeout": seconds,
        }
        self._seconds = seconds
        self._idle: list[Connection] = []

    async def hand_over(self, mail: Mail) -> tuple[Answer, str]:
        """The server's answer, with its code. Raises MailServerAwayError where none can be reached.

        Whoever takes a mail and says nothing may have delivered it: it is tried again like one that is deferred, each time
        later, so that there are few copies of it.
        """
        started = time.perf_counter()
        connection = self._idle.pop() if self._idle else Connection(**self._given)
        connection.unanswered = False
        try:
            async with asyncio.timeout(self._seconds):
                if not connection.is_connected:
                    await connection.connect()
                await connection.sendmail(mail.sender, mail.recipient, mail.raw)
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            return _meaning(max(codes)), f"recipient refused {max(codes)}"
        except aiosmtplib.SMTPDataError as error:
            return _meaning(error.code), f"refused {error.code}"
        except ValueError:
            # An address that cannot be said to any server: another try would change nothing.
            connection.close()
            return "never", "address cannot be written to"
        except (aiosmtplib.SMTPException, OSError) as error:
            # Greeting, login and sender are the same for every mail: a refusal there is no word about this one.
            connection.close()
            if connection.unanswered:
                return "later", "no answer to the mail"
            raise MailServerAwayError(type(error).__name__) from None
        finally:
            if connection.is_connected:
                self._idle.append(connection)
        HANDOVER_SECONDS.observe(time.perf_counter() - started)
        return "taken", "taken"

    async def close_idle(self) -> None:
        """Says goodbye where nothing is to be sent."""
        while self._idle:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._idle.pop().quit()


def _meaning(code: int) -> Answer:
    return "never" if 500 <= code < 600 else "later"
