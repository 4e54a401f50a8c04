"""The front door as a browser or a command sees it, without a network between."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from deploy.local.keys import Keys
from services.registration.api.context import Context
from services.registration.api.pages import NOT_FOR_PEOPLE
from services.registration.app import HERE
from services.registration.consents import consents
from services.registration.domain import links
from services.registration.places import Places
from services.registration.settings import Settings
from services.registration.store import people
from services.registration.tests.made import REGIONS, REGIONS_DIR, draft, form
from shared.runtime import db
from shared.runtime.coordinators import Coordinator, sign
from shared.web.pages import Pages

PAGES = Pages("registration", HERE, strict=True)
CONSENTS = consents(PAGES, REGIONS)
SECRET = "of registration"
NOTIFICATION = {"Authorization": "Bearer of notification"}


def settings(keys: Keys) -> Settings:
    return Settings(
        database_url="",
        kafka_bootstrap="",
        public_url="https://buddy.example/",
        geo_url="",
        regions_dir=REGIONS_DIR,
        link_keys="new key,old key",
        internal_secret_registration=SECRET,
        internal_secret_notification="of notification,of notification before",
        coordinator_public_key=keys.coordinator_public,
    )


@dataclass
class Front:
    """One running registration and somebody who speaks to it."""

    tools: Context
    client: httpx.AsyncClient

    @classmethod
    @asynccontextmanager
    async def made(cls, app: FastAPI, given: Settings, pool: db.Pool, geo: httpx.AsyncClient) -> "AsyncIterator[Front]":
        """With the round of Ludwigsburg drafted. `app` may have served other tests."""
        tools = Context(given, REGIONS, pool, PAGES, Places(geo, SECRET), CONSENTS)
        app.state.context, app.state.pool = tools, pool
        await draft(pool)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://front") as client:
            yield cls(tools, client)

    @property
    def pool(self) -> db.Pool:
        return self.tools.pool

    async def post(self, language: str = "de", **typed: Any) -> httpx.Response:
        return await self.client.post(f"/{language}/ludwigsburg", data=form(**typed))

    async def link(self, person: UUID, purpose: links.Purpose = "me") -> str:
        async with db.connection(self.pool) as conn:
            found = await people.get(conn, person)
        assert found is not None
        return self.tools.link(found, purpose).removeprefix("https://buddy.example")

    async def address_link(self, person: UUID) -> str:
        """Where they prove the address that waits."""
        async with db.connection(self.pool) as conn:
            found = await people.get(conn, person)
        assert found is not None
        return self.tools.address_link(found).removeprefix("https://buddy.example")

    async def timed(self, request: httpx.Request) -> tuple[httpx.Response, float]:
        started = time.monotonic()
        return await self.client.send(request), time.monotonic() - started


def token(keys: Keys, *regions: str, days: int = 1) -> dict[str, str]:
    key = keys.coordinator_private_file.read_text()
    return {"Authorization": f"Bearer {sign(Coordinator('Test', 'coordinator', regions), key, timedelta(days=days))}"}


def public(app: FastAPI, method: str) -> set[str]:
    """The paths that people may ask for in this way."""
    paths = {route.path for route in iter_route_contexts(app.routes) if route.path and method in (route.methods or ())}
    return {path for path in paths if path.split("/")[1] not in NOT_FOR_PEOPLE}


class Shown(HTMLParser):
    """`faults`: sentences beside the fields; `values`: what the fields hold; `text`: all that is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: dict[str, str] = {}
        self.values: dict[str, list[str]] = {}
        self.ticked: dict[str, list[str]] = {}
        self.language = self.text = ""
        self.tags: list[str] = []
        self._beside: str | None = None
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "html":
            self.language = given["lang"]
        if tag == "input":
            self.values.setdefault(given["name"], []).append(given.get("value", ""))
            if "checked" in given:
                self.ticked.setdefault(given["name"], []).append(given.get("value", ""))
        if tag == "div":
            self._depth += self._beside is not None
            if given.get("id", "").startswith("e-"):
                self._beside = given["id"].removeprefix("e-")
                self.faults[self._beside] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._beside is not None:
            self._depth -= 1
            self._beside = None if self._depth < 0 else self._beside
            self._depth = max(self._depth, 0)

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._beside is not None:
            self.faults[self._beside] = " ".join(f"{self.faults[self._beside]} {data}".split())
