"""What is counted for the gauges, every few seconds: small answers, and questions that indexes answer."""

import asyncpg

from services.notification.domain import MOMENT_SECONDS, UNDELIVERED
from shared.runtime.db import Connection


async def unsent(conn: Connection) -> asyncpg.Record:
    """How many are due, for how many seconds the oldest of them waits for us, and how many more are held.

    A pause of a moment, while something is away, is waited like any other time; what a mail server put off counts from its
    next try.
    """
    (row,) = await conn.fetch(
        "SELECT count(*) AS waiting, "
        " (SELECT count(*) FROM messages WHERE held_until IS NOT NULL AND state = 'queued') AS held,"
        " coalesce(extract(epoch FROM now() - min(CASE attempts WHEN 0 THEN ready_at ELSE due_at END)), 0)::float AS oldest"
        " FROM messages WHERE state = 'queued' AND due_at <= now() + make_interval(secs => $1)",
        MOMENT_SECONDS,
    )
    return row


async def put_off(conn: Connection) -> int:
    """Only what was tried and not taken has attempts, whatever was said of it. What is held by now waits for something else;
    it is due in infinity, so that of the queue's index no more is read than what may go.
    """
    count: int = await conn.fetchval(
        "SELECT count(*) FROM messages WHERE state = 'queued' AND due_at < 'infinity' AND attempts > 0"
    )
    return count


async def undelivered(conn: Connection) -> list[asyncpg.Record]:
    """Those that a coordinator may have sent again, by state and kind."""
    return await conn.fetch("SELECT state, kind, count(*) FROM messages WHERE state = ANY($1) GROUP BY state, kind", UNDELIVERED)
