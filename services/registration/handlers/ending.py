"""One of the two ends their pair: matching hears why, and where it is for safety's sake the office is told at once."""

from uuid import UUID

from services.registration.handlers import outbox
from services.registration.store.people import Person
from shared.runtime.db import Connection
from shared.schemas.answers import PairEnded
from shared.schemas.codes import EndReason
from shared.schemas.participants import OfficeAlerted


async def end(conn: Connection, person: Person, pair: UUID, reason: EndReason, office: UUID) -> None:
    """`office`: whose mailbox is told."""
    await outbox.append(conn, PairEnded(pair=pair, person=person.id, reason=reason))
    if reason == "safety":
        await outbox.append(conn, OfficeAlerted(office=office, region=person.region, round=person.round_id, pair=pair))
