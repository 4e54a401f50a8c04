"""What every service answers: honest health, a 503 in time when something is away, and no word of what went wrong inside."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from structlog.testing import capture_logs

from deploy.local.postgres import Postgres
from shared.runtime import db
from shared.runtime.loops import STALE_SECONDS
from shared.runtime.tests.answering import NEWEST, asking, service
from shared.runtime.tests.noisy import CANARY, SaidError
from shared.runtime.tests.series import value

UNAVAILABLE = {"detail": "Not available at the moment. Try again."}


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


async def test_a_service_without_pages_shows_nothing_to_whoever_comes_through_a_proxy(client: httpx.AsyncClient) -> None:
    for path in ("/metrics", "/healthz", "/people/a/page", "/gone"):
        answer = await client.get(path, headers={"x-forwarded-for": "203.0.113.7"})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found"}), path


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
    assert value("ready") == 0
    asked, seconds = await timed(client, "/people/x/asks")
    assert (asked.status_code, asked.json(), asked.headers["retry-after"]) == (503, UNAVAILABLE, "5")
    assert seconds < 3
    await asyncio.to_thread(postgres.start)
    assert (await client.get("/readyz")).status_code == 200
    assert value("ready") == 1
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


async def test_an_error_is_logged_once_with_its_place(client: httpx.AsyncClient) -> None:
    with capture_logs() as said:
        await client.get("/people/x/fails")
    assert [(one["event"], one["log_level"], one["exc_info"]) for one in said] == [("request failed", "error", True)]


async def test_a_refusal_is_no_error(client: httpx.AsyncClient) -> None:
    answer = await client.get("/people/x/refuses")
    assert (answer.status_code, answer.json()) == (409, {"detail": "Not now."})


def sorry(_: Request) -> Response:
    return PlainTextResponse("Leider", 500)


def broken_too(_: Request) -> Response:
    raise SaidError


async def test_a_service_says_an_error_in_its_own_words_or_plainly_where_these_fail_too(pool: db.Pool) -> None:
    for broken, words in ((sorry, "Leider"), (broken_too, '{"detail":"Something went wrong on our side."}')):
        async with asking(service(pool, broken=broken)) as client:
            answer = await client.get("/people/x/fails")
        assert (answer.status_code, answer.text) == (500, words)


SOMEBODY = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("person", "body", "sentence"),
    [
        ("abc", b'{"number": 1}', "“abc” is not the id of a person."),
        (SOMEBODY, b"", "The body is missing."),
        (SOMEBODY, b"{", "The body is not JSON."),
        (SOMEBODY, b"[]", "The body is not of the form that is needed here."),
        (SOMEBODY, b"{}", "“number” is missing."),
        ("abc", b"{}", "“abc” is not the id of a person. “number” is missing."),
        (
            SOMEBODY,
            b'{"number": "x"}',
            "“number” is not right: Input should be a valid integer, unable to parse string as an integer.",
        ),
    ],
)
async def test_what_a_request_lacks_is_said_in_sentences(
    client: httpx.AsyncClient, person: str, body: bytes, sentence: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"/people/{person}/wishes", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (422, {"detail": sentence})


async def test_metrics_name_routes_and_never_paths(client: httpx.AsyncClient) -> None:
    for path in ("page", "fails", "asks", "nowhere"):
        await client.get(f"/people/{CANARY}/{path}")
    await client.get(f"/{CANARY}?name={CANARY}")
    await client.post(f"/people/{CANARY}/page")
    shown = (await client.get("/metrics")).text
    assert CANARY not in shown
    for route, status in (("page", "200"), ("fails", "500"), ("asks", "200")):
        assert (
            f'mybuddy_http_request_duration_seconds_count{{method="GET",route="/people/{{link}}/{route}",status="{status}"}}'
            in shown
        )
    assert 'route="unknown",status="404"' in shown


async def test_metrics_know_only_methods_that_exist(client: httpx.AsyncClient) -> None:
    await client.request(CANARY.upper(), "/people/x/page")
    assert CANARY.upper() not in (await client.get("/metrics")).text
