"""Offices are told when somebody asked them something, seldom enough that they still read it."""

import structlog

from services.registration.handlers.asking import tell_offices
from shared.runtime import db
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

TURN_SECONDS = 1


def telling(pool: db.Pool) -> Loop:
    """The loop; several replicas may run it, for one after the other looks who was told."""

    async def turn() -> None:
        async with db.transaction(pool) as conn:
            told = await tell_offices(conn)
        if told:
            log.info("offices told of questions", count=told)

    return every(TURN_SECONDS, "telling", turn, db.DATABASE_AWAY)
