"""What every service answers: honest health, a 503 in time when something is away, and no word of what went wrong inside."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request

from deploy.local.postgres import Postgres
from shared.runtime import db, http
from shared.runtime.loops import STALE_SECONDS, Loops
from shared.runtime.migrate import ROOT
from shared.runtime.tests.noisy import CANARY, SaidError
from shared.runtime.tests.waiting import retrying

NEWEST = max((ROOT / "services" / "notification" / "migrations").glob("*.sql"))
UNAVAILABLE = {"detail": "Not available at the moment. Try again."}

router = APIRouter(prefix="/people")


@router.get("/{link}/page")
async def page(link: str) -> str:
    return "fine"


@router.get("/{link}/asks")
async def asks(link: str, request: Request) -> int:
    async with db.transaction(request.app.state.pool) as conn:
        answer: int = await conn.fetchval("SELECT 1")
    return answer


@router.get("/{link}/hangs")
async def hangs(link: str) -> None:
    await asyncio.Event().wait()


@router.get("/{link}/fails")
async def fails(link: str) -> None:
    raise SaidError


@router.get("/{link}/lacks/{error}")
async def lacks(link: str, error: str) -> None:
    raise {"TimeoutError": TimeoutError, "OSError": ConnectionRefusedError}[error](CANARY)


def service(pool: db.Pool, migrations: Path = NEWEST.parent) -> FastAPI:
    app = FastAPI()
    http.install(app, migrations)
    app.include_router(router)
    app.state.pool, app.state.loops = pool, Loops(retrying())
    return app


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=20) as client:
        yield client


@pytest.fixture
async def client(pool: db.Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(service(pool)) as opened:
        yield opened


async def timed(client: httpx.AsyncClient, path: str) -> tuple[httpx.Response, float]:
    started = time.monotonic()
    return await client.get(path), time.monotonic() - started


async def test_healthy_and_ready(client: httpx.AsyncClient) -> None:
    health, ready = await client.get("/healthz"), await client.get("/readyz")
    assert (health.status_code, health.json()) == (200, {"dead": []})
    assert (ready.status_code, ready.json()) == (200, {"missing": []})


async def test_a_loop_without_a_turn_for_long_makes_it_unhealthy_and_is_named(pool: db.Pool) -> None:
    app = service(pool)
    (loop,) = app.state.loops._loops
    loop._last_beat -= STALE_SECONDS + 1
    async with asking(app) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"dead": ["test"]})


async def test_not_ready_while_migrations_are_missing(pool: db.Pool, tmp_path: Path) -> None:
    (tmp_path / NEWEST.name).touch()
    async with asking(service(pool, tmp_path)) as client:
        assert (await client.get("/readyz")).status_code == 200
    (tmp_path / "99991231235959_later.sql").touch()
    async with asking(service(pool, tmp_path)) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"missing": ["migrations"]})


async def test_not_ready_while_the_database_is_away_and_ready_when_it_is_back(
    client: httpx.AsyncClient, postgres: Postgres
) -> None:
    await asyncio.to_thread(postgres.kill)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"missing": ["database"]})
    asked, seconds = await timed(client, "/people/x/asks")
    assert (asked.status_code, asked.json(), asked.headers["retry-after"]) == (503, UNAVAILABLE, "5")
    assert seconds < 3
    await asyncio.to_thread(postgres.start)
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/people/x/asks")).status_code == 200


@pytest.mark.parametrize("connected", [True, False], ids=["connected before", "not connected before"])
async def test_a_database_that_is_frozen_costs_each_request_less_than_3_seconds(
    client: httpx.AsyncClient, postgres: Postgres, connected: bool
) -> None:
    if connected:
        await asyncio.gather(*(client.get("/people/x/asks") for _ in range(3)))
    postgres.freeze()
    answers = await asyncio.gather(*(timed(client, "/people/x/asks") for _ in range(3)), timed(client, "/readyz"))
    postgres.thaw()
    for answer, seconds in answers:
        assert answer.status_code == 503
        assert seconds < 3
    for answer, _ in answers[:3]:
        assert (answer.json(), answer.headers["retry-after"]) == (UNAVAILABLE, "5")
    assert (await client.get("/people/x/asks")).status_code == 200


async def test_what_hangs_is_answered_within_3_seconds(client: httpx.AsyncClient) -> None:
    answer, seconds = await timed(client, "/people/x/hangs")
    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, UNAVAILABLE, "5")
    assert seconds < 3


@pytest.mark.parametrize("error", ["TimeoutError", "OSError"])
async def test_a_dependency_that_is_away_is_said_without_its_words(client: httpx.AsyncClient, error: str) -> None:
    answer = await client.get(f"/people/x/lacks/{error}")
    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, UNAVAILABLE, "5")


async def test_an_error_shows_neither_its_words_nor_where_it_was(client: httpx.AsyncClient) -> None:
    answer = await client.get("/people/x/fails")
    assert (answer.status_code, answer.json()) == (500, {"detail": "Something went wrong on our side."})


async def test_metrics_name_routes_and_never_paths(client: httpx.AsyncClient) -> None:
    for path in ("page", "fails", "asks", "nowhere"):
        await client.get(f"/people/{CANARY}/{path}")
    await client.get(f"/{CANARY}?name={CANARY}")
    await client.post(f"/people/{CANARY}/page")
    shown = (await client.get("/metrics")).text
    assert CANARY not in shown
    for route, status in (("page", "200"), ("fails", "500"), ("asks", "200")):
        assert f'http_request_seconds_count{{method="GET",route="/people/{{link}}/{route}",status="{status}"}}' in shown
    assert 'route="unknown",status="404"' in shown


async def test_metrics_know_only_methods_that_exist(client: httpx.AsyncClient) -> None:
    await client.request(CANARY.upper(), "/people/x/page")
    assert CANARY.upper() not in (await client.get("/metrics")).text
