"""What was sent for a round that is over goes by itself, once nothing needs it any more (P13)."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from deploy.local.mailbox.part import Mailbox
from services.notification import store
from services.notification.handlers import on_pair_changed, on_round_ended
from services.notification.retention import BATCH, forget_due
from services.notification.tests.day import START, Day, ids
from services.notification.tests.mails import ROUND
from services.notification.tests.test_handlers import outcome
from services.notification.tests.test_sending import queued, rows
from shared.runtime import db
from shared.schemas.pairings import PairChanged
from shared.schemas.rounds import RoundEnded

LATER = START + timedelta(days=1, minutes=1)


@pytest.fixture(autouse=True)
async def round_(day: Day) -> None:
    async with db.transaction(day.pool) as conn:
        await store.keep_region(conn, ROUND, "ludwigsburg")


async def end(day: Day) -> None:
    async with db.transaction(day.pool) as conn:
        await on_round_ended(conn, RoundEnded(round=ROUND))


async def told(day: Day, kind: str = "refused") -> UUID:
    someone, _ = day.person()
    await queued(day.pool, someone, kind)  # type: ignore[arg-type]
    await day.send()
    return someone


async def test_what_was_sent_goes_a_day_after_and_not_before(day: Day) -> None:
    await told(day)
    await end(day)
    assert await forget_due(day.pool) == 0
    await day.is_at(LATER)
    assert await forget_due(day.pool) == 1
    assert await rows(day.pool) == []


async def test_while_the_round_goes_on_all_stays(day: Day) -> None:
    await told(day)
    await day.is_at(START + timedelta(days=100))
    assert await forget_due(day.pool) == 0
    assert await rows(day.pool) == [("refused", "sent")]


async def test_the_days_limit_holds_when_the_round_ends(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    first = [str(await queued(day.pool, someone, "answered")) for _ in range(3)]
    await day.send()
    await end(day)
    await forget_due(day.pool)
    await queued(day.pool, someone, "answered")
    await day.send()
    assert ids(mailbox, address) == first


async def test_what_waits_is_sent_though_the_round_is_over_and_goes_a_day_later(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    message = str(await queued(day.pool, someone, "link"))
    await end(day)
    await day.is_at(LATER)
    assert await forget_due(day.pool) == 0
    await day.send()
    assert ids(mailbox, address) == [message]
    await day.is_at(LATER + timedelta(days=1, minutes=1))
    assert await forget_due(day.pool) == 1


@pytest.mark.parametrize("state", ["dropped", "superseded", "failed", "bounced"])
async def test_what_was_not_sent_goes_at_once(day: Day, state: str) -> None:
    await told(day)
    await day.pool.execute("UPDATE messages SET state = $1", state)
    await end(day)
    assert await forget_due(day.pool) == 1


async def test_a_pair_of_a_round_that_is_over_ends_for_somebody_who_was_told_of_it(day: Day) -> None:
    someone = await told(day, "introduced")
    await end(day)
    await day.is_at(LATER)
    await forget_due(day.pool)
    async with db.transaction(day.pool) as conn:
        await on_pair_changed(conn, PairChanged(**outcome(someone, 2), pair=uuid4(), change="ended"))
    assert await rows(day.pool) == [("pair_ended", "queued")]


async def test_many_go_a_little_at_a_time(day: Day) -> None:
    await day.pool.execute(
        "INSERT INTO messages (id, person_id, round_id, kind, state, written_at, done_at) SELECT gen_random_uuid(),"
        " gen_random_uuid(), $1, 'refused', 'dropped', clock_now(), clock_now() FROM generate_series(1, $2)",
        ROUND,
        BATCH + 2,
    )
    await end(day)
    assert [await forget_due(day.pool) for _ in range(3)] == [BATCH, 2, 0]
