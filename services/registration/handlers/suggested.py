"""Saying yes to what the last result suggested: a change like any other, without a form."""

from uuid import UUID

from services.registration.domain.wishes import offer
from services.registration.handlers.holding import locked
from services.registration.handlers.own_data import ChangeResult, say_changed
from services.registration.store import outcomes, people
from shared.runtime.db import Connection


async def say_yes(conn: Connection, person: UUID) -> ChangeResult | None:
    """Open: a new version. After close: kept for the next round. Said twice it is done once. None where nothing is offered."""
    held, last = await locked(conn, person), await outcomes.newest(conn, person)
    if held is None or last is None:
        return None
    found, round_ = held
    offered = offer(last.suggestion, found)
    if offered is None:
        return None
    if not offered.taken:
        await people.set_wish(conn, person, offered.wish, offered.value)
        if round_.phase == "open" and found.state == "confirmed":
            await say_changed(conn, person)
    return "changed" if round_.phase == "open" else "changed_next_round"
