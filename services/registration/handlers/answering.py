"""Yes or no to a pair, before the two are introduced."""

from typing import Any
from uuid import UUID

from services.registration.domain import proposals
from services.registration.handlers import outbox
from services.registration.handlers.holding import locked
from services.registration.store import outcomes, people
from shared.runtime import clock
from shared.runtime.db import Connection
from shared.schemas.answers import Answered
from shared.schemas.codes import Answer


async def answer(conn: Connection, person: UUID, pair: UUID, said: Answer) -> bool:
    """The first answer counts, and said twice it is said once. False where there is nothing to answer, or not any more."""
    holder = await locked(conn, person)
    found = await outcomes.newest(conn, person, "FOR UPDATE OF o")
    if holder is None or holder[0].state == "withdrawn" or found is None:
        return False
    if found.answers.get(str(pair)) == said:
        return True
    asked = next((one for one in found.pairs if one["pair"] == str(pair)), None)
    if asked is None or not proposals.is_open(asked, found.answers, await clock.now(conn)) or not await _is_there(conn, asked):
        return False
    await outcomes.note_answer(conn, person, found.round_id, pair, said)
    await outbox.append(conn, Answered(pair=pair, person=person, answer=said))
    return True


async def _is_there(conn: Connection, asked: dict[str, Any]) -> bool:
    """Whoever went a second ago is no question any more; news of that is on its way."""
    partner = await people.get(conn, UUID(asked["partner"]))
    return partner is not None and partner.state != "withdrawn"
