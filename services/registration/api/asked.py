"""Coordinators read what people asked, and answer."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, field_validator

from services.registration.api.context import context
from services.registration.api.coordinators import may
from services.registration.domain.asking import LONGEST, said
from services.registration.handlers import asking as handlers
from services.registration.store import asked
from services.registration.store.asked import Asked
from shared.runtime import db
from shared.runtime.audit_chain import record

router = APIRouter(prefix="/coordinator/asked")


@router.get("/{region}")
async def waiting(request: Request, region: str) -> list[dict[str, Any]]:
    """What waits for an answer, the oldest first; with `?all` the answered ones too."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        found = await asked.of_region(conn, region, answered="all" in request.query_params)
        await record(conn, who, region, "asked.show", list(dict.fromkeys(one.person_id for one in found)))
    return [_shown(one) for one in found]


def _shown(one: Asked) -> dict[str, Any]:
    """The language stands beside the words: somebody may have to translate them."""
    shown = {name: value for name, value in asdict(one).items() if name not in {"person_id", "region"}}
    return {"person": one.person_id} | shown


class Answer(BaseModel):
    """What the office answers."""

    text: str

    @field_validator("text", mode="before")
    @classmethod
    def _short(cls, typed: object) -> object:
        text = said(typed) if isinstance(typed, str) else ""
        if not text:
            raise ValueError(f"An answer is needed: 1 to {LONGEST} characters.")
        return text


@router.post("/{region}/{question}")
async def answer(request: Request, region: str, question: UUID, given: Answer) -> dict[str, Any]:
    """The person finds it on their page and hears by mail that it is there."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        try:
            found = await handlers.answer(conn, region, question, given.text, who.name)
        except handlers.AlreadyAnsweredError as error:
            raise HTTPException(409, str(error)) from None
        if found is None:
            raise HTTPException(404, "This region has no such question.")
        await record(conn, who, region, "asked.answer", [found.person_id])
    return _shown(found)
