"""The life of a round: drafted from the region file, opened and closed by date or by hand, exactly once."""

from uuid import UUID

from services.registration.handlers import outbox
from services.registration.handlers.by_address import say_open
from services.registration.handlers.own_data import say_changed
from services.registration.regions import Region, round_id
from services.registration.store import doubts, follow_ups, notices, people, rounds
from services.registration.store.rounds import Round
from shared.runtime import clock
from shared.runtime.db import Connection
from shared.schemas.participants import Erased, Left, NotChecked
from shared.schemas.rounds import RoundClosed, RoundEnded, RoundOpened, RoundReopened, Rules, roster_digest


class WrongPhaseError(ValueError):
    """The round is not in a phase in which this can be done."""


async def draft(conn: Connection, region: Region) -> None:
    """Makes, updates or drops drafts as the region file says; rounds that have begun stay as they are."""
    await rounds.drop_drafts(conn, region.slug, [planned.slug for planned in region.rounds])
    for planned in region.rounds:
        await rounds.insert_draft(
            conn,
            round_id(region.slug, planned.slug),
            region.slug,
            planned.slug,
            region.moment(planned.opens),
            region.moment(planned.closes),
            region.frozen_rules(planned).model_dump(mode="json"),
        )


async def open_(conn: Connection, id_: UUID) -> Round:
    """Opens a draft; one that is open already stays so. Raises WrongPhaseError."""
    found = await rounds.get(conn, id_, "FOR UPDATE")
    if found.phase == "open":
        return found
    if found.phase != "draft":
        raise WrongPhaseError(f"The round is {found.phase}; only a draft can be opened.")
    await _not_over(conn, found)
    if await rounds.open_round(conn, found.region):
        raise WrongPhaseError("Another round of this region is open.")
    await rounds.set_phase(conn, id_, "open")
    await outbox.append(
        conn,
        RoundOpened(
            round=id_,
            region=found.region,
            slug=found.slug,
            opens_at=found.opens_at,
            closes_at=found.closes_at,
            rules=Rules.model_validate(found.rules),
        ),
    )
    await say_open(conn, found)
    return await rounds.get(conn, id_)


async def _not_over(conn: Connection, round_: Round) -> None:
    """What opened after its last day would be closed again at once, by its date."""
    if round_.closes_at <= await clock.now(conn):
        raise WrongPhaseError(f"Its sign-up ended on {round_.closes_at:%d %B %Y}: plan a round with later dates.")


async def close(conn: Connection, id_: UUID) -> Round:
    """Freezes exactly who is in and says it; one that is closed already stays so. Raises WrongPhaseError."""
    found = await rounds.get(conn, id_, "FOR UPDATE")
    if found.phase == "closed":
        return found
    if found.phase != "open":
        raise WrongPhaseError(f"The round is {found.phase}; only an open one can be closed.")
    roster = await rounds.freeze_roster(conn, id_)
    closing, digest = found.closing + 1, roster_digest(roster)
    await rounds.close(conn, id_, closing, len(roster), digest)
    await outbox.append(conn, RoundClosed(round=id_, region=found.region, closing=closing, count=len(roster), digest=digest))
    await _give_up_doubts(conn, found, closing)
    await notices.keep_waiting(conn, found.region)
    return await rounds.get(conn, id_)


async def _give_up_doubts(conn: Connection, round_: Round, closing: int) -> None:
    """Whoever confirmed and was not checked in time is not on the roster, and is told."""
    told = [
        NotChecked(person=row["id"], region=round_.region, round=round_.id, closing=closing, language=row["language"])
        for row in await doubts.give_up(conn, round_.id)
    ]
    await outbox.append(conn, *told)


async def reopen(conn: Connection, id_: UUID) -> Round:
    """Back to sign-up, as long as nothing was published. Raises WrongPhaseError.

    Whoever went after close was still on that roster; on the next one they are not, so it is said that they left. What was
    changed after close was kept for the next round; now it counts for this one. Whoever was not checked may still be.
    """
    found = await rounds.get(conn, id_, "FOR UPDATE")
    if found.phase == "open":
        return found
    if found.phase != "closed" or found.progress is not None:
        raise WrongPhaseError("Only a closed round that is not solved yet can be reopened.")
    await _not_over(conn, found)
    for row in await rounds.gone_from_roster(conn, id_):
        version = row["version"] + 1
        if row["gone"] == "erased":
            await outbox.append(conn, Erased(person=row["person_id"], version=version, round=id_, on_roster=False))
        else:
            await people.move(conn, row["person_id"], id_, "left", version)
            await outbox.append(conn, Left(person=row["person_id"], version=version, round=id_))
    changed = {*await rounds.changed_since_close(conn, id_), *await doubts.found_since_close(conn, id_)}
    for person in sorted(changed):
        await say_changed(conn, person)
    await doubts.take_up(conn, id_)
    await rounds.forget_roster(conn, id_)
    await rounds.set_phase(conn, id_, "open")
    await outbox.append(conn, RoundReopened(round=id_, closing=found.closing))
    return await rounds.get(conn, id_)


async def end(conn: Connection, id_: UUID) -> Round:
    """As `end_early`, when nobody is asked any more how it goes. Raises WrongPhaseError."""
    found = await rounds.get(conn, id_, "FOR UPDATE")
    if found.phase == "closed" and (people := await follow_ups.still_looked_after(conn, id_)):
        raise WrongPhaseError(
            f"The two of a pair are asked how it goes until its third month, and {people} people are not there yet."
            " To end the round now (end --early) is to ask them nothing more."
        )
    return await end_early(conn, id_)


async def end_early(conn: Connection, id_: UUID) -> Round:
    """Over: what was kept for this round only goes, here and elsewhere. Raises WrongPhaseError."""
    found = await rounds.get(conn, id_, "FOR UPDATE")
    if found.phase == "ended":
        return found
    if found.phase != "closed":
        raise WrongPhaseError(f"The round is {found.phase}; only a closed one can end.")
    await rounds.set_phase(conn, id_, "ended")
    await rounds.forget_roster(conn, id_)
    await doubts.forget_round(conn, id_)
    await follow_ups.forget_round(conn, id_)
    await outbox.append(conn, RoundEnded(round=id_))
    return await rounds.get(conn, id_)
