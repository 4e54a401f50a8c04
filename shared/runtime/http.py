"""What every service answers over HTTP besides its own routes: health, metrics, and one clear answer where something is wrong."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime import db
from shared.runtime.loops import Loops
from shared.runtime.metrics import HTTP_SECONDS, READY, known

log = structlog.get_logger()

SHARED = Path(__file__).parent / "migrations"
DEADLINE_SECONDS = 2.5
RETRY_AFTER = "5"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
Away = Callable[[Request], Response]
Ready = Callable[[], Awaitable[list[str]]]
FORWARDED = ("x-forwarded-for", "forwarded")


def unavailable(_: Request) -> Response:
    """The plain answer while a dependency is away; a service with pages for people says it in their language."""
    return JSONResponse({"detail": "Not available at the moment. Try again."}, 503, {"Retry-After": RETRY_AFTER})


def failed(_: Request) -> Response:
    """The plain answer where our code is at fault: no traceback reaches a person; the place of the fault is in the log."""
    return JSONResponse({"detail": "Something went wrong on our side."}, 500)


def foreign(_: Request) -> Response:
    """The plain answer to what another site's page sent with somebody's browser."""
    return JSONResponse({"detail": "This was sent by a page of another site."}, 403)


def first_part(path: str) -> str:
    """Whose a path is: what stands below it belongs to it."""
    return path.lstrip("/").partition("/")[0]


def nobody(_: str) -> bool:
    """Which paths people may see: none, of a service that has no pages."""
    return False


def install(
    app: FastAPI,
    migrations: Path,
    away: Away = unavailable,
    also_ready: Ready | None = None,
    broken: Away = failed,
    foreign: Away = foreign,
    for_people: Callable[[str], bool] = nobody,
) -> None:
    """Adds the common routes. The app's lifespan must put `pool` and `loops` on app.state; `is_migrated` is there for it, which
    raises one of DATABASE_AWAY.
    """
    newest = max(path.name.split("_")[0] for folder in (SHARED, migrations) for path in folder.glob("*.sql"))
    app.state.is_migrated = partial(_is_migrated, app, newest)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        loops: Loops = app.state.loops
        return JSONResponse({"dead": loops.dead}, 503 if loops.dead or loops.failed else 200)

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        missing = await _missing(app, newest) or (await also_ready() if also_ready else [])
        READY.set(not missing)
        return JSONResponse({"missing": missing}, 503 if missing else 200)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> PlainTextResponse:
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app.add_exception_handler(RequestValidationError, _refused)
    for error in db.DATABASE_AWAY:
        app.add_exception_handler(error, _away(away))
    # Each is put around those before it.
    app.add_middleware(OwnPages, foreign=foreign)
    app.add_middleware(Inside, for_people=for_people)
    app.add_middleware(Caught, broken=broken)
    app.add_middleware(Deadline, away=away)
    app.add_middleware(Measured)


async def _missing(app: FastAPI, newest: str) -> list[str]:
    try:
        return [] if await _is_migrated(app, newest) else ["migrations"]
    except db.DATABASE_AWAY:
        return ["database"]


async def _is_migrated(app: FastAPI, newest: str) -> bool:
    try:
        async with db.connection(app.state.pool) as conn:
            applied = await conn.fetchval("SELECT max(version) FROM schema_migrations", timeout=1)
    except asyncpg.UndefinedTableError:  # an empty database
        return False
    return bool(applied and applied >= newest)


def _away(away: Away) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        log.warning("dependency away", error=type(error).__name__)
        return away(request)

    return answer


def _refused(_: Request, error: Exception) -> Response:
    """What a request lacks, in sentences: the framework's own words are for programmers."""
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": " ".join(dict.fromkeys(map(_sentence, error.errors())))}, 422)


def _sentence(fault: dict[str, Any]) -> str:
    where, kind = fault["loc"], fault["type"]
    if kind == "value_error":  # of a validator of ours, which says it in a sentence
        return str(fault["ctx"]["error"])
    if kind == "json_invalid":
        return "The body is not JSON."
    if where == ("body",):
        return "The body is missing." if kind == "missing" else "The body is not of the form that is needed here."
    if where[0] == "path" and kind == "uuid_parsing":
        return f"“{fault['input']}” is not the id of a {where[1].removesuffix('_id')}."
    name = ".".join(map(str, where[1:]))
    return f"“{name}” is missing." if kind == "missing" else f"“{name}” is not right: {fault['msg']}."


class OwnPages:
    """Refuses what a page of another site sends with the browser of somebody who knows nothing of it.

    Browsers say where a request began. One that does not say it, and a program, sends in nobody's name. `Origin` would not do:
    our pages keep their addresses to themselves (no-referrer), so that browsers call it "null" for our own forms too.
    """

    def __init__(self, app: ASGIApp, foreign: Away) -> None:
        self._app, self._foreign = app, foreign

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            request = Request(scope)
            if request.headers.get("sec-fetch-site") == "cross-site":
                return await self._foreign(request)(scope, receive, send)
        return await self._app(scope, receive, send)


class Inside:
    """Keeps what is not for people from whoever comes through a proxy, and so from outside.

    The proxy should not lead there; one that is set up otherwise must not show commands and metrics to the world. No client
    can take back what a proxy writes into a request, and inside nobody sends these headers.
    """

    def __init__(self, app: ASGIApp, for_people: Callable[[str], bool]) -> None:
        self._app, self._for_people = app, for_people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._for_people(scope["path"]):
            headers = Request(scope).headers
            if any(name in headers for name in FORWARDED):
                log.warning("refused to show outside", path=first_part(scope["path"])[:20])
                return await JSONResponse({"detail": "Not found"}, 404)(scope, receive, send)
        return await self._app(scope, receive, send)


class Caught:
    """Answers 500 itself where something unexpected was raised, and lets no error past an answer.

    Above us it would end the connection, unannounced, while its client's pool already gives it to somebody else's request.
    """

    def __init__(self, app: ASGIApp, broken: Away) -> None:
        self._app, self._broken = app, broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            log.exception("request failed")
            if begun:  # half an answer must not look like a whole one
                raise
            await self._answer(Request(scope))(scope, receive, send)
        return None

    def _answer(self, request: Request) -> Response:
        try:
            return self._broken(request)
        except Exception:  # what is at fault may be what makes the pages
            log.exception("request failed")
            return failed(request)


class Deadline:
    """Answers 503 itself when nothing was answered in time, and lets go of the work that hangs."""

    def __init__(self, app: ASGIApp, away: Away) -> None:
        self._app, self._away = app, away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = late = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            if not late:  # what is let go may still say what went wrong with it, after our own answer
                await send(message)

        work = asyncio.ensure_future(self._app(scope, receive, watched))
        done, _ = await asyncio.wait({work}, timeout=DEADLINE_SECONDS)
        if done or begun:
            return await work
        late = True
        work.cancel()
        work.add_done_callback(lambda task: task.cancelled() or task.exception())
        await self._away(Request(scope))(scope, receive, send)
        return None


class Measured:
    """Counts and times every request by its route's pattern, never by its path, which may hold a link's token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started, status = time.perf_counter(), "500"

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            # A stranger may send any word as a method.
            HTTP_SECONDS.labels(known(scope["method"], METHODS), route, status).observe(time.perf_counter() - started)
