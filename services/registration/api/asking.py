"""Asking the office something, at any time, from one's own page."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.forms import is_token, new_token, read_form
from services.registration.api.my_page import holder_of, unknown
from services.registration.api.pages import page
from services.registration.domain.answers import FieldError, Form, first
from services.registration.domain.asking import LONGEST, MOST_WAITING, office_id, said
from services.registration.domain.text import paragraphs
from services.registration.handlers import asking as handler
from services.registration.store import asked
from services.registration.store.people import Person
from shared.runtime import db

router = APIRouter(include_in_schema=False)

ENOUGH = FieldError("form_token", "asked_enough", {"max": MOST_WAITING})


@router.get("/{language}/{slug}/me/{token}/ask")
async def show(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    async with db.connection(context(request).pool) as conn:
        full = await asked.waiting(conn, holder[0].id) >= MOST_WAITING
    return await _form(request, language, holder[0], {}, (), full=full)


@router.post("/{language}/{slug}/me/{token}/ask")
async def take(request: Request, language: str, slug: str, token: str) -> Response:
    """Back to their page, where the question stands now."""
    holder, form = await holder_of(request, token, "me"), await read_form(request)
    if holder is None:
        return unknown(request, language, slug)
    person, tools = holder[0], context(request)
    if isinstance(form, FieldError):
        return await _form(request, language, person, {}, [form])
    text = said(first(form, "question"))
    if errors := _faults(form, text):
        return await _form(request, language, person, form, errors)
    office = office_id(slug, (await tools.contact(person)).email)
    async with db.transaction(tools.pool) as conn:
        result = await handler.ask(conn, person.id, first(form, "form_token"), language, text or "", office)
    if result == "gone":
        return unknown(request, language, slug)
    if result == "enough":
        return await _form(request, language, person, form, [ENOUGH])
    return RedirectResponse(f"{request.url.path.removesuffix('/ask')}#asked", 303)


def _faults(form: Form, text: str | None) -> list[FieldError]:
    if not is_token(form):
        return [FieldError("form_token", "form_expired")]
    if text is None:
        return [FieldError("question", "question_too_long", {"max": LONGEST})]
    return [] if text else [FieldError("question", "question_missing")]


async def _form(
    request: Request, language: str, person: Person, form: Form, errors: Sequence[FieldError], *, full: bool = False
) -> Response:
    """`full`: nothing can be asked before an answer came."""
    shown: dict[str, Any] = {
        "action": request.url.path,
        "back_url": request.url.path.removesuffix("/ask"),
        "form_token": first(form, "form_token") if is_token(form) else new_token(),
        "values": {"question": paragraphs(first(form, "question"))},
        "longest": LONGEST,
        "most": MOST_WAITING,
        "full": full,
        "mailed": bool(person.email),
        "contact": await context(request).contact(person),
    }
    region, status = region_or_404(request, person.region), 422 if errors else 200
    return page(request, "question.html", language, region, status, errors=errors, **shown)
