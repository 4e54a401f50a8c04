"""Whose pair fell through before they were introduced is looked for once more, among all who are free.

It is the re-plan of the engine with every pair that stands fixed: what a pair takes is taken from what its two offer, so
that the engine sees only whoever is free, and nobody who was asked is moved.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from services.matching.domain import FellThrough
from services.matching.handlers.announcing import tell
from services.matching.handlers.pairing import pair_of
from services.matching.store import askable, outcomes, pairs, plans, rounds, runs
from services.matching.store.plans import Proposal
from services.matching.store.rounds import Round
from services.matching.store.runs import Run
from shared.runtime import clock
from shared.runtime.db import Connection
from shared.runtime.ids import new_id


async def may_be_asked(conn: Connection, round_: Round, person: UUID) -> bool:
    return person in await askable.among(conn, round_.id, _asked_again(round_), [person])


async def wanted(conn: Connection, round_: Round) -> None:
    """Queues a run where somebody is looked for; one that waits already sees them too, one that runs is followed by another."""
    if await outcomes.searching(conn, round_.id) and not await runs.under_way(conn, round_.id):
        await runs.queue(conn, new_id(), round_.id, round_.closing, "again")


async def give_up(conn: Connection, round_id: UUID, person: UUID, why: FellThrough) -> None:
    """Nobody is looked for any more; who did nothing to it comes first next time."""
    await outcomes.put(conn, round_id, person, "unmatched", why)
    if why == "not_this_time":
        await outcomes.went_without(conn, round_id, [person])


async def give_up_searching(conn: Connection, round_id: UUID, among: Collection[UUID] | None = None) -> None:
    """Whom nobody was found for hears it; with `among`, of these only."""
    for person, why in (await outcomes.searching(conn, round_id)).items():
        if among is None or person in among:
            await give_up(conn, round_id, person, why)
            await tell(conn, round_id, person, await pairs.last_of(conn, round_id, person), "ended")


async def people(conn: Connection, run: Run) -> list[dict[str, Any]]:
    """The engine's people: whoever may be asked, offering what they have left."""
    round_ = await rounds.locked(conn, run.round_id)
    found = await askable.people(conn, round_.id, _asked_again(round_))
    return [
        {**row["attributes"], "id": str(row["person_id"]), "capacity": row["capacity"], "waiting": row["waiting"]}
        for row in found
    ]


async def ask(conn: Connection, round_: Round, run: Run) -> None:
    """The pairs of the run are asked as far as both may be still; whom it looked for in vain hears that."""
    proposed, searched = await plans.proposals(conn, run.id), await plans.left_over(conn, run.id)
    for one in proposed:
        await _ask(conn, round_, one)
    await give_up_searching(conn, round_.id, {one.person_id for one in searched})
    await wanted(conn, round_)


async def _ask(conn: Connection, round_: Round, one: Proposal) -> None:
    """Not where one of the two has gone meanwhile: whoever is left is looked for again."""
    two = [one.newcomer, one.local]
    if len(await askable.among(conn, round_.id, _asked_again(round_), two)) < len(two):
        return
    slot = (await askable.free_slots(conn, round_.id, one.local))[0]
    pair = pair_of(round_, one, slot, await clock.now(conn))
    await pairs.publish(conn, [pair])
    for person in two:
        await outcomes.put(conn, round_.id, person, "matched")
        await tell(conn, round_.id, person, pair.id, "repaired")


def _asked_again(round_: Round) -> int:
    assert round_.rules is not None
    again: int = round_.rules["asked_again"]
    return again
