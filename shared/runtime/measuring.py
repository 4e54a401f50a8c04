"""What every service shows of its own plumbing: what waits to be said, what could not be understood, its connections."""

from shared.runtime import db
from shared.runtime.loops import Loop, every
from shared.runtime.metrics import DEAD_LETTERS_KEPT, OUTBOX_BACKLOG, OUTBOX_OLDEST, POOL_CONNECTIONS, POOL_MOST, show

TURN_SECONDS = 5


def plumbing(pool: db.Pool) -> Loop:
    """The loop; what waits to be said is shown also where another replica is the relay."""
    POOL_MOST.set(pool.get_max_size())
    # Asked for when somebody looks: they change with every request.
    POOL_CONNECTIONS.labels("idle").set_function(pool.get_idle_size)
    POOL_CONNECTIONS.labels("used").set_function(lambda: pool.get_size() - pool.get_idle_size())

    async def measure() -> None:
        async with db.connection(pool) as conn:
            await _measure(conn)

    return every(TURN_SECONDS, "plumbing gauges", measure, db.DATABASE_AWAY)


async def _measure(conn: db.Connection) -> None:
    (row,) = await conn.fetch(
        "SELECT count(*) AS backlog, coalesce(extract(epoch FROM now() - min(created_at)), 0) AS oldest"
        " FROM outbox WHERE published_at IS NULL"
    )
    dead = await conn.fetch("SELECT topic, count(*) FROM dead_letters GROUP BY topic")
    OUTBOX_BACKLOG.set(row["backlog"])
    OUTBOX_OLDEST.set(row["oldest"])
    show(DEAD_LETTERS_KEPT, [((kept["topic"],), kept["count"]) for kept in dead])
