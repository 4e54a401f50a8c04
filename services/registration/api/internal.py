"""Notification's one question, asked just before it sends. Nothing of the answer is stored there."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.registration.api.context import Context, context
from services.registration.domain.asking import office_id
from services.registration.handlers import following
from services.registration.handlers.recipients import LATER, Verdict, former, has_room, prover, recipient, spared
from services.registration.store import asked, notices, outcomes, rounds
from services.registration.store.notices import Notice
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime import db
from shared.runtime.db import Connection
from shared.runtime.internal import require
from shared.runtime.settings import secrets
from shared.schemas.codes import FollowUpStep, MessageKind

MOST_AT_ONCE = 20

router = APIRouter(prefix="/internal")
ASKS: frozenset[MessageKind] = frozenset({"asked", "reminder"})


class Question(BaseModel):
    """A message that is about to be sent; asked again about the same one, the answer may be another.

    `ended`: the pairs of whose end it tells.
    """

    message: UUID | None = None
    kind: MessageKind
    person: UUID
    partners: list[UUID] = Field(default=[], max_length=10)
    round: UUID | None = None
    pair: UUID | None = None
    step: FollowUpStep | None = None
    ended: list[UUID] = Field(default=[], max_length=10)


class Questions(BaseModel):
    """Several at once: a look at the way there costs more than an answer."""

    questions: list[Question] = Field(max_length=MOST_AT_ONCE)


@router.post("/recipient")
async def ask(request: Request, question: Question) -> dict[str, Any]:
    tools = context(request)
    require(request, secrets(tools.settings.internal_secret_notification))
    return await _answer(tools, question)


@router.post("/recipients")
async def ask_several(request: Request, asked: Questions) -> dict[str, Any]:
    """The answers in the order of the questions, each by itself: whoever is locked for one is free again for the next."""
    tools = context(request)
    require(request, secrets(tools.settings.internal_secret_notification))
    return {"answers": [await _answer(tools, question) for question in asked.questions]}


async def _answer(tools: Context, question: Question) -> dict[str, Any]:
    async with db.transaction(tools.pool) as conn:
        if question.kind == "opens" and (notice := await notices.get(conn, question.person)):
            return await _invitation(conn, tools, question, notice)
        if question.kind == "office_asked":
            return await _office(conn, tools, question.person)
        if question.kind == "office_alerted" and question.round:
            return _to_office(tools, question.person, await rounds.get(conn, question.round))
        verdict = await _verdict(conn, tools, question)
        if verdict.recipient is None:
            return _without(verdict)
        open_round = await rounds.open_round(conn, verdict.recipient.region) if question.kind == "opens" else None
        round_ = open_round or await rounds.get(conn, verdict.recipient.round_id)
        by_safety = bool(question.ended) and await outcomes.has_alerted(conn, question.person, question.ended)
    told = _told(tools, question.kind, verdict.recipient, round_)
    told |= {
        "still_theirs": verdict.still_theirs,
        "by_safety": by_safety,
        "partners": await _partners(tools, question.kind, verdict, round_),
    }
    return {"answer": verdict.answer} | told | await _own(tools, question.kind, verdict.recipient)


async def _verdict(conn: Connection, tools: Context, question: Question) -> Verdict:
    key = tools.settings.keys[0]
    if question.kind == "new_address":
        return await prover(conn, question.message, question.person, key)
    if question.kind == "old_address":
        return await former(conn, question.message, question.person)
    if question.kind == "follow_up" and question.round and question.pair and question.step:
        about = (question.round, question.pair, question.step)
        return await following.wanted(conn, question.person, question.partners, *about)
    verdict = await recipient(conn, question.kind, question.person, question.partners)
    if verdict.recipient is None or question.message is None:
        return verdict
    return await spared(conn, question.message, verdict.recipient, key) or verdict


def _without(verdict: Verdict) -> dict[str, Any]:
    return {"answer": verdict.answer} | ({"seconds": verdict.seconds} if verdict.seconds else {})


async def _invitation(conn: Connection, tools: Context, question: Question, notice: Notice) -> dict[str, Any]:
    """Nobody ever confirmed that the address is theirs."""
    round_, key = await rounds.open_round(conn, notice.region), tools.settings.keys[0]
    if question.message and not await has_room(conn, question.message, question.person, notice.email, key):
        return _without(LATER if round_ else Verdict("gone"))
    return _invited(tools, notice, round_)


def _invited(tools: Context, notice: Notice, round_: Round | None) -> dict[str, Any]:
    """Somebody who is nobody here yet: they are led to the form."""
    if round_ is None:
        return {"answer": "gone"}
    start = tools.address(notice.language, notice.region)
    links = {"confirm": None, "me": start}
    who = {"name": "", "email": notice.email, "language": notice.language, "links": links, "partners": []}
    return {"answer": "send"} | who | _where(tools, notice.region, notice.language, round_)


async def _office(conn: Connection, tools: Context, office: UUID) -> dict[str, Any]:
    """In German, without a word of the question: the office reads it with its own command. Answered meanwhile: nothing."""
    asked_of = await asked.newest_of(conn, office)
    if asked_of is None:
        return {"answer": "gone"}
    return _to_office(tools, office, await rounds.get(conn, asked_of["round_id"]))


def _to_office(tools: Context, office: UUID, round_: Round) -> dict[str, Any]:
    """Where the mailbox is not in the region's file any more, the region's own is told."""
    slug = round_.region
    if slug not in tools.regions:
        return {"answer": "gone"}
    region = tools.regions[slug]
    told = next((one for one in region.contacts if office_id(slug, one.email) == office), region.office)
    links = {"confirm": None, "me": tools.address("de", slug)}
    who = {"name": told.name, "email": told.email, "language": "de", "links": links, "partners": []}
    return {"answer": "send"} | who | _where(tools, slug, "de", round_) | {"address": "sie"}


async def _partners(tools: Context, kind: MessageKind, verdict: Verdict, round_: Round) -> list[dict[str, Any]]:
    """First name and contact, but of somebody who is only asked about."""
    if kind in ASKS:
        return [await tools.described(partner, round_.rules["year"]) for partner in verdict.partners]
    return [tools.released(partner) for partner in verdict.partners]


def _told(tools: Context, kind: MessageKind, person: Person, round_: Round) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "links": _links(tools, kind, person),
    } | _where(tools, person.region, person.language, round_)


def _links(tools: Context, kind: MessageKind, person: Person) -> dict[str, str | None]:
    """None to their page where another address was asked for: one is perhaps a stranger's, and one not theirs any more."""
    if kind in {"new_address", "old_address"}:
        prove = tools.address_link(person) if kind == "new_address" else None
        return {"confirm": prove, "me": tools.address(person.language, person.region)}
    confirm = tools.link(person, "confirm") if person.state == "unconfirmed" else None
    return {"confirm": confirm, "me": tools.link(person, "me")}


def _where(tools: Context, slug: str, language: str, round_: Round) -> dict[str, Any]:
    region = tools.regions[slug]
    return {
        "region": slug,
        "region_name": region.named(language),
        "office": region.office.model_dump(),
        "sender": region.sender.model_dump(),
        "address": region.address,
        "round": {
            "slug": round_.slug,
            "name": region.round_name(round_.slug, language),
            "closes_at": round_.closes_at,
            "zone": region.timezone,
        },
    }


async def _own(tools: Context, kind: MessageKind, person: Person) -> dict[str, Any]:
    """What is told by where somebody lives. Ideas for a first meeting name the reader's own place, never the partner's."""
    contact, region = await tools.contact(person), tools.regions[person.region]
    return {
        "office": {"name": contact.name, "phone": contact.phone, "email": contact.email},
        "town": await tools.town(person) if kind == "introduced" else "",
        "left_over": kind == "opens" and person.state == "confirmed",
        "meanwhile": region.meanwhile_in(person.language) if kind in {"unmatched", "fell_through"} else [],
    }
