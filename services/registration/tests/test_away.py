"""While the database is away people are told so within three seconds, in their language, and nothing is half-done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.databases import InstallationDatabases
from deploy.local.keys import Keys
from services.registration.tests.front import NOTIFICATION, PAGES, Front, Shown, settings, token
from services.registration.tests.made import ROUND, form, opened
from shared.runtime import db
from shared.web.languages import LANGUAGES


class Way:
    """The way to the database: open, cut, or silent (taken, but never answered)."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> str:
        self._flowing.set()
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        login = self._url.netloc.rpartition("@")[0]
        return urlunsplit(self._url._replace(netloc=f"{login}@127.0.0.1:{self.port}"))

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    def fall_silent(self) -> None:
        self._flowing.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._url.hostname, self._url.port)
        self._open |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while said := await reader.read(65536):
                await self._flowing.wait()
                writer.write(said)
        self._open.discard(writer)
        writer.close()


@pytest.fixture
async def way(database: InstallationDatabases) -> AsyncIterator[Way]:
    made = Way(database.url("registration", "app"))
    yield made
    await made.cut()


@pytest.fixture
async def front(app: FastAPI, way: Way, pool: db.Pool, keys: Keys, tmp_path: Path) -> AsyncIterator[Front]:
    transport = httpx.AsyncHTTPTransport(uds=str(tmp_path / "no geo"))
    async with (
        db.open_pool(await way.open()) as over,
        httpx.AsyncClient(transport=transport, base_url="http://geo") as nobody,
        Front.made(app, settings(keys), over, nobody) as made,
    ):
        await opened(pool)
        assert (await made.client.get("/de/ludwigsburg")).status_code == 200
        made.tools.open_rounds.clear()
        yield made


async def said_away(front: Front, request: httpx.Request, language: str) -> None:
    answer, seconds = await front.timed(request)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert seconds < 3
    page = Shown(answer.text)
    assert page.language == language
    assert PAGES.text(language, "unavailable.title") in page.text


async def test_everyone_is_told_in_their_language_and_afterwards_all_goes_on(front: Front, way: Way, pool: db.Pool) -> None:
    await way.cut()
    for language in LANGUAGES:
        path = f"/{language}/ludwigsburg"
        await said_away(front, front.client.build_request("POST", path, data=form()), language)
        await said_away(front, front.client.build_request("GET", path), language)
        await said_away(front, front.client.build_request("POST", f"{path}/me/{'A' * 43}/leave"), language)
    assert await pool.fetchval("SELECT count(*) FROM people") == 0
    await way.open()
    for _ in range(2):
        assert (await front.post()).status_code == 303
    assert await pool.fetchval("SELECT count(*) FROM people") == 1


async def test_a_database_that_hangs_is_no_reason_to_hang(front: Front, way: Way, pool: db.Pool) -> None:
    way.fall_silent()
    ways: list[tuple[str, str, Any]] = [("POST", "/ar/ludwigsburg", form()), ("GET", "/uk/ludwigsburg", None)]
    requests = [front.client.build_request(method, path, data=data) for method, path, data in ways]
    await asyncio.gather(*(said_away(front, one, lang) for one, lang in zip(requests, ("ar", "uk"), strict=True)))
    assert await pool.fetchval("SELECT count(*) FROM people") == 0


async def test_commands_and_services_are_told_in_one_sentence(front: Front, way: Way, keys: Keys) -> None:
    await way.cut()
    question = {"kind": "link", "person": str(ROUND)}
    answers = [
        await front.client.get("/coordinator/rounds/ludwigsburg/2021-autumn", headers=token(keys, "ludwigsburg")),
        await front.client.post("/internal/recipient", headers=NOTIFICATION, json=question),
    ]
    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json() == {"detail": "Not available at the moment. Try again."}


async def test_pages_that_need_no_database_stay(front: Front, way: Way) -> None:
    await way.cut()
    assert (await front.client.get("/de/ludwigsburg/sent")).status_code == 200
