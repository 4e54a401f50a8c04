"""All wiring of matching, and only wiring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from services.matching import api
from services.matching.barrier import barrier
from services.matching.consumer import SUBSCRIPTION
from services.matching.deadlines import deadlines
from services.matching.kernels import Kernels
from services.matching.measuring import measuring, queue_gauges
from services.matching.settings import Settings
from services.matching.solving import serving
from shared.runtime import db, http
from shared.runtime.audit_reading import audit_retention
from shared.runtime.consumer import consumer
from shared.runtime.loops import Loops
from shared.runtime.measuring import plumbing
from shared.runtime.relay import relay
from shared.runtime.retention import event_retention


def create_app(settings: Settings) -> FastAPI:
    """Builds the service; nothing is opened before the lifespan begins."""
    kernels = Kernels(settings.kernels_dir)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with db.open_pool(settings.database_url, settings.pool_size) as pool:
            app.state.settings, app.state.pool = settings, pool
            app.state.loops = Loops(
                relay(settings),
                consumer(settings, pool, SUBSCRIPTION),
                plumbing(pool),
                event_retention(pool),
                audit_retention(pool, settings.audit_months),
                barrier(pool, settings.incomplete_seconds),
                deadlines(pool),
                measuring(pool),
                queue_gauges(pool),
                serving(pool, settings, kernels),
            )
            async with app.state.loops.running(app.state.is_migrated, db.DATABASE_AWAY):
                yield

    app = FastAPI(title="myBuddy matching", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    http.install(app, Path(__file__).parent / "migrations", also_ready=kernels.missing)
    app.include_router(api.router)
    return app
