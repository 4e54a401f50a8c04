"""From a message and its recipient to one mail, text and HTML saying the same."""

import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser
from email.utils import format_datetime, formataddr
from typing import Any

from services.notification.sender.recipient import Asked, Partner, Recipient, Sender
from services.notification.store import Message
from shared.web.pages import Pages

HEADERS = {
    *("from", "to", "subject", "date", "message-id", "auto-submitted", "list-unsubscribe", "content-language"),
    *("mime-version", "content-type", "content-transfer-encoding"),
}


# The package's newer interface reads every header back while it is set: five times the work of this one.
# What needs folding is folded where it is made; a link stays on its line, for not every mail program unfolds it.
LINES = email.policy.compat32.clone(linesep="\r\n", max_line_length=998)


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
    mail["Subject"] = Header(pages.text(to.language, f"mail.{message.kind}.subject", to.address), header_name="Subject").encode()
    mail["Date"] = format_datetime(message.written_at)
    mail["Message-ID"] = f"<{message.id}@{to.sender.email.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{to.links.me}>"
    mail["Content-Language"] = to.language
    mail.attach(MIMEText(pages.render(f"{message.kind}.txt", to.language, to.address, **context), "plain", "utf-8"))
    mail.attach(MIMEText(pages.render(f"{message.kind}.html", to.language, to.address, **context), "html", "utf-8"))
    ready = Mail(to.sender.email, to.email, mail.as_bytes(policy=LINES))
    _read_back(ready)
    return ready


def _sender(sender: Sender) -> str:
    """An encoded word holds 75 characters at most: `formataddr` would put the longest name into one."""
    if sender.name.isascii():
        return formataddr((sender.name, sender.email))
    return f"{Header(sender.name, header_name='From').encode()} <{sender.email}>"


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
    read = BytesHeaderParser(policy=email.policy.SMTP).parsebytes(mail.raw)
    names = [name.lower() for name in read]
    recipients = [address.addr_spec for address in read["to"].addresses]
    if not HEADERS.issuperset(names) or len(set(names)) != len(names) or recipients != [mail.recipient]:
        raise UnsafeMailError("the mail read back is not the mail that was written")
