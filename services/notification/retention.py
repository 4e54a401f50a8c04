"""What was sent for a round that is over goes by itself, a little at a time, so that nobody waits for it."""

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
    """At most BATCH messages. Returns how many went."""
    async with db.transaction(pool) as conn:
        count = await store.forget_ended(conn, BATCH)
    if count:
        log.info("messages of ended rounds forgotten", count=count)
    return count
