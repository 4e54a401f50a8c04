"""A service with one loop, to be run as a process of its own: `small_service LOOP PORT LINGER`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.runtime import program
from shared.runtime.loops import Loop, Loops
from shared.runtime.settings import RuntimeSettings


async def endless(loop: Loop) -> None:
    while True:
        loop.beat()
        await asyncio.sleep(0.1)


async def dying(loop: Loop) -> None:
    raise ZeroDivisionError


async def ending(loop: Loop) -> None:
    return


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.loops = Loops(Loop(sys.argv[1], globals()[sys.argv[1]]))
    async with app.state.loops.running():
        yield


app = FastAPI(lifespan=lifespan)
begun = 0


@app.get("/begun")
async def how_many_have_begun() -> int:
    return begun


@app.get("/slow")
async def slow(seconds: float) -> str:
    global begun  # noqa: PLW0603 - the state of a whole, small process
    begun += 1
    await asyncio.sleep(seconds)
    return "done"


if __name__ == "__main__":
    port, linger = int(sys.argv[2]), float(sys.argv[3])
    settings = RuntimeSettings(
        database_url="postgresql://nowhere", kafka_bootstrap="nowhere", http_port=port, linger_seconds=linger
    )
    program.run("small", app, settings)
