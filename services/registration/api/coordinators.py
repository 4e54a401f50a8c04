"""Commands of coordinators, behind a signed token: rounds, open questions, counts. Each leaves its line in the audit."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, field_validator

from services.registration.api.context import context, region_or_404
from services.registration.handlers import own_data
from services.registration.handlers import rounds as handlers
from services.registration.store import erasures, helpers, people, rounds
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime import coordinators, db
from shared.runtime.audit_chain import record
from shared.runtime.coordinators import Coordinator
from shared.runtime.db import Connection

router = APIRouter(prefix="/coordinator")

REACHED = ("id", "name", "email", "phone", "messenger", "language", "role", "postcode", "card", "state")
"""What the office sees of somebody whom it wants to call or write to."""

STEPS: dict[str, Callable[[Connection, UUID], Awaitable[Round]]] = {
    "open": handlers.open_,
    "close": handlers.close,
    "reopen": handlers.reopen,
    "end": handlers.end,
    "end-early": handlers.end_early,
}


def may(request: Request, region: str) -> Coordinator:
    """Who asks. Raises HTTP 404 for a region that is not here, 401 and 403 for somebody who is no coordinator of it."""
    region_or_404(request, region)
    who = coordinators.verify(request, context(request).settings.coordinator_public_key)
    who.check(region)
    return who


async def _round(conn: Connection, region: str, slug: str) -> Round:
    found = await rounds.find(conn, region, slug)
    if found is None:
        raise HTTPException(404, "This region has no such round.")
    return found


async def somebody(conn: Connection, region: str, person: UUID) -> Person:
    """Raises HTTP 404 for an id that nobody of the region has."""
    found = await people.get(conn, person)
    if found is None or found.region != region:
        raise HTTPException(404, "Nobody of this region has this id.")
    return found


@router.get("/rounds/{region}/{slug}")
async def show(request: Request, region: str, slug: str) -> dict[str, Any]:
    """The round and its people by what became of them; numbers only."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        found = await _round(conn, region, slug)
        counts = await rounds.counts(conn, found.id)
        await record(conn, who, region, "round.show", round=slug)
    return _shown(found) | {"people": counts}


def _shown(found: Round) -> dict[str, Any]:
    return {
        "round": found.id,
        "phase": found.phase,
        "progress": found.progress,
        "opens_at": found.opens_at,
        "closes_at": found.closes_at,
        "closing": found.closing,
        "count": found.roster_count,
        "digest": found.roster_digest,
    }


@router.post("/rounds/{region}/{slug}/{step}")
async def step(request: Request, region: str, slug: str, step: str) -> dict[str, Any]:
    who = may(request, region)
    if step not in STEPS:
        raise HTTPException(404, "open, close, reopen, end and end-early are the steps of a round here.")
    async with db.transaction(context(request).pool) as conn:
        found = await _round(conn, region, slug)
        try:
            done = await STEPS[step](conn, found.id)
        except handlers.WrongPhaseError as error:
            raise HTTPException(409, str(error)) from None
        await record(conn, who, region, f"round.{step}", round=slug)
    return _shown(done)


@router.get("/rounds/{region}/{slug}/questions")
async def questions(request: Request, region: str, slug: str) -> dict[str, Any]:
    """The round, and its people whose place nobody understood, with what they typed."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        found = await _round(conn, region, slug)
        rows = await people.open_questions(conn, found.id)
        await record(conn, who, region, "questions.show", [row["id"] for row in rows], round=slug)
    shown = [{"person": row["id"], "typed": row["place_text"], "language": row["language"]} for row in rows]
    return {"round": found.id, "questions": shown}


class PlaceAnswer(BaseModel):
    """What the coordinator found out."""

    postcode: str

    @field_validator("postcode", mode="before")
    @classmethod
    def _five_digits(cls, typed: object) -> object:
        if not isinstance(typed, str) or not re.fullmatch(r"[0-9]{5}", typed):
            raise ValueError("A postcode has five digits.")
        return typed


@router.post("/people/{region}/{person}/place")
async def answer_place(request: Request, region: str, person: UUID, answer: PlaceAnswer) -> dict[str, str]:
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        await somebody(conn, region, person)
        phase = await own_data.answer_place(conn, person, answer.postcode)
        await record(conn, who, region, "place.answer", [person])
    return {"counts": "now" if phase == "open" else "for the next round"}


@router.get("/people/{region}/{person}")
async def person(request: Request, region: str, person: UUID) -> dict[str, Any]:
    """Who somebody is and how to reach them: the other lists of the office name people by their ids alone."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        found = await somebody(conn, region, person)
        round_ = await rounds.get(conn, found.round_id)
        helper = await helpers.name_of(conn, found.helper)
        await record(conn, who, region, "person.show", [person])
    return {name: getattr(found, name) for name in REACHED} | {
        "place": found.place_id.split("-", 2)[-1] or found.place_text,
        "helper": helper,
        "round": round_.slug,
    }


@router.post("/people/{region}/{person}/erase")
async def erase(request: Request, region: str, person: UUID) -> dict[str, Any]:
    """As if they had done it on their page: for whoever asks the office for it, and for whom a restored database has again."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        await somebody(conn, region, person)
        await own_data.erase(conn, person)
        await record(conn, who, region, "person.erase", [person])
    return {"erased": person}


@router.get("/people/{region}/{person}/receipts")
async def receipts(request: Request, region: str, person: UUID) -> list[str]:
    """Which services have said that they forgot this person."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        found = await erasures.receipts(conn, region, person)
        if found is None:
            raise HTTPException(404, f"Nobody with this id was erased in {region}.")
        await record(conn, who, region, "receipts.show", [person])
    return found
