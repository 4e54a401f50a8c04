"""Coordinators decide about entries in doubt: accepted, they count; refused, they are told kindly."""

from uuid import UUID

from services.registration.domain.doubts import Decision, Kind
from services.registration.domain.life import State
from services.registration.handlers import outbox
from services.registration.handlers.holding import locked
from services.registration.handlers.own_data import say_confirmed
from services.registration.store import doubts, people, reported
from services.registration.store.people import Person
from shared.runtime.db import Connection
from shared.schemas.participants import Refused


class NothingToDecideError(ValueError):
    """The entry does not wait for a coordinator, or not any more."""


async def decide(
    conn: Connection, person: UUID, decision: Decision, reason: str, by: str, kind: Kind | None = None
) -> tuple[State, list[Kind]]:
    """About one kind of doubt, or all that are open. Returns what has become of the entry and what is still open.

    The same decision twice is one; a refusal may be taken back while the round is open. Raises NothingToDecideError.
    """
    held = await locked(conn, person)
    if held is None:
        raise NothingToDecideError("Nobody with this id is there any more.")
    found, round_ = held
    if round_.phase != "open":
        raise NothingToDecideError(
            f"The round is {round_.phase}: it is too late to decide. Whoever was not checked can sign up for the next round."
        )
    if (found.state, decision) in {("confirmed", "accepted"), ("refused", "refused")}:
        return found.state, []
    open_ones = await doubts.pending(conn, person, round_.id)
    if found.state not in {"in_doubt", "refused"} or not open_ones:
        raise NothingToDecideError("Nothing about this entry waits for a decision.")
    if kind and kind not in open_ones:
        raise NothingToDecideError(f"Not {kind} is in doubt here, but {', '.join(open_ones)}.")
    await doubts.decide(conn, person, round_.id, kind, decision, reason, by)
    if decision == "accepted" and "reported" in open_ones and kind in {None, "reported"}:
        await reported.settle(conn, person)
    return await _settle(conn, found, decision)


async def _settle(conn: Connection, found: Person, decision: Decision) -> tuple[State, list[Kind]]:
    if decision == "refused":
        await people.move(conn, found.id, found.round_id, "refused", found.version)
        await outbox.append(conn, Refused(person=found.id, region=found.region, round=found.round_id, language=found.language))
        return "refused", []
    if still := await doubts.pending(conn, found.id, found.round_id):
        return found.state, still
    await say_confirmed(conn, found)
    return "confirmed", []
