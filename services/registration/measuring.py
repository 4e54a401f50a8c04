"""What the gauges of registration show, read from its database: every replica shows the same."""

from functools import partial

from services.registration import metrics
from services.registration.store import measures as store
from shared.runtime import db
from shared.runtime.db import Connection
from shared.runtime.loops import Loop, every
from shared.runtime.metrics import show

TURN_SECONDS = 15
SERVICES = 4
RECEIPT_SECONDS = 60
"""Within which all services have said that they forgot somebody."""


def measuring(pool: db.Pool) -> Loop:
    return every(TURN_SECONDS, "gauges", partial(measure, pool), db.DATABASE_AWAY)


async def measure(pool: db.Pool) -> None:
    async with db.connection(pool) as conn:
        await _rounds(conn)
        await _people(conn)


async def _rounds(conn: Connection) -> None:
    phases, newest = await store.phases(conn), await store.newest(conn)
    show(metrics.ROUNDS, [((row["region"], row["phase"]), row["count"]) for row in phases])
    show(metrics.PHASE_AGE, [((row["region"], row["phase"]), row["age"]) for row in newest])
    show(metrics.OPENS_AT, [((row["region"],), row["at"]) for row in await store.openings(conn)])
    show(metrics.CLOSES_AT, [((row["region"],), row["at"]) for row in await store.closings(conn)])
    show(metrics.ROUNDS_MISSED, [((row["region"],), row["count"]) for row in await store.missed(conn)])


async def _people(conn: Connection) -> None:
    people, places, questions = await store.people(conn), await store.open_places(conn), await store.open_questions(conn)
    show(metrics.ROUND_PEOPLE, [((row["region"], row["role"], row["state"]), row["count"]) for row in people])
    show(metrics.PLACES_OPEN, [((row["region"],), row["count"]) for row in places])
    show(metrics.QUESTIONS_OPEN, [((row["region"],), row["count"]) for row in questions])
    show(metrics.QUESTIONS_OLDEST, [((row["region"],), row["oldest"]) for row in questions])
    metrics.ERASURES_UNANSWERED.set(await store.without_receipts(conn, SERVICES, RECEIPT_SECONDS))
