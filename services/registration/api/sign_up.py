"""The public form: shown, corrected, taken."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.registration.api.context import Context, context, region_or_404
from services.registration.api.forms import new_token, read_form
from services.registration.api.pages import HEADERS, ShownRound, choose_language, page
from services.registration.domain import answers as form_answers
from services.registration.domain.answers import Answers, FieldError, Form, Limits
from services.registration.domain.text import clean
from services.registration.handlers import sign_up as handler
from services.registration.metrics import FAULTY_FIELDS, SIGN_UPS
from services.registration.places import Found, Unclear, resolve
from services.registration.regions import Region
from services.registration.store import rounds
from services.registration.store.people import Place
from services.registration.store.rounds import Round
from shared.runtime import db
from shared.runtime.killpoints import killpoint
from shared.web.hobbies import HOBBIES

router = APIRouter(include_in_schema=False)

REMEMBER_ROUND_SECONDS = 1.0
TOKEN_PLACE = "token-of-this-form"  # noqa: S105 - where the token goes


@router.get("/{slug}")
async def without_language(request: Request, slug: str) -> Response:
    return choose_language(request, slug)


@router.get("/{language}/{slug}")
async def show(request: Request, language: str, slug: str) -> Response:
    region = region_or_404(request, slug)
    open_round = await _open_round(context(request), slug)
    if open_round is not None:
        return _fresh_form(request, language, region, open_round)
    async with db.connection(context(request).pool) as conn:
        next_round = await rounds.next_round(conn, slug)
    shown = ShownRound(region, next_round, language) if next_round else None
    return page(request, "not_open.html", language, region, next_round=shown)


def _fresh_form(request: Request, language: str, region: Region, round_: Round) -> Response:
    """The empty form is the same for everyone but for its token, and takes longer to make than a sign-up to store."""
    forms = context(request).blank_forms
    key = (language, region.slug, round_.id, request.url.path)
    if key not in forms:
        made = form_page(request, language, region, round_, {"form_token": [TOKEN_PLACE]}, ())
        forms[key] = bytes(made.body)
    return HTMLResponse(forms[key].replace(TOKEN_PLACE.encode(), new_token().encode()), headers=HEADERS)


@router.get("/{language}/{slug}/sent")
async def sent(request: Request, language: str, slug: str) -> Response:
    return page(request, "sent.html", language, region_or_404(request, slug))


@router.post("/{language}/{slug}")
async def take(request: Request, language: str, slug: str) -> Response:
    """303 to one and the same page for a new sign-up and for a repeated one: nobody learns who is registered."""
    region = region_or_404(request, slug)
    open_round = await _open_round(context(request), slug)
    if open_round is None:
        return page(request, "not_open.html", language, region, 409, next_round=None)
    form = await read_form(request)
    if isinstance(form, FieldError):
        return form_page(request, language, region, open_round, {"form_token": [new_token()]}, [form])
    token = (form.get("form_token") or [""])[0]
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,64}", token):
        fresh = {**form, "form_token": [new_token()]}
        return form_page(request, language, region, open_round, fresh, [FieldError("form_token", "form_expired")])
    taken = await read_answers(request, region, open_round, form)
    if not isinstance(taken, tuple):
        await _count_refusal(request, open_round, token, taken.errors)
        return form_page(request, language, region, open_round, form, taken.errors, taken.choices)
    command = handler.SignUp(open_round.id, slug, token, language, *taken)
    async with db.transaction(context(request).pool) as conn:
        result = await handler.sign_up(conn, command)
    killpoint("R2")
    SIGN_UPS.labels(slug, result.replace(" ", "_")).inc()
    if result == "not open":
        return page(request, "not_open.html", language, region, 409, next_round=None)
    return RedirectResponse(f"/{language}/{slug}/sent", 303)


async def _open_round(tools: Context, slug: str) -> Round | None:
    """The round that is open, at most a second ago: whether it still is, the sign-up checks under the round's lock."""
    known = tools.open_rounds.get(slug)
    if known is not None and time.monotonic() - known[0] < REMEMBER_ROUND_SECONDS:
        return known[1]
    async with db.connection(tools.pool) as conn:
        found = await rounds.open_round(conn, slug)
    if found is not None:
        tools.open_rounds[slug] = (time.monotonic(), found)
    return found


class Faults:
    """What is wrong with a form, and the places to choose from where the place is what is unclear."""

    def __init__(self, errors: Sequence[FieldError], choices: Sequence[Found] = ()) -> None:
        self.errors, self.choices = errors, choices


async def read_answers(request: Request, region: Region, round_: Round, form: Form) -> tuple[Answers, Place] | Faults:
    """The whole form, with the place looked up and the address checked; all faults at once."""
    limits = Limits(round_.rules["year"], round_.rules["min_age"], HOBBIES_SET, round_.id, region.rules.default_km)
    read = form_answers.read(form, limits)
    errors = list(read) if isinstance(read, list) else []
    email = _address((form.get("email") or [""])[0])
    if email is None and not any(error.field == "email" for error in errors):
        errors.append(FieldError("email", "email_invalid"))
    one = {name: (form.get(name) or [""])[0] for name in ("place", "place_id", "place_asked")}
    place = await resolve(context(request).places, one["place"], one["place_id"], one["place_asked"], region.slug)
    if isinstance(place, Unclear):
        errors.append(place.error)
    if email is None or isinstance(read, list) or isinstance(place, Unclear):
        return Faults(form_answers.in_form_order(errors), place.choices if isinstance(place, Unclear) else ())
    return replace(read, email=email), place


HOBBIES_SET = frozenset(HOBBIES)


def _address(typed: str) -> str | None:
    """The address as mail servers write it, in ASCII; None where no mail could be sent there.

    The domain is not asked for, which would tell others who signs up.
    """
    try:
        return validate_email(clean(typed), check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None


async def _count_refusal(request: Request, round_: Round, token: str, errors: Sequence[FieldError]) -> None:
    reason = form_answers.refusal(errors)
    if reason is None:
        return
    async with db.transaction(context(request).pool) as conn:
        await handler.refuse(conn, round_.id, token, reason)


def form_page(
    request: Request,
    language: str,
    region: Region,
    round_: Round,
    values: Form,
    errors: Sequence[FieldError],
    choices: Sequence[Found] = (),
    **more: Any,
) -> Response:
    """The form with what was typed and, beside each field, what is wrong with it: 422 where anything is."""
    for error in errors:
        FAULTY_FIELDS.labels(error.code).inc()
    asked = any(error.code in {"place_unknown", "place_choose"} for error in errors)
    return page(
        request,
        "form.html",
        language,
        region,
        422 if errors else 200,
        **{"mode": "sign_up", "action": request.url.path} | more,
        round=ShownRound(region, round_, language),
        form_token=(values.get("form_token") or [""])[0],
        values=_shown_values(region, values, (values.get("place") or [""])[0] if asked else ""),
        errors=errors,
        places=[_shown_place(request, language, found) for found in choices],
        hobbies=HOBBIES,
        min_age=round_.rules["min_age"],
    )


def _shown_values(region: Region, values: Form, place_asked: str) -> dict[str, Any]:
    shown: dict[str, Any] = {name: typed[0] for name, typed in values.items() if typed and name != "hobbies"}
    shown["hobbies"] = list(values.get("hobbies") or ())
    shown.setdefault("max_km", str(region.rules.default_km))
    return shown | {"place_asked": place_asked}


def _shown_place(request: Request, language: str, found: Found) -> dict[str, str]:
    known = context(request).regions.get(found.region or "")
    return {
        "place_id": found.place_id,
        "postcode": found.postcode,
        "name": found.name,
        "municipality": "",
        "region_name": known.named(language) if known else found.state,
    }
