"""Registration's pages in this process, on the module's own database; geo behind them is real too."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from conftest import NewDatabases
from deploy.local.databases import InstallationDatabases
from deploy.local.demo.story import DURING
from deploy.local.keys import Keys, make_keys
from services.geo.api import router as geo_router
from services.geo.settings import Settings as GeoSettings
from services.registration.app import create_app
from services.registration.tests.front import SECRET, Front, settings
from shared.runtime import db


@pytest.fixture
async def pool(pool: db.Pool, database: InstallationDatabases) -> db.Pool:
    """In the sign-up time of the rounds that the region files plan."""
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING))
    return pool


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def app(keys: Keys) -> FastAPI:
    return create_app(settings(keys))


@pytest.fixture(scope="module")
async def geo(new_databases: NewDatabases) -> AsyncIterator[httpx.AsyncClient]:
    there = FastAPI()
    there.include_router(geo_router)
    there.state.settings = GeoSettings(database_url="", kafka_bootstrap="", internal_secret_registration=SECRET)
    async with (
        db.open_pool(new_databases("geo").url("geo", "app")) as there.state.pool,
        httpx.AsyncClient(transport=httpx.ASGITransport(there), base_url="http://geo") as client,
    ):
        yield client


@pytest.fixture
async def front(app: FastAPI, pool: db.Pool, keys: Keys, geo: httpx.AsyncClient) -> AsyncIterator[Front]:
    async with Front.made(app, settings(keys), pool, geo) as made:
        yield made


@pytest.fixture
async def front_without_geo(app: FastAPI, pool: db.Pool, keys: Keys, tmp_path: Path) -> AsyncIterator[Front]:
    """Nobody listens where geo should be."""
    transport = httpx.AsyncHTTPTransport(uds=str(tmp_path / "nobody"))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://geo") as nobody,
        Front.made(app, settings(keys), pool, nobody) as made,
    ):
        yield made
