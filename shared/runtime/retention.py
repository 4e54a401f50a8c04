"""What was said and heard long ago goes by itself, in every service: it can neither be asked for nor come again."""

import structlog

from shared.runtime import db
from shared.runtime.loops import Loop, every
from shared.runtime.metrics import EVENTS_FORGOTTEN
from shared.schemas.topics import RETENTION_DAYS

log = structlog.get_logger()

TURN_SECONDS = 10
BATCH = 1000
# A topic forgets whole days only. What is published again from the outbox stays on the topic anew, so the inbox must know
# it for as long as both together. All in real time, as brokers count it, whatever the clock of a demo says.
OUTBOX_DAYS = RETENTION_DAYS + 1
INBOX_DAYS = OUTBOX_DAYS + RETENTION_DAYS + 1


def event_retention(pool: db.Pool) -> Loop:
    """The loop; several replicas may run it, for what one deleted is not there for the others."""

    async def turn() -> None:
        await forget_events(pool)

    return every(TURN_SECONDS, "event retention", turn, db.DATABASE_AWAY)


async def forget_events(pool: db.Pool) -> tuple[int, int]:
    """The oldest of outbox and inbox, at most BATCH of each. Returns how many went."""
    async with db.transaction(pool) as conn:
        said, heard = await _forget_said(conn), await _forget_heard(conn)
    for table, count in (("outbox", said), ("inbox", heard)):
        EVENTS_FORGOTTEN.labels(table).inc(count)
    if said or heard:
        log.info("old events forgotten", count=said + heard)
    return said, heard


async def _forget_said(conn: db.Connection) -> int:
    """Among the oldest only, which needs no index: they are published in order of their ids. What waits to be said stays."""
    rows = await conn.fetch(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1)"
        " AND published_at < now() - make_interval(days => $2) RETURNING true",
        BATCH,
        OUTBOX_DAYS,
    )
    return len(rows)


async def _forget_heard(conn: db.Connection) -> int:
    rows = await conn.fetch(
        "DELETE FROM inbox WHERE (consumer, event_id) IN (SELECT consumer, event_id FROM inbox"
        " WHERE handled_at < now() - make_interval(days => $2) ORDER BY handled_at LIMIT $1 FOR UPDATE SKIP LOCKED)"
        " RETURNING true",
        BATCH,
        INBOX_DAYS,
    )
    return len(rows)
