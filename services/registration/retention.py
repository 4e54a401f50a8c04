"""What is past its date goes by itself, a little at a time, so that nobody waits for it."""

import structlog

from services.registration.handlers import keeping as handlers
from services.registration.metrics import GONE_BY_DATE
from services.registration.regions import Keeping, Region
from services.registration.store import keeping as store
from services.registration.store.keeping import Kind, PersonKind
from shared.runtime import db
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

TURN_SECONDS = 10
BATCH = 100


def retention(pool: db.Pool, regions: dict[str, Region]) -> Loop:
    """The loop; several replicas may run it, for each person goes under their own lock, and is not there the second time."""

    async def turn() -> None:
        await forget_due(pool, regions)

    return every(TURN_SECONDS, "retention", turn, db.DATABASE_AWAY)


async def forget_due(pool: db.Pool, regions: dict[str, Region]) -> int:
    """At most BATCH of each kind and region. Returns how many went."""
    async with db.connection(pool) as conn:
        slugs = await store.regions(conn)
    # The usual times for what is no region of this installation any more.
    keeps = {slug: regions[slug].keeping if slug in regions else Keeping() for slug in slugs}
    return sum([await _of_region(pool, slug, keeping) for slug, keeping in keeps.items()])


async def _of_region(pool: db.Pool, region: str, keeping: Keeping) -> int:
    gone: dict[Kind, int] = {}
    for person_kind in handlers.GO:
        gone[person_kind] = await _people(pool, person_kind, region, keeping)
    async with db.transaction(pool) as conn:
        for kind, forget in handlers.FORGET.items():
            gone[kind] = await forget(conn, region, handlers.kept(keeping, kind), BATCH)
    for kind, count in gone.items():
        GONE_BY_DATE.labels(region, kind).inc(count)
        if count:
            log.info("gone by its date", region=region, kind=kind, count=count)
    return sum(gone.values())


async def _people(pool: db.Pool, kind: PersonKind, region: str, keeping: Keeping) -> int:
    """Each in a transaction of their own: nobody waits for the others to go."""
    async with db.connection(pool) as conn:
        due = await store.due(conn, kind, region, handlers.kept(keeping, kind), BATCH)
    gone = 0
    for person in due:
        async with db.transaction(pool) as conn:
            gone += await handlers.go(conn, kind, region, keeping, person)
    return gone
