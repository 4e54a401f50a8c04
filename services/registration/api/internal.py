"""Notification's one question, asked just before it sends. Nothing of the answer is stored there."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.registration.api.context import Context, context
from services.registration.handlers.recipients import Verdict, recipient, spared
from services.registration.store import rounds
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime import db
from shared.runtime.internal import require
from shared.runtime.settings import secrets
from shared.schemas.codes import MessageKind

router = APIRouter(prefix="/internal")


class Question(BaseModel):
    """A message that is about to be sent; asked again about the same one, the answer may be another."""

    message: UUID | None = None
    kind: MessageKind
    person: UUID
    partners: list[UUID] = Field(default=[], max_length=10)


@router.post("/recipient")
async def ask(request: Request, question: Question) -> dict[str, Any]:
    tools = context(request)
    require(request, secrets(tools.settings.internal_secret_notification))
    async with db.transaction(tools.pool) as conn:
        verdict = await recipient(conn, question.kind, question.person, question.partners)
        if verdict.recipient is not None and question.message is not None:
            verdict = await spared(conn, question.message, verdict.recipient, tools.settings.keys[0]) or verdict
        if verdict.recipient is None:
            return {"answer": verdict.answer} | ({"seconds": verdict.seconds} if verdict.seconds else {})
        round_ = await rounds.get(conn, verdict.recipient.round_id)
    return {"answer": verdict.answer} | _told(tools, verdict, verdict.recipient, round_)


def _told(tools: Context, verdict: Verdict, person: Person, round_: Round) -> dict[str, Any]:
    region = tools.regions[person.region]
    language = person.language
    unconfirmed = person.state == "unconfirmed"
    return {
        "name": person.name,
        "email": person.email,
        "language": language,
        "region_name": region.named(language),
        "office": region.office.model_dump(),
        "sender": region.sender.model_dump(),
        "round": {
            "name": region.round_name(round_.slug, language),
            "closes_at": round_.closes_at,
            "zone": region.timezone,
        },
        "links": {"confirm": tools.link(person, "confirm") if unconfirmed else None, "me": tools.link(person, "me")},
        "partners": [_released(partner) for partner in verdict.partners],
    }


def _released(partner: Person) -> dict[str, Any]:
    """A first name and the contact that this person ticked; nothing else of them leaves."""
    ways = (("email", partner.email, partner.release_email), ("phone", partner.phone, partner.release_phone))
    contacts = [{"kind": kind, "value": value} for kind, value, ticked in ways if ticked and value]
    return {"person": partner.id, "first_name": partner.name.split()[0], "contacts": contacts}
