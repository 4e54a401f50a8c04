"""What is past its date goes by itself, a little at a time, so that nobody waits for it."""

import structlog

from services.notification import store
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
    """What was sent for rounds that are over, and each region's old lines of the audit; at most BATCH of each. How many went."""
    async with db.connection(pool) as conn:
        gone = await store.forget_ended(conn, BATCH)
        for region in await store.regions(conn):
            gone += await audit_chain.forget(conn, region, audit_months, BATCH)
    if gone:
        log.info("gone by its date", count=gone)
    return gone
