"""A page of one's own for whoever has a printed card: its number and its code lead there."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.evened import evened
from services.registration.api.forms import read_form
from services.registration.api.pages import page
from services.registration.domain import cards
from services.registration.domain.answers import FieldError, first
from services.registration.handlers.helping import open_card
from shared.runtime import db

router = APIRouter(include_in_schema=False)

LONGEST = 40


@router.get("/{language}/{slug}/card")
async def ask(request: Request, language: str, slug: str) -> Response:
    return _form(request, language, slug, {}, ())


@router.post("/{language}/{slug}/card")
@evened
async def take(request: Request, language: str, slug: str) -> Response:
    """To their page in the language they chose. A wrong number and a wrong code are told in the same words."""
    form, region = await read_form(request), region_or_404(request, slug)
    if isinstance(form, FieldError):
        return _form(request, language, slug, {}, [FieldError("card", "card_unknown")])
    typed = {name: first(form, name)[:LONGEST] for name in ("card", "code")}
    errors = [FieldError(name, f"{name}_missing") for name, value in typed.items() if not value.strip()]
    card, tools = cards.number_of(region.slug, typed["card"]), context(request)
    if errors or card is None:
        return _form(request, language, slug, typed, errors or [FieldError("card", "card_unknown")])
    async with db.transaction(tools.pool) as conn:
        person = await open_card(conn, region.slug, card, typed["code"], tools.settings.keys)
    if person is None:
        return _form(request, language, slug, typed, [FieldError("card", "card_unknown")])
    return RedirectResponse(tools.link(person, "me"), 303)


def _form(request: Request, language: str, slug: str, typed: dict[str, str], errors: Sequence[FieldError]) -> Response:
    region, status = region_or_404(request, slug), 422 if errors else 200
    shown: dict[str, Any] = {"action": request.url.path, "values": typed, "errors": errors}
    return page(request, "card_code.html", language, region, status, **shown)
