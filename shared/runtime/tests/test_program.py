"""A service ends when it is told to, quickly and with what it was doing done; with a dead loop it fails and says so."""

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from deploy.local.ports import free_port
from shared.runtime.tests.waiting import until

Process = asyncio.subprocess.Process


@asynccontextmanager
async def started(loop: str, port: int, linger: float = 0.2) -> AsyncIterator[Process]:
    command = [sys.executable, "-m", "shared.runtime.tests.small_service", loop, str(port), str(linger)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: Process) -> tuple[int, list[dict[str, object]], float]:
    """Exit code, what was logged, and how long the end took."""
    begun = time.monotonic()
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode is not None
    return process.returncode, [json.loads(line) for line in said.splitlines()], time.monotonic() - begun


@asynccontextmanager
async def answering(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:

        async def answers() -> bool:
            try:
                return (await client.get("/begun")).is_success
            except httpx.TransportError:
                return False

        await until("it answers", answers)
        yield client


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_ends_cleanly_at_once(number: int) -> None:
    port = free_port()
    async with started("endless", port) as process, answering(port):
        process.send_signal(number)
        code, said, seconds = await ended(process)
    assert (code, said[-1]["event"], said[-1]["status"]) == (0, "stopped", "clean")
    assert seconds < 3


async def test_requests_under_way_are_answered_before_it_ends() -> None:
    port = free_port()
    async with started("endless", port) as process, answering(port) as client:
        requests = [asyncio.create_task(client.get("/slow", params={"seconds": 1})) for _ in range(5)]

        async def all_begun() -> bool:
            return bool((await client.get("/begun")).json() == 5)

        await until("all have begun", all_begun)
        process.send_signal(signal.SIGTERM)
        code, _, seconds = await ended(process)
        assert [(await request).json() for request in requests] == ["done"] * 5
    assert code == 0
    assert seconds < 4


@pytest.mark.parametrize("pause", [0.0, 0.5])
async def test_whoever_keeps_a_connection_is_told_that_it_ends_and_never_cut_off(pause: float) -> None:
    port, linger = free_port(), 10.0
    async with started("endless", port, linger) as process, answering(port):
        using = [asyncio.create_task(told_the_end(port, pause)) for _ in range(20)]
        await asyncio.wait(using, timeout=0.5)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.gather(*using) == [True] * 20


async def told_the_end(port: int, pause: float) -> bool:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        answer = await client.get("/begun")
        while answer.headers.get("connection") != "close":
            await asyncio.sleep(pause)
            answer = await client.get("/begun")
    return True


async def test_it_waits_for_nobody_when_all_have_let_go() -> None:
    port, linger = free_port(), 10.0
    async with started("endless", port, linger) as process:
        async with answering(port):
            pass
        process.send_signal(signal.SIGTERM)
        code, _, seconds = await ended(process)
    assert code == 0
    assert seconds < linger / 2


@pytest.mark.parametrize(("loop", "said"), [("dying", "loop died"), ("ending", "loop ended")])
async def test_a_loop_that_is_over_ends_the_process_with_a_failure(loop: str, said: str) -> None:
    async with started(loop, free_port()) as process:
        code, lines, _ = await ended(process)
    assert code == 1
    assert [line["loop"] for line in lines if line["event"] == said] == [loop]
    assert lines[-1]["status"] == "failed"


async def test_a_port_that_is_taken_ends_the_process_with_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with started("endless", taken.getsockname()[1]) as process:
            code, _, _ = await ended(process)
    assert code > 0
