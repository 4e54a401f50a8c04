"""Answering whether the two of a pair shall be introduced, from my page. Opening a page says nothing; a button does."""

from typing import Any, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.forms import read_form
from services.registration.api.my_page import holder_of, unknown
from services.registration.api.outcome import shown_outcome
from services.registration.api.pages import page
from services.registration.domain.answers import FieldError, first
from services.registration.handlers import answering
from services.registration.store.people import Person
from shared.runtime import db
from shared.schemas.codes import Answer

router = APIRouter(include_in_schema=False)
HERE = "/{language}/{slug}/me/{token}/answer/{pair}"


@router.get(HERE)
async def ask(request: Request, language: str, slug: str, token: str, pair: str) -> Response:
    holder = await holder_of(request, token, "me")
    return unknown(request, language, slug) if holder is None else await _page(request, language, holder[0], pair)


@router.post(HERE)
async def answer(request: Request, language: str, slug: str, token: str, pair: str) -> Response:
    """Back to my page, which says at once what was answered; without an answer, back to the question."""
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    form = await read_form(request)
    said = "" if isinstance(form, FieldError) else first(form, "answer")
    if await _question(request, holder[0], pair) is None:
        return await _over(request, language, holder[0])
    if said not in get_args(Answer):
        return RedirectResponse(request.url.path, 303)
    async with db.transaction(context(request).pool) as conn:
        done = await answering.answer(conn, holder[0].id, UUID(pair), cast("Answer", said))
    return RedirectResponse(_back(request), 303) if done else await _over(request, language, holder[0])


async def _question(request: Request, person: Person, pair: str) -> dict[str, Any] | None:
    """None for a pair that this person is not asked about, or not any more."""
    outcome = await shown_outcome(context(request), person)
    return next((one for one in outcome["asked"] if one["pair"] == pair), None) if outcome else None


async def _page(request: Request, language: str, person: Person, pair: str) -> Response:
    question, region = await _question(request, person, pair), region_or_404(request, person.region)
    if question is None or not question["open"]:
        return await _over(request, language, person)
    shown: dict[str, Any] = {"one": question, "here": _back(request), "zone": region.timezone}
    return page(request, "answer.html", language, region, contact=await context(request).contact(person), **shown)


async def _over(request: Request, language: str, person: Person) -> Response:
    region, contact = region_or_404(request, person.region), await context(request).contact(person)
    return page(request, "answer_over.html", language, region, 404, contact=contact, me_url=_back(request))


def _back(request: Request) -> str:
    return request.url.path.rpartition("/answer/")[0]
