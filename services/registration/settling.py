"""Places that were taken while geo was away are looked up when it is back; what is still unknown waits for a coordinator."""

import structlog

from services.registration.handlers.own_data import settle_place
from services.registration.metrics import PLACES_SETTLED
from services.registration.places import Places, look_again
from services.registration.store import people
from shared.runtime import db
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

TURN_SECONDS = 10
BATCH = 50


def settling(pool: db.Pool, places: Places) -> Loop:
    """The loop; several replicas may run it, for each person is settled under their own lock, and once."""

    async def turn() -> None:
        await settle_unseen(pool, places)

    return every(TURN_SECONDS, "settling", turn, db.DATABASE_AWAY)


async def settle_unseen(pool: db.Pool, places: Places) -> int:
    """At most BATCH, up to the first that geo does not answer. Returns how many it understands now."""
    async with db.connection(pool) as conn:
        unseen = await people.unseen_places(conn, BATCH)
    settled = 0
    for person, region, taken in unseen:
        known = await look_again(places, taken, region)
        if known is None:
            break
        async with db.transaction(pool) as conn:
            await settle_place(conn, person, taken, known)
        understood = known.place_id != taken.place_id
        PLACES_SETTLED.labels(region, "settled" if understood else "kept").inc()
        settled += understood
    if settled:
        log.info("places settled", count=settled)
    return settled
