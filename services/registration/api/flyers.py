"""Sheets to print and hang up: what this is, in one language, with the way to the form. Through which group somebody
comes stands in the address and is counted.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.coordinators import may
from services.registration.api.pages import ShownRegion, ShownRound
from services.registration.api.referring import refer
from services.registration.regions import Region
from services.registration.store import rounds
from shared.runtime import db
from shared.runtime.audit_chain import record

router = APIRouter(prefix="/coordinator/flyers")

Group = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


@router.get("/{region}/{language}")
async def flyer(request: Request, region: str, language: str, group: Group = None) -> Response:
    who, here = may(request, region), region_or_404(request, region)
    _offered(here, language)
    async with db.transaction(context(request).pool) as conn:
        round_ = await rounds.open_round(conn, region) or await rounds.next_round(conn, region)
        await record(conn, who, region, "flyer.make", language=language, group=group or "")
    when = {"round": ShownRound(here, round_, language) if round_ else None}
    shown = {"region": ShownRegion(here, language), **when, **refer(request, language, region, group)}
    return HTMLResponse(context(request).pages.render("flyer.html", language, here.address, **shown))


def _offered(region: Region, language: str) -> None:
    if language not in region.languages:
        raise HTTPException(404, f"This region has the languages {', '.join(region.languages)}.")
