"""Runs asynchronous work from synchronous code, and plain SQL on one connection."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import asyncpg

CONNECT_SECONDS = 15
UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


def complete(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs it to its end in a thread of its own, so that callers may themselves be inside an event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def execute(url: str, *statements: str) -> None:
    """Each statement by itself, not in one transaction: databases cannot be created in one."""
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch_value(url: str, query: str, *arguments: Any) -> Any:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


async def shift_clocks(urls: list[str], moment: datetime | None) -> timedelta:
    """Makes it `moment` in all these databases now, by one shift; None goes back to real time. Returns the shift."""
    shift = timedelta(0)
    if moment is not None:
        shift = await fetch_value(urls[0], "SELECT $1::timestamptz - now()", moment)
    await asyncio.gather(*(fetch_value(url, "UPDATE clock SET shift = $1", shift) for url in urls))
    return shift
