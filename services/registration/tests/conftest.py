"""Registration's pages in this process, on the module's own database; geo behind them is real too."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from conftest import NewDatabases
from deploy.local.keys import Keys, make_keys
from services.geo.api import router as geo_router
from services.geo.settings import Settings as GeoSettings
from services.registration.tests.front import Front, settings
from shared.runtime import db

SECRET = "of registration"


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
async def geo(new_databases: NewDatabases) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(geo_router)
    app.state.settings = GeoSettings(database_url="", kafka_bootstrap="", internal_secret_registration=SECRET)
    async with (
        db.open_pool(new_databases("geo").url("geo", "app")) as app.state.pool,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://geo") as client,
    ):
        yield client


@pytest.fixture
async def front(pool: db.Pool, keys: Keys, geo: httpx.AsyncClient) -> AsyncIterator[Front]:
    """With the round of Ludwigsburg drafted."""
    async with Front.made(settings(keys, SECRET), pool, geo, SECRET) as made:
        yield made


@pytest.fixture
async def front_without_geo(pool: db.Pool, keys: Keys, tmp_path: Path) -> AsyncIterator[Front]:
    """Nobody listens where geo should be."""
    transport = httpx.AsyncHTTPTransport(uds=str(tmp_path / "nobody"))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://geo") as nobody,
        Front.made(settings(keys, SECRET), pool, nobody, SECRET) as made,
    ):
        yield made
