"""What the office can look up about keeping and looking: what goes by itself and when, and who looked at whom."""

from typing import Any

from fastapi import APIRouter, Request

from services.registration.api.context import context, region_or_404
from services.registration.api.coordinators import may
from services.registration.handlers import keeping
from services.registration.store import keeping as kept
from shared.runtime import audit_reading, db
from shared.runtime.audit_chain import record

router = APIRouter(prefix="/coordinator")
router.get(audit_reading.PATH)(audit_reading.lines(may))


@router.get("/retention/{region}")
async def retention(request: Request, region: str) -> dict[str, Any]:
    """What goes by itself within the next days, in numbers; and rounds that nobody ended, whose people therefore stay."""
    who = may(request, region)
    here = region_or_404(request, region)
    keeps = here.keeping
    async with db.transaction(context(request).pool) as conn:
        goes = await keeping.coming(conn, region, keeps, here.timezone)
        not_ended = await kept.not_ended(conn, region, keeps.after_round_months)
        await record(conn, who, region, "retention.show")
    return {"keeping": keeps.model_dump(), "goes": goes, "not_ended": not_ended}
