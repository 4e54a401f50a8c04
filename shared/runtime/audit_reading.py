"""The audit as every service shows it to coordinators, and how its lines go when their time is over."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import structlog
from fastapi import Query, Request, Response

from shared.runtime import audit_chain, db
from shared.runtime.audit import json_lines
from shared.runtime.audit_chain import LAST_LINE, record
from shared.runtime.coordinators import Coordinator
from shared.runtime.loops import Loop, every

log = structlog.get_logger()

PATH = "/audit/{region}"
TURN_SECONDS = 10
BATCH = 1000


def lines(may: Callable[[Request, str], Coordinator]) -> Callable[..., Awaitable[Response]]:
    """The route. `may`: who asks; raises HTTPException for whoever is no coordinator of the region."""

    async def lines(request: Request, region: str, after: Annotated[int, Query(ge=0, le=LAST_LINE)] = 0) -> Response:
        """The audit's next lines after this one, one JSON object a line, the oldest first; who reads them is in them too."""
        who = may(request, region)
        async with db.transaction(request.app.state.pool) as conn:
            found = await audit_chain.after(conn, region, after)
            await record(conn, who, region, "audit.show", after=after)
        return Response(json_lines(found), media_type="application/x-ndjson")

    return lines


def audit_retention(pool: db.Pool, months: int) -> Loop:
    """The loop, where all regions keep their lines as long; several replicas may run it."""

    async def turn() -> None:
        await forget_due(pool, months)

    return every(TURN_SECONDS, "audit retention", turn, db.DATABASE_AWAY)


async def forget_due(pool: db.Pool, months: int) -> int:
    """Of each region at most BATCH lines. How many went."""
    gone = 0
    async with db.connection(pool) as conn:
        for region in await audit_chain.regions(conn):
            gone += await audit_chain.forget(conn, region, months, BATCH)
    if gone:
        log.info("lines of the audit gone by their date", count=gone)
    return gone
