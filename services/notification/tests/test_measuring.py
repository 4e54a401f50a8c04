"""What notification shows of what waits: what is due and for how long, what is held, and how late a mail was when it went."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest

from deploy.local.mailbox.part import Mailbox
from services.notification import store
from services.notification.domain import MOMENT_SECONDS, UNDELIVERED
from services.notification.measuring import measure_queue
from services.notification.store import measures
from services.notification.tests.day import START, Day
from services.notification.tests.test_sending import queued
from shared.runtime import db
from shared.runtime.tests.series import value, values
from shared.schemas.codes import MessageKind

MINUTE, HOUR = 60.0, 3600.0
Change = Callable[[db.Connection, UUID], Awaitable[object]]


async def shown(pool: db.Pool) -> tuple[float, float, float]:
    """Due, held, and the seconds of the oldest that is due."""
    await measure_queue(pool)
    return value("messages_unsent"), value("messages_held"), value("messages_oldest_unsent_seconds")


async def since(pool: db.Pool, message: UUID, seconds: float) -> None:
    """As if it could have gone so long ago."""
    await pool.execute(
        "UPDATE messages SET ready_at = now() - make_interval(secs => $2), due_at = now() - make_interval(secs => $2)"
        " WHERE id = $1",
        message,
        seconds,
    )


async def change(pool: db.Pool, message: UUID, what: Change) -> None:
    async with db.transaction(pool) as conn:
        await what(conn, message)


async def test_the_oldest_that_is_due_is_counted_from_when_it_could_go(pool: db.Pool) -> None:
    assert await shown(pool) == (0, 0, 0)
    first, second = await queued(pool, uuid4()), await queued(pool, uuid4())
    await since(pool, first, 10 * MINUTE)
    await since(pool, second, MINUTE)
    due, held, oldest = await shown(pool)
    assert (due, held, 10 * MINUTE <= oldest < 11 * MINUTE) == (2, 0, True)
    await change(pool, first, lambda conn, message: store.done(conn, message, "sent"))
    due, held, oldest = await shown(pool)
    assert (due, held, MINUTE <= oldest < 2 * MINUTE) == (1, 0, True)


async def test_what_is_held_waits_for_nothing_of_ours_and_its_time_begins_when_it_is_released(day: Day) -> None:
    message = await queued(day.pool, uuid4(), "unmatched")
    await since(day.pool, message, HOUR)
    await change(day.pool, message, lambda conn, one: store.hold(conn, one, HOUR, "quiet hours"))
    assert await shown(day.pool) == (0, 1, 0)
    await day.is_at(START + timedelta(hours=2))
    due, held, oldest = await shown(day.pool)
    assert (due, held, oldest < MINUTE) == (1, 0, True)


async def test_a_pause_of_a_moment_hides_nothing_of_how_long_a_message_waits(pool: db.Pool) -> None:
    message = await queued(pool, uuid4())
    await since(pool, message, 10 * MINUTE)
    await change(pool, message, lambda conn, one: store.put_back(conn, one, MOMENT_SECONDS - 0.5, 0, "MailServerAwayError"))
    due, _, oldest = await shown(pool)
    assert (due, 10 * MINUTE <= oldest < 11 * MINUTE) == (1, True)


async def test_what_a_mail_server_put_off_is_not_due_and_counts_from_its_next_try(pool: db.Pool) -> None:
    message = await queued(pool, uuid4())
    await since(pool, message, 10 * HOUR)
    await change(pool, message, lambda conn, one: store.put_back(conn, one, HOUR, 12, "refused 451"))
    assert await shown(pool) == (0, 0, 0)
    await pool.execute("UPDATE messages SET due_at = now() - interval '1 minute'")
    due, _, oldest = await shown(pool)
    assert (due, MINUTE <= oldest < 2 * MINUTE) == (1, True)


async def put_off(pool: db.Pool) -> float:
    await measure_queue(pool)
    return value("messages_put_off")


async def test_each_mail_that_a_mail_server_put_off_is_counted_once_until_it_takes_it(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    mailbox.behave("defer", only_to=address)
    await queued(day.pool, someone, "link")
    assert await put_off(day.pool) == 0
    for _ in range(3):
        await day.pool.execute("UPDATE messages SET due_at = now()")
        await day.senders[0].send_next()
        assert await put_off(day.pool) == 1
    mailbox.behave()
    await day.pool.execute("UPDATE messages SET due_at = now()")
    await day.send()
    assert await put_off(day.pool) == 0


async def test_what_waits_for_another_reason_is_not_put_off(pool: db.Pool) -> None:
    away, held = await queued(pool, uuid4()), await queued(pool, uuid4())
    await change(pool, away, lambda conn, one: store.put_back(conn, one, MINUTE, 0, "MailServerAwayError"))
    await change(pool, held, lambda conn, one: store.put_back(conn, one, MINUTE, 1, "refused 451"))
    assert await put_off(pool) == 1
    await change(pool, held, lambda conn, one: store.hold(conn, one, HOUR, "quiet hours"))
    assert await put_off(pool) == 0


async def test_what_is_put_off_is_found_by_the_index_of_the_queue(pool: db.Pool) -> None:
    seen: list[str] = []

    class Explaining:
        async def fetchval(self, sql: str) -> int:
            async with db.transaction(pool) as conn:
                await conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
                seen.extend(row[0] for row in await conn.fetch(f"EXPLAIN {sql}"))
            return 0

    await measures.put_off(Explaining())  # type: ignore[arg-type]
    assert any("Index Scan using messages_queue" in line for line in seen), seen
    assert any("Index Cond: (due_at <" in line for line in seen), seen


async def test_what_did_not_arrive_is_counted_until_it_is_sent_again(pool: db.Pool) -> None:
    message, other = await queued(pool, uuid4()), await queued(pool, uuid4())
    await change(pool, message, lambda conn, one: store.done(conn, one, "bounced", "de", "refused 550"))
    await change(pool, other, lambda conn, one: store.done(conn, one, "dropped"))
    await shown(pool)
    assert undelivered() == {("bounced", "confirm"): 1}
    await change(pool, message, store.queue_again)
    assert (await shown(pool))[:2] == (1, 0)
    assert undelivered() == {}


def undelivered() -> dict[tuple[str, ...], float]:
    """Of states and kinds that are all shown, those with any."""
    shown = values("messages_undelivered")
    assert len(shown) == len(UNDELIVERED) * len(get_args(MessageKind))
    return {labels: count for labels, count in shown.items() if count}


async def test_who_is_dropped_while_held_is_not_held_any_more(pool: db.Pool) -> None:
    message = await queued(pool, uuid4())
    await change(pool, message, lambda conn, one: store.hold(conn, one, HOUR, "quiet hours"))
    await change(pool, message, lambda conn, one: store.done(conn, one, "superseded"))
    assert await shown(pool) == (0, 0, 0)


def late(urgency: str) -> tuple[float, float, float]:
    """How many were sent, how many of them within a minute, and the seconds of all."""
    name, of = "message_delay_seconds", {"urgency": urgency}
    return value(f"{name}_count", **of), value(f"{name}_bucket", le="60.0", **of), value(f"{name}_sum", **of)


@pytest.mark.parametrize(("kind", "urgency"), [("link", "asked_for"), ("unmatched", "round"), ("office_alerted", "asked_for")])
async def test_how_late_a_mail_is_counts_from_when_it_could_go(day: Day, mailbox: Mailbox, kind: str, urgency: str) -> None:
    before = late(urgency)
    someone, _ = day.person()
    message = await queued(day.pool, someone, kind, reason="no_partner")  # type: ignore[arg-type]
    await since(day.pool, message, 10 * MINUTE)
    await day.send()
    count, soon, seconds = (now - then for now, then in zip(late(urgency), before, strict=True))
    assert (count, soon, 10 * MINUTE <= seconds < 11 * MINUTE) == (1, 0, True)


async def test_a_night_that_a_mail_is_held_does_not_count_as_late(day: Day, mailbox: Mailbox) -> None:
    before = late("round")
    await day.is_at(START + timedelta(hours=14))
    someone, _ = day.person()
    message = await queued(day.pool, someone, "unmatched", reason="no_partner")
    await since(day.pool, message, MINUTE / 2)
    await day.send()
    assert await shown(day.pool) == (0, 1, 0)
    await day.is_at(START + timedelta(hours=24))
    await day.send()
    count, soon, seconds = (now - then for now, then in zip(late("round"), before, strict=True))
    assert (count, soon, seconds < MINUTE / 2) == (1, 1, True)


async def test_a_mail_that_was_not_taken_is_not_late(day: Day, mailbox: Mailbox) -> None:
    before = late("asked_for")
    someone, address = day.person()
    mailbox.behave("reject", only_to=address)
    await queued(day.pool, someone, "link")
    await day.send()
    assert late("asked_for") == before
