"""Coordinators' commands: for their own regions, with a sentence where something cannot be done."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from deploy.local.keys import Keys, make_keys
from services.matching import api
from services.matching.app import create_app
from services.matching.settings import Settings
from services.matching.store import rounds
from services.matching.tests.made import hear, said, solved, town
from shared.runtime import db
from shared.runtime.coordinators import Coordinator, sign
from shared.runtime.tests.waiting import until
from shared.schemas.pairings import OutcomeAnnounced
from shared.schemas.participants import Withdrawn


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def client(pool: db.Pool, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(database_url="", kafka_bootstrap="", coordinator_public_key=keys.coordinator_public)
    app = create_app(settings)
    app.state.settings, app.state.pool = settings, pool
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://matching", headers=token(keys, "ludwigsburg")) as made:
        yield made


def token(keys: Keys, *regions: str, days: int = 1) -> dict[str, str]:
    key = Path(keys.coordinator_private_file).read_text()
    return {"Authorization": f"Bearer {sign(Coordinator('Test', 'coordinator', regions), key, timedelta(days=days))}"}


def path(round_id: UUID, command: str = "") -> str:
    return f"/coordinator/rounds/ludwigsburg/r{round_id.hex[:8]}{command}"


@pytest.mark.parametrize(
    ("method", "command"), [("GET", ""), ("GET", "/silent"), ("GET", "/endings"), ("POST", "/publish"), ("POST", "/repair")]
)
async def test_every_command_needs_a_token_of_this_region(
    pool: db.Pool, client: httpx.AsyncClient, keys: Keys, method: str, command: str
) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    await solved(pool, [(newcomer, local)])
    for headers, status in (
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer x"}, 401),
        (token(keys, "ludwigsburg", days=-1), 401),
        (token(keys, "hannover"), 403),
    ):
        assert (await client.request(method, path(round_id, command), headers=headers)).status_code == status
    assert await pool.fetchval("SELECT phase FROM rounds") == "solved"


async def test_a_round_nobody_told_of_is_404(client: httpx.AsyncClient) -> None:
    for method, command in (("GET", ""), ("GET", "/silent"), ("POST", "/publish"), ("POST", "/repair")):
        answer = await client.request(method, f"/coordinator/rounds/ludwigsburg/2020-autumn{command}")
        assert (answer.status_code, answer.json()["detail"]) == (404, "Matching has not heard of this round.")


async def test_what_cannot_be_done_now_is_409_with_what_to_do(pool: db.Pool, client: httpx.AsyncClient) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    early = await client.post(path(round_id, "/publish"))
    assert (early.status_code, early.json()["detail"]) == (409, "There is no plan to publish: the round is solving.")
    early = await client.post(path(round_id, "/repair"))
    assert (early.status_code, early.json()["detail"]) == (409, "There is no plan to repair: the round is solving.")
    await solved(pool, [(newcomer, local)])
    assert (await client.post(path(round_id, "/repair"))).status_code == 409
    await hear(pool, Withdrawn(person=newcomer, version=1, round=round_id))
    refused = await client.post(path(round_id, "/publish"))
    assert (refused.status_code, "Repair the plan" in refused.json()["detail"]) == (409, True)


async def test_a_plan_that_is_published_cannot_be_repaired(pool: db.Pool, client: httpx.AsyncClient) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    await solved(pool, [(newcomer, local)])
    await client.post(path(round_id, "/publish"))
    refused = await client.post(path(round_id, "/repair"))
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Nothing to repair: the plan is published, and nobody is being looked for again.",
    )


async def test_before_publishing_numbers_only_and_afterwards_the_same_answer_again(
    pool: db.Pool, client: httpx.AsyncClient
) -> None:
    round_id, (newcomer, left), (local,) = await town(pool, 2, 1)
    await solved(pool, [(newcomer, local)], [left])
    before = await client.get(path(round_id))
    assert before.json()["plan"] == {"pairs": 1, "broken": 0, "unmatched": {"no_partner": 1}}
    assert not any(str(person) in before.text for person in (newcomer, left, local))
    first, second = [await client.post(path(round_id, "/publish")) for _ in range(2)]
    assert first.json() == second.json()
    assert first.json()["outcomes"] == {"matched": 2, "unmatched: no_partner": 1}


async def test_publishing_that_takes_longer_than_an_answer_may_goes_on_by_itself(
    pool: db.Pool, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id, (newcomer, left), (local,) = await town(pool, 2, 1)
    await solved(pool, [(newcomer, local)], [left])
    monkeypatch.setattr(api, "ANSWER_SECONDS", 0.1)
    async with db.transaction(pool) as somebody:
        await rounds.locked(somebody, round_id)
        early = await asyncio.gather(*(client.post(path(round_id, "/publish")) for _ in range(2)))
        assert [(answer.status_code, "goes on by itself" in answer.json()["detail"]) for answer in early] == [(202, True)] * 2
        assert (await client.get(path(round_id))).json()["phase"] == "solved"

    async def is_published() -> bool:
        return bool((await client.get(path(round_id))).json()["phase"] == "published")

    await until("the plan is published", is_published)
    assert len(await said(pool, OutcomeAnnounced)) == 3
