"""All wiring of geo, and only wiring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from services.geo import api
from services.geo.consumer import Stream
from services.geo.settings import Settings
from shared.runtime import db, http
from shared.runtime.audit_reading import audit_retention
from shared.runtime.loops import Loops
from shared.runtime.measuring import plumbing
from shared.runtime.relay import relay
from shared.runtime.retention import event_retention


def create_app(settings: Settings) -> FastAPI:
    """Builds the service; nothing is opened before the lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with db.open_pool(settings.database_url, settings.pool_size) as pool:
            app.state.settings, app.state.pool = settings, pool
            app.state.stream = Stream(settings, pool)
            app.state.loops = Loops(
                app.state.stream.loop,
                relay(settings),
                plumbing(pool),
                event_retention(pool),
                audit_retention(pool, settings.audit_months),
            )
            async with app.state.loops.running(app.state.is_migrated, db.DATABASE_AWAY):
                yield

    async def stream_ready() -> list[str]:
        missing: list[str] = await app.state.stream.missing()
        return missing

    app = FastAPI(title="myBuddy geo", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    http.install(app, Path(__file__).parent / "migrations", also_ready=stream_ready)
    app.include_router(api.router)
    return app
