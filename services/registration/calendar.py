"""Rounds open and close by themselves when their date has come."""

import structlog

from services.registration.consents import Consents
from services.registration.handlers import rounds as handlers
from services.registration.metrics import ROUNDS_MOVED
from services.registration.regions import Region
from services.registration.store import consents as store
from services.registration.store import rounds
from shared.runtime import db
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

TURN_SECONDS = 0.5


def calendar(pool: db.Pool, regions: dict[str, Region], consents: Consents) -> Loop:
    """The loop; several replicas may run it, for each step takes the round's lock and does nothing the second time."""
    drafted = False

    async def turn() -> None:
        nonlocal drafted
        if not drafted:
            await _draft(pool, regions, consents)
            drafted = True
        await step_due_rounds(pool)

    return every(TURN_SECONDS, "calendar", turn, db.DATABASE_AWAY)


async def _draft(pool: db.Pool, regions: dict[str, Region], consents: Consents) -> None:
    """What the region files say goes into the database, the texts people agree to among it."""
    async with db.transaction(pool) as conn:
        await store.keep(conn, consents.values())
        for region in regions.values():
            await handlers.draft(conn, region)


async def step_due_rounds(pool: db.Pool) -> None:
    """Opens and closes what is due, each in a transaction of its own."""
    async with db.connection(pool) as conn:
        due = await rounds.due(conn)
    for round_id, phase in due:
        try:
            async with db.transaction(pool) as conn:
                done = await (handlers.open_ if phase == "open" else handlers.close)(conn, round_id)
        except handlers.WrongPhaseError as error:
            # Somebody did it by hand in between, or another round of the region is still open: looked at again next turn.
            log.warning("round not moved", round=str(round_id), reason=str(error))
            continue
        ROUNDS_MOVED.labels(done.region, done.phase).inc()
        log.info("round moved by its date", round=str(round_id), region=done.region, stage=done.phase)
