"""How it goes with a pair that was introduced: what matching asks, what people answer, and whether they are still asked."""

from uuid import UUID

from services.registration.handlers import outbox
from services.registration.handlers.recipients import Verdict
from services.registration.store import follow_ups as store
from services.registration.store import people
from shared.runtime.db import Connection
from shared.schemas.answers import FollowUpAnswered
from shared.schemas.codes import FollowUpAnswer, FollowUpStep
from shared.schemas.pairings import FollowUpDue


async def on_follow_up_due(conn: Connection, event: FollowUpDue) -> None:
    """For the person's page."""
    await store.keep(conn, event.person, event.round, event.pair, event.step)


async def answer(conn: Connection, person: UUID, pair: UUID, step: FollowUpStep, said: FollowUpAnswer) -> None:
    """What nobody asks any more is not said."""
    if await store.answer(conn, person, pair, step, said):
        await outbox.append(conn, FollowUpAnswered(pair=pair, person=person, step=step, answer=said))


async def wanted(conn: Connection, person: UUID, partners: list[UUID], round_id: UUID, pair: UUID, step: FollowUpStep) -> Verdict:
    """Whether somebody is written to about this question. Of a pair that is over, or about to be, never."""
    found, others = await people.get(conn, person), [await people.get(conn, partner) for partner in partners]
    present = tuple(other for other in others if other is not None and other.state != "withdrawn")
    if found is None or not found.email or found.state == "withdrawn" or len(present) < len(partners):
        return Verdict("gone")
    is_open = await store.is_wanted(conn, person, round_id, pair, step)
    if is_open is None:
        return Verdict("hold")
    return Verdict("send", found, present) if is_open else Verdict("gone")
