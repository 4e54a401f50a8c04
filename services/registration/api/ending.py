"""Ending a pair, from my page: with a reason that the office reads and the other one never hears."""

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
from services.registration.domain.asking import office_id
from services.registration.handlers import ending
from services.registration.store.people import Person
from shared.runtime import db
from shared.schemas.codes import EndReason

router = APIRouter(include_in_schema=False)
HERE = "/{language}/{slug}/me/{token}/end/{pair}"
REASONS = get_args(EndReason)


@router.get(HERE)
async def ask(request: Request, language: str, slug: str, token: str, pair: str) -> Response:
    found = await _pair(request, token, pair)
    return unknown(request, language, slug) if found is None else await _page(request, language, *found[:2], [])


@router.post(HERE)
async def end(request: Request, language: str, slug: str, token: str, pair: str) -> Response:
    """Said twice it is done once: afterwards there is no such pair. The office hears of danger in the same transaction."""
    found = await _pair(request, token, pair)
    if found is None:
        return unknown(request, language, slug)
    form = await read_form(request)
    reason = "" if isinstance(form, FieldError) else first(form, "reason")
    if reason not in REASONS:
        return await _page(request, language, *found[:2], [FieldError("reason", "end_reason_missing")])
    office = office_id(slug, (await context(request).contact(found[0])).email)
    async with db.transaction(context(request).pool) as conn:
        await ending.end(conn, found[0], UUID(pair), found[2], cast("EndReason", reason), office)
    # Nothing of the reason in the address: others may see which pages were open on this device.
    return RedirectResponse(f"/{language}/{slug}/done/pair_ended{'_told' if reason == 'safety' else ''}", 303)


async def _pair(request: Request, token: str, pair: str) -> tuple[Person, str, UUID] | None:
    """Whose link it is, and their partner's first name and id; None for a pair that is not theirs, or not any more."""
    holder = await holder_of(request, token, "me")
    if holder is None:
        return None
    outcome = await shown_outcome(context(request), holder[0])
    partners = outcome["partners"] if outcome else []
    return next(((holder[0], one["first_name"], one["person"]) for one in partners if one["pair"] == pair), None)


async def _page(request: Request, language: str, person: Person, name: str, errors: list[FieldError]) -> Response:
    region = region_or_404(request, person.region)
    status, contact = 422 if errors else 200, await context(request).contact(person)
    back = request.url.path.rpartition("/end/")[0]
    shown: dict[str, Any] = {
        "name": name,
        "action": request.url.path,
        "back_url": back,
        "reasons": REASONS,
        "errors": errors,
        "values": {},
    }
    return page(request, "end.html", language, region, status, contact=contact, **shown)
