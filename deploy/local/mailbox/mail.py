"""One mail as it came, read strictly: what a careful reader would object to is listed, not repaired."""

import email
import email.policy
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from typing import Any, cast

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")
AT_MOST_ONCE = ("Sender", "Reply-To", "Cc", "Bcc", "Content-Type", "Content-Transfer-Encoding", "Content-Language")
LONGEST_LINE = 998


class ReadOnce(email.policy.EmailPolicy):
    """Understands each header when it comes in; the library would do so again at every look."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, self.header_fetch_parse(name, value)


POLICY = cast("email.policy.EmailPolicy[EmailMessage]", ReadOnce(linesep="\r\n"))


@dataclass(frozen=True)
class Summary:
    """What a list of mails shows. `to` is the recipient of the envelope, not of the header."""

    index: int
    received: str
    sender: str
    to: str
    recipients: list[str]
    subject: str
    message_id: str
    language: str
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Mail:
    """Envelope and bytes; everything else is read from them when asked for."""

    index: int
    sender: str
    recipients: list[str]
    raw: bytes
    received: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def summary(self) -> Summary:
        message = self.message
        return Summary(
            index=self.index,
            received=self.received.isoformat(),
            sender=self.sender,
            to=self.recipients[0] if self.recipients else "",
            recipients=self.recipients,
            subject=_header(message, "Subject"),
            message_id=_header(message, "Message-ID"),
            language=_language(message),
            problems=problems(self.raw, message, self.recipients),
        )

    @cached_property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=POLICY)

    def details(self) -> dict[str, Any]:
        """The summary, all headers in their order as decoded, both bodies, and the raw text."""
        message = self.message
        return {
            **asdict(self.summary),
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": body(message, "plain"),
            "html": body(message, "html"),
            "raw": self.raw.decode("utf-8", "replace"),
        }


def body(message: EmailMessage, kind: str) -> str | None:
    """The first part of that kind; None where there is none."""
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return None


def problems(raw: bytes, message: EmailMessage, recipients: list[str]) -> list[str]:
    return [*_bytes(raw), *_headers(message), *_addresses(message, recipients), *_parts(message)]


def _bytes(raw: bytes) -> list[str]:
    found = []
    if b"\0" in raw:
        found.append("holds a NUL")
    if raw.count(b"\r") != raw.count(b"\r\n") or raw.count(b"\n") != raw.count(b"\r\n"):
        found.append("holds a line end that is not CRLF")
    if any(len(line) > LONGEST_LINE for line in raw.split(b"\r\n")):
        found.append("holds a line of more than 998 bytes")
    if any(byte > 126 for byte in raw.partition(b"\r\n\r\n")[0]):
        found.append("has a header that is not ASCII")
    return found


def _headers(message: EmailMessage) -> list[str]:
    found = [f"has {_count(message, name)} headers {name}" for name in ONCE if _count(message, name) != 1]
    found += [f"has several headers {name}" for name in AT_MOST_ONCE if _count(message, name) > 1]
    for name, value in message.items():
        if "\n" in str(value) or "\r" in str(value):
            found.append(f"header {name} holds a line end once decoded")
        found += [f"header {name}: {defect}" for defect in getattr(value, "defects", ())]
    return found


def _addresses(message: EmailMessage, recipients: list[str]) -> list[str]:
    named = [a.addr_spec for header in message.get_all("To", []) for a in getattr(header, "addresses", ())]
    if sorted(named) != sorted(recipients):
        return [f"the header To names {len(named)} addresses that are not the {len(recipients)} of the envelope"]
    return []


def _parts(message: EmailMessage) -> list[str]:
    found = []
    for part in message.walk():
        found += [f"part {part.get_content_type()}: {type(defect).__name__}" for defect in part.defects]
    for kind in ("plain", "html"):
        if message.get_body((kind,)) is not None and body(message, kind) is None:
            found.append(f"the {kind} part cannot be decoded")
    if body(message, "plain") is None:
        found.append("has no plain text part")
    return found


def _count(message: EmailMessage, name: str) -> int:
    return len(message.get_all(name, []))


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name, "")).strip()


def _language(message: EmailMessage) -> str:
    """The mail's own, else that of its first part that names one."""
    named = (str(part.get("Content-Language", "")).strip() for part in message.walk())
    return next((language for language in named if language), "")
