"""What my page says of the result: the partners with what they released, or why there is none."""

from typing import Any
from uuid import UUID

from services.registration.api.context import Context
from services.registration.domain.wishes import offer
from services.registration.store import outcomes, people
from services.registration.store.people import Person
from shared.runtime.db import Connection


async def shown_outcome(conn: Connection, tools: Context, person: Person) -> dict[str, Any] | None:
    """None while there is nothing to show, also in the moment between a partner's going and the news of what follows.

    `offer`: what a yes would change; `back`: they are in a later round by now.
    """
    found = None if person.state == "withdrawn" else await outcomes.newest(conn, person.id)
    if found is None or found.outcome == "withdrawn":
        return None
    partners = [one for pair in found.pairs if (one := await _partner(conn, tools, pair))]
    if found.outcome == "matched" and not partners:
        return None
    back = found.round_id != person.round_id and person.state == "confirmed"
    told = {"partners": partners, "reason": found.reason, "suggestion": found.suggestion}
    return told | {"offer": offer(found.suggestion, person), "back": back}


async def _partner(conn: Connection, tools: Context, pair: dict[str, Any]) -> dict[str, Any] | None:
    """As they are at this moment; whoever went a second ago is named to nobody."""
    partner = await people.get(conn, UUID(pair["partner"]))
    return None if partner is None or partner.state == "withdrawn" else pair | tools.released(partner)
