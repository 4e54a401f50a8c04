"""A small service with answers of every kind, whatever goes wrong in them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from shared.runtime import db, http
from shared.runtime.loops import Loops
from shared.runtime.migrate import ROOT
from shared.runtime.tests.noisy import CANARY, SaidError
from shared.runtime.tests.waiting import retrying

NEWEST = max((ROOT / "services" / "notification" / "migrations").glob("*.sql"))

router = APIRouter(prefix="/people")


@router.get("/{link}/page")
async def page(link: str) -> str:
    return "fine"


@router.get("/{link}/asks")
async def asks(link: str, request: Request) -> int:
    async with db.transaction(request.app.state.pool) as conn:
        answer: int = await conn.fetchval("SELECT 1")
    return answer


@router.get("/{link}/hangs")
async def hangs(link: str) -> None:
    await asyncio.Event().wait()


@router.get("/{link}/fails")
async def fails(link: str) -> None:
    raise SaidError


@router.get("/{link}/lacks/{error}")
async def lacks(link: str, error: str) -> None:
    raise {"TimeoutError": TimeoutError, "OSError": ConnectionRefusedError}[error](CANARY)


@router.get("/{link}/breaks-off")
async def breaks_off(link: str) -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half"
        raise SaidError

    return StreamingResponse(parts())


@router.get("/{link}/lets-go-badly")
async def lets_go_badly(link: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        raise SaidError


@router.get("/{link}/refuses")
async def refuses(link: str) -> None:
    raise HTTPException(409, "Not now.")


class Wishes(BaseModel):
    number: int


@router.post("/{person}/wishes")
async def wishes(person: UUID, wishes: Wishes) -> int:
    return wishes.number


def service(pool: db.Pool, migrations: Path = NEWEST.parent, **other: Any) -> FastAPI:
    app = FastAPI()
    http.install(app, migrations, **other)
    app.include_router(router)
    app.state.pool, app.state.loops = pool, Loops(retrying())
    return app


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=20) as client:
        yield client
