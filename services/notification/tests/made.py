"""Events as they come off the topics, the queue they leave, and what notification has said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.notification.consumer import SUBSCRIPTION
from services.notification.domain import Kind, State
from services.notification.store import Message
from shared.runtime import db, ids
from shared.runtime.inbox import Record, handle_batch
from shared.runtime.migrate import ROOT
from shared.schemas.codes import OutcomeKind
from shared.schemas.envelope import Event, decode, encode
from shared.schemas.pairings import OutcomeAnnounced, PairChanged, PairWhy, Suggestion
from shared.schemas.participants import Confirmed, SignedUp
from shared.schemas.topics import TOPICS
from shared.web.pages import Pages

ROUND, OTHER_ROUND = UUID(int=7), UUID(int=8)
ANNA, BEN, CEM = (UUID(int=number) for number in (1, 2, 3))
PAGES = Pages("notification", ROOT / "services" / "notification", strict=True)
WRITTEN_AT = datetime(2021, 10, 16, 8, 0, 5, 250_000, tzinfo=UTC)


def signed_up(person: UUID = ANNA, round_: UUID = ROUND) -> SignedUp:
    return SignedUp(person=person, region="ludwigsburg", round=round_, language="de")


def confirmed(person: UUID = ANNA, version: int = 1) -> Confirmed:
    return Confirmed(
        person=person,
        version=version,
        region="ludwigsburg",
        round=ROUND,
        role="local",
        postcode="71638",
        place_id="",
        birth_year=1980,
        gender="f",
        wish="any",
        languages={"de": "native"},
        hobbies=["cooking"],
        max_km=10,
        max_age_gap=None,
        capacity=1,
        party=None,
        group=None,
    )


def pair(partner: UUID) -> PairWhy:
    return PairWhy(
        pair=UUID(int=100 + partner.int),
        partner=partner,
        languages=["de"],
        hobbies=["chess"],
        band="under_5",
        writes_first=True,
    )


def announced(*partners: UUID, person: UUID = ANNA, revision: int = 1, outcome: OutcomeKind | None = None) -> OutcomeAnnounced:
    """Matched with these partners; unmatched, with a suggestion, where there are none."""
    return OutcomeAnnounced(**_outcome(person, revision, partners, outcome))


def pair_changed(*partners: UUID, person: UUID = ANNA, revision: int = 2, outcome: OutcomeKind | None = None) -> PairChanged:
    """A pair ended; these partners are left."""
    return PairChanged(**_outcome(person, revision, partners, outcome), pair=UUID(int=99), change="ended")


def _outcome(person: UUID, revision: int, partners: tuple[UUID, ...], outcome: OutcomeKind | None) -> dict[str, Any]:
    alone = not partners
    return {
        "person": person,
        "round": ROUND,
        "revision": revision,
        "outcome": outcome or ("unmatched" if alone else "matched"),
        "reason": "partner_gone" if alone else None,
        "suggestion": Suggestion(change="max_km", to="20", opens=4) if alone else None,
        "pairs": [pair(partner) for partner in partners],
    }


def record(event: Event) -> Record:
    """With an event id of its own."""
    topic = next(topic for topic in SUBSCRIPTION.handlers if type(event) in topic.events)
    source = topic.producers[0]
    value = encode(event, event_id=ids.new_id(), time=datetime.now(UTC), source=source, trace=ids.new_id())
    return Record(topic.name, 0, 0, None, value)


async def hear(pool: db.Pool, *events: Event) -> None:
    """Handles them as the consumer does; none may die."""
    await hear_records(pool, *map(record, events))


async def hear_records(pool: db.Pool, *records: Record) -> None:
    await handle_batch(pool, SUBSCRIPTION, records)
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0


@dataclass(frozen=True)
class Row:
    """What tests look at of a message."""

    kind: Kind
    state: State
    revision: int | None
    partners: list[UUID]


async def queue(pool: db.Pool, person: UUID = ANNA) -> list[Row]:
    """The person's messages, oldest first, sent or not."""
    found = await pool.fetch("SELECT * FROM messages WHERE person_id = $1 ORDER BY written_at, revision", person)
    return [Row(row["kind"], row["state"], row["revision"], _partners(row["payload"])) for row in found]


def _partners(payload: Mapping[str, Any]) -> list[UUID]:
    return [UUID(one["partner"]) for one in payload.get("pairs", [])]


async def waiting(pool: db.Pool, person: UUID = ANNA) -> list[tuple[Kind, int | None]]:
    """Kind and revision of what is still to be sent."""
    return [(row.kind, row.revision) for row in await queue(pool, person) if row.state == "queued"]


async def as_sent(pool: db.Pool, person: UUID = ANNA) -> None:
    """As the senders leave a message that a mail server took."""
    await pool.execute("UPDATE messages SET state = 'sent', payload = '{}' WHERE person_id = $1 AND state = 'queued'", person)


async def said(pool: db.Pool, topic: str = "messages") -> list[Any]:
    """Events on this topic, in the order in which they were said."""
    read = next(one.read for one in TOPICS if one.name == topic)
    rows = await pool.fetch("SELECT payload FROM outbox WHERE topic = $1 AND payload IS NOT NULL ORDER BY id", topic)
    return [read(decode(row["payload"])) for row in rows]


def message(kind: Kind = "confirm", **payload: Any) -> Message:
    """One that stands in the queue."""
    return Message(UUID(int=42), ANNA, ROUND, kind, 1, payload, "queued", 0, WRITTEN_AT)


def told(
    email: str = "anna@example.org", name: str = "Anna", language: str = "de", partners: tuple[UUID, ...] = (), **other: Any
) -> dict[str, Any]:
    """Registration's answer, as it comes over HTTP. The partners are called as this person is."""
    return {
        "answer": "send",
        "name": name,
        "email": email,
        "language": language,
        "region_name": "Landkreis Ludwigsburg",
        "office": {"name": "Landratsamt", "phone": "+49 7141 144-0", "email": "office@ludwigsburg.example"},
        "sender": {"name": "myBuddy Ludwigsburg", "email": "mybuddy@ludwigsburg.example"},
        "round": {"name": "Herbst 2021", "closes_at": "2021-10-31T22:59:00Z", "zone": "Europe/Berlin"},
        "links": {
            "confirm": f"https://buddy.example/{language}/ludwigsburg/confirm/{'c' * 60}",
            "me": f"https://buddy.example/{language}/ludwigsburg/me/{'m' * 60}",
        },
        "partners": [
            {"person": str(one), "first_name": name, "contacts": [{"kind": "email", "value": "ben@example.org"}]}
            for one in partners
        ],
    } | other
