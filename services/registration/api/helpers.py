"""Commands of coordinators about helpers' links: made for a place, listed, revoked."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field, field_validator

from services.registration.api.context import context
from services.registration.api.coordinators import may
from services.registration.domain import links
from services.registration.domain.text import is_a_name, one_line
from services.registration.store import helpers
from shared.runtime import db
from shared.runtime.audit_chain import record
from shared.runtime.ids import new_id
from shared.schemas.codes import Code

router = APIRouter(prefix="/coordinator")

MOST_DAYS = 400


class NewHelper(BaseModel):
    """A place whose staff sign people up, and for how long they may."""

    name: str
    group: Code
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]

    @field_validator("name")
    @classmethod
    def _one_line(cls, typed: str) -> str:
        name = one_line(typed)
        if not 2 <= len(name) <= 80 or not is_a_name(name):
            raise ValueError("The name of a place is one line of 2 to 80 letters.")
        return name


@router.post("/helpers/{region}")
async def make(request: Request, region: str, new: NewHelper) -> dict[str, Any]:
    who, tools = may(request, region), context(request)
    async with db.transaction(tools.pool) as conn:
        made = await helpers.insert(conn, new_id(), region, new.name, new.group, new.days)
        await record(conn, who, region, "helper.make", helper=str(made.id), days=new.days)
    token = links.make(made.id, "helper", made.link_generation, tools.settings.keys)
    language = tools.regions[region].languages[0]
    link = tools.address(language, region, f"/helper/{token}")
    return {"id": made.id, "link": link, "expires_at": made.expires_at}


@router.get("/helpers/{region}")
async def show(request: Request, region: str) -> list[dict[str, Any]]:
    """Whom they signed up is not said, only how many."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        found = await helpers.of_region(conn, region)
        await record(conn, who, region, "helpers.show")
    return [dict(row) for row in found]


@router.post("/helpers/{region}/{helper}/revoke")
async def revoke(request: Request, region: str, helper: UUID) -> dict[str, UUID]:
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        if not await helpers.revoke(conn, region, helper):
            raise HTTPException(404, "This region has no such helper.")
        await record(conn, who, region, "helper.revoke", helper=str(helper))
    return {"revoked": helper}
