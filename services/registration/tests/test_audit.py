"""A coordinator sees only their own regions, and whatever they look at or do is written down where nobody changes it unseen."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from deploy.local.databases import InstallationDatabases
from deploy.local.keys import Keys
from services.registration.handlers import asking, own_data
from services.registration.store import asked, helpers
from services.registration.tests.front import Front, token
from services.registration.tests.made import confirmed, everything, one, opened, signed_up
from shared.runtime import audit_chain, db
from shared.runtime.audit import BEGINNING, Line, first_fault
from shared.runtime.audit_chain import record
from shared.runtime.coordinators import Coordinator

WHO = Coordinator("A. Coordinator", "coordinator", ("ludwigsburg",))
SLUG = "2021-autumn"
COLUMNS = "region, at, name, role, action, person, detail, previous, hash"
# Of each route: what its address holds beside the region, what is sent, and what the line in the audit says.
ROUTES: dict[str, tuple[dict[str, str], Any, str]] = {
    "GET /coordinator/rounds/{region}/{slug}": ({"slug": SLUG}, None, "round.show"),
    "POST /coordinator/rounds/{region}/{slug}/{step}": ({"slug": SLUG, "step": "close"}, None, "round.close"),
    "GET /coordinator/rounds/{region}/{slug}/questions": ({"slug": SLUG}, None, "questions.show"),
    "GET /coordinator/people/{region}/{person}": ({"person": "here"}, None, "person.show"),
    "POST /coordinator/people/{region}/{person}/place": ({"person": "here"}, {"postcode": "71638"}, "place.answer"),
    "POST /coordinator/people/{region}/{person}/erase": ({"person": "here"}, None, "person.erase"),
    "GET /coordinator/people/{region}/{person}/receipts": ({"person": "erased"}, None, "receipts.show"),
    "GET /coordinator/doubts/{region}/{slug}": ({"slug": SLUG}, None, "doubts.show"),
    "POST /coordinator/doubts/{region}/{person}": (
        {"person": "doubtful"},
        {"decision": "accepted", "reason": "known to us"},
        "doubts.accepted",
    ),
    "GET /coordinator/asked/{region}": ({}, None, "asked.show"),
    "POST /coordinator/asked/{region}/{question}": ({"question": "question"}, {"text": "Am Bahnhof 71638."}, "asked.answer"),
    "GET /coordinator/flyers/{region}/{language}": ({"language": "ar"}, None, "flyer.make"),
    "GET /coordinator/retention/{region}": ({}, None, "retention.show"),
    "GET /coordinator/helpers/{region}": ({}, None, "helpers.show"),
    "POST /coordinator/helpers/{region}": ({}, {"name": "Unterkunft", "group": "west", "days": 9}, "helper.make"),
    "POST /coordinator/helpers/{region}/{helper}/revoke": ({"helper": "helper"}, None, "helper.revoke"),
    "GET /coordinator/audit/{region}": ({}, None, "audit.show"),
}
ABOUT_SOMEBODY = {
    "questions.show": "here",
    "person.show": "here",
    "place.answer": "here",
    "person.erase": "here",
    "receipts.show": "erased",
    "doubts.show": "doubtful",
    "doubts.accepted": "doubtful",
    "asked.show": "here",
    "asked.answer": "here",
}


@pytest.fixture
async def known(front: Front) -> dict[str, UUID]:
    """Somebody whose place nobody understood, somebody erased, somebody in doubt, a helper, and a question."""
    await opened(front.pool)
    here, erased = await confirmed(front.pool, one(1), one(2))
    await front.pool.execute("UPDATE people SET postcode = '', place_text = 'beim Bahnhof' WHERE id = $1", here)
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, erased)
    doubtful = await signed_up(front.pool, one(3, name="evil.example/login"))
    async with db.transaction(front.pool) as conn:
        assert await own_data.confirm(conn, doubtful) == "in_doubt"
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft", "west", 9)
        await asking.ask(conn, here, "form-of-a-question", "de", "Wo ist der Bahnhof?", uuid4())
        (question,) = await asked.of_person(conn, here)
    return {"here": here, "erased": erased, "doubtful": doubtful, "helper": helper.id, "question": question.id}


async def ask(front: Front, route: str, known: dict[str, UUID], headers: dict[str, str], region: str) -> httpx.Response:
    (method, path), (values, body, _) = route.split(), ROUTES[route]
    address = path.format(region=region, **{name: str(known.get(value, value)) for name, value in values.items()})
    return await front.client.request(method, address, headers=headers, json=body)


async def lines(pool: db.Pool, region: str = "ludwigsburg") -> list[dict[str, Any]]:
    async with db.connection(pool) as conn:
        return await audit_chain.after(conn, region, 0)


def test_every_route_of_coordinators_is_in_the_matrix(app: FastAPI) -> None:
    found = {
        f"{method.upper()} {path}"
        for path, methods in _paths(app).items()
        for method in methods
        if path.startswith("/coordinator")
    }
    assert found == set(ROUTES)


def _paths(app: FastAPI) -> dict[str, Any]:
    paths: dict[str, Any] = get_openapi(title="", version="", routes=app.routes)["paths"]
    return paths


@pytest.mark.parametrize("route", ROUTES)
async def test_who_is_no_coordinator_of_the_region_learns_and_changes_nothing(
    front: Front, keys: Keys, known: dict[str, UUID], route: str
) -> None:
    before = await everything(front.pool)
    for headers, region, status in (
        ({}, "ludwigsburg", 401),
        ({"Authorization": "Bearer x"}, "ludwigsburg", 401),
        (token(keys, "ludwigsburg", days=-1), "ludwigsburg", 401),
        (token(keys, "hannover"), "ludwigsburg", 403),
        (token(keys), "ludwigsburg", 403),
        (token(keys, "ludwigsburg"), "hannover", 403),
        (token(keys, "nowhere"), "nowhere", 404),
    ):
        answer = await ask(front, route, known, headers, region)
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert await everything(front.pool) == before


@pytest.mark.parametrize(
    "route", [route for route, (values, _, _) in ROUTES.items() if {"slug", "person", "helper", "question"} & values.keys()]
)
async def test_what_belongs_to_another_region_is_not_found_and_not_written_down(
    front: Front, keys: Keys, known: dict[str, UUID], route: str
) -> None:
    before = await everything(front.pool)
    answer = await ask(front, route, known, token(keys, "hannover"), "hannover")
    assert answer.status_code == 404
    assert await everything(front.pool) == before


@pytest.mark.parametrize("route", ROUTES)
async def test_every_look_and_every_act_leaves_its_line(front: Front, keys: Keys, known: dict[str, UUID], route: str) -> None:
    action = ROUTES[route][2]
    answer = await ask(front, route, known, token(keys, "ludwigsburg"), "ludwigsburg")
    assert answer.status_code == 200
    line, *more = await lines(front.pool)
    assert all(other["action"] == action for other in more)
    about = str(known[ABOUT_SOMEBODY[action]]) if action in ABOUT_SOMEBODY else None
    assert (line["name"], line["role"], line["action"], line["person"]) == ("Test", "coordinator", action, about)
    assert line["previous"] == BEGINNING
    for word in ("Person 1", "p1@example.org", "Bahnhof", "71638"):
        assert word not in json.dumps(line)


async def test_what_is_refused_is_not_written_down_as_done(front: Front, keys: Keys, known: dict[str, UUID]) -> None:
    mine = token(keys, "ludwigsburg")
    assert (await front.client.post(f"/coordinator/rounds/ludwigsburg/{SLUG}/end", headers=mine)).status_code == 409
    nobody = await front.client.get(f"/coordinator/people/ludwigsburg/{known['here']}/receipts", headers=mine)
    assert nobody.status_code == 404
    assert await lines(front.pool) == []


async def test_the_lines_are_read_page_by_page_and_reading_is_written_down(
    front: Front, keys: Keys, known: dict[str, UUID]
) -> None:
    await fill(front.pool, audit_chain.PAGE + 2)

    async def read(after: object) -> list[dict[str, Any]]:
        path = f"/coordinator/audit/ludwigsburg?after={after}"
        answer = await front.client.get(path, headers=token(keys, "ludwigsburg"))
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]

    first = await read(0)
    second = await read(first[-1]["id"])
    assert (len(first), [line["action"] for line in second]) == (audit_chain.PAGE, ["round.show", "round.show", "audit.show"])
    assert second[-1]["detail"] == {"after": 0}
    assert first_fault([*first, *second]) is None
    wrong = await front.client.get("/coordinator/audit/ludwigsburg?after=x", headers=token(keys, "ludwigsburg"))
    assert wrong.status_code == 422


async def fill(pool: db.Pool, count: int, region: str = "ludwigsburg") -> None:
    async with db.transaction(pool) as conn:
        await record(conn, WHO, region, "round.show", [uuid4() for _ in range(count)], round="Ö\u2028\U0001f600")


async def test_many_at_once_make_one_chain_and_each_region_has_its_own(pool: db.Pool) -> None:
    regions = ("ludwigsburg", "hannover")
    await asyncio.gather(*(fill(pool, 1 + n % 3, regions[n % 2]) for n in range(12)))
    found = [await lines(pool, region) for region in regions]
    assert [len(one_region) for one_region in found] == [12, 12]
    for one_region in found:
        assert first_fault(one_region) is None
        assert [line["previous"] for line in one_region] == [BEGINNING, *(line["hash"] for line in one_region[:-1])]


async def test_the_service_itself_can_neither_change_nor_delete_a_line(pool: db.Pool) -> None:
    await fill(pool, 2)
    before = await everything(pool)
    for statement in (
        "UPDATE audit SET name = 'B'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE false",
        f"INSERT INTO audit ({COLUMNS}) SELECT {COLUMNS} FROM audit ON CONFLICT (region, previous) DO UPDATE SET name = 'B'",
        "TRUNCATE audit",
        "ALTER TABLE audit DISABLE TRIGGER audit_stays",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SELECT forget_audit('ludwigsburg', 0, 100), 1 / 0",
    ):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.DivisionByZeroError)):
            await pool.execute(statement)
    assert await pool.fetchval("SELECT forget_audit('ludwigsburg', -5, 100)") == 0
    assert await everything(pool) == before


@pytest.mark.parametrize(
    ("tampering", "names"),
    [
        ("UPDATE audit SET name = 'B' WHERE id = 3", 3),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 3", 3),
        ("UPDATE audit SET person = NULL WHERE id = 1", 1),
        ("UPDATE audit SET detail = '{}' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("UPDATE audit SET id = DEFAULT WHERE id = 2", 3),
    ],
)
async def test_whoever_holds_the_database_leaves_a_line_that_does_not_fit(
    pool: db.Pool, database: InstallationDatabases, tampering: str, names: int
) -> None:
    await fill(pool, 5)
    owner = await asyncpg.connect(database.url("registration", "owner"))
    try:
        await owner.execute(
            f"ALTER TABLE audit DISABLE TRIGGER audit_stays; {tampering}; ALTER TABLE audit ENABLE TRIGGER audit_stays"
        )
    finally:
        await owner.close()
    fault = first_fault(await lines(pool))
    assert fault is not None
    assert fault["id"] == names


async def test_lines_past_their_time_go_and_what_is_left_is_still_a_chain(pool: db.Pool, database: InstallationDatabases) -> None:
    for year, count in ((2021, 3), (2022, 2), (2023, 4)):
        await asyncio.to_thread(database.move_clock, datetime(year, 5, 1, tzinfo=UTC))
        await fill(pool, count)
        await fill(pool, 1, "hannover")
    await asyncio.to_thread(database.move_clock, datetime(2023, 5, 2, tzinfo=UTC))
    assert await pool.fetchval("SELECT forget_audit('ludwigsburg', 24, 2)") == 2
    assert await pool.fetchval("SELECT forget_audit('ludwigsburg', 24, 100)") == 1
    left = await lines(pool)
    assert (len(left), left[0]["previous"] == BEGINNING, first_fault(left)) == (6, False, None)
    await asyncio.to_thread(database.move_clock, datetime(2030, 1, 1, tzinfo=UTC))
    assert await pool.fetchval("SELECT forget_audit('ludwigsburg', 24, 100)") == 5
    newest = await lines(pool)
    await fill(pool, 1)
    assert first_fault(await lines(pool)) is None
    assert (await lines(pool))[1]["previous"] == newest[0]["hash"]
    assert len(await lines(pool, "hannover")) == 3


def test_a_line_of_no_shape_at_all_does_not_fit() -> None:
    nothing: Line = {}
    assert first_fault([nothing]) is nothing
    assert first_fault([]) is None
