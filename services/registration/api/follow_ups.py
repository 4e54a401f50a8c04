"""What my page asks of how it goes with the partners that it shows."""

from typing import Any

from services.registration.api.context import Context
from services.registration.store import follow_ups
from services.registration.store.people import Person
from shared.runtime import db


async def shown_follow_ups(tools: Context, person: Person, outcome: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The question asked last about each partner of the outcome, with its answer where there is one."""
    partners = {one["pair"]: one for one in (outcome["partners"] if outcome else [])}
    if not partners:
        return []
    async with db.connection(tools.pool) as conn:
        asked = await follow_ups.of_person(conn, person.id)
    return [
        {"pair": pair, "step": one.step, "answer": one.answer, "partner": partners[pair]}
        for one in asked
        if (pair := str(one.pair_id)) in partners
    ]
