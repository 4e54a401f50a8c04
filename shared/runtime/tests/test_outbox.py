"""An event is said if and only if the transaction of what it tells is kept."""

from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from shared.runtime import db
from shared.runtime.measuring import plumbing
from shared.runtime.metrics import OUTBOX_BACKLOG
from shared.runtime.outbox import Outbox, blank
from shared.runtime.tests.events import left
from shared.runtime.tests.waiting import running, until
from shared.schemas.envelope import decode
from shared.schemas.topics import PARTICIPANTS

outbox = Outbox("registration")


async def test_what_is_said_stands_beside_what_it_tells_in_order(pool: db.Pool) -> None:
    async with db.transaction(pool) as conn:
        await outbox.append(conn)
        await outbox.append(conn, left(1), left(2, person=2))
        await outbox.append(conn, left(3))
    rows = await pool.fetch("SELECT topic, key, payload, published_at FROM outbox ORDER BY id")
    envelopes = [decode(row["payload"]) for row in rows]
    assert [PARTICIPANTS.read(envelope) for envelope in envelopes] == [left(1), left(2, person=2), left(3)]
    assert [row["key"] for row in rows] == [str(UUID(int=number)) for number in (1, 2, 1)]
    assert {(row["topic"], row["published_at"]) for row in rows} == {("participants", None)}
    assert len({envelope.id for envelope in envelopes}) == 3


async def test_nothing_is_said_when_the_transaction_is_rolled_back(pool: db.Pool) -> None:
    async def say_and_fail() -> None:
        async with db.transaction(pool) as conn:
            await outbox.append(conn, left())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await say_and_fail()
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_service_cannot_say_what_is_anothers_to_say(pool: db.Pool) -> None:
    async with db.transaction(pool) as conn:
        with pytest.raises(LookupError, match=r"^matching does not publish Left\.v1$"):
            await Outbox("matching").append(conn, left())


async def test_blanking_forgets_all_that_was_said_of_one_person(pool: db.Pool) -> None:
    async with db.transaction(pool) as conn:
        await outbox.append(conn, left(1), left(2, person=2))
        await conn.execute("UPDATE outbox SET published_at = now()")
        await outbox.append(conn, left(3), left(4, person=2))
        await blank(conn, UUID(int=1))
    rows = await pool.fetch("SELECT payload, published_at FROM outbox ORDER BY id")
    assert [row["payload"] is None for row in rows] == [True, False, True, False]
    assert [row["published_at"] is None for row in rows] == [False, False, False, True]


async def test_the_gauges_tell_how_much_waits_and_for_how_long(pool: db.Pool) -> None:
    async with db.transaction(pool) as conn:
        await outbox.append(conn, left(1), left(2))
        await conn.execute("UPDATE outbox SET created_at = now() - interval '90 seconds' WHERE id = 1")
    OUTBOX_BACKLOG.set(-1)

    async def measured() -> bool:
        return REGISTRY.get_sample_value("mybuddy_outbox_backlog_events") == 2

    async with running(plumbing(pool)):
        await until("the backlog is measured", measured)
    assert 90 <= (REGISTRY.get_sample_value("mybuddy_outbox_oldest_seconds") or 0) < 150
