"""Pausing, and coming back: from a pause, after leaving, or from an earlier round."""

from typing import Literal
from uuid import UUID

from services.registration.handlers import outbox
from services.registration.handlers.speaking import attributes, signed_up
from services.registration.store import people, rounds
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime.db import Connection
from shared.schemas.participants import Confirmed, Left


async def pause(conn: Connection, person: UUID) -> bool:
    """Off the roster of the open round, everything kept; told when the next round opens. False where nothing can be paused."""
    glimpse = await people.get(conn, person)
    if glimpse is None:
        return False
    round_ = await rounds.get(conn, glimpse.round_id, "FOR SHARE")
    found = await people.get(conn, person, lock=True)
    if found is None or found.state == "paused":
        return found is not None
    if found.round_id != round_.id or round_.phase != "open" or found.state != "confirmed":
        return False
    await people.move(conn, person, round_.id, "paused", found.version + 1)
    await outbox.append(conn, Left(person=person, version=found.version + 1, round=round_.id))
    return True


async def come_back(conn: Connection, person: UUID) -> Literal["returned", "unconfirmed"] | None:
    """Into the round that is open now. Who never confirmed is asked to once more. None where there is none to come back to."""
    glimpse = await people.get(conn, person)
    open_round = await rounds.open_round(conn, glimpse.region, "FOR SHARE") if glimpse else None
    found = await people.get(conn, person, lock=True)
    if found is None or open_round is None or not can_return(found, open_round):
        return "returned" if found and open_round and found.round_id == open_round.id and found.state == "confirmed" else None
    if found.confirmed_at is None:
        await people.move(conn, person, open_round.id, "unconfirmed", found.version)
        await outbox.append(conn, signed_up(person, found.region, open_round.id, found.language))
        return "unconfirmed"
    await people.move(conn, person, open_round.id, "confirmed", found.version + 1)
    now = await people.get(conn, person)
    assert now is not None
    await outbox.append(conn, Confirmed(**attributes(now, now.version)))
    return "returned"


def can_return(found: Person, open_round: Round) -> bool:
    """Whoever stepped out of this round, or is still in one before it."""
    return found.round_id != open_round.id or found.state in {"left", "paused"}
