"""Places for registration behind its secret, whatever was typed; open questions for the coordinators of their region."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.keys import Keys, make_keys
from deploy.local.ports import free_port
from services.geo.app import create_app
from services.geo.settings import Settings
from services.geo.tests.made import ANNA, BEN, CEM, NOWHERE, ROUND, hear, lost
from shared.runtime import db
from shared.runtime.coordinators import Coordinator, sign
from shared.runtime.internal import bearer

NEW, OLD = bearer("new secret"), bearer("old secret")
FIELDS = {"place_id", "name", "postcode", "postcodes", "state", "region", "municipality", "exact", "ambiguous"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def app(keys: Keys, pool: db.Pool) -> FastAPI:
    """The service as it is, but for its loops."""
    settings = Settings(
        database_url="",
        kafka_bootstrap="",
        internal_secret_registration="new secret, old secret",
        coordinator_public_key=keys.coordinator_public,
    )
    made = create_app(settings)
    made.state.settings, made.state.pool = settings, pool
    return made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://geo") as made:
        yield made


def token(keys: Keys, *regions: str, days: int = 1) -> dict[str, str]:
    key = keys.coordinator_private_file.read_text(encoding="utf-8")
    return bearer(sign(Coordinator("Test", "coordinator", regions), key, timedelta(days=days)))


async def raw(app: FastAPI, query: bytes) -> tuple[int, bytes]:
    """The query as it is: a client would refuse to send some of them."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/places",
        "query_string": query,
        "headers": [(b"authorization", NEW["Authorization"].encode())],
    }
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    status, body = sent[0]["status"], sent[1]["body"]
    assert isinstance(status, int)
    assert isinstance(body, bytes)
    return status, body


@pytest.mark.parametrize("headers", [{}, bearer(""), bearer("other"), bearer("new secret, old secret")], ids=str)
async def test_places_are_for_registration_only(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.get("/places", params={"q": "Ludwigsburg"}, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": "This address is for another service."})


async def test_a_coordinators_token_opens_no_places(client: httpx.AsyncClient, keys: Keys) -> None:
    assert (await client.get("/places", headers=token(keys, "ludwigsburg"))).status_code == 401


@pytest.mark.parametrize("headers", [NEW, OLD], ids=["new", "old"])
async def test_both_secrets_open_the_places_while_they_are_rotated(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.get("/places", params={"q": "Ludwigsburg", "region": "ludwigsburg"}, headers=headers)
    first = answer.json()["places"][0]
    assert set(first) == FIELDS
    assert (first["name"], first["region"], first["municipality"]) == ("Ludwigsburg", "ludwigsburg", "08118048")
    assert (first["place_id"], first["exact"], first["ambiguous"]) == ("de-71634-ludwigsburg", True, False)
    assert (first["postcode"], first["postcodes"]) == ("", ["71634", "71636", "71638", "71640", "71642"])


async def test_a_postcode_is_answered_with_its_place_and_doubt_is_said(client: httpx.AsyncClient) -> None:
    by_postcode = (await client.get("/places", params={"q": "71638", "region": "ludwigsburg"}, headers=NEW)).json()["places"]
    assert [(one["postcode"], one["name"]) for one in by_postcode] == [("71638", "Ludwigsburg")]
    two = (await client.get("/places", params={"q": "Hemmingen", "region": "hannover"}, headers=NEW)).json()["places"]
    assert [(one["region"], one["ambiguous"]) for one in two] == [("hannover", True), ("ludwigsburg", True)]


async def test_what_nobody_understands_is_no_place(client: httpx.AsyncClient) -> None:
    for params in ({}, {"q": ""}, {"q": NOWHERE}, {"q": "???"}):
        assert (await client.get("/places", params=params, headers=NEW)).json() == {"places": []}


TEXTS = {
    "NUL": b"Ludwigs\0burg",
    "a megabyte": b"x" * 1_000_000,
    "many digits": b"7" * 10_000,
    "broken UTF-8": b"\xff\xfe\xed\xa0\x80",
    "from right to left": "لودفيغسبورغ".encode(),
    "with a direction override": "Ludwigs\u202eburg".encode(),
    "marks without end": ("e" + "\u0301" * 5000).encode(),
    "signs of LIKE and of patterns": rb"%_\%'\";--[({$1",
    "emoji": "🏳️‍🌈🏳️‍🌈".encode(),
    "lines": b"a\r\nb\x1b[31m\x85",
}


@pytest.mark.parametrize("typed", TEXTS.values(), ids=TEXTS)
async def test_any_text_is_answered_in_place_of_place_and_region(app: FastAPI, typed: bytes) -> None:
    for query in (b"q=" + quote(typed).encode(), b"q=Asperg&region=" + quote(typed).encode()):
        status, body = await raw(app, query)
        assert status == 200
        assert len(json.loads(body)["places"]) <= 8


async def test_a_query_that_is_none_is_answered_too(app: FastAPI) -> None:
    for query in (b"%", b"q=%zz&q=%", b"=&&=;", b"\xff\xfe", b"q"):
        assert (await raw(app, query))[0] == 200


async def test_questions_are_for_coordinators_of_the_region(client: httpx.AsyncClient, keys: Keys) -> None:
    path = "/coordinator/questions/ludwigsburg"
    for headers in ({}, NEW, token(keys, "ludwigsburg", days=-1)):
        assert (await client.get(path, headers=headers)).status_code == 401
    other = await client.get(path, headers=token(keys, "hannover"))
    assert (other.status_code, other.json()) == (403, {"detail": "You are not a coordinator of this region."})
    assert (await client.get(path, headers=token(keys, "hannover", "ludwigsburg"))).json() == []


async def test_questions_of_the_region_come_in_the_order_in_which_they_were_asked(
    client: httpx.AsyncClient, keys: Keys, pool: db.Pool
) -> None:
    for event in (lost(BEN), lost(ANNA, postcode=""), lost(CEM, region="hannover")):
        await hear(pool, event)
    answer = await client.get("/coordinator/questions/ludwigsburg", headers=token(keys, "ludwigsburg"))
    assert (answer.status_code, answer.json()) == (
        200,
        [
            {"person": str(BEN), "round": str(ROUND), "postcode": NOWHERE, "reason": "unknown_postcode"},
            {"person": str(ANNA), "round": str(ROUND), "postcode": "", "reason": "no_place"},
        ],
    )


async def test_while_the_database_is_away_both_answer_503(app: FastAPI, client: httpx.AsyncClient, keys: Keys) -> None:
    async with db.open_pool(f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere") as app.state.pool:
        for path, headers in (("/places?q=Asperg", NEW), ("/coordinator/questions/ludwigsburg", token(keys, "ludwigsburg"))):
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
