"""From a message and its recipient to one mail, text and HTML saying the same."""

import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser
from email.utils import format_datetime, formataddr, getaddresses
from functools import lru_cache
from typing import Any

from services.notification.domain import domain_of
from services.notification.sender.recipient import Asked, Partner, Recipient, Sender
from services.notification.store import Message
from shared.web.pages import Pages

HEADERS = (
    *("Content-Type", "MIME-Version"),
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "Content-Language"),
)


# The package's newer interface reads every header back while it is set: five times the work of this one.
class AsMade(email.policy.Compat32):
    """What needs folding is folded where it is made; a link stays on its line, for not every mail program unfolds it.

    To look at each header once more for what to fold takes a sixth of a mail. Raises UnicodeEncodeError where one is not ASCII.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}{self.linesep}".encode("ascii")


LINES = AsMade(linesep="\r\n", max_line_length=998)


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
    mail = MIMEMultipart("alternative", boundary=f"=_{message.id.hex}")
    mail["From"] = _sender(to.sender)
    mail["To"] = to.email
    mail["Subject"] = _encoded("Subject", _subject(pages, message, to))
    mail["Date"] = format_datetime(message.written_at)
    mail["Message-ID"] = f"<{message.id}@{domain_of(to.sender.email)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{to.links.me}>"
    mail["Content-Language"] = to.language
    for kind, ending in (("plain", "txt"), ("html", "html")):
        text = pages.render(f"{message.kind}.{ending}", to.language, to.address, **context)
        mail.attach(MIMEText(text, kind, "utf-8"))
    ready = Mail(to.sender.email, to.email, mail.as_bytes(policy=LINES))
    _read_back(ready)
    return ready


def _subject(pages: Pages, message: Message, to: Recipient) -> str:
    if message.kind == "follow_up":
        return pages.text(to.language, f"mail.follow_up.{message.payload['step']}.subject", to.address)
    return pages.text(to.language, f"mail.{message.kind}.subject", to.address)


@lru_cache(maxsize=256)
def _sender(sender: Sender) -> str:
    """An encoded word holds 75 characters at most: `formataddr` would put the longest name into one."""
    if sender.name.isascii():
        return formataddr((sender.name, sender.email))
    return f"{_encoded('From', sender.name)} <{sender.email}>"


@lru_cache(maxsize=256)
def _encoded(name: str, text: str) -> str:
    """Subjects and senders are few and the same in many mails."""
    return Header(text, header_name=name).encode(linesep="\r\n")


def _context(message: Message, to: Recipient) -> dict[str, Any]:
    told = {partner.person: partner for partner in to.partners}
    return {
        "name": to.name,
        "region": to.region,
        "region_name": to.region_name,
        "town": to.town,
        "left_over": to.left_over,
        "by_safety": to.by_safety,
        "still_theirs": to.still_theirs,
        "meanwhile": to.meanwhile,
        "office": to.office,
        "sender_name": to.sender.name,
        "round": to.round,
        "links": to.links,
        "reason": message.payload.get("reason"),
        "suggestion": message.payload.get("suggestion"),
        "opening": message.payload.get("opening", ""),
        "question": message.payload.get("question", False),
        "step": message.payload.get("step"),
        "partners": [_partner(pair, told) for pair in message.payload.get("pairs", [])],
    }


def _partner(pair: dict[str, Any], told: dict[Any, Partner | Asked]) -> dict[str, Any]:
    """What registration said of them, and what the two share. The mail names nobody whom registration did not."""
    partner = next(one for person, one in told.items() if str(person) == pair["partner"])
    known = {name: getattr(partner, name) for name in type(partner).model_fields}
    shared: dict[str, Any] = {name: pair[name] for name in ("languages", "hobbies", "band", "writes_first") if name in pair}
    until = pair.get("answer_by")
    return known | shared | {"answer_by": datetime.fromisoformat(until) if until else None}


def _read_back(mail: Mail) -> None:
    read = BytesHeaderParser().parsebytes(mail.raw.partition(b"\r\n\r\n")[0])
    if tuple(read.keys()) != HEADERS or getaddresses([read["To"]]) != [("", mail.recipient)]:
        raise UnsafeMailError("the mail read back is not the mail that was written")
