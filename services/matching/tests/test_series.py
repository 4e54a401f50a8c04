"""Whatever comes on the topics or over HTTP, matching never shows more series than it knows of."""

from uuid import UUID

import httpx
import pytest

from services.matching.app import create_app
from services.matching.consumer import SUBSCRIPTION
from services.matching.measuring import measure, measure_queue
from services.matching.settings import Settings
from services.matching.tests.made import located, opened
from shared.runtime import db
from shared.runtime.inbox import Record, handle_batch
from shared.runtime.metrics import known_region
from shared.runtime.tests.events import value
from shared.runtime.tests.series import odd, of_odd, series, values
from shared.schemas.answers import Answered
from shared.schemas.topics import ANSWERS, LOCATED, ROUNDS

EVENTS, REQUESTS, BATCH = 2400, 400, 200
MOST_REGIONS, ALL_KNOWN = 500, 40


@pytest.fixture
def no_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is known yet; those of other tests are afterwards again."""
    monkeypatch.setattr(known_region, "_known", set())


def record(number: int) -> Record:
    """Regions that nobody heard of, events that nobody knows, and codes that are none."""
    round_id = UUID(int=number // 6 + 1)
    begun = opened(round_id, odd(number)).model_copy(update={"region": odd(number)})
    answer = value(Answered(pair=round_id, person=round_id, answer="yes"))
    contents = (
        (ROUNDS, value(begun)),
        (ROUNDS, value(opened(UUID(int=10**6 + number), odd(number)).model_copy(update={"region": odd(number)}))),
        (LOCATED, value(located(round_id, UUID(int=number), region=odd(number)))),
        (LOCATED, value(located(round_id, UUID(int=number))).replace(b'"newcomer"', f'"{odd(number)}"'.encode())),
        (ANSWERS, answer.replace(b'"yes"', f'"{odd(number)}"'.encode())),
        (ANSWERS, answer.replace(b"Answered.v1", f"Zykanari{number}.v1".encode())),
    )
    topic, content = contents[number % 6]
    return Record(topic.name, 0, number, odd(number).encode(), content)


async def test_of_800_regions_that_events_name_no_more_are_shown_than_there_can_be(pool: db.Pool, no_regions: None) -> None:
    before = series()
    for start in range(0, EVENTS, BATCH):
        await handle_batch(pool, SUBSCRIPTION, [record(number) for number in range(start, start + BATCH)])
    await measure(pool)
    await measure_queue(pool)
    assert await pool.fetchval("SELECT count(DISTINCT region) FROM rounds") == 800
    assert len(values("barrier_waiting_seconds")) == MOST_REGIONS + 1
    assert ("other",) in values("barrier_waiting_seconds")
    not_regions = [one for one in series() - before if 'region="' not in one]
    assert of_odd(set(not_regions)) == []
    assert len(not_regions) <= ALL_KNOWN
    await pool.execute("DELETE FROM rounds")
    await measure(pool)
    assert of_odd(series()) == []


async def test_odd_requests_make_no_series_of_their_own(pool: db.Pool) -> None:
    app = create_app(Settings(database_url="", kafka_bootstrap="", coordinator_public_key=""))
    app.state.pool = pool
    before = series()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://matching") as client:
        for number in range(REQUESTS):
            await client.request(*_request(number), headers={"Host": f"{odd(number)}.example"})
    grown = series() - before
    assert of_odd(grown) == []
    assert len({one.partition("le=")[0] for one in grown}) <= ALL_KNOWN


def _request(number: int) -> tuple[str, str]:
    word = odd(number)
    requests = (("GET", f"/{word}"), (word.replace("-", ""), "/healthz"), ("POST", f"/coordinator/rounds/{word}/{word}/{word}"))
    return requests[number % 3]
