"""Lines of the audit that are past their time go by themselves, a little at a time."""

import structlog

from services.matching.store import rounds
from shared.runtime import audit_chain, db
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

TURN_SECONDS = 10
BATCH = 1000


def retention(pool: db.Pool, audit_months: int) -> Loop:
    """The loop; several replicas may run it, for what one deleted is not there for the others."""

    async def turn() -> None:
        await forget_due(pool, audit_months)

    return every(TURN_SECONDS, "retention", turn, db.DATABASE_AWAY)


async def forget_due(pool: db.Pool, audit_months: int) -> int:
    """Of each region at most BATCH lines. How many went."""
    gone = 0
    async with db.connection(pool) as conn:
        for region in await rounds.regions(conn):
            gone += await audit_chain.forget(conn, region, audit_months, BATCH)
    if gone:
        log.info("gone by its date", count=gone)
    return gone
