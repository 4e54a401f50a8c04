"""What is past its date goes by itself, a little at a time, so that nobody waits for it."""

import structlog

from services.notification import store
from shared.runtime import db
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

TURN_SECONDS = 10
BATCH = 1000


def retention(pool: db.Pool) -> Loop:
    """The loop; several replicas may run it, for what one deleted is not there for the others."""

    async def turn() -> None:
        await forget_due(pool)

    return every(TURN_SECONDS, "retention", turn, db.DATABASE_AWAY)


async def forget_due(pool: db.Pool) -> int:
    """What was sent for rounds that are over, at most BATCH. How many went."""
    async with db.connection(pool) as conn:
        gone = await store.forget_ended(conn, BATCH)
    if gone:
        log.info("gone by its date", count=gone)
    return gone
