"""A yes to what would have opened a partner: one button on my page, one change."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.my_page import holder_of, unknown
from services.registration.api.outcome import shown_outcome
from services.registration.api.pages import page
from services.registration.handlers.suggested import say_yes
from shared.runtime import db

router = APIRouter(include_in_schema=False)
HERE = "/{language}/{slug}/me/{token}/suggestion"


@router.get(HERE)
async def ask(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    outcome = await shown_outcome(context(request), holder[0])
    back, contact = request.url.path.removesuffix("/suggestion"), await context(request).contact(holder[0])
    offered = outcome if outcome and outcome["offer"] else None
    return page(request, "suggestion.html", language, region_or_404(request, slug), outcome=offered, here=back, contact=contact)


@router.post(HERE)
async def yes(request: Request, language: str, slug: str, token: str) -> Response:
    """Where nothing is offered any more, my page says how things stand."""
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    async with db.transaction(context(request).pool) as conn:
        done = await say_yes(conn, holder[0].id)
    mine = request.url.path.removesuffix("/suggestion")
    return RedirectResponse(f"/{language}/{slug}/done/{done}" if done else mine, 303)
