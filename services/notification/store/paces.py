"""How far ahead of its pace the sending is, in all and to each domain."""

from datetime import timedelta

from shared.runtime.db import Connection

# A token bucket as one moment: it is full again at `spent_until`. Where it holds no token, the next one to come is kept for
# whoever asks: so each that waits asks once, in the order of the slots. In real time, as all waiting for others: a clock that
# a demo sets back would stop the sending for years.
TAKE = """
INSERT INTO paces AS known VALUES ($1, $2::integer, now() + $4::interval / 2)
ON CONFLICT (name) DO UPDATE SET (taken, spent_until) = (
    SELECT number, greatest(known.spent_until, now()) + number * $3::interval
    FROM (SELECT extract(epoch FROM $4::interval - greatest(known.spent_until - now(), interval '0')) AS free) AS seconds
    CROSS JOIN LATERAL (
        SELECT greatest(1, least($2::integer, floor(free / extract(epoch FROM $3::interval))))::integer AS number
    ) AS given
)
RETURNING taken, greatest(extract(epoch FROM spent_until - now() - $4::interval), 0)::float AS wait
"""


async def take(conn: Connection, pace: str, most: int, cost: timedelta) -> tuple[int, float]:
    """Up to `most` tokens, of which twice as many may be had at once; or one, and the seconds until it is there."""
    (row,) = await conn.fetch(TAKE, pace, most, cost, 2 * most * cost)
    return row["taken"], row["wait"]


async def forget(conn: Connection) -> None:
    """What slows nobody down any more: which domains are written to is known no longer than that."""
    await conn.execute("DELETE FROM paces WHERE spent_until < now()")
