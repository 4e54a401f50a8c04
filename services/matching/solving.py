"""Serving the queue of runs: each is solved in a process of its own, and a result is kept once."""

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from services.matching.handlers import solving as handlers
from services.matching.kernels import Kernels, environment
from services.matching.metrics import RUNS, SOLVE_SECONDS, SOLVER_PEAK
from services.matching.settings import Settings
from services.matching.solver import SolverDiedError, Telling, solve
from services.matching.store import runs
from services.matching.store.runs import Run
from shared.runtime import db
from shared.runtime.killpoints import killpoint
from shared.runtime.loops import Loop

log = structlog.get_logger()

TURN_SECONDS, HEARTBEAT_SECONDS = 0.2, 1.5
UNUSABLE: tuple[type[Exception], ...] = (SolverDiedError, ValueError, LookupError, TypeError, *db.NEVER_ACCEPTED)
"""What a result does that cannot be kept: another try, not the end of the service."""


def serving(pool: db.Pool, settings: Settings, kernels: Kernels) -> Loop:
    """The loop of one replica: one run at a time, none before the kernels are there."""

    async def turns(loop: Loop) -> None:
        await kernels.compile(loop)
        while True:
            await loop.until_done(lambda: _serve_one(pool, settings, loop), db.DATABASE_AWAY)
            await asyncio.sleep(TURN_SECONDS)

    return Loop("solver", turns)


async def _serve_one(pool: db.Pool, settings: Settings, loop: Loop) -> None:
    async with db.transaction(pool) as conn:
        run = await runs.claim(conn)
    if run is None:
        return
    log.info("run begun", run=str(run.id), round=str(run.round_id), attempt=run.attempts)
    telling = Telling()
    try:
        async with _heartbeats(pool, run, loop, telling):
            await _solve(pool, run, settings, telling)
    except asyncio.CancelledError:
        # At a deploy. The next worker need not wait until this one counts as dead, nor a long run fail at the third deploy.
        with contextlib.suppress(*db.DATABASE_AWAY):
            async with db.connection(pool) as conn:
                await runs.hand_on(conn, run)
        log.info("run handed on", run=str(run.id))
        raise


async def _solve(pool: db.Pool, run: Run, settings: Settings, telling: Telling) -> None:
    async with db.connection(pool) as conn:
        job = await handlers.job(conn, run)
        digest = input_digest(job)
        stored = await runs.with_input(conn, run.round_id, digest)
    started = time.perf_counter()
    try:
        result = None if stored else await _result(job, settings, telling)
        SOLVE_SECONDS.labels(run.kind).observe(time.perf_counter() - started)
        async with db.transaction(pool) as conn:
            state = await handlers.keep_result(conn, run, digest, result, stored)
            killpoint("M3")
    except UNUSABLE as error:
        log.error("solver died", run=str(run.id), attempt=run.attempts)
        RUNS.labels(run.kind, "died").inc()
        async with db.transaction(pool) as conn:
            await runs.give_back(conn, run, f"{type(error).__name__}: {error}"[:600])
        return
    RUNS.labels(run.kind, state).inc()
    if result:
        SOLVER_PEAK.set(result["peak_mb"] * 2**20)
    log.info("run ended", run=str(run.id), round=str(run.round_id), status=state)


async def _result(job: dict[str, Any], settings: Settings, telling: Telling) -> dict[str, Any]:
    limited = {**job, "time_limit": settings.solve_seconds}
    return await solve(limited, settings.solver_memory_mb, telling, environment(settings.kernels_dir))


def input_digest(job: dict[str, Any]) -> str:
    """SHA-256 over roster, history, waiting, wishes and rules: the same input has the same result."""
    return hashlib.sha256(json.dumps(job, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@asynccontextmanager
async def _heartbeats(pool: db.Pool, run: Run, loop: Loop, telling: Telling) -> AsyncIterator[None]:
    """Says while the run is worked on that somebody does, and how far it is; a run that was taken away is given up."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            loop.beat()
            with contextlib.suppress(*db.DATABASE_AWAY):
                async with db.connection(pool) as conn:
                    if not await runs.heartbeat(conn, run, telling.progress):
                        log.warning("run taken away", run=str(run.id))
                        return

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
