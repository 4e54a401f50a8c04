"""Pages for somebody who helps: they sign up many people, one after the other, on one device that keeps nothing of them."""

from dataclasses import replace
from uuid import UUID, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.api.evened import evened
from services.registration.api.form import form_page
from services.registration.api.forms import is_token, new_token, read_form
from services.registration.api.my_page import holder_of
from services.registration.api.pages import page
from services.registration.api.referring import qr
from services.registration.api.sign_up import Finish, count_opened, count_sent, not_open, open_round, take_form
from services.registration.domain import cards, life, links
from services.registration.domain.answers import FieldError, Form, first
from services.registration.domain.text import clean, folded, western_digits
from services.registration.handlers.helping import Result as Helped
from services.registration.handlers.helping import sign_up_helped
from services.registration.handlers.sign_up import Result, SignUp
from services.registration.metrics import CONFIRMATIONS
from services.registration.store import helpers, people
from services.registration.store.helpers import Helper
from services.registration.store.people import Person
from shared.runtime import db
from shared.runtime.killpoints import killpoint

router = APIRouter(include_in_schema=False)

HERE = "/{language}/{slug}/helper/{token}"
RESULTS: dict[Helped, Result] = {"card": "accepted", "known": "repeated", "not open": "not open"}
"""As they are counted, with a helper or without."""


async def helper_of(request: Request) -> Helper | None:
    """Whose link it is; None for one that was never made, is revoked, or is over."""
    region, token = region_or_404(request, request.path_params["slug"]), request.path_params["token"]
    tools, claimed = context(request), links.person_of(token)
    if claimed is None:
        return None
    async with db.connection(tools.pool) as conn:
        found = await helpers.valid(conn, region.slug, claimed)
    valid = found is not None and links.is_valid(token, found.id, "helper", found.link_generation, tools.settings.keys)
    return found if valid else None


def _over(request: Request, language: str, slug: str) -> Response:
    return page(request, "helper_over.html", language, region_or_404(request, slug), 404)


@router.get(HERE)
async def start(request: Request, language: str, slug: str) -> Response:
    helper = await helper_of(request)
    if helper is None:
        return _over(request, language, slug)
    async with db.connection(context(request).pool) as conn:
        made = await helpers.cards(conn, helper.id)
    shown = [(card.number, life.standing(card.state, card.phase, card.progress, is_asked=card.is_asked)) for card in made]
    now_open = await open_round(context(request), slug) is not None
    token = request.path_params["token"]
    region = region_or_404(request, slug)
    return page(request, "helper.html", language, region, place=helper.name, cards=shown, now_open=now_open, token=token)


@router.get(f"{HERE}/person")
async def show(request: Request, language: str, slug: str) -> Response:
    if await helper_of(request) is None:
        return _over(request, language, slug)
    region, round_ = region_or_404(request, slug), await open_round(context(request), slug)
    if round_ is None:
        return not_open(request, language, region)
    count_opened(request, language, slug)
    return form_page(request, language, region, round_, {"form_token": [new_token()]}, (), mode="walk", helped=True)


@router.post(f"{HERE}/person")
@evened
async def take(request: Request, language: str, slug: str) -> Response:
    helper = await helper_of(request)
    if helper is None:
        return _over(request, language, slug)
    form = await read_form(request)
    if await _went_before(request, slug, form):
        return RedirectResponse(_start(request, language), 303)
    form = await _own_form(request, slug, form)
    return await take_form(request, language, region_or_404(request, slug), form, _finish(helper), helped=True)


async def _went_before(request: Request, slug: str, form: Form | FieldError) -> bool:
    """Whoever goes back to the check of somebody who is signed up, and sends it again, is shown nothing of them."""
    round_ = await open_round(context(request), slug)
    if isinstance(form, FieldError) or round_ is None or form.get("go") not in (["check"], ["edit"], ["walk"]):
        return False
    async with db.connection(context(request).pool) as conn:
        return await people.was_taken(conn, round_.id, uuid5(round_.id, first(form, "form_token")))


async def _own_form(request: Request, slug: str, form: Form | FieldError) -> Form | FieldError:
    """Whoever goes back and lets the next person write over the form of the one before would send it as theirs, and get the card
    of the one before: it becomes a form of its own, and is shown to be checked.
    """
    round_ = await open_round(context(request), slug)
    if isinstance(form, FieldError) or round_ is None or not is_token(form):
        return form
    async with db.connection(context(request).pool) as conn:
        found = await people.get(conn, uuid5(round_.id, first(form, "form_token")))
    if found is None or _is_of(found, form):
        return form
    return {**form, "form_token": [new_token()], "go": ["check"]}


def _is_of(found: Person, form: Form) -> bool:
    """Many who are signed up here have no address, and a common name."""
    typed = (folded(first(form, "name")), folded(first(form, "email")), western_digits(clean(first(form, "birth_year"))))
    return typed == (folded(found.name), folded(found.email), str(found.birth_year))


def _finish(helper: Helper) -> Finish:
    async def finish(request: Request, form: Form, command: SignUp) -> Response:
        return await _store(request, replace(command, group=helper.group), helper)

    return finish


async def _store(request: Request, command: SignUp, helper: Helper) -> Response:
    adult_from = region_or_404(request, command.region).adult_from
    async with db.transaction(context(request).pool) as conn:
        result = await sign_up_helped(conn, command, helper, adult_from)
        person = await people.get(conn, command.person)
    killpoint("R2")
    count_sent(command, RESULTS[result])
    if result == "not open":
        return not_open(request, command.language, region_or_404(request, command.region), 409)
    here = _start(request, command.language)
    if result == "known" or person is None:
        return RedirectResponse(f"{here}/known", 303)
    if not person.email:
        CONFIRMATIONS.labels(command.region).inc()
    # Not the link to their own page: this address stays in the device's history.
    token = links.make(person.id, "card", person.link_generation, context(request).settings.keys)
    return RedirectResponse(f"{here}/card/{token}", 303)


def _start(request: Request, language: str) -> str:
    return f"/{language}/{request.path_params['slug']}/helper/{request.path_params['token']}"


@router.get(f"{HERE}/known")
async def known(request: Request, language: str, slug: str) -> Response:
    if await helper_of(request) is None:
        return _over(request, language, slug)
    region = region_or_404(request, slug)
    return page(request, "helper_known.html", language, region, start_url=_start(request, region.languages[0]))


async def _carded(request: Request, helper: Helper) -> Person | None:
    """Whose card it is, as long as it was not handed over."""
    holder = await holder_of(request, request.path_params["card"], "card")
    return holder[0] if holder and holder[0].helper == helper.id and holder[0].card_handed_at is None else None


@router.get(f"{HERE}/card/{{card}}")
async def show_card(request: Request, language: str, slug: str) -> Response:
    helper = await helper_of(request)
    if helper is None:
        return _over(request, language, slug)
    person, tools, region = await _carded(request, helper), context(request), region_or_404(request, slug)
    if person is None:
        return page(request, "card_over.html", language, region, 404, start_url=_start(request, language))
    return page(
        request,
        "card.html",
        language,
        region,
        card=person.card,
        code=cards.code(person.id, person.link_generation, tools.settings.keys[0]),
        drawing=qr(tools.link(person, "me")),
        place=helper.name,
        public_url=tools.address(person.language, slug, "/card"),
        mailed=bool(person.email),
        arranged=not (person.release_email or person.release_phone or person.release_messenger),
    )


@router.post(f"{HERE}/card/{{card}}")
async def next_person(request: Request, language: str, slug: str) -> Response:
    """The card is not shown again, and the next one begins in the helper's language, not in that of the person before."""
    helper = await helper_of(request)
    if helper is None:
        return _over(request, language, slug)
    person = await _carded(request, helper)
    if person is not None:
        await _hand_over(request, person.id)
    first = region_or_404(request, slug).languages[0]
    # Browsers keep pages that one goes back to as they were, typed words and all.
    return RedirectResponse(_start(request, first), 303, {"Clear-Site-Data": '"cache"'})


async def _hand_over(request: Request, person: UUID) -> None:
    async with db.transaction(context(request).pool) as conn:
        await helpers.hand_over(conn, person)
