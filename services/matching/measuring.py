"""What the gauges of matching show, read from its database: every replica shows the same."""

from functools import partial
from typing import Any

from services.matching import metrics
from services.matching.store import measures as store
from services.matching.store import plans
from shared.runtime import db
from shared.runtime.db import Connection
from shared.runtime.loops import Loop, every
from shared.runtime.metrics import known_region, show

TURN_SECONDS, QUEUE_SECONDS = 15, 5


def measuring(pool: db.Pool) -> Loop:
    return every(TURN_SECONDS, "gauges", partial(measure, pool), db.DATABASE_AWAY)


def queue_gauges(pool: db.Pool) -> Loop:
    """Of the queue of runs, more often: by it there are more solvers or fewer."""
    return every(QUEUE_SECONDS, "queue gauges", partial(measure_queue, pool), db.DATABASE_AWAY)


async def measure(pool: db.Pool) -> None:
    async with db.connection(pool) as conn:
        await _people(conn)
        await _plans(conn)
        pairs = await store.pairs(conn)
    show(metrics.PAIRS, [((known_region(row["region"]), row["state"]), row["count"]) for row in pairs])


async def measure_queue(pool: db.Pool) -> None:
    async with db.connection(pool) as conn:
        queue = await store.queue(conn)
    metrics.RUNS_WAITING.set(queue["waiting"])
    metrics.RUNS_OLDEST.set(queue["oldest"])
    metrics.RUNS_FAILED.set(queue["failed"])


async def _people(conn: Connection) -> None:
    located, barriers, shut = await store.located(conn), await store.barriers(conn), await store.shut(conn)
    show(metrics.LOCATED, [((known_region(row["region"]), row["role"]), row["count"]) for row in located])
    show(metrics.BARRIER_EXPECTED, [((known_region(row["region"]),), row["expected"]) for row in barriers])
    show(metrics.BARRIER_PRESENT, [((known_region(row["region"]),), row["present"]) for row in barriers])
    show(metrics.BARRIER_WAITING, [((known_region(row["region"]),), row["waiting"]) for row in shut])


async def _plans(conn: Connection) -> None:
    found = [(known_region(run["region"]), run["id"], run["proof"].get("levels") or {}) for run in await store.newest_plans(conn)]
    pairs = [((of,), await plans.pair_count(conn, run)) for of, run, _ in found]
    left = [((of, reason), count) for of, run, _ in found for reason, count in (await plans.reasons(conn, run)).items()]
    show(metrics.PLAN_VALUE, [((of, name), level["value"]) for of, _, levels in found for name, level in levels.items()])
    show(metrics.PLAN_BOUND, [((of, name), level["bound"]) for of, _, levels in found for name, level in levels.items()])
    show(metrics.PLAN_GAP, [((of,), gap(levels)) for of, _, levels in found])
    show(metrics.PLAN_PAIRS, pairs)
    show(metrics.PLAN_LEFT_OVER, left)


def gap(levels: dict[str, Any]) -> float:
    """How far the plan may be from the best one in the level where it is farthest, as a part of that; 0 where it is the best."""
    parts = [abs(level["bound"] - level["value"]) / max(1, abs(level["bound"])) for level in levels.values()]
    return max(parts, default=0.0)
