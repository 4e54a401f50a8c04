"""One of the two ends their pair: matching hears why, and where it is for safety's sake the office is told at once."""

from uuid import UUID

from services.registration.handlers import outbox
from services.registration.handlers.holding import locked
from services.registration.handlers.own_data import say_changed
from services.registration.store import doubts, outcomes, reported
from services.registration.store.people import Person
from shared.runtime.db import Connection
from shared.schemas.answers import PairEnded
from shared.schemas.codes import EndReason
from shared.schemas.participants import OfficeAlerted


async def end(conn: Connection, person: Person, pair: UUID, partner: UUID, reason: EndReason, office: UUID) -> None:
    """`office`: whose mailbox is told, of the round that the pair is of: they may be in a later one by now."""
    await outbox.append(conn, PairEnded(pair=pair, person=person.id, reason=reason))
    if reason == "safety":
        round_id = await outcomes.note_alert(conn, person.id, pair) or person.round_id
        await outbox.append(conn, OfficeAlerted(office=office, region=person.region, round=round_id, pair=pair))
        await _report(conn, partner)


async def _report(conn: Connection, partner: UUID) -> None:
    """They count in no round that is open or comes until the office has looked; they hear what anybody in doubt hears."""
    held = await locked(conn, partner)
    if held is None:
        return
    await reported.keep(conn, partner)
    found, round_ = held
    if round_.phase != "open" or found.state not in {"confirmed", "in_doubt"}:
        return
    await doubts.add(conn, partner, round_.id, "reported", None)
    if found.state == "confirmed":
        await say_changed(conn, partner)
