"""Coordinators look at entries in doubt: a list with what is needed to decide, and the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, field_validator

from services.registration.api.context import context
from services.registration.api.coordinators import may, somebody
from services.registration.domain.doubts import Decision, Kind
from services.registration.domain.text import one_line
from services.registration.handlers import doubts as handlers
from services.registration.store import doubts, rounds
from shared.runtime import db
from shared.runtime.audit_chain import record

router = APIRouter(prefix="/coordinator/doubts")

SHORTEST_REASON, LONGEST_REASON = 3, 300


@router.get("/{region}/{slug}")
async def waiting(request: Request, region: str, slug: str) -> list[dict[str, Any]]:
    """Entries that a coordinator should look at, the oldest first; places that nobody understood come last."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        round_ = await rounds.find(conn, region, slug)
        if round_ is None:
            raise HTTPException(404, "This region has no such round.")
        found, places = await doubts.waiting(conn, round_.id), await doubts.unknown_places(conn, round_.id)
        await record(conn, who, region, "doubts.show", _looked_at(found, places), round=slug)
    return [_shown(**one) for one in found] + [
        {"person": row["id"], "kind": "place", "typed": row["place_text"], "language": row["language"]} for row in places
    ]


def _looked_at(found: Sequence[Mapping[str, Any]], places: Sequence[Record]) -> list[UUID]:
    """Whoever is named, those whom somebody resembles among them; each once."""
    others = [one["other"].id for one in found if one["other"]]
    return list(dict.fromkeys([*(one["entry"].id for one in found), *others, *(row["id"] for row in places)]))


def _shown(kind: Kind, found_at: object, entry: doubts.Entry, other: doubts.Entry | None) -> dict[str, Any]:
    shown = {"person": entry.id, "kind": kind, "found_at": found_at, **_facts(entry)}
    return shown | {"other": {"person": other.id, **_facts(other)} if other else None} if kind == "duplicate" else shown


def _facts(entry: doubts.Entry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if name != "id"}


class Decided(BaseModel):
    """What the coordinator decides, and why; about one kind of doubt, or about all that are open."""

    decision: Decision
    reason: str
    kind: Kind | None = None

    @field_validator("decision", mode="before")
    @classmethod
    def _known(cls, typed: object) -> object:
        if typed not in get_args(Decision):
            raise ValueError("The decision is “accepted” or “refused”.")
        return typed

    @field_validator("kind", mode="before")
    @classmethod
    def _known_kind(cls, typed: object) -> object:
        if typed is not None and typed not in get_args(Kind):
            raise ValueError("What is in doubt is “name”, “under_age”, “duplicate” or “reported”.")
        return typed

    @field_validator("reason", mode="before")
    @classmethod
    def _short(cls, typed: object) -> object:
        reason = typed.strip() if isinstance(typed, str) else ""
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON or one_line(reason) != reason:
            raise ValueError(f"A reason is needed: one line of {SHORTEST_REASON} to {LONGEST_REASON} characters.")
        return reason


@router.post("/{region}/{person}")
async def decide(request: Request, region: str, person: UUID, given: Decided) -> dict[str, Any]:
    """What has become of the entry, and what is still in doubt about it."""
    who = may(request, region)
    async with db.transaction(context(request).pool) as conn:
        await somebody(conn, region, person)
        try:
            state, still = await handlers.decide(conn, person, given.decision, given.reason, who.name, given.kind)
        except handlers.NothingToDecideError as error:
            raise HTTPException(409, str(error)) from None
        await record(conn, who, region, f"doubts.{given.decision}", [person])
    return {"state": state, "in_doubt": still}
