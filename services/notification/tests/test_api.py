"""Coordinators see how many messages a round of their own regions has."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.keys import Keys, make_keys
from services.notification import store
from services.notification.app import create_app
from services.notification.handlers import on_round_opened
from services.notification.settings import Settings
from services.notification.tests.mails import ROUND
from shared.runtime import db
from shared.runtime.coordinators import Coordinator, sign
from shared.schemas.rounds import RoundOpened, Rules, Weights

RULES = Rules(year=2021, min_age=18, max_km=40, quality_floor=0, levels=["pairs"], weights=Weights(), languages=["de"])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


def made_app(pool: db.Pool, keys: Keys) -> FastAPI:
    """With a database, and nothing of it running."""
    settings = Settings(
        database_url="",
        kafka_bootstrap="",
        registration_url="",
        internal_secret_notification="x",
        coordinator_public_key=keys.coordinator_public,
    )
    app = create_app(settings)
    app.state.settings, app.state.pool = settings, pool
    return app


@pytest.fixture
async def client(pool: db.Pool, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    """Notification has heard of one round of Ludwigsburg and has a message for it."""
    app = made_app(pool, keys)
    when = {"opens_at": "2021-10-15T00:00:00Z", "closes_at": "2021-10-31T00:00:00Z"}
    event = RoundOpened.model_validate({"round": ROUND, "region": "ludwigsburg", "slug": "2021-autumn", "rules": RULES, **when})
    async with db.transaction(pool) as conn:
        for _ in range(2):
            await on_round_opened(conn, event)
        await store.queue(conn, uuid4(), uuid4(), ROUND, "confirm")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notification") as made:
        yield made


def token(keys: Keys, *regions: str, days: int = 1) -> dict[str, str]:
    key = Path(keys.coordinator_private_file).read_text()
    return {"Authorization": f"Bearer {sign(Coordinator('Test', 'coordinator', regions), key, timedelta(days=days))}"}


async def test_messages_are_counted_for_coordinators_of_the_rounds_region_alone(client: httpx.AsyncClient, keys: Keys) -> None:
    path = f"/coordinator/messages/{ROUND}"
    for headers, status in (
        ({}, 401),
        (token(keys, "ludwigsburg", days=-1), 401),
        (token(keys, "hannover"), 403),
        (token(keys), 403),
    ):
        assert (await client.get(path, headers=headers)).status_code == status
    found = await client.get(path, headers=token(keys, "ludwigsburg"))
    assert found.json() == [{"kind": "confirm", "language": None, "state": "queued", "count": 1}]


async def test_a_round_nobody_told_of_has_no_messages(client: httpx.AsyncClient, keys: Keys) -> None:
    answer = await client.get(f"/coordinator/messages/{uuid4()}", headers=token(keys, "ludwigsburg"))
    assert (answer.status_code, answer.json()["detail"]) == (404, "Notification has not heard of this round.")
    answer = await client.get("/coordinator/messages/abc", headers=token(keys, "ludwigsburg"))
    assert (answer.status_code, answer.json()["detail"]) == (422, "“abc” is not the id of a round.")
