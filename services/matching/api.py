"""Commands of coordinators on runs and plans, behind a signed token. Each look and act leaves its line in the audit."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Literal
from uuid import UUID

import structlog
from asyncpg import Record
from fastapi import APIRouter, HTTPException, Request, Response

from services.matching.handlers import plans as handlers
from services.matching.metrics import LEFT_OVER, PAIRS_PUBLISHED
from services.matching.store import following, outcomes, pairs, plans, rounds, runs
from services.matching.store.rounds import Round
from shared.runtime import audit_reading, db
from shared.runtime.audit_chain import record
from shared.runtime.coordinators import Coordinator, may
from shared.runtime.db import Connection
from shared.runtime.metrics import known_region

log = structlog.get_logger()

ANSWER_SECONDS = 2.0
"""How long a command may take until it is answered that it goes on: less than the deadline of all answers."""
SHOWN = ("number", "kind", "state", "attempts", "progress", "proof", "error")

COMMANDS: dict[str, Callable[[Connection, UUID], Awaitable[Round]]] = {"publish": handlers.publish, "repair": handlers.repair}
ROUND = "/rounds/{region}/{slug}"

router = APIRouter(prefix="/coordinator")
router.get(audit_reading.PATH)(audit_reading.lines(may))
_AT_WORK: set["asyncio.Task[dict[str, Any]]"] = set()


async def _round(conn: Connection, region: str, slug: str) -> Round:
    found = await rounds.find(conn, region, slug)
    if found is None:
        raise HTTPException(404, "Matching has not heard of this round.")
    return found


@router.get(ROUND)
async def show(request: Request, region: str, slug: str) -> dict[str, Any]:
    """The round, its newest run and, once there is a plan, how many would be or are matched; numbers only."""
    who = may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        shown = await _shown(conn, await _round(conn, region, slug))
        await record(conn, who, region, "plan.show", round=slug)
    return shown


async def _shown(conn: Connection, found: Round) -> dict[str, Any]:
    run = await runs.latest(conn, found.id)
    return {
        "round": found.id,
        "phase": found.phase,
        "closing": found.closing,
        "expected": found.count,
        "present": await rounds.present_count(conn, found.id),
        "gone": len(await rounds.gone(conn, found.id)),
        "run": {name: getattr(run, name) for name in SHOWN} if run else None,
        "plan": await _plan(conn, found.id),
        "outcomes": await outcomes.counts(conn, found.id),
        "pairs": await pairs.states(conn, found.id),
    }


async def _plan(conn: Connection, round_id: UUID) -> dict[str, Any] | None:
    run = await runs.solved(conn, round_id)
    if run is None:
        return None
    broken = await plans.broken(conn, run.id, await rounds.gone(conn, round_id))
    return {"pairs": await plans.pair_count(conn, run.id), "broken": broken, "unmatched": await plans.reasons(conn, run.id)}


@router.get(f"{ROUND}/endings")
async def endings(request: Request, region: str, slug: str) -> list[dict[str, Any]]:
    """Pairs that one of the two ended and why, those for safety's sake first: ids, whose people registration knows."""
    who = may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        found = await pairs.endings(conn, (await _round(conn, region, slug)).id)
        await record(conn, who, region, "endings.show", _two_of_each(found), round=slug)
    return [dict(row) for row in found]


@router.get(f"{ROUND}/silent")
async def silent(request: Request, region: str, slug: str) -> list[dict[str, Any]]:
    """Introduced pairs that do not seem to have met, with what each said when they were asked: ids alone."""
    who = may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        found = await following.silent(conn, (await _round(conn, region, slug)).id)
        await record(conn, who, region, "silent.show", _two_of_each(found), round=slug)
    return [dict(row) for row in found]


def _two_of_each(found: Sequence[Record]) -> list[UUID]:
    """Each person of these pairs once."""
    return list(dict.fromkeys(person for pair in found for person in (pair["newcomer"], pair["local"])))


@router.post(f"{ROUND}/publish")
async def publish(request: Request, response: Response, region: str, slug: str) -> dict[str, Any]:
    who = may(request, region)
    return await _soon(_publish(request.app.state.pool, who, region, slug), response)


async def _publish(pool: db.Pool, who: Coordinator, region: str, slug: str) -> dict[str, Any]:
    shown, newly = await _command(pool, who, region, slug, "publish")
    if newly:
        PAIRS_PUBLISHED.labels(known_region(region)).inc(shown["plan"]["pairs"])
        for reason, people in shown["plan"]["unmatched"].items():
            LEFT_OVER.labels(known_region(region), reason).inc(people)
    return shown


@router.post(f"{ROUND}/repair")
async def repair(request: Request, response: Response, region: str, slug: str) -> dict[str, Any]:
    who = may(request, region)
    return await _soon(_repair(request.app.state.pool, who, region, slug), response)


async def _repair(pool: db.Pool, who: Coordinator, region: str, slug: str) -> dict[str, Any]:
    return (await _command(pool, who, region, slug, "repair"))[0]


async def _soon(work: Coroutine[Any, Any, dict[str, Any]], response: Response) -> dict[str, Any]:
    """What the work answers, or 202 while it goes on: to publish 20,000 people takes longer than any answer may, and given up
    with its request it would be undone each time it is asked for.
    """
    task = asyncio.create_task(work)
    _AT_WORK.add(task)
    task.add_done_callback(_ended)
    if (await asyncio.wait({task}, timeout=ANSWER_SECONDS))[0]:
        return task.result()
    response.status_code = 202
    return {"detail": "This takes a while and goes on by itself. Ask for the round in a moment."}


def _ended(task: "asyncio.Task[dict[str, Any]]") -> None:
    """Nobody may be left to hear why it failed."""
    _AT_WORK.discard(task)
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, HTTPException):
        log.error("command failed", error=type(error).__name__)


async def _command(
    pool: db.Pool, who: Coordinator, region: str, slug: str, command: Literal["publish", "repair"]
) -> tuple[dict[str, Any], bool]:
    """What the round is afterwards, and whether the command changed it."""
    async with db.transaction(pool) as conn:
        before = await rounds.locked(conn, (await _round(conn, region, slug)).id)
        try:
            after = await COMMANDS[command](conn, before.id)
        except handlers.NotNowError as error:
            raise HTTPException(409, str(error)) from None
        shown = await _shown(conn, after)
        await record(conn, who, region, f"plan.{command}", round=slug)
    return shown, after.phase != before.phase
