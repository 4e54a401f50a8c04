"""What my page says of the result: the partners with what they released, whom one is asked about, or why there is none."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.registration.api.context import Context
from services.registration.domain import proposals
from services.registration.domain.wishes import offer
from services.registration.store import outcomes, people, rounds
from services.registration.store.people import Person
from shared.runtime import clock, db
from shared.runtime.db import Connection

Shown = dict[str, Any]


async def shown_outcome(tools: Context, person: Person) -> Shown | None:
    """None while there is nothing to show, also in the moment between a partner's going and the news of what follows.

    `offer`: what a yes would change; `alone`: nobody is looked for any more; `over`: they had somebody
    and have nobody now; `back`: they are in a later round by now.
    """
    async with db.connection(tools.pool) as conn:
        found = None if person.state == "withdrawn" else await outcomes.newest(conn, person.id)
        if found is None or found.outcome == "withdrawn":
            return None
        present = await _present(conn, found)
        year, now = (await rounds.get(conn, found.round_id)).rules["year"], await clock.now(conn)
    if found.outcome == "matched" and not present:
        return None
    return {
        "partners": [pair | tools.released(partner) for pair, partner in present if _is_introduced(pair)],
        "asked": [
            _question(pair, found, now) | await tools.described(partner, year)
            for pair, partner in present
            if not _is_introduced(pair)
        ],
        "reason": found.reason,
        "suggestion": found.suggestion,
        "offer": offer(found.suggestion, person),
        "over": found.reason in {"pair_ended", "pair_over"} or (found.reason == "partner_gone" and found.revision > 1),
        "alone": found.outcome == "unmatched" and found.reason != "searching",
        "back": found.round_id != person.round_id and person.state == "confirmed",
    }


async def _present(conn: Connection, found: outcomes.Outcome) -> list[tuple[Shown, Person]]:
    """The pairs with the partner as they are at this moment; whoever went a second ago is shown to nobody."""
    there = [(pair, await people.get(conn, UUID(pair["partner"]))) for pair in found.pairs]
    return [(pair, partner) for pair, partner in there if partner is not None and partner.state != "withdrawn"]


def _is_introduced(pair: Shown) -> bool:
    return proposals.standing(pair) == "introduced"


def _question(pair: Shown, found: outcomes.Outcome, now: datetime) -> Shown:
    return pair | {
        "answer_by": proposals.answer_by(pair),
        "answer": proposals.own_answer(pair, found.answers),
        "open": proposals.is_open(pair, found.answers, now),
        "takes_back": proposals.may_take_back(pair, found.answers, now),
    }
