"""Robots are slowed, people behind one address are not; on real PostgreSQL."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.registration import limits as limits_module
from services.registration.api.admission import admit, is_robot, new_stamp, slow
from services.registration.api.context import context, region_or_404
from services.registration.api.forms import read_form
from services.registration.limits import FREE, OF_NETWORK, OF_REGION, Limits
from services.registration.store import limits as store
from services.registration.tests.front import Front, Shown
from services.registration.tests.made import form
from shared.runtime import db
from shared.web.languages import LANGUAGES

SHELTER = b"of a shelter----"
AT_ONCE = OF_NETWORK["sign_up"].at_once


async def passes(pool: db.Pool, limits: Limits, posts: int, network: bytes = SHELTER) -> int:
    """How many of so many posts go on."""
    waits = [await limits.wait(pool, network, "ludwigsburg", "sign_up") for _ in range(posts)]
    return waits.count(None)


async def later(pool: db.Pool, minutes: float) -> None:
    """As if so much time had passed for the buckets."""
    await pool.execute("UPDATE limits SET spent_until = spent_until - make_interval(mins => $1)", minutes)


async def test_sixty_people_of_a_shelter_who_send_five_times_each_do_not_notice(pool: db.Pool) -> None:
    assert await passes(pool, Limits(), 60 * 5) == 300


async def test_two_hundred_people_of_a_shelter_come_through_within_an_hour(pool: db.Pool) -> None:
    limits = Limits()
    for _ in range(6):
        assert await passes(pool, limits, 133) == 133  # a sixth of them, each four times
        await later(pool, 10)


async def test_two_hundred_people_of_a_shelter_may_check_and_send_in_the_same_minute(pool: db.Pool) -> None:
    assert await passes(pool, Limits(), 200 * 2) == 400


async def test_a_robot_is_slowed_to_a_trickle_and_asks_the_database_no_more(pool: db.Pool, statements: list[str]) -> None:
    limits = Limits()
    assert await passes(pool, limits, 5000) == AT_ONCE + FREE
    assert len(statements) <= AT_ONCE + 1 + 5000 / 50
    wait = await limits.wait(pool, SHELTER, "ludwigsburg", "sign_up")
    assert wait is not None
    assert (wait.of, 0 < wait.seconds <= 10) == ("network", True)
    await later(pool, 1)
    assert await passes(pool, Limits(), 100) == FREE + 8


async def test_a_household_costs_no_statement_about_its_network(pool: db.Pool, statements: list[str]) -> None:
    assert await passes(pool, Limits(), FREE) == FREE
    assert statements == ["sign_up region ludwigsburg"]


async def test_replicas_share_the_limit(pool: db.Pool) -> None:
    replicas = [Limits() for _ in range(3)]
    passed = await asyncio.gather(*(passes(pool, limits, 200) for limits in replicas for _ in range(2)))
    assert sum(passed) == AT_ONCE + 3 * FREE


async def test_robots_in_many_networks_meet_the_limit_of_the_region_and_other_regions_do_not(pool: db.Pool) -> None:
    limits = Limits()
    waits = [await limits.wait(pool, number.to_bytes(16), "ludwigsburg", "sign_up") for number in range(6000)]
    assert 0 <= waits.count(None) - OF_REGION["sign_up"].at_once <= 200  # what came back while this ran
    assert {wait.of for wait in waits if wait} == {"region"}
    assert await limits.wait(pool, SHELTER, "hannover", "sign_up") is None
    assert await limits.wait(pool, SHELTER, "ludwigsburg", "link") is None


async def test_a_benchmark_may_raise_the_limits(pool: db.Pool, statements: list[str]) -> None:
    assert await passes(pool, Limits(1000), 5000) == 5000
    assert set(statements) == {"sign_up region ludwigsburg"}


async def test_what_a_replica_remembers_is_bounded(pool: db.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "MOST_REMEMBERED", 10)
    limits = Limits()
    for number in range(100):
        await limits.wait(pool, number.to_bytes(16), "ludwigsburg", "sign_up")
    assert len(limits._accounts) <= 11


async def test_rows_of_limits_that_limit_nobody_go(pool: db.Pool) -> None:
    await passes(pool, Limits(), 100)
    async with db.connection(pool) as conn:
        await store.forget(conn)
        assert await conn.fetchval("SELECT count(*) FROM limits") == 2
        await later(pool, 60)
        await store.forget(conn)
        assert await conn.fetchval("SELECT count(*) FROM limits") == 0


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that the database is asked about."""
    asked: list[str] = []
    take = store.take

    async def counted(conn: db.Connection, key: str, *rest: timedelta) -> float:
        asked.append(key)
        return await take(conn, key, *rest)

    monkeypatch.setattr(store, "take", counted)
    return asked


# The form's handler as it uses these parts, without what is not asked here.
async def take(request: Request, language: str, slug: str) -> Response:
    tools, region = context(request), region_or_404(request, slug)
    typed = await read_form(request)
    wait = await admit(request, tools, region)
    if wait is not None:
        return slow(request, language, region, wait, typed)
    if isinstance(typed, dict) and is_robot(tools, region, typed):
        return Response("robot")
    return RedirectResponse(f"/{language}/{slug}/sent", 303)


@pytest.fixture
def door(front: Front) -> Callable[..., httpx.AsyncClient]:
    """`door("192.0.2.1")`: a browser at this address."""
    app = FastAPI()
    app.post("/{language}/{slug}")(take)
    app.state.context = front.tools

    def at(address: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://front")

    return at


async def exhausted(door: Callable[..., httpx.AsyncClient], address: str, path: str = "/de/ludwigsburg") -> httpx.Response:
    async with door(address) as robot:
        for _ in range(AT_ONCE + FREE + 1):
            answer = await robot.post(path, data=form(name='"><script>', hobbies=["cooking", "chess"]))
    return answer


async def test_who_has_to_wait_is_told_so_in_their_language_and_sends_the_same_form_again(
    door: Callable[..., httpx.AsyncClient], front: Front
) -> None:
    await exhausted(door, "192.0.2.7")
    async with door("192.0.2.7") as browser:
        for language in LANGUAGES:
            answer = await browser.post(f"/{language}/ludwigsburg", data=form(name='"><script>', hobbies=["cooking", "chess"]))
            assert answer.status_code == 429
            assert 1 <= int(answer.headers["retry-after"]) <= 10
            shown = Shown(answer.text)
            assert (shown.language, answer.headers["retry-after"] in shown.text) == (language, True)
            assert shown.values == form(name='"><script>', hobbies=["cooking", "chess"])
            assert "<script>" not in answer.text
        await waited(front)
        assert (await browser.post("/de/ludwigsburg", data=shown.values)).status_code == 303


async def waited(front: Front) -> None:
    """As if a minute had passed, for the database and for this replica."""
    await later(front.pool, 1)
    for account in front.tools.limits._accounts.values():
        account.refused_until = 0.0


async def test_an_ipv6_customer_is_one_network_and_a_neighbour_another(door: Callable[..., httpx.AsyncClient]) -> None:
    await exhausted(door, "2001:db8:1:2::1")
    async with door("2001:db8:1:2:ffff::9") as same, door("2001:db8:1:3::1") as neighbour:
        assert (await same.post("/de/ludwigsburg", data=form())).status_code == 429
        assert (await neighbour.post("/de/ludwigsburg", data=form())).status_code == 303


async def test_nobody_escapes_by_naming_another_address(door: Callable[..., httpx.AsyncClient]) -> None:
    await exhausted(door, "192.0.2.8")
    async with door("192.0.2.8") as robot:
        claimed = {"X-Forwarded-For": "198.51.100.1"}
        assert (await robot.post("/de/ludwigsburg", data=form(), headers=claimed)).status_code == 429


async def test_no_address_is_stored(door: Callable[..., httpx.AsyncClient], pool: db.Pool) -> None:
    await exhausted(door, "192.0.2.9")
    keys = [row["key"] for row in await pool.fetch("SELECT key FROM limits")]
    assert len(keys) == 2
    assert not any("192.0.2" in key or "c0000209" in key for key in keys)


async def test_a_form_that_comes_back_at_once_is_a_robots(door: Callable[..., httpx.AsyncClient], front: Front) -> None:
    async with door("192.0.2.10") as robot:
        assert (await robot.post("/de/ludwigsburg", data=form(stamp=new_stamp(front.tools)))).text == "robot"
        assert (await robot.post("/de/ludwigsburg", data=form(stamp="forged"))).status_code == 303
