"""HTTP of geo: places while somebody types, open questions for coordinators. Each look of theirs leaves its line in the audit."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from services.geo import store
from services.geo.gazetteer.lookup import search
from services.geo.metrics import SEARCHES
from shared.runtime import audit_reading, db
from shared.runtime.audit_chain import record
from shared.runtime.coordinators import may
from shared.runtime.internal import require
from shared.runtime.settings import secrets

router = APIRouter()
router.get(f"/coordinator{audit_reading.PATH}")(audit_reading.lines(may))


@router.get("/places")
async def places(request: Request, q: str = "", region: str = "") -> dict[str, Any]:
    """Places that may be meant, the likeliest first. Registration asks; what was typed is kept nowhere."""
    require(request, secrets(request.app.state.settings.internal_secret_registration))
    async with db.connection(request.app.state.pool) as conn:
        found = await search(conn, q, region)
    SEARCHES.labels("found" if found else "nothing").inc()
    return {"places": [asdict(place) | {"postcode": place.postcode or ""} for place in found]}


@router.get("/coordinator/questions/{region}")
async def questions(request: Request, region: str) -> list[dict[str, Any]]:
    """People who could not be placed: ids, whose people registration knows."""
    who = may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        found = await store.questions(conn, region)
        await record(conn, who, region, "questions.show", [one["person"] for one in found])
    return found
