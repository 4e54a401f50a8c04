"""Recipients as registration names them, messages for them, and names that mean harm."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from services.notification.sender.recipient import Recipient
from services.notification.store import Message
from shared.runtime.migrate import ROOT
from shared.schemas.codes import MessageKind
from shared.web.pages import Pages

ROUND = UUID(int=7)
PAGES = Pages("notification", ROOT / "services" / "notification", strict=True)
KINDS: tuple[MessageKind, ...] = (
    "confirm",
    "welcome",
    "link",
    "introduced",
    "unmatched",
    "pair_ended",
    "asked",
    "reminder",
    "fell_through",
    "refused",
    "not_checked",
    "answered",
)
NAMING, ASKING = ("introduced", "pair_ended"), ("asked", "reminder")
WRITTEN = datetime(2021, 11, 2, 9, 30, tzinfo=UTC)
HOSTILE = (
    "=?utf-8?q?a=0ABcc:_x@evil.example?=",
    "a\r\nBcc: x@evil.example",
    "a\n\n<script>alert(1)</script>",
    "{{7*7}} {0.__class__} %s%n",
    "a\u2028Bcc: x@evil.example\u2029",
    "\u202egnp.exe\u2066",
    "https://evil.example/login",
    "a\0b",
    "x" * 80,
    "ሰላም ገብረ",
    "سارا\u200cجان",
)


def recipient(language: str = "de", name: str = "Anna", **other: Any) -> Recipient:
    given: dict[str, Any] = {
        "name": name,
        "email": "anna@example.org",
        "language": language,
        "region_name": "Landkreis Ludwigsburg",
        "office": {"name": "Landratsamt", "phone": "+49 7141 144-0", "email": "office@ludwigsburg.example"},
        "sender": {"name": "myBuddy Ludwigsburg", "email": "mybuddy@ludwigsburg.example"},
        "round": {"name": "Herbst 2021", "closes_at": WRITTEN, "zone": "Europe/Berlin"},
        "links": {"confirm": "https://buddy.example/c/abc", "me": "https://buddy.example/m/abc"},
        "partners": [],
    }
    return Recipient.model_validate(given | other)


def partner(person: UUID, name: str = "Ben", email: str = "ben@example.org") -> dict[str, Any]:
    contacts = [{"kind": "email", "value": email}, {"kind": "phone", "value": "+49 171 1234567"}]
    return {"person": str(person), "first_name": name, "contacts": contacts}


def asked(person: UUID, age_from: int = 30, place: str = "Marbach am Neckar") -> dict[str, Any]:
    return {"person": str(person), "age_from": age_from, "place": place}


def pair(person: UUID, **more: Any) -> dict[str, Any]:
    """The same partner is the same pair."""
    shared: dict[str, Any] = {"languages": ["de"], "hobbies": ["cooking"], "band": "under_5", "writes_first": True}
    return {"pair": str(pair_of(person)), "partner": str(person), **shared, **more}


def pair_of(person: UUID) -> UUID:
    return uuid5(ROUND, str(person))


def message(kind: MessageKind = "confirm", **payload: Any) -> Message:
    return Message(uuid4(), uuid4(), ROUND, kind, 1, payload, "queued", 0, WRITTEN)
