"""Everything that is stored of a person, for themselves: for reading, and for programs."""

import dataclasses
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.follow_ups import shown_follow_ups
from services.registration.api.my_page import holder_of, shown_person
from services.registration.api.outcome import shown_outcome
from services.registration.api.pages import HEADERS, ShownRegion
from services.registration.domain import proposals
from services.registration.store import addresses, asked, follow_ups, outcomes
from services.registration.store.asked import Asked
from services.registration.store.follow_ups import FollowUp
from services.registration.store.outcomes import Outcome
from services.registration.store.people import Person
from shared.runtime import db

router = APIRouter(include_in_schema=False)

OURS = ("repeat_key", "link_generation", "new_email_id")  # says nothing of the person


@router.get("/{language}/{slug}/me/{token}/data.json")
async def as_json(request: Request, language: str, slug: str, token: str) -> Response:
    person = await _person(request, token)
    stored = {name: _plain(value) for name, value in dataclasses.asdict(person).items() if name not in OURS}
    consent = context(request).consents[slug, language]
    agreed = consent.said if consent.version == person.consent_version else None
    async with db.connection(context(request).pool) as conn:
        outcome, questions = await outcomes.newest(conn, person.id), await asked.of_person(conn, person.id)
        followed = await follow_ups.of_person(conn, person.id)
        given = await addresses.of_person(conn, person.id)
    more = {"consent_text": agreed, "outcome": outcome and _own(outcome), "asked": [_question(one) for one in questions]}
    more |= {"follow_ups": [_follow_up(one) for one in followed]}
    more |= {"addresses_asked": [{"asked_at": str(one.asked_at), "old_email": one.old_email} for one in given]}
    return JSONResponse(stored | more, headers=_attached("json"))


@router.get("/{language}/{slug}/me/{token}/data.txt")
async def as_text(request: Request, language: str, slug: str, token: str) -> Response:
    person, region, tools = await _person(request, token), region_or_404(request, slug), context(request)
    async with db.connection(tools.pool) as conn:
        questions = await asked.of_person(conn, person.id)
        former = await addresses.of_person(conn, person.id)
    outcome = await shown_outcome(tools, person)
    given = {
        "person": await shown_person(request, person),
        "outcome": outcome,
        "asked": questions,
        "follow_ups": await shown_follow_ups(tools, person, outcome),
        "former": sorted({one.old_email for one in former} - {"", person.email}),
        "zone": region.timezone,
        "said": tools.consents[slug, language].said,
    }
    text = tools.pages.render("data.txt", language, region.address, region=ShownRegion(region, language), **given)
    return PlainTextResponse(text, headers=_attached("txt"))


def _own(outcome: Outcome) -> dict[str, Any]:
    """Without who the partners are, which is theirs."""
    pairs = [_own_pair(pair) | {"answer": proposals.own_answer(pair, outcome.answers)} for pair in outcome.pairs]
    told = {"outcome": outcome.outcome, "reason": outcome.reason, "suggestion": outcome.suggestion, "pairs": pairs}
    return told | {"ended_for_safety": len(outcome.alerted)}


def _own_pair(pair: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in pair.items() if name not in {"pair", "partner"}}


async def _person(request: Request, token: str) -> Person:
    holder = await holder_of(request, token, "me")
    if holder is None:
        raise HTTPException(404)
    return holder[0]


def _question(one: Asked) -> dict[str, Any]:
    """Without who at the office answered."""
    return {name: _plain(getattr(one, name)) for name in ("asked_at", "language", "text", "answered_at", "answer")}


def _follow_up(one: FollowUp) -> dict[str, Any]:
    """Without which pair it is about, as in the outcome."""
    return {name: _plain(getattr(one, name)) for name in ("step", "asked_at", "answer")}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (UUID, datetime)) else value


def _attached(kind: str) -> dict[str, str]:
    return HEADERS | {"Content-Disposition": f'attachment; filename="mybuddy.{kind}"'}
