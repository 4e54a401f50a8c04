"""What registration does with what the other services say."""

from collections.abc import Sequence
from uuid import UUID

from services.registration.handlers import outbox
from services.registration.handlers.speaking import as_frozen
from services.registration.metrics import MAILS, RECEIPTS
from services.registration.store import addresses, erasures, follow_ups, notices, outcomes, people, rounds
from services.registration.store.outcomes import Outcome
from shared.runtime.db import Connection
from shared.runtime.metrics import known
from shared.schemas.envelope import Event
from shared.schemas.messages import Bounced, Delivery, Failed, Sent
from shared.schemas.pairings import OutcomeAnnounced, PairChanged, RoundIncomplete, RoundPublished, RunFinished
from shared.schemas.participants import Erased, Left, Withdrawn
from shared.schemas.receipts import ErasureDone
from shared.schemas.rounds import PAGE_LINES, RosterPage, roster_line
from shared.web.languages import LANGUAGES


async def on_run_finished(conn: Connection, event: RunFinished) -> None:
    if event.status != "infeasible":
        await rounds.set_progress(conn, event.round, "solved", event.closing)


async def on_round_published(conn: Connection, event: RoundPublished) -> None:
    await rounds.set_progress(conn, event.round, "published")


async def on_round_incomplete(conn: Connection, event: RoundIncomplete) -> None:
    """Says the roster, or says again, with new ids, what matching names. About an unknown round or older closing: nothing."""
    try:
        round_ = await rounds.get(conn, event.round, "FOR SHARE")
    except LookupError:
        return
    if round_.phase != "closed" or round_.closing != event.closing:
        return
    if event.roster_wanted:
        await _say_roster(conn, round_)
    await _say_missing(conn, event.round, event.missing)
    await _say_surplus(conn, event.round, event.surplus)


async def _say_roster(conn: Connection, round_: rounds.Round) -> None:
    lines = [roster_line(person, version) for person, version in await rounds.roster(conn, round_.id)]
    pages = [lines[start : start + PAGE_LINES] for start in range(0, len(lines), PAGE_LINES)] or [[]]
    for number, page in enumerate(pages, 1):
        await outbox.append(conn, RosterPage(round=round_.id, closing=round_.closing, page=number, pages=len(pages), lines=page))


async def _say_missing(conn: Connection, round_id: UUID, missing: Sequence[UUID]) -> None:
    """Attributes of the erased are gone: what is said again of them is only that they were on the roster."""
    for row in await rounds.roster_entries(conn, round_id, list(missing)):
        person, version = row["person_id"], row["version"]
        events: list[Event] = []
        if row["gone"] == "erased":
            events.append(Erased(person=person, version=version, round=round_id, on_roster=True))
        else:
            events.append(as_frozen(round_id, person, version, row["attributes"]))
        if row["gone"] == "withdrawn":
            events.append(Withdrawn(person=person, version=version, round=round_id))
        await outbox.append(conn, *events)


async def _say_surplus(conn: Connection, round_id: UUID, surplus: Sequence[UUID]) -> None:
    """Matching knows somebody who is not on the roster: their leaving was lost on the way, whatever they did since.

    Their version now is above every one that carried this round; an erasure after an earlier closing has the one of that roster.
    """
    for row in await erasures.among(conn, list(surplus)):
        await outbox.append(conn, Erased(person=row["person_id"], version=row["version"] + 1, round=round_id, on_roster=False))
    for person in surplus:
        found = await people.get(conn, person)
        if found is not None:
            await outbox.append(conn, Left(person=person, version=found.version, round=round_id))


async def on_outcome(conn: Connection, event: OutcomeAnnounced | PairChanged) -> None:
    """For the person's page, which asks nothing any more of a pair that ended."""
    told = event.model_dump(mode="json", include={"outcome", "reason", "suggestion", "pairs"})
    await outcomes.keep(conn, Outcome(event.person, event.round, event.revision, **told))
    await follow_ups.drop_ended(conn, event.person)


async def on_delivery(conn: Connection, event: Sent | Failed) -> None:
    _count(event)
    if isinstance(event, Sent) and event.kind != "old_address":
        await people.mark_reached(conn, event.person)
    if event.kind == "opens":
        await notices.forget(conn, event.person)


async def on_bounced(conn: Connection, event: Bounced) -> None:
    """For my page, which asks whether the address is right."""
    _count(event)
    if event.kind == "new_address":  # said to the asking in place of a person: that mailbox is nobody's yet
        await addresses.mark_bounced(conn, event.person)
    elif event.kind != "old_address":  # it may be theirs no more
        await people.mark_bounced(conn, event.person)
    if event.kind == "opens":
        await notices.forget(conn, event.person)


def _count(event: Delivery) -> None:
    MAILS.labels(event.kind, known(event.language, LANGUAGES), type(event).__name__.lower()).inc()


async def on_erasure_done(conn: Connection, event: ErasureDone) -> None:
    RECEIPTS.labels(event.service).inc()
    await erasures.add_receipt(conn, event.person, event.service)
