"""The close barrier: a round is solved exactly when matching's set has the announced count and digest, never before."""

from uuid import UUID

import structlog

from services.matching.handlers import outbox
from services.matching.metrics import INCOMPLETE
from services.matching.store import rounds, runs
from services.matching.store.rounds import Round
from shared.runtime import db
from shared.runtime.db import Connection
from shared.runtime.ids import new_id
from shared.runtime.killpoints import killpoint
from shared.runtime.loops import Loop, every
from shared.runtime.metrics import known_region
from shared.schemas.pairings import RoundIncomplete
from shared.schemas.rounds import roster_digest

log = structlog.get_logger()

TURN_SECONDS = 0.2
MOST_NAMED = 5_000


def barrier(pool: db.Pool, incomplete_seconds: float) -> Loop:
    """The loop; several replicas may run it, each round is held by one of them at a time."""

    async def turn() -> None:
        async with db.connection(pool) as conn:
            candidates = await rounds.barrier_candidates(conn)
        for round_id in candidates:
            async with db.transaction(pool) as conn:
                await check(conn, round_id, incomplete_seconds)

    return every(TURN_SECONDS, "barrier", turn, db.DATABASE_AWAY)


async def check(conn: Connection, round_id: UUID, incomplete_seconds: float) -> None:
    """Queues the run where the set is the announced one; asks for what is missing where it has not come in time."""
    round_ = await rounds.locked(conn, round_id)
    if round_.phase != "closed" or round_.rules is None:
        return
    present = await rounds.present_count(conn, round_id)
    if present == round_.count and await _digest_agrees(conn, round_):
        await runs.queue(conn, new_id(), round_id, round_.closing, "solve")
        await rounds.set_phase(conn, round_id, "solving")
        killpoint("M1")
        log.info("barrier passed", round=str(round_id), count=present, closing=round_.closing)
    elif await rounds.waited_longer(conn, round_id, incomplete_seconds):
        await _ask(conn, round_, present)


async def _digest_agrees(conn: Connection, round_: Round) -> bool:
    return roster_digest((await rounds.present(conn, round_.id)).items()) == round_.digest


async def _ask(conn: Connection, round_: Round, present: int) -> None:
    """First for the roster itself; once it is here, for the people in whom it and the own set differ, by id."""
    INCOMPLETE.labels(known_region(round_.region)).inc()
    announced = await rounds.announced_roster(conn, round_.id, round_.closing)
    own = await rounds.present(conn, round_.id)
    missing = sorted(person for person, version in (announced or {}).items() if own.get(person) != version)
    surplus = sorted(own.keys() - announced.keys()) if announced is not None else []
    log.warning("round incomplete", round=str(round_.id), count=present, closing=round_.closing)
    await outbox.append(
        conn,
        RoundIncomplete(
            round=round_.id,
            closing=round_.closing,
            present=present,
            roster_wanted=announced is None,
            missing=missing[:MOST_NAMED],
            surplus=surplus[:MOST_NAMED],
        ),
    )
