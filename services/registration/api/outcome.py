"""What my page says of the result: the partners with what they released, whom one is asked about, or why there is none."""

from typing import Any
from uuid import UUID

from services.registration.api.context import Context
from services.registration.domain import proposals
from services.registration.store import outcomes, people, rounds
from services.registration.store.people import Person
from shared.runtime import clock, db

Shown = dict[str, Any]


async def shown_outcome(tools: Context, person: Person) -> Shown | None:
    """None while there is nothing to show, also in the moment between a partner's going and the news of what follows."""
    async with db.connection(tools.pool) as conn:
        found = None if person.state == "withdrawn" else await outcomes.newest(conn, person.id)
        if found is None or found.outcome == "withdrawn":
            return None
        # As they are at this moment; whoever went a second ago is shown to nobody.
        there = [(pair, partner) for pair in found.pairs if (partner := await people.get(conn, UUID(pair["partner"])))]
        year, now = (await rounds.get(conn, found.round_id)).rules["year"], await clock.now(conn)
    present = [(pair, partner) for pair, partner in there if partner.state != "withdrawn"]
    if found.outcome == "matched" and not present:
        return None
    introduced = [pair | tools.released(partner) for pair, partner in present if proposals.standing(pair) == "introduced"]
    asked = [
        {
            **pair,
            **await tools.described(partner, year),
            "answer_by": proposals.answer_by(pair),
            "answer": proposals.own_answer(pair, found.answers),
            "open": proposals.is_open(pair, found.answers, now),
        }
        for pair, partner in present
        if proposals.standing(pair) != "introduced"
    ]
    return {"partners": introduced, "asked": asked, "reason": found.reason, "suggestion": found.suggestion}
