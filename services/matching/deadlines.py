"""Time that passes for pairs: a reminder and an end while they are asked, and how it goes once they are introduced."""

from uuid import UUID

from services.matching.handlers import pairs as handlers
from services.matching.store import following, pairs, rounds
from shared.runtime import db
from shared.runtime.db import Connection
from shared.runtime.loops import Loop, every

TURN_SECONDS = 0.5
AT_ONCE = 100
GRACE_SECONDS = 3600.0
"""An answer given in time may be late on its way here: how long a pair is kept for it."""


def deadlines(pool: db.Pool) -> Loop:
    """The loop; several replicas may run it, each round is held by one of them at a time."""

    async def turn() -> None:
        async with db.connection(pool) as conn:
            due = await pairs.rounds_due(conn, GRACE_SECONDS)
        for round_id in due:
            async with db.transaction(pool) as conn:
                await pass_time(conn, round_id)

    return every(TURN_SECONDS, "deadlines", turn, db.DATABASE_AWAY)


async def pass_time(conn: Connection, round_id: UUID) -> None:
    """Ends what is over, reminds, and asks how it goes; a part of it at a time, so that answers need not wait for all."""
    round_ = await rounds.locked(conn, round_id)
    for pair in await pairs.over(conn, round_id, GRACE_SECONDS, AT_ONCE):
        await handlers.time_is_over(conn, round_, pair)
    for pair in await pairs.half_over(conn, round_id, AT_ONCE):
        await handlers.half_time(conn, round_, pair)
    for pair, age in await following.due(conn, round_id, AT_ONCE):
        await handlers.time_to_follow_up(conn, round_, pair, age)
