"""From a message and its recipient to one mail, text and HTML saying the same."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.parser import BytesHeaderParser
from email.utils import format_datetime, formataddr, getaddresses
from functools import lru_cache
from typing import Any

from services.notification.domain import domain_of
from services.notification.sender.recipient import Asked, Partner, Recipient, Sender
from services.notification.store import Message
from shared.web.pages import Pages

HEADERS = (
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "Content-Language"),
    *("MIME-Version", "Content-Type"),
)
# What needs folding is folded where it is made; a link stays on its line, for not every mail program unfolds it.
LINE = "\r\n"


class UnsafeMailError(RuntimeError):
    """The composed mail has a header or a recipient that nobody put there; it is never sent."""


@dataclass(frozen=True)
class Mail:
    """A mail ready to be handed over: the envelope's two addresses and the bytes."""

    sender: str
    recipient: str
    raw: bytes


def compose(pages: Pages, message: Message, to: Recipient) -> Mail:
    """The same message gives the same mail, its Message-ID and Date included, as often as it is made.

    What people typed stands in the body only. Raises UnsafeMailError where reading the mail back finds anything else.
    """
    context = _context(message, to)
    boundary = f"=_{message.id.hex}"
    parts = [
        _part(kind, pages.render(f"{message.kind}.{ending}", to.language, to.address, **context))
        for kind, ending in (("plain", "txt"), ("html", "html"))
    ]
    values = (
        _sender(to.sender),
        to.email,
        _encoded("Subject", pages.text(to.language, f"mail.{message.kind}.subject", to.address)),
        format_datetime(message.written_at),
        f"<{message.id}@{domain_of(to.sender.email)}>",
        "auto-generated",
        f"<{to.links.me}>",
        to.language,
        "1.0",
        f'multipart/alternative; boundary="{boundary}"',
    )
    ready = Mail(to.sender.email, to.email, _raw(values, boundary, parts))
    _read_back(ready)
    return ready


@lru_cache(maxsize=256)
def _sender(sender: Sender) -> str:
    """An encoded word holds 75 characters at most: `formataddr` would put the longest name into one."""
    if sender.name.isascii():
        return formataddr((sender.name, sender.email))
    return f"{_encoded('From', sender.name)} <{sender.email}>"


@lru_cache(maxsize=256)
def _encoded(name: str, text: str) -> str:
    """Subjects and senders are few and the same in many mails."""
    return Header(text, header_name=name).encode(linesep=LINE)


def _part(kind: str, text: str) -> str:
    lines = base64.encodebytes(text.encode()).decode().replace("\n", LINE)
    headers = (f'Content-Type: text/{kind}; charset="utf-8"', "MIME-Version: 1.0", "Content-Transfer-Encoding: base64")
    return LINE.join((*headers, "", lines))


def _raw(values: Sequence[str], boundary: str, parts: Sequence[str]) -> bytes:
    """By hand: the e-mail package would take longer to write a mail than all else takes. It reads back what stands here."""
    headers = "".join(f"{name}: {value}{LINE}" for name, value in zip(HEADERS, values, strict=True))
    body = "".join(f"--{boundary}{LINE}{part}{LINE}" for part in parts)
    return f"{headers}{LINE}{body}--{boundary}--{LINE}".encode("ascii")


def _context(message: Message, to: Recipient) -> dict[str, Any]:
    told = {partner.person: partner for partner in to.partners}
    return {
        "name": to.name,
        "region_name": to.region_name,
        "town": to.town,
        "left_over": to.left_over,
        "meanwhile": to.meanwhile,
        "office": to.office,
        "sender_name": to.sender.name,
        "round": to.round,
        "links": to.links,
        "reason": message.payload.get("reason"),
        "suggestion": message.payload.get("suggestion"),
        "opening": message.payload.get("opening", ""),
        "question": message.payload.get("question", False),
        "partners": [_partner(pair, told) for pair in message.payload.get("pairs", [])],
    }


def _partner(pair: dict[str, Any], told: dict[Any, Partner | Asked]) -> dict[str, Any]:
    """What registration said of them, and what the two share. The mail names nobody whom registration did not."""
    partner = next(one for person, one in told.items() if str(person) == pair["partner"])
    known = {name: getattr(partner, name) for name in type(partner).model_fields}
    shared = {name: pair[name] for name in ("languages", "hobbies", "band", "writes_first")}
    until = pair.get("answer_by")
    return known | shared | {"answer_by": datetime.fromisoformat(until) if until else None}


def _read_back(mail: Mail) -> None:
    read = BytesHeaderParser().parsebytes(mail.raw.partition(b"\r\n\r\n")[0])
    if tuple(read.keys()) != HEADERS or getaddresses([read["To"]]) != [("", mail.recipient)]:
        raise UnsafeMailError("the mail read back is not the mail that was written")
