"""What the gauges of notification show, read from its database: every replica shows the same."""

from functools import partial
from typing import get_args

from services.notification import metrics
from services.notification.domain import UNDELIVERED
from services.notification.store import measures as store
from shared.runtime import db
from shared.runtime.loops import Loop, every
from shared.runtime.metrics import show
from shared.schemas.codes import MessageKind

QUEUE_SECONDS = 5


def queue_gauges(pool: db.Pool) -> Loop:
    """How many messages wait, and how long the oldest has: by it there are more senders or fewer."""
    return every(QUEUE_SECONDS, "queue gauges", partial(measure_queue, pool), db.DATABASE_AWAY)


async def measure_queue(pool: db.Pool) -> None:
    async with db.connection(pool) as conn:
        unsent, undelivered = await store.unsent(conn), await store.undelivered(conn)
        metrics.PUT_OFF.set(await store.put_off(conn))
    metrics.UNSENT.set(unsent["waiting"])
    metrics.HELD.set(unsent["held"])
    metrics.OLDEST_UNSENT.set(max(0.0, unsent["oldest"]))
    # The first of a kind is seen as one more only where there was none before.
    none = [((state, kind), 0) for state in UNDELIVERED for kind in get_args(MessageKind)]
    show(metrics.UNDELIVERED, [*none, *(((row["state"], row["kind"]), row["count"]) for row in undelivered)])
