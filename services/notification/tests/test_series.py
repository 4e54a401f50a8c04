"""Whatever registration and the topics say, notification never shows more series than it knows of."""

import asyncio
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx

from services.notification.app import create_app
from services.notification.consumer import SUBSCRIPTION
from services.notification.domain import MOST_ATTEMPTS, UNDELIVERED
from services.notification.measuring import measure_queue
from services.notification.settings import Settings
from services.notification.tests.day import Day
from services.notification.tests.mails import recipient
from services.notification.tests.test_sending import queued
from shared.runtime import db
from shared.runtime.inbox import Record, handle_batch
from shared.runtime.tests.events import value
from shared.runtime.tests.series import odd, of_odd, series, values
from shared.schemas.codes import MessageKind
from shared.schemas.participants import LinkAsked, SignedUp
from shared.schemas.topics import PARTICIPANTS

EVENTS, REQUESTS, MAILS, BATCH = 900, 300, 60, 150
ALL_KNOWN = 40 + len(UNDELIVERED) * len(get_args(MessageKind))


def record(number: int) -> Record:
    """Regions and languages that nobody has, and events that nobody knows."""
    person, round_id = UUID(int=number + 1), UUID(int=number)
    asked = value(LinkAsked(person=person, round=round_id, language=f"de-zykanari-x{number}"[:20]))
    contents = (
        asked,
        asked.replace(b"LinkAsked.v1", f"Zykanari{number}.v1".encode()),
        value(SignedUp(person=person, region=odd(number), round=round_id, language="de")),
    )
    return Record(PARTICIPANTS.name, 0, number, odd(number).encode(), contents[number % 3])


async def test_odd_events_and_requests_make_no_series_of_their_own(pool: db.Pool) -> None:
    given: dict[str, Any] = dict.fromkeys(("database_url", "kafka_bootstrap", "registration_url", "coordinator_public_key"), "")
    app = create_app(Settings(**given, internal_secret_notification="x"))
    app.state.pool = pool
    before = series()
    for start in range(0, EVENTS, BATCH):
        await handle_batch(pool, SUBSCRIPTION, [record(number) for number in range(start, start + BATCH)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notification") as client:
        for number in range(REQUESTS):
            method = "GET" if number % 2 else odd(number).replace("-", "")
            await client.request(method, f"/coordinator/{odd(number)}", headers={"Host": f"{odd(number)}.example"})
    await measure_queue(pool)
    grown = series() - before
    assert of_odd(grown) == []
    assert len({one.partition("le=")[0] for one in grown}) <= ALL_KNOWN


async def test_languages_that_we_do_not_write_are_one(day: Day) -> None:
    before = series()
    for number in range(MAILS):
        someone = uuid4()
        day.answers.of[someone] = recipient(f"xa-zykanari-{number}", email=f"{someone.hex}@example.org")
        await queued(day.pool, someone, "link")
    await day.pool.execute("UPDATE messages SET attempts = $1", MOST_ATTEMPTS - 1)
    async with asyncio.timeout(60):
        await day.send()
    assert {(row["state"], row["count"]) for row in await _states(day.pool)} == {("failed", MAILS)}
    assert of_odd(series() - before) == []
    assert values("messages_total")["link", "other", "failed"] >= MAILS


async def _states(pool: db.Pool) -> list[dict[str, object]]:
    return [dict(row) for row in await pool.fetch("SELECT state, count(*) FROM messages GROUP BY state")]
