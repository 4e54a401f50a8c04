"""What was used up of the limits, shared by all replicas. Nothing here holds an address."""

from datetime import timedelta
from uuid import UUID

from shared.runtime.db import Connection

# A token bucket as one moment: the bucket is full again at `spent_until`. What is refused takes nothing. Where the row is
# too young for this statement to see, somebody else is taking from it right now: a second is as good as any answer.
TAKE = """
WITH taken AS (
    INSERT INTO limits AS known VALUES ($1, now() + $2)
    ON CONFLICT (key) DO UPDATE SET spent_until = greatest(known.spent_until, now()) + $2
        WHERE known.spent_until + $2 <= now() + $3
    RETURNING true
)
SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN 0 ELSE coalesce(
    (SELECT greatest(extract(epoch FROM spent_until + $2 - $3 - now()), 0.1) FROM limits WHERE key = $1), 1
) END::float
"""

# Sign-ups that were confirmed do not count: then somebody reads what is sent there.
ALLOW = """
WITH counted AS (
    SELECT count(*) AS mails FROM unconfirmed_mails LEFT JOIN people ON people.id = person_id
    WHERE mailbox = $2 AND allowed_at > clock_now() - interval '1 day' AND confirmed_at IS NULL
), allowed AS (
    INSERT INTO unconfirmed_mails SELECT $1, $2, $3, clock_now() FROM counted WHERE mails < $4 ON CONFLICT DO NOTHING
)
SELECT mails < $4 OR EXISTS (SELECT FROM unconfirmed_mails WHERE message_id = $1) FROM counted
"""


async def take(conn: Connection, key: str, cost: timedelta, allowance: timedelta) -> float:
    """0 where `cost` was taken from the allowance, which comes back with time; else the seconds until it could be."""
    wait: float = await conn.fetchval(TAKE, key, cost, allowance)
    return wait


async def allow_unconfirmed(conn: Connection, message: UUID, mailbox: bytes, person: UUID, most: int) -> bool:
    """Whether this message is one of the `most` of a day to this mailbox; asked again about the same one it still is."""
    # Two that ask at once would each count without the other. The lock ends with the transaction.
    await conn.execute("SELECT pg_advisory_xact_lock($1)", int.from_bytes(mailbox[:8], "big", signed=True))
    return bool(await conn.fetchval(ALLOW, message, mailbox, person, most))


async def forget(conn: Connection) -> None:
    """What limits nobody any more."""
    await conn.execute("DELETE FROM limits WHERE spent_until < now()")
    await conn.execute("DELETE FROM unconfirmed_mails WHERE allowed_at < clock_now() - interval '1 day'")
