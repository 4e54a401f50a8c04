"""Writes down who looked at whom and who did what, in the transaction of the look or the act: neither is there alone."""

from collections.abc import Sequence
from uuid import UUID

from services.registration.store import audit as store
from shared.runtime import clock
from shared.runtime.audit import hash_of, moment
from shared.runtime.coordinators import Coordinator
from shared.runtime.db import Connection


async def record(
    conn: Connection, who: Coordinator, region: str, action: str, people: Sequence[UUID] = (), **detail: str | int
) -> None:
    """One line for each of the people, or one about nobody. The last thing in a transaction, for the region's chain waits.

    `detail`: codes and numbers, never what somebody typed nor where they live.
    """
    at = moment(await clock.now(conn))
    about = {"region": region, "at": at, "name": who.name, "role": who.role, "action": action, "detail": detail}
    previous, lines = await store.newest_hash(conn, region), []
    for person in people or (None,):
        line = about | {"person": str(person) if person else None, "previous": previous}
        previous = hash_of(line)
        lines.append(line | {"hash": previous})
    await store.add(conn, lines)
