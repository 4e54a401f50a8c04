"""Every look at a plan or its pairs and every act on them leaves its line in the audit (P17)."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from deploy.local.keys import Keys, make_keys
from services.matching.app import create_app
from services.matching.settings import Settings
from services.matching.store import pairs as stored
from services.matching.tests.made import hear, solved, town
from services.matching.tests.test_api import path, token
from shared.runtime import audit_chain, db
from shared.runtime.audit import BEGINNING, first_fault
from shared.schemas.answers import PairEnded
from shared.schemas.participants import Withdrawn

ROUND = "/coordinator/rounds/{region}/{slug}"
# Of each route: the line in the audit, and whether it is about people.
ROUTES: dict[str, tuple[str, bool]] = {
    f"GET {ROUND}": ("plan.show", False),
    f"POST {ROUND}/publish": ("plan.publish", False),
    f"POST {ROUND}/repair": ("plan.repair", False),
    f"GET {ROUND}/endings": ("endings.show", True),
    f"GET {ROUND}/silent": ("silent.show", True),
    "GET /coordinator/audit/{region}": ("audit.show", False),
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def app(pool: db.Pool, keys: Keys) -> FastAPI:
    settings = Settings(database_url="", kafka_bootstrap="", coordinator_public_key=keys.coordinator_public)
    made = create_app(settings)
    made.state.settings, made.state.pool = settings, pool
    return made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://matching") as made:
        yield made


async def lines(pool: db.Pool, region: str = "ludwigsburg") -> list[dict[str, Any]]:
    async with db.connection(pool) as conn:
        return await audit_chain.after(conn, region, 0)


async def ready_for(pool: db.Pool, client: httpx.AsyncClient, mine: dict[str, str], action: str) -> tuple[str, list[UUID]]:
    """A round in which this can be done or shown, without a line; its slug, and the two of its pair."""
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    await solved(pool, [(newcomer, local)])
    if action == "plan.repair":
        await hear(pool, Withdrawn(person=newcomer, version=1, round=round_id))
    if action in {"endings.show", "silent.show"}:
        assert (await client.post(path(round_id, "/publish"), headers=mine)).status_code == 200
        await pool.execute("UPDATE pairs SET state = 'introduced', introduced_at = clock_now()")
        await _end_or_fall_silent(pool, round_id, newcomer, action)
    return f"r{round_id.hex[:8]}", [newcomer, local]


async def _end_or_fall_silent(pool: db.Pool, round_id: UUID, newcomer: UUID, action: str) -> None:
    async with db.connection(pool) as conn:
        (pair,) = await stored.live(conn, round_id, newcomer)
    if action == "endings.show":
        await hear(pool, PairEnded(pair=pair.id, person=newcomer, reason="safety"))
    else:
        await pool.execute(
            "INSERT INTO follow_ups (pair_id, person_id, step, asked_at, answer) VALUES ($1, $2, 'day_5', clock_now(), 'no')",
            *(pair.id, newcomer),
        )


def test_every_route_of_coordinators_is_in_the_matrix(app: FastAPI) -> None:
    paths: dict[str, Any] = get_openapi(title="", version="", routes=app.routes)["paths"]
    found = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if path.startswith("/coord")}
    assert found == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
async def test_every_look_and_every_act_leaves_its_line(pool: db.Pool, client: httpx.AsyncClient, keys: Keys, route: str) -> None:
    mine, (action, about_people) = token(keys, "ludwigsburg"), ROUTES[route]
    slug, two = await ready_for(pool, client, mine, action)
    before = len(await lines(pool))
    method, address = route.split()
    answer = await client.request(method, address.format(region="ludwigsburg", slug=slug), headers=mine)
    assert answer.status_code == 200
    left = (await lines(pool))[before:]
    assert {(line["name"], line["role"], line["action"]) for line in left} == {("Test", "coordinator", action)}
    assert [line["person"] for line in left] == ([str(person) for person in two] if about_people else [None])
    assert left[0]["detail"] == ({"after": 0} if action == "audit.show" else {"round": slug})
    assert first_fault(await lines(pool)) is None


@pytest.mark.parametrize("route", ROUTES)
async def test_who_is_no_coordinator_of_the_region_learns_and_changes_nothing(
    pool: db.Pool, client: httpx.AsyncClient, keys: Keys, route: str
) -> None:
    slug, _ = await ready_for(pool, client, token(keys, "ludwigsburg"), "plan.publish")
    method, address = route.split()
    for headers, status in (({}, 401), (token(keys, "ludwigsburg", days=-1), 401), (token(keys, "hannover"), 403)):
        answer = await client.request(method, address.format(region="ludwigsburg", slug=slug), headers=headers)
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert await pool.fetchval("SELECT phase FROM rounds") == "solved"
    assert await lines(pool) == []


async def test_what_is_refused_is_not_written_down_as_done(pool: db.Pool, client: httpx.AsyncClient, keys: Keys) -> None:
    mine = token(keys, "ludwigsburg")
    slug, _ = await ready_for(pool, client, mine, "plan.publish")
    assert (await client.post(f"/coordinator/rounds/ludwigsburg/{slug}/repair", headers=mine)).status_code == 409
    assert (await client.get("/coordinator/rounds/ludwigsburg/2020-autumn/endings", headers=mine)).status_code == 404
    assert await lines(pool) == []


async def test_reading_the_audit_gives_lines_that_prove_themselves(pool: db.Pool, client: httpx.AsyncClient, keys: Keys) -> None:
    mine = token(keys, "ludwigsburg")
    slug, _ = await ready_for(pool, client, mine, "plan.publish")
    for method, command in (("GET", ""), ("POST", "/publish"), ("GET", "")):
        await client.request(method, f"/coordinator/rounds/ludwigsburg/{slug}{command}", headers=mine)
    answer = await client.get("/coordinator/audit/ludwigsburg", headers=mine)
    assert answer.headers["content-type"] == "application/x-ndjson"
    read = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["action"] for line in read] == ["plan.show", "plan.publish", "plan.show"]
    assert (read[0]["previous"], first_fault(read)) == (BEGINNING, None)
