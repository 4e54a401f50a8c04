"""Over real connections: an error in one request ends none that others use, and half an answer does not look whole."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from shared.runtime import db
from shared.runtime.tests.answering import service
from shared.runtime.tests.waiting import until


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """By a real server: only it ends connections."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        task = asyncio.create_task(server.serve([door]))

        async def answers() -> bool:
            return server.started

        await until("the server is up", answers)
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        await task


async def over_one_connection(url: str, paths: list[str]) -> list[int]:
    """Each as soon as the one before is answered, as a pool does. A pool of httpx would often notice a connection's end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    seen = []
    for path in paths:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length: ")[2].split()[0]))
        seen.append(int(head.split()[1]))
    writer.close()
    return seen


async def test_an_error_in_one_request_ends_no_connection_that_others_use_next(pool: db.Pool) -> None:
    paths = ["/people/x/page", "/people/x/fails"] * 5
    async with serving(service(pool)) as url:
        seen = await asyncio.gather(*(over_one_connection(url, paths) for _ in range(16)))
    assert seen == [[200, 500] * 5] * 16


async def test_healthy_requests_over_a_pool_are_answered_while_others_fail(pool: db.Pool) -> None:
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=16)
    async with serving(service(pool)) as url, httpx.AsyncClient(base_url=url, limits=limits, timeout=20) as client:
        answers = await asyncio.gather(*(client.get(f"/people/x/{path}") for path in ["page", "fails"] * 30))
    assert [one.status_code for one in answers] == [200, 500] * 30


async def test_an_answer_that_breaks_off_does_not_look_whole(pool: db.Pool) -> None:
    async with serving(service(pool)) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/people/x/breaks-off")


async def test_what_is_let_go_says_nothing_after_the_answer_in_its_place(pool: db.Pool) -> None:
    async with serving(service(pool)) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        assert (await client.get("/people/x/lets-go-badly")).status_code == 503
        assert (await client.get("/people/x/page")).json() == "fine"
