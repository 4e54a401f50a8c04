"""What matching does with what geo forwards of people: who is in, who left, who is gone."""

from typing import Literal
from uuid import UUID

from services.matching.handlers import outbox
from services.matching.handlers.pairs import goes
from services.matching.store import following, outcomes, pairs, plans, rounds
from shared.runtime.db import Connection
from shared.runtime.killpoints import killpoint
from shared.runtime.outbox import blank, blank_about
from shared.schemas.located_participants import Located
from shared.schemas.participants import Erased, Left, Withdrawn
from shared.schemas.receipts import ErasureDone

NOT_ATTRIBUTES = {"person", "version", "round"}


async def on_located(conn: Connection, event: Located) -> None:
    """Kept as part of the round it carries. What comes late of somebody erased is kept without its attributes."""
    erased = await rounds.is_erased(conn, event.person)
    attributes = None if erased else event.model_dump(mode="json", exclude=NOT_ATTRIBUTES)
    await rounds.keep_participant(conn, event.round, event.person, event.version, attributes)


async def on_left(conn: Connection, event: Left) -> None:
    await rounds.keep_participant(conn, event.round, event.person, event.version, None, has_left=True)


async def on_withdrawn(conn: Connection, event: Withdrawn) -> None:
    await _go(conn, event.round, event.person, event.version, "withdrawn")


async def on_erased(conn: Connection, event: Erased) -> None:
    """Attributes go everywhere; (id, version) stays for the count and digest of a roster until the round ends."""
    if event.on_roster:
        await _go(conn, event.round, event.person, event.version, "erased")
    else:
        await rounds.keep_participant(conn, event.round, event.person, event.version, None, has_left=True)
        await rounds.add_gone(conn, event.round, event.person, event.version, "erased")
    await rounds.forget_attributes(conn, event.person)
    await blank(conn, event.person)
    await blank_about(conn, event.person, await pairs.partners(conn, event.person))
    for store in (plans, following, pairs, outcomes):
        await store.forget_person(conn, event.person)
    await outbox.append(conn, ErasureDone(person=event.person, service="matching"))


async def _go(conn: Connection, round_id: UUID, person: UUID, version: int, how: Literal["withdrawn", "erased"]) -> None:
    """Counted on the roster and taken out of the solving; once published, their pairs end and the partners are told."""
    round_ = await rounds.locked(conn, round_id)
    await rounds.keep_participant(conn, round_id, person, version, None)
    await rounds.add_gone(conn, round_id, person, version, how)
    if round_.phase == "published":
        await outcomes.put(conn, round_id, person, "withdrawn")
        await goes(conn, round_, person)
        killpoint("W3")
