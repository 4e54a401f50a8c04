"""What was said and heard long ago goes; what waits to be said never does."""

import asyncio
from uuid import uuid4

from prometheus_client import REGISTRY

from shared.runtime import db
from shared.runtime.outbox import Outbox
from shared.runtime.retention import BATCH, INBOX_DAYS, OUTBOX_DAYS, event_retention, forget_events
from shared.runtime.tests.events import left
from shared.runtime.tests.waiting import running, until
from shared.schemas.topics import RETENTION_DAYS

outbox = Outbox("registration")


async def say(pool: db.Pool, count: int, published_days_ago: float | None, said_days_ago: float | None = None) -> None:
    async with db.transaction(pool) as conn:
        newest = await conn.fetchval("SELECT coalesce(max(id), 0) FROM outbox")
        await outbox.append(conn, *(left(number + 1) for number in range(count)))
        await conn.execute(
            "UPDATE outbox SET published_at = now() - make_interval(secs => 86400 * $1::float),"
            " created_at = now() - make_interval(secs => 86400 * $2::float) WHERE id > $3",
            published_days_ago,
            said_days_ago or published_days_ago or 0,
            newest,
        )


async def hear(pool: db.Pool, count: int, days_ago: float) -> None:
    await pool.executemany(
        "INSERT INTO inbox VALUES ('test', $1, now() - make_interval(secs => 86400 * $2::float))",
        [(uuid4(), days_ago) for _ in range(count)],
    )


async def kept(pool: db.Pool, table: str) -> int:
    found: int = await pool.fetchval(f"SELECT count(*) FROM {table}")
    return found


def test_the_inbox_knows_for_longer_what_the_outbox_can_say_again_and_the_topic_hold() -> None:
    assert INBOX_DAYS >= OUTBOX_DAYS + RETENTION_DAYS > OUTBOX_DAYS > RETENTION_DAYS


async def test_what_was_published_goes_after_its_days_and_not_before(pool: db.Pool) -> None:
    await say(pool, 2, OUTBOX_DAYS + 0.1)
    await say(pool, 3, OUTBOX_DAYS - 0.1, said_days_ago=100)
    assert await forget_events(pool) == (2, 0)
    assert await forget_events(pool) == (0, 0)
    assert await kept(pool, "outbox") == 3


async def test_what_waits_to_be_published_stays_however_old_it_is(pool: db.Pool) -> None:
    await say(pool, 2, None, said_days_ago=1000)
    await say(pool, 1, OUTBOX_DAYS + 1)
    await forget_events(pool)
    rows = await pool.fetch("SELECT published_at FROM outbox")
    assert [row["published_at"] for row in rows] == [None, None]


async def test_what_was_heard_goes_after_its_days_and_not_before(pool: db.Pool) -> None:
    await hear(pool, 2, INBOX_DAYS + 0.1)
    await hear(pool, 3, INBOX_DAYS - 0.1)
    assert await forget_events(pool) == (0, 2)
    assert await forget_events(pool) == (0, 0)
    assert await kept(pool, "inbox") == 3


async def test_much_goes_in_several_turns_and_replicas_share_them(pool: db.Pool) -> None:
    await say(pool, BATCH + 5, OUTBOX_DAYS + 1)
    await hear(pool, BATCH + 5, INBOX_DAYS + 1)
    assert await forget_events(pool) == (BATCH, BATCH)
    gone = await asyncio.gather(*(forget_events(pool) for _ in range(3)))
    assert (sum(said for said, _ in gone), sum(heard for _, heard in gone)) == (5, 5)


async def test_the_loop_does_it_and_counts_it(pool: db.Pool) -> None:
    def counted(table: str) -> float:
        return REGISTRY.get_sample_value("mybuddy_events_forgotten_total", {"table": table}) or 0

    await say(pool, 1, OUTBOX_DAYS + 1)
    await hear(pool, 1, INBOX_DAYS + 1)
    before = counted("outbox"), counted("inbox")

    async def gone() -> bool:
        return await kept(pool, "outbox") + await kept(pool, "inbox") == 0 and counted("inbox") > before[1]

    async with running(event_retention(pool)):
        await until("both are gone and counted", gone)
    assert (counted("outbox"), counted("inbox")) == (before[0] + 1, before[1] + 1)
