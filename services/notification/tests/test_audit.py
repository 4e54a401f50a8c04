"""A coordinator sees only their own regions, and every look at a person and every act leaves its line in the audit (P17)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi.openapi.utils import get_openapi

from deploy.local.databases import InstallationDatabases
from deploy.local.keys import Keys, make_keys
from services.notification import store
from services.notification.sender.recipient import Registration
from services.notification.tests.day import Day
from services.notification.tests.mails import ROUND
from services.notification.tests.test_api import made_app, token
from services.notification.tests.test_sending import queued
from shared.runtime import audit_chain, db
from shared.runtime.audit import BEGINNING, first_fault
from shared.runtime.coordinators import Coordinator, sign

# Of each route: the line in the audit, and whether it is about somebody.
ROUTES: dict[str, tuple[str, bool]] = {
    "GET /coordinator/messages/{round_id}": ("messages.show", False),
    "GET /coordinator/undelivered/{region}": ("undelivered.show", True),
    "POST /coordinator/undelivered/{region}/{message_id}/resend": ("undelivered.resend", True),
    "GET /coordinator/audit/{region}": ("audit.show", False),
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def client(day: Day, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    app = made_app(day.pool, keys)
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(day.answers.app), base_url="http://registration")
    async with asking, httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notification") as made:
        app.state.registration = Registration(asking, "x")
        yield made


@pytest.fixture
async def known(day: Day) -> dict[str, UUID]:
    """Somebody two of whose messages bounced in a round of Ludwigsburg."""
    async with db.connection(day.pool) as conn:
        await store.keep_region(conn, ROUND, "ludwigsburg")
    someone, _ = day.person()
    messages = [await queued(day.pool, someone, kind) for kind in ("refused", "unmatched")]
    await day.pool.execute("UPDATE messages SET state = 'bounced', done_at = clock_now()")
    return {"person": someone, "message_id": messages[0], "round_id": ROUND}


async def ask(client: httpx.AsyncClient, route: str, known: dict[str, UUID], who: dict[str, str], region: str) -> httpx.Response:
    method, path = route.split()
    return await client.request(method, path.format(region=region, **known), headers=who)


async def lines(day: Day, region: str = "ludwigsburg") -> list[dict[str, Any]]:
    async with db.connection(day.pool) as conn:
        return await audit_chain.after(conn, region, 0)


async def everything(day: Day) -> list[Any]:
    return [await day.pool.fetch(f"SELECT * FROM {table} ORDER BY 1") for table in ("messages", "audit", "outbox")]


def test_every_route_of_coordinators_is_in_the_matrix(keys: Keys, pool: db.Pool) -> None:
    app = made_app(pool, keys)
    paths: dict[str, Any] = get_openapi(title="", version="", routes=app.routes)["paths"]
    found = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if path.startswith("/coord")}
    assert found == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
async def test_every_look_and_every_act_leaves_its_line(
    day: Day, client: httpx.AsyncClient, known: dict[str, UUID], keys: Keys, route: str
) -> None:
    answer = await ask(client, route, known, token(keys, "ludwigsburg"), "ludwigsburg")
    assert answer.status_code == 200
    (line,) = await lines(day)
    action, about_somebody = ROUTES[route]
    about = str(known["person"]) if about_somebody else None
    assert (line["name"], line["role"], line["action"], line["person"]) == ("Test", "coordinator", action, about)
    assert line["previous"] == BEGINNING
    assert "@" not in json.dumps(line)


@pytest.mark.parametrize("route", ROUTES)
async def test_who_is_no_coordinator_of_the_region_learns_and_changes_nothing(
    day: Day, client: httpx.AsyncClient, known: dict[str, UUID], keys: Keys, route: str
) -> None:
    before = await everything(day)
    for headers, region, status in (
        ({}, "ludwigsburg", 401),
        ({"Authorization": "Bearer x"}, "ludwigsburg", 401),
        (token(keys, "ludwigsburg", days=-1), "ludwigsburg", 401),
        (token(keys, "hannover"), "ludwigsburg", 403),
        (token(keys), "ludwigsburg", 403),
    ):
        answer = await ask(client, route, known, headers, region)
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert await everything(day) == before


async def test_what_is_refused_is_not_written_down_as_done(
    day: Day, client: httpx.AsyncClient, known: dict[str, UUID], keys: Keys
) -> None:
    route = "POST /coordinator/undelivered/{region}/{message_id}/resend"
    for about, region, status in (
        (known | {"message_id": uuid4()}, "ludwigsburg", 404),
        (known, "hannover", 404),
    ):
        assert (await ask(client, route, about, token(keys, region), region)).status_code == status
    day.answers.of[known["person"]] = '{"answer": "gone"}'
    assert (await ask(client, route, known, token(keys, "ludwigsburg"), "ludwigsburg")).status_code == 409
    assert await lines(day) == await lines(day, "hannover") == []


async def test_looks_at_the_same_moment_make_one_chain_that_can_be_read_and_proved(
    day: Day, client: httpx.AsyncClient, known: dict[str, UUID], keys: Keys
) -> None:
    who = {"Authorization": f"Bearer {sign(Coordinator('Ö', 'lead', ('ludwigsburg',)), _private(keys), timedelta(days=1))}"}
    route = "GET /coordinator/undelivered/{region}"
    await asyncio.gather(*(ask(client, route, known, who, "ludwigsburg") for _ in range(5)))
    answer = await client.get("/coordinator/audit/ludwigsburg", headers=who)
    assert answer.headers["content-type"] == "application/x-ndjson"
    read = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["name"], line["action"]) for line in read] == [("Ö", "undelivered.show")] * 5
    assert first_fault(read) is None


def _private(keys: Keys) -> str:
    return Path(keys.coordinator_private_file).read_text(encoding="utf-8")


async def test_whoever_holds_the_database_leaves_a_line_that_does_not_fit(
    day: Day, client: httpx.AsyncClient, known: dict[str, UUID], keys: Keys, database: InstallationDatabases
) -> None:
    for _ in range(3):
        await ask(client, "GET /coordinator/undelivered/{region}", known, token(keys, "ludwigsburg"), "ludwigsburg")
    owner = await asyncpg.connect(database.url("notification", "owner"))
    try:
        await owner.execute("ALTER TABLE audit DISABLE TRIGGER audit_stays; UPDATE audit SET person = NULL WHERE id = 2")
    finally:
        await owner.close()
    fault = first_fault(await lines(day))
    assert fault is not None
    assert fault["id"] == 2
