"""Every look of a coordinator at open questions leaves its line in the audit (P17)."""

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from deploy.local.keys import Keys
from services.geo.tests.made import ANNA, BEN, hear, lost
from services.geo.tests.test_api import app, client, keys, token
from shared.runtime import audit_chain, db
from shared.runtime.audit import first_fault

__all__ = ["app", "client", "keys"]
# Of each route: the line in the audit, and of whom it is.
ROUTES: dict[str, tuple[str, list[str | None]]] = {
    "GET /coordinator/questions/{region}": ("questions.show", [str(BEN), str(ANNA)]),
    "GET /coordinator/audit/{region}": ("audit.show", [None]),
}


async def lines(pool: db.Pool) -> list[dict[str, Any]]:
    async with db.connection(pool) as conn:
        return await audit_chain.after(conn, "ludwigsburg", 0)


def test_every_route_of_coordinators_is_in_the_matrix(app: FastAPI) -> None:
    paths: dict[str, Any] = get_openapi(title="", version="", routes=app.routes)["paths"]
    found = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if path.startswith("/coord")}
    assert found == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
async def test_every_look_leaves_its_line(pool: db.Pool, client: httpx.AsyncClient, keys: Keys, route: str) -> None:
    await hear(pool, lost(BEN))
    await hear(pool, lost(ANNA))
    method, path = route.split()
    answer = await client.request(method, path.format(region="ludwigsburg"), headers=token(keys, "ludwigsburg"))
    assert answer.status_code == 200
    action, people = ROUTES[route]
    assert [(line["name"], line["action"], line["person"]) for line in await lines(pool)] == [
        ("Test", action, person) for person in people
    ]


@pytest.mark.parametrize("route", ROUTES)
async def test_who_is_no_coordinator_of_the_region_learns_nothing_and_leaves_no_line(
    pool: db.Pool, client: httpx.AsyncClient, keys: Keys, route: str
) -> None:
    method, path = route.split()
    for headers, status in (({}, 401), (token(keys, "ludwigsburg", days=-1), 401), (token(keys, "hannover"), 403)):
        answer = await client.request(method, path.format(region="ludwigsburg"), headers=headers)
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert await lines(pool) == []


async def test_lines_that_are_read_prove_themselves(pool: db.Pool, client: httpx.AsyncClient, keys: Keys) -> None:
    await hear(pool, lost(BEN))
    mine = token(keys, "ludwigsburg")
    for _ in range(2):
        await client.get("/coordinator/questions/ludwigsburg", headers=mine)
    answer = await client.get("/coordinator/audit/ludwigsburg", headers=mine)
    read = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["action"] for line in read] == ["questions.show"] * 2
    assert first_fault(read) is None
