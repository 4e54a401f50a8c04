"""Whatever is typed, asked for or heard, geo never shows more series than it knows of."""

from uuid import UUID

import httpx
from fastapi import FastAPI

from services.geo.app import create_app
from services.geo.consumer import SUBSCRIPTION
from services.geo.settings import Settings
from services.geo.tests.made import confirmed
from shared.runtime import db
from shared.runtime.inbox import Record, handle_batch
from shared.runtime.internal import bearer
from shared.runtime.tests.events import value
from shared.runtime.tests.series import odd, of_odd, series
from shared.schemas.topics import PARTICIPANTS

EVENTS, REQUESTS, BATCH = 900, 600, 150
ALL_KNOWN = 30


def record(number: int) -> Record:
    """Regions and places that nobody has, and events that nobody knows."""
    event = value(confirmed(UUID(int=number + 1), region=odd(number), place_id=odd(number), postcode=""))
    contents = (event, event.replace(b"Confirmed.v1", f"Zykanari{number}.v1".encode()))
    return Record(PARTICIPANTS.name, 0, number, odd(number).encode(), contents[number % 2])


async def ask(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://geo", headers=bearer("x")) as client:
        for number in range(REQUESTS):
            word = odd(number)
            paths = (f"/places?q={word}&region={word}", f"/{word}", f"/coordinator/questions/{word}")
            method = word.replace("-", "") if number % 4 == 3 else "GET"
            await client.request(method, paths[number % 3], headers={"Host": f"{word}.example"})


async def test_odd_events_and_requests_make_no_series_of_their_own(pool: db.Pool) -> None:
    settings = Settings(database_url="", kafka_bootstrap="", internal_secret_registration="x", coordinator_public_key="")
    app = create_app(settings)
    app.state.settings, app.state.pool = settings, pool
    before = series()
    for start in range(0, EVENTS, BATCH):
        await handle_batch(pool, SUBSCRIPTION, [record(number) for number in range(start, start + BATCH)])
    await ask(app)
    grown = series() - before
    assert of_odd(grown) == []
    assert len({one.partition("le=")[0] for one in grown}) <= ALL_KNOWN
