"""Handing one mail to the mail server, and what its answer means."""

import time
from email.message import EmailMessage
from typing import Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.notification.metrics import HANDOVER_SECONDS

TIMEOUT_SECONDS = 30.0
Answer = Literal["taken", "later", "never"]


class MailServerAwayError(Exception):
    """There is no mail server to speak to now; the message waits, and no try is counted."""


class MailServer:
    """Where mails are handed over."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "localhost", parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def hand_over(self, mail: EmailMessage) -> tuple[Answer, str]:
        """The server's answer, with its code. Raises MailServerAwayError where none can be reached."""
        started = time.perf_counter()
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            return _meaning(max(codes)), f"recipient refused {max(codes)}"
        except aiosmtplib.SMTPResponseException as error:
            return _meaning(error.code), f"refused {error.code}"
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailServerAwayError(type(error).__name__) from None
        HANDOVER_SECONDS.observe(time.perf_counter() - started)
        return "taken", "taken"


def _meaning(code: int) -> Answer:
    return "never" if 500 <= code < 600 else "later"
