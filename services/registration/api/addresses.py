"""Another address: its owner proves it with the button that the mail leads to, or drops it on their own page."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.my_page import holder_of, unknown
from services.registration.api.pages import page
from services.registration.domain import links
from services.registration.handlers import addresses, own_data
from services.registration.store import addresses as store
from services.registration.store.people import Person
from shared.runtime import db

router = APIRouter(include_in_schema=False)


async def _asked(request: Request, token: str) -> Person | None:
    """Whose address the link proves; None where it was never made, or another address took the place of its own."""
    region, claimed, tools = region_or_404(request, request.path_params["slug"]), links.person_of(token), context(request)
    if claimed is None:
        return None
    async with db.connection(tools.pool) as conn:
        found = await store.of_asking(conn, claimed)
    if found is None or found.region != region.slug:
        return None
    # Proving makes new links, and the button may be pressed twice.
    made = (found.link_generation, found.link_generation - 1)
    return found if any(links.is_valid(token, claimed, "address", one, tools.settings.keys) for one in made) else None


@router.get("/{language}/{slug}/address/{token}")
async def ask(request: Request, language: str, slug: str, token: str) -> Response:
    found = await _asked(request, token)
    if found is None:
        return unknown(request, language, slug)
    email = found.new_email or found.email
    return page(request, "address.html", language, region_or_404(request, slug), action=request.url.path, email=email)


@router.post("/{language}/{slug}/address/{token}")
async def prove(request: Request, language: str, slug: str, token: str) -> Response:
    found, tools, region = await _asked(request, token), context(request), region_or_404(request, slug)
    if found is None or found.new_email_id is None:
        return unknown(request, language, slug)
    async with db.transaction(tools.pool) as conn:
        proved = await own_data.prove(conn, found.new_email_id, region.adult_from)
    if proved is None:
        return unknown(request, language, slug)
    told: dict[str, Any] = {"email": proved.email, "me_url": tools.link(proved, "me"), "renewed": proved.link_generation > 1}
    return page(request, "address_done.html", language, region, **told)


@router.get("/{language}/{slug}/me/{token}/address")
async def ask_to_drop(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    here = request.url.path
    told: dict[str, Any] = {"action": here, "back_url": here.removesuffix("/address"), "email": holder[0].new_email}
    return page(request, "address_drop.html", language, region_or_404(request, slug), **told)


@router.post("/{language}/{slug}/me/{token}/address")
async def drop(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    async with db.transaction(context(request).pool) as conn:
        there = await addresses.drop(conn, holder[0].id)
    return RedirectResponse(request.url.path.removesuffix("/address"), 303) if there else unknown(request, language, slug)
