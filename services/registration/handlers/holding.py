"""Holding a person and their round still while something is done to them."""

from uuid import UUID

from services.registration.store import people, rounds
from services.registration.store.people import Person
from shared.runtime.db import Connection


async def locked(conn: Connection, person: UUID) -> tuple[Person, rounds.Round] | None:
    """The person and their round, the round held open or closed until the transaction ends.

    The round's lock comes first, as in closing; the person is read under it. None for somebody who is not there any more.
    """
    glimpse = await people.get(conn, person)
    if glimpse is None:
        return None
    round_ = await rounds.get(conn, glimpse.round_id, "FOR SHARE")
    found = await people.get(conn, person, lock=True)
    return (found, round_) if found and found.round_id == round_.id else None


async def hold(conn: Connection, person: UUID) -> bool:
    """Nobody else changes them until the transaction ends. False for somebody who is not there."""
    return await locked(conn, person) is not None
