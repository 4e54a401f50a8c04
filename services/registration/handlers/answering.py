"""Yes or no to a pair, before the two are introduced."""

from typing import Any
from uuid import UUID

from services.registration.domain import proposals
from services.registration.handlers import outbox
from services.registration.handlers.holding import locked
from services.registration.store import outcomes, people
from services.registration.store.outcomes import Outcome
from shared.runtime import clock
from shared.runtime.db import Connection
from shared.schemas.answers import Answered
from shared.schemas.codes import Answer


async def answer(conn: Connection, person: UUID, pair: UUID, said: Answer) -> bool:
    """Said twice it is said once, and a yes can be taken back. False where there is nothing to answer, or not any more.

    What is said of one pair is said one after the other. The pair's lock comes before all others: nobody who holds one of
    those waits for it.
    """
    await outcomes.lock_pair(conn, pair)
    holder = await locked(conn, person)
    found = await outcomes.newest(conn, person, "FOR UPDATE OF o")
    if holder is None or holder[0].state == "withdrawn" or found is None:
        return False
    if found.answers.get(str(pair)) == said:
        return True
    asked = next((one for one in found.pairs if one["pair"] == str(pair)), None)
    if asked is None or not proposals.counts(said, asked, found.answers, await clock.now(conn)):
        return False
    if not await _is_there(conn, asked) or await _are_both_for_it(conn, found, asked):
        return False
    await outcomes.note_answer(conn, person, found.round_id, pair, said)
    await outbox.append(conn, Answered(pair=pair, person=person, answer=said))
    return True


async def _is_there(conn: Connection, asked: dict[str, Any]) -> bool:
    """Whoever went a second ago is no question any more; news of that is on its way."""
    partner = await people.get(conn, UUID(asked["partner"]))
    return partner is not None and partner.state != "withdrawn"


async def _are_both_for_it(conn: Connection, found: Outcome, asked: dict[str, Any]) -> bool:
    """Both said yes, so that they are being introduced, whether matching has heard of it or not: no yes is taken back."""
    if proposals.own_answer(asked, found.answers) != "yes":
        return False
    theirs = await outcomes.get(conn, UUID(asked["partner"]), found.round_id)
    same = next((one for one in theirs.pairs if one["pair"] == asked["pair"]), None) if theirs else None
    return theirs is not None and same is not None and proposals.said_yes(same, theirs.answers)
