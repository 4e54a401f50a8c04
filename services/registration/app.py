"""All wiring of registration, and only wiring."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from services.registration import consumer as listening
from services.registration.api import (
    addresses,
    answering,
    asked,
    asking,
    by_address,
    cards,
    coordinators,
    doubts,
    download,
    ending,
    flyers,
    following,
    helpers,
    helping,
    internal,
    my_page,
    pages,
    privacy,
    records,
    sign_up,
    suggested,
)
from services.registration.api.context import Context
from services.registration.calendar import calendar
from services.registration.consents import consents
from services.registration.limits import Limits, forgetting
from services.registration.measuring import measuring
from services.registration.places import LIMIT_SECONDS, Places
from services.registration.regions import read_regions
from services.registration.retention import retention
from services.registration.settings import Settings
from services.registration.settling import settling
from services.registration.telling import telling
from shared.runtime import db, http
from shared.runtime.consumer import consumer
from shared.runtime.loops import Loops
from shared.runtime.measuring import plumbing
from shared.runtime.relay import relay
from shared.runtime.retention import event_retention
from shared.runtime.settings import secrets
from shared.web.pages import Pages

HERE = Path(__file__).parent


def create_app(settings: Settings) -> FastAPI:
    """Builds the service; nothing is opened before the lifespan begins."""
    regions = read_regions(settings.regions_dir)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            pool = await opened.enter_async_context(db.open_pool(settings.database_url, settings.pool_size))
            client = await opened.enter_async_context(httpx.AsyncClient(base_url=settings.geo_url, timeout=LIMIT_SECONDS))
            places = Places(client, secrets(settings.internal_secret_registration)[0])
            said, limits = Pages("registration", HERE), Limits(settings.limits_factor)
            app.state.context = Context(settings, regions, pool, said, places, consents(said, regions), limits)
            app.state.pool = pool
            app.state.loops = Loops(
                relay(settings),
                consumer(settings, pool, listening.SUBSCRIPTION),
                plumbing(pool),
                event_retention(pool),
                calendar(pool, regions, app.state.context.consents),
                retention(pool, regions),
                forgetting(pool),
                telling(pool),
                settling(pool, places),
                measuring(pool),
            )
            await opened.enter_async_context(app.state.loops.running(app.state.is_migrated, db.DATABASE_AWAY))
            yield

    app = FastAPI(title="myBuddy registration", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    http.install(
        app, HERE / "migrations", away=pages.away, broken=pages.broken, foreign=pages.foreign, for_people=pages.is_for_people
    )
    app.add_exception_handler(404, _not_found)
    of_pairs = (answering.router, ending.router, following.router, suggested.router)
    mine = (download.router, asking.router, *of_pairs, addresses.router, my_page.router)
    public = (*mine, by_address.router, privacy.router, helping.router, cards.router, sign_up.router)
    for router in public:
        _with_head(router)
    commands = (coordinators.router, helpers.router, doubts.router, asked.router, records.router, flyers.router)
    for router in (internal.router, *commands, *public):
        app.router.routes.extend(router.routes)  # one look over all routes: an included router is asked twice at each request
    return app


def _with_head(router: APIRouter) -> None:
    """HEAD wherever there is GET; the server leaves the body out."""
    for route in router.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            route.methods = {"GET", "HEAD"}


async def _not_found(request: Request, error: Exception) -> Response:
    """A page for people, a sentence for commands."""
    if pages.for_people(request):
        return pages.not_found(request)
    return JSONResponse({"detail": error.detail if isinstance(error, HTTPException) else "Not found"}, 404)
