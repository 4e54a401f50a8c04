"""People of these tests, heard as they come off the topic, and what geo has said of them."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.geo.consumer import SUBSCRIPTION
from shared.runtime import db, ids
from shared.runtime.inbox import Record, handle_batch
from shared.runtime.migrate import ROOT
from shared.schemas.envelope import Event, decode, encode
from shared.schemas.participants import Changed, Confirmed, Erased, Left, Withdrawn
from shared.schemas.topics import PARTICIPANTS, TOPICS

EXAMPLE = json.loads((ROOT / "shared/schemas/examples/Confirmed.v1.json").read_text(encoding="utf-8"))["data"]
ROUND, NEXT_ROUND = UUID(int=7), UUID(int=8)
ANNA, BEN, CEM = (UUID(int=number) for number in (1, 2, 3))
NOWHERE = "00001"


def confirmed(person: UUID = ANNA, version: int = 1, **other: Any) -> Confirmed:
    return Confirmed(**(EXAMPLE | {"person": person, "version": version, "round": ROUND} | other))


def changed(person: UUID = ANNA, version: int = 2, **other: Any) -> Changed:
    return Changed(**confirmed(person, version, **other).model_dump())


def lost(person: UUID = ANNA, version: int = 1, **other: Any) -> Confirmed:
    """Confirmed with a postcode that does not exist."""
    return confirmed(person, version, **({"postcode": NOWHERE, "place_id": ""} | other))


def left(person: UUID = ANNA, version: int = 2) -> Left:
    return Left(person=person, version=version, round=ROUND)


def withdrawn(person: UUID = ANNA, version: int = 1) -> Withdrawn:
    return Withdrawn(person=person, version=version, round=ROUND)


def erased(person: UUID = ANNA, version: int = 2, round_: UUID = ROUND) -> Erased:
    return Erased(person=person, version=version, round=round_, on_roster=False)


def record(event: Event) -> Record:
    """With an event id of its own."""
    value = encode(event, event_id=ids.new_id(), time=datetime.now(UTC), source="registration", trace=ids.new_id())
    return Record(PARTICIPANTS.name, 0, 0, None, value)


async def hear(pool: db.Pool, *events: Event) -> None:
    """In one batch, as the stream hands them over; none of them may die."""
    await hear_records(pool, *map(record, events))


async def hear_records(pool: db.Pool, *records: Record) -> None:
    await handle_batch(pool, SUBSCRIPTION, records)
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0


async def said(pool: db.Pool, topic: str = "located-participants") -> list[Any]:
    """Events on this topic, in the order in which they were said; what was blanked is not among them."""
    read = next(one.read for one in TOPICS if one.name == topic)
    rows = await pool.fetch("SELECT payload FROM outbox WHERE topic = $1 AND payload IS NOT NULL ORDER BY id", topic)
    return [read(decode(row["payload"])) for row in rows]


async def asked(pool: db.Pool) -> dict[UUID, tuple[int, str, str]]:
    """Version, postcode and reason of every open question, by person."""
    rows = await pool.fetch("SELECT person_id, version, postcode, reason FROM questions ORDER BY person_id")
    return {row["person_id"]: (row["version"], row["postcode"], row["reason"]) for row in rows}
