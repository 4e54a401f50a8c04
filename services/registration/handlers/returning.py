"""Pausing, and coming back: from a pause, after leaving, or from an earlier round."""

from typing import Literal
from uuid import UUID

from services.registration.handlers import outbox, own_data
from services.registration.handlers.holding import locked
from services.registration.handlers.speaking import signed_up
from services.registration.store import people, rounds
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime.db import Connection
from shared.schemas.participants import Left


async def pause(conn: Connection, person: UUID) -> Literal["paused"] | None:
    """Off the roster of the open round, everything kept; told when the next round opens. None where nothing can be paused."""
    held = await locked(conn, person)
    if held is None:
        return None
    found, round_ = held
    if found.state == "confirmed" and round_.phase == "open":
        await people.move(conn, person, round_.id, "paused", found.version + 1)
        await outbox.append(conn, Left(person=person, version=found.version + 1, round=round_.id))
        return "paused"
    return "paused" if found.state == "paused" else None


async def come_back(conn: Connection, person: UUID, adult_from: int = 0) -> Literal["returned", "in_doubt", "unconfirmed"] | None:
    """Into the round that is open now, looked at like anybody who confirms. Who never confirmed is asked to once more. None
    where there is none to come back to. `adult_from`: see Region.adult_from.
    """
    glimpse = await people.get(conn, person)
    open_round = await rounds.open_round(conn, glimpse.region, "FOR SHARE") if glimpse else None
    found = await people.get(conn, person, lock=True)
    if found is None or open_round is None:
        return None
    if not can_return(found, open_round):
        return "returned" if found.state == "confirmed" else None
    await people.move(conn, person, open_round.id, "unconfirmed", found.version)
    if found.confirmed_at is None:
        await outbox.append(conn, signed_up(person, found.region, open_round.id, found.language))
        return "unconfirmed"
    return "in_doubt" if await own_data.confirm(conn, person, adult_from) == "in_doubt" else "returned"


def can_return(found: Person, open_round: Round) -> bool:
    """Whoever stepped out of this round, or is still in one before it."""
    return found.round_id != open_round.id or found.state in {"left", "paused"}
