"""Two small forms that take nothing but an address. Their answer is the same, whoever is or is not registered."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.admission import admit, slow
from services.registration.api.context import context, region_or_404
from services.registration.api.evened import evened
from services.registration.api.forms import address, read_form
from services.registration.api.pages import page
from services.registration.api.sign_up import open_round
from services.registration.domain.answers import FieldError, first
from services.registration.handlers import by_address
from services.registration.limits import Purpose
from shared.runtime import db
from shared.runtime.db import Connection
from shared.runtime.killpoints import killpoint

router = APIRouter(include_in_schema=False)

Command = Callable[[Connection, str, str, str, str], Awaitable[None]]


async def _link(conn: Connection, region: str, _language: str, email: str, _key: str) -> None:
    await by_address.lost_link(conn, region, email)


PURPOSES: dict[str, Purpose] = {"link": "link", "notice": "notice"}
COMMANDS: dict[str, Command] = {"link": _link, "notice": by_address.tell_me}


@router.get("/{language}/{slug}/link")
@router.get("/{language}/{slug}/notice")
async def ask(request: Request, language: str, slug: str) -> Response:
    return await _form(request, language, slug, "", [])


@router.get("/{language}/{slug}/link/sent")
@router.get("/{language}/{slug}/notice/sent")
async def sent(request: Request, language: str, slug: str) -> Response:
    kind = request.url.path.split("/")[3]
    return page(request, "by_address_sent.html", language, region_or_404(request, slug), kind=kind)


@router.post("/{language}/{slug}/link")
@router.post("/{language}/{slug}/notice")
@evened
async def take(request: Request, language: str, slug: str) -> Response:
    region, kind, tools = region_or_404(request, slug), request.url.path.rpartition("/")[2], context(request)
    form = await read_form(request)
    if wait := await admit(request, tools, region, PURPOSES[kind]):
        return slow(request, language, region, wait, form)
    typed = "" if isinstance(form, FieldError) else first(form, "email")
    email = address(typed)
    if email is None:
        return await _form(request, language, slug, typed, [FieldError("email", "email_invalid" if typed else "email_missing")])
    async with db.transaction(tools.pool) as conn:
        await COMMANDS[kind](conn, region.slug, language, email, tools.settings.keys[0])
        killpoint("R1")
    killpoint("R2")
    return RedirectResponse(f"{request.url.path}/sent", 303)


async def _form(request: Request, language: str, slug: str, typed: str, errors: list[FieldError]) -> Response:
    """Who wants to be told when a round opens hears it where one is open already."""
    kind = request.url.path.split("/")[3]
    region = region_or_404(request, slug)
    status = 422 if errors else 200
    now_open = kind == "notice" and await open_round(context(request), slug) is not None
    shown: dict[str, Any] = {"kind": kind, "action": request.url.path, "values": {"email": typed}, "errors": errors}
    return page(request, "by_address.html", language, region, status, now_open=now_open, **shown)
