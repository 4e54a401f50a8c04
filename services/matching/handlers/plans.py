"""Coordinators' commands on a plan: publish it, or repair it after somebody went."""

from typing import Literal
from uuid import UUID

from services.matching.handlers import again, outbox
from services.matching.handlers.announcing import outcome_fields
from services.matching.handlers.pairing import pair_of
from services.matching.store import outcomes as stored
from services.matching.store import pairs as published
from services.matching.store import plans, rounds, runs
from services.matching.store.outcomes import Outcome
from services.matching.store.pairs import Pair
from services.matching.store.plans import LeftOver
from services.matching.store.rounds import Round
from services.matching.store.runs import Run
from shared.runtime import clock
from shared.runtime.db import Connection
from shared.runtime.ids import new_id
from shared.schemas.pairings import OutcomeAnnounced, RoundPublished

GONE: Literal["withdrawn"] = "withdrawn"
AT_ONCE = 1_000


class NotNowError(ValueError):
    """The plan is not in a state in which this can be done; the message says what to do."""


async def publish(conn: Connection, round_id: UUID) -> Round:
    """From now on the plan counts, and everyone is told: one transaction. Publishing twice changes nothing.

    Raises NotNowError while there is no plan, or where a pair has a member who is gone.
    """
    round_ = await rounds.locked(conn, round_id)
    if round_.phase == "published":
        return round_
    run = await _plan(conn, round_, "publish")
    gone = await rounds.gone(conn, round_id)
    broken = await plans.broken(conn, run.id, gone)
    if broken:
        raise NotNowError(f"{broken} pairs of the plan have a member who is gone. Repair the plan, then publish it.")
    now = await clock.now(conn)
    pairs = [pair_of(round_, one, one.slot, now) for one in await plans.proposals(conn, run.id)]
    present = await rounds.present(conn, round_id)
    outcomes = _outcomes(set(present), set(gone), pairs, await plans.left_over(conn, run.id))
    await published.publish(conn, pairs)
    await _keep_outcomes(conn, round_id, outcomes, pairs)
    await _announce(conn, round_, run, pairs, outcomes)
    await rounds.set_phase(conn, round_id, "published")
    return await rounds.locked(conn, round_id)


async def _plan(conn: Connection, round_: Round, wanted: Literal["publish", "repair"]) -> Run:
    run = await runs.solved(conn, round_.id)
    if round_.phase != "solved" or run is None:
        raise NotNowError(f"There is no plan to {wanted}: the round is {round_.phase}.")
    return run


def _outcomes(present: set[UUID], gone: set[UUID], pairs: list[Pair], left_over: list[LeftOver]) -> dict[UUID, Outcome]:
    """Exactly one outcome for everyone on the roster. Raises RuntimeError if the plan forgot or invented somebody."""
    found = {person: Outcome(GONE, None, None) for person in gone}
    for pair in pairs:
        found[pair.newcomer] = found[pair.local] = Outcome("matched", None, None)
    for one in left_over:
        if one.person_id not in gone:
            found[one.person_id] = Outcome("unmatched", one.reason, one.suggestion)
    if set(found) != present:
        raise RuntimeError("the plan does not cover exactly the roster")
    return found


async def _keep_outcomes(conn: Connection, round_id: UUID, outcomes: dict[UUID, Outcome], pairs: list[Pair]) -> None:
    """Whoever is only asked yet waits on."""
    await stored.keep_all(conn, round_id, outcomes)
    await stored.went_without(conn, round_id, [person for person, one in outcomes.items() if one.outcome == "unmatched"])
    introduced = [pair for pair in pairs if pair.state == "introduced"]
    two = {person for pair in introduced for person in (pair.newcomer, pair.local)}
    await stored.found_somebody(conn, round_id, sorted(two))


async def _announce(conn: Connection, round_: Round, run: Run, pairs: list[Pair], outcomes: dict[UUID, Outcome]) -> None:
    assert round_.rules is not None
    writes_first = round_.rules["who_writes_first"]
    of: dict[UUID, list[Pair]] = {}
    for pair in pairs:
        of.setdefault(pair.newcomer, []).append(pair)
        of.setdefault(pair.local, []).append(pair)
    kinds = [one.outcome for one in outcomes.values()]
    counts = {kind: kinds.count(kind) for kind in ("matched", "unmatched", "withdrawn")}
    await outbox.append(conn, RoundPublished(round=round_.id, run=run.id, pairs=len(pairs), **counts))
    people = sorted(outcomes)
    for start in range(0, len(people), AT_ONCE):  # the service answers others meanwhile
        told = [
            OutcomeAnnounced(**outcome_fields(round_.id, person, 1, outcomes[person], of.get(person, []), writes_first))
            for person in people[start : start + AT_ONCE]
        ]
        await outbox.append(conn, *told)


async def repair(conn: Connection, round_id: UUID) -> Round:
    """A new run over the same roster and the larger set of gone people; all other pairs are kept. Once published, pairs that
    fall through are repaired by themselves: the command has that tried again where it failed.

    Raises NotNowError where there is nothing to repair.
    """
    round_ = await rounds.locked(conn, round_id)
    if round_.phase == "published":
        return await _search_again(conn, round_)
    run = await _plan(conn, round_, "repair")
    if not await plans.broken(conn, run.id, await rounds.gone(conn, round_id)):
        raise NotNowError("Nothing to repair: every pair of the plan still has both its members.")
    await runs.queue(conn, new_id(), round_id, round_.closing, "repair")
    await rounds.set_phase(conn, round_id, "solving")
    return await rounds.locked(conn, round_id)


async def _search_again(conn: Connection, round_: Round) -> Round:
    if not await stored.searching(conn, round_.id):
        raise NotNowError("Nothing to repair: the plan is published, and nobody is being looked for again.")
    await again.wanted(conn, round_)
    return round_
