"""The public form: shown, corrected, taken."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import uuid5

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.admission import admit, is_robot, seconds_since_shown, slow
from services.registration.api.context import Context, context, region_or_404
from services.registration.api.evened import evened
from services.registration.api.form import check_page, form_page, fresh_form
from services.registration.api.forms import address, is_token, new_token, read_form
from services.registration.api.pages import ShownRound, choose_language, page
from services.registration.api.referring import refer
from services.registration.domain import answers as form_answers
from services.registration.domain import links
from services.registration.domain.answers import Answers, FieldError, Form, Limits, first
from services.registration.domain.text import folded
from services.registration.handlers import sign_up as handler
from services.registration.metrics import SIGN_UP_SECONDS, SIGN_UPS, count_step
from services.registration.places import Found, Unclear, named, resolve
from services.registration.regions import Region
from services.registration.store import people, rounds
from services.registration.store.people import Place
from services.registration.store.rounds import Round
from shared.runtime import db
from shared.runtime.killpoints import killpoint
from shared.runtime.metrics import known
from shared.web.hobbies import HOBBIES
from shared.web.languages import LANGUAGES

router = APIRouter(include_in_schema=False)

REMEMBER_ROUND_SECONDS = 1.0

# Stores a form without a fault and says where its sender goes next.
Finish = Callable[[Request, Form, handler.SignUp], Awaitable[Response]]


@router.get("/{slug}")
async def without_language(request: Request, slug: str) -> Response:
    return choose_language(request, slug)


@router.get("/{language}/{slug}")
async def show(request: Request, language: str, slug: str) -> Response:
    region = region_or_404(request, slug)
    now_open = await open_round(context(request), slug)
    if now_open is not None:
        way = request.query_params.get("via", "")
        made_by_us = links.group_of(way, context(request).settings.keys)  # it is put into the page as it is
        count_opened(request, language, slug)
        return fresh_form(request, language, region, now_open, way if made_by_us else "")
    async with db.connection(context(request).pool) as conn:
        next_round = await rounds.next_round(conn, slug)
    shown = ShownRound(region, next_round, language) if next_round else None
    return page(request, "not_open.html", language, region, next_round=shown)


def count_opened(request: Request, language: str, slug: str) -> None:
    """Not for HEAD: nobody sees a form."""
    if request.method == "GET":
        count_step("opened", slug, "", language)


@router.get("/{language}/{slug}/sent")
async def sent(request: Request, language: str, slug: str) -> Response:
    return page(request, "sent.html", language, region_or_404(request, slug), **refer(request, language, slug))


@router.post("/{language}/{slug}")
@evened
async def take(request: Request, language: str, slug: str) -> Response:
    """303 to one and the same page for a new sign-up and for a repeated one: nobody learns who is registered."""
    region, form = region_or_404(request, slug), await read_form(request)
    if wait := await admit(request, context(request), region):
        return slow(request, language, region, wait, form)
    return await take_form(request, language, region, form, _store)


async def take_form(
    request: Request, language: str, region: Region, form: Form | FieldError, finish: Finish, *, helped: bool = False
) -> Response:
    """Shown again where something is wrong or wished otherwise. `helped`: with somebody beside, who needs no address."""
    round_ = await open_round(context(request), region.slug)
    if round_ is None:
        return not_open(request, language, region, 409)
    if isinstance(form, FieldError):
        return _to_mend(request, language, region, round_, {"form_token": [new_token()]}, Faults([form]), helped=helped)
    if not is_token(form):
        fresh, expired = {**form, "form_token": [new_token()]}, Faults([FieldError("form_token", "form_expired")])
        return _to_mend(request, language, region, round_, fresh, expired, helped=helped)
    if not helped and form.get("go") == ["check"] and await _was_sent_otherwise(request, round_, form):
        form = {**form, "form_token": [new_token()]}
    if (mode := first(form, "go")) in {"edit", "walk"}:
        return form_page(request, language, region, round_, form, (), mode=mode, helped=helped)
    return await _take_answers(request, language, region, round_, form, finish, helped=helped)


async def _was_sent_otherwise(request: Request, round_: Round, form: Form) -> bool:
    """Whoever goes back to mend what was sent, or lets somebody else use the page, sends a form of its own; who only sends
    it again, because no answer came, does not.
    """
    person = uuid5(round_.id, first(form, "form_token"))
    async with db.connection(context(request).pool) as conn:
        found = await people.get(conn, person)
        if found is None:
            return await people.was_taken(conn, round_.id, person)
    typed = (folded(first(form, "email")), folded(first(form, "name")))
    return typed != (folded(found.email), folded(found.name))


def not_open(request: Request, language: str, region: Region, status: int = 200) -> Response:
    return page(request, "not_open.html", language, region, status, next_round=None)


async def _take_answers(
    request: Request, language: str, region: Region, round_: Round, form: Form, finish: Finish, *, helped: bool
) -> Response:
    """Shown once more to be checked, or taken."""
    taken, token = await read_answers(request, region, round_, form, helped=helped), form["form_token"][0]
    if isinstance(taken, Faults):
        await _count_refusal(request, round_, token, taken.errors)
        return _to_mend(request, language, region, round_, form, taken, helped=helped)
    if first(form, "go") not in {"", "send"}:
        count_step("checked", region.slug, taken[0].role, language)
        name = await named(context(request).places, taken[1], region.slug)
        return check_page(request, language, region, form, *taken, name)
    consent = context(request).consents[region.slug, language].version
    return await finish(request, form, handler.SignUp(round_.id, region.slug, token, language, *taken, consent))


def _to_mend(
    request: Request, language: str, region: Region, round_: Round, form: Form, faults: "Faults", *, helped: bool
) -> Response:
    count_step("mended", region.slug, first(form, "role"), language)
    return form_page(request, language, region, round_, form, faults.errors, faults.choices, helped=helped)


async def _store(request: Request, form: Form, command: handler.SignUp) -> Response:
    tools, via = context(request), first(form, "via")
    group = links.group_of(via, tools.settings.keys)
    thanks = RedirectResponse(f"/{command.language}/{command.region}/sent" + (f"?via={via}" if group else ""), 303)
    if is_robot(tools, tools.regions[command.region], form):
        return thanks
    async with db.transaction(tools.pool) as conn:
        result = await handler.sign_up(conn, replace(command, group=group))
    killpoint("R2")
    count_sent(command, result)
    if result == "not open":
        return not_open(request, command.language, tools.regions[command.region], 409)
    if (seconds := seconds_since_shown(tools, form)) is not None:
        SIGN_UP_SECONDS.labels(known(command.language, LANGUAGES)).observe(seconds)
    return thanks


def count_sent(command: handler.SignUp, result: handler.Result) -> None:
    SIGN_UPS.labels(command.region, result.replace(" ", "_")).inc()
    if result != "not open":
        count_step("taken" if result == "accepted" else "repeated", command.region, command.answers.role, command.language)


async def open_round(tools: Context, slug: str) -> Round | None:
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


async def read_answers(
    request: Request, region: Region, round_: Round, form: Form, *, helped: bool = False
) -> tuple[Answers, Place] | Faults:
    """The whole form, with the place looked up and the address checked; all faults at once."""
    limits = Limits(round_.rules["year"], round_.rules["min_age"], HOBBIES_SET, round_.id, region.rules.default_km, helped)
    read = form_answers.read(form, limits)
    errors = list(read) if isinstance(read, list) else []
    typed = first(form, "email")
    email = "" if helped and not typed.strip() else address(typed)
    if email is None and not any(error.field == "email" for error in errors):
        errors.append(FieldError("email", "email_invalid"))
    one = {name: first(form, name) for name in ("place", "place_id", "place_asked")}
    place = await resolve(context(request).places, one["place"], one["place_id"], one["place_asked"], region.slug)
    if isinstance(place, Unclear):
        errors.append(place.error)
    if email is None or isinstance(read, list) or isinstance(place, Unclear):
        return Faults(form_answers.in_form_order(errors), place.choices if isinstance(place, Unclear) else ())
    return replace(read, email=email), place


HOBBIES_SET = frozenset(HOBBIES)


async def _count_refusal(request: Request, round_: Round, token: str, errors: Sequence[FieldError]) -> None:
    reason = form_answers.refusal(errors)
    if reason is None:
        return
    async with db.transaction(context(request).pool) as conn:
        await handler.refuse(conn, round_.id, token, reason)
