"""Answering how it goes with a partner, from my page: one tap, then what can be done where it does not go well."""

from typing import Any, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.follow_ups import shown_follow_ups
from services.registration.api.forms import read_form
from services.registration.api.my_page import holder_of, unknown
from services.registration.api.outcome import shown_outcome
from services.registration.api.pages import page
from services.registration.domain.answers import FieldError, first
from services.registration.handlers import following
from services.registration.store.people import Person
from shared.runtime import db
from shared.schemas.codes import FollowUpAnswer, FollowUpStep

router = APIRouter(include_in_schema=False)
HERE = "/{language}/{slug}/me/{token}/follow/{pair}"
STEPS, ANSWERS = get_args(FollowUpStep), get_args(FollowUpAnswer)


@router.get(HERE)
async def show(request: Request, language: str, slug: str, token: str, pair: str) -> Response:
    """The question while it is open; afterwards thanks, and what can be done."""
    found = await _asked(request, token, pair)
    if found is None:
        return unknown(request, language, slug)
    person, one = found
    here, contact = request.url.path.rpartition("/follow/")[0], await context(request).contact(person)
    return page(request, "followed.html", language, region_or_404(request, slug), one=one, here=here, contact=contact)


@router.post(HERE)
async def answer(request: Request, language: str, slug: str, token: str, pair: str) -> Response:
    """Leads to what became of it. An answer to what is not asked any more changes nothing, and the page says what is."""
    found = await _asked(request, token, pair)
    if found is None:
        return unknown(request, language, slug)
    form = await read_form(request)
    step, said = ("", "") if isinstance(form, FieldError) else (first(form, "step"), first(form, "answer"))
    if step in STEPS and said in ANSWERS:
        async with db.transaction(context(request).pool) as conn:
            given = cast("FollowUpStep", step), cast("FollowUpAnswer", said)
            await following.answer(conn, found[0].id, UUID(pair), *given)
    return RedirectResponse(request.url.path, 303)


async def _asked(request: Request, token: str, pair: str) -> tuple[Person, dict[str, Any]] | None:
    """Whose link it is, and the question asked last about their partner; None where nothing was asked of this pair."""
    holder = await holder_of(request, token, "me")
    if holder is None:
        return None
    outcome = await shown_outcome(context(request), holder[0])
    asked = await shown_follow_ups(context(request), holder[0], outcome)
    one = next((one for one in asked if one["pair"] == pair), None)
    return None if one is None else (holder[0], one)
