"""Personal links: confirm, and "my page" with everything that is stored. Opening a page changes nothing; buttons do."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, cast, get_args
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.api.context import Context, context, region_or_404
from services.registration.api.follow_ups import shown_follow_ups
from services.registration.api.form import form_page
from services.registration.api.forms import read_form
from services.registration.api.outcome import shown_outcome
from services.registration.api.pages import ShownRound, page
from services.registration.api.referring import refer
from services.registration.api.sign_up import Faults, read_answers
from services.registration.api.standing import can_join, possible, standing
from services.registration.domain import life, links
from services.registration.domain.answers import FieldError, Form
from services.registration.handlers import own_data, returning
from services.registration.handlers.addresses import MOST_A_DAY
from services.registration.metrics import CONFIRMATIONS, DEPARTURES
from services.registration.places import named
from services.registration.store import asked, people, rounds
from services.registration.store.people import Person, Place
from services.registration.store.rounds import Round
from shared.runtime import db
from shared.runtime.db import Connection
from shared.runtime.killpoints import killpoint

router = APIRouter(include_in_schema=False)

Done = Literal[
    "left",
    "withdrawn",
    "erased",
    "changed",
    "changed_in_doubt",
    "changed_next_round",
    "paused",
    "returned",
    "pair_ended",
    "pair_ended_told",
]


async def holder_of(request: Request, token: str, purpose: links.Purpose) -> tuple[Person, Round] | None:
    """Whose link it is, with their round; None for a link that was never made, or is of somebody erased."""
    region, claimed = region_or_404(request, request.path_params["slug"]), links.person_of(token)
    if claimed is None:
        return None
    tools: Context = context(request)
    async with db.connection(tools.pool) as conn:
        found = await people.get(conn, claimed)
        if found is None or found.region != region.slug:
            return None
        if not links.is_valid(token, claimed, purpose, found.link_generation, tools.settings.keys):
            return None
        return found, await rounds.get(conn, found.round_id)


def unknown(request: Request, language: str, slug: str) -> Response:
    return page(request, "link_unknown.html", language, region_or_404(request, slug), 404)


@router.get("/{language}/{slug}/confirm/{token}")
async def ask_to_confirm(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "confirm")
    if holder is None:
        return unknown(request, language, slug)
    if holder[0].state == "unconfirmed" and holder[1].phase == "open":
        return page(request, "confirm.html", language, region_or_404(request, slug), action=request.url.path)
    return await standing(request, language, holder, "confirm", context(request).link(holder[0], "me"))


@router.post("/{language}/{slug}/confirm/{token}")
async def confirm(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "confirm")
    if holder is None:
        return unknown(request, language, slug)
    tools, region = context(request), region_or_404(request, slug)
    async with db.transaction(tools.pool) as conn:
        result = await own_data.confirm(conn, holder[0].id, region.adult_from)
    if result in {"not open", "out"}:
        return await standing(request, language, holder, "confirm", tools.link(holder[0], "me"), 409)
    if result == "gone":
        return unknown(request, language, slug)
    CONFIRMATIONS.labels(slug).inc()
    told: dict[str, Any] = {"me_url": tools.link(holder[0], "me"), "state": result, "contact": await tools.contact(holder[0])}
    return page(request, "confirmed.html", language, region, **told)


@router.get("/{language}/{slug}/me/{token}")
async def my_page(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    person, round_ = holder
    here = request.url.path
    async with db.connection(context(request).pool) as conn:
        own_questions = await asked.of_person(conn, person.id)
    outcome, next_round = await shown_outcome(context(request), person), await can_join(request, person)
    # Who was left over is asked on top of the page, with the button itself.
    again = next_round if person.state == "confirmed" and outcome and outcome["alone"] else None
    actions = life.actions(person.state, round_.phase, can_return=next_round is not None and again is None)
    return page(
        request,
        "me.html",
        language,
        region_or_404(request, slug),
        person=await shown_person(request, person),
        contact=await context(request).contact(person),
        town=await context(request).town(person) if outcome else "",
        here=here,
        state=person.state,
        renewed=person.link_generation > 1,
        outcome=outcome,
        again=again and ShownRound(region_or_404(request, slug), again, language),
        follow_ups=await shown_follow_ups(context(request), person, outcome),
        phase=life.shown_phase(round_.phase, round_.progress),
        change_url=f"{here}/change",
        asked=own_questions,
        zone=region_or_404(request, slug).timezone,
        actions=[{"action": action, "url": f"{here}/{action}"} for action in actions],
        **refer(request, language, slug, person.group),
    )


async def shown_person(request: Request, person: Person) -> dict[str, Any]:
    shown = {name: getattr(person, name) for name in Person.__dataclass_fields__}
    given = Place(person.postcode, person.place_id, person.place_text)
    place = await named(context(request).places, given, person.region) or _place_name(person)
    return shown | {"place": place, "languages": list(person.languages.items())}


def _place_name(person: Person) -> str:
    return person.place_id.split("-", 2)[-1]


@router.get("/{language}/{slug}/me/{token}/change")
async def show_change(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    return _change_page(request, language, slug, holder, _stored_as_form(holder[0]), Faults(()))


@router.post("/{language}/{slug}/me/{token}/change")
async def change(request: Request, language: str, slug: str, token: str) -> Response:
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    form, region = await read_form(request), region_or_404(request, slug)
    if isinstance(form, FieldError):
        return _change_page(request, language, slug, holder, _stored_as_form(holder[0]), Faults([form]))
    taken = await read_answers(request, region, holder[1], form, helped=holder[0].helper is not None)
    if isinstance(taken, Faults):
        return _change_page(request, language, slug, holder, form, taken)
    async with db.transaction(context(request).pool) as conn:
        result = await own_data.change(conn, holder[0].id, language, *taken, region.adult_from)
        now = await people.get(conn, holder[0].id)
    if result == "enough_addresses":
        enough = FieldError("email", "address_enough", {"max": MOST_A_DAY})
        return _change_page(request, language, slug, holder, form, Faults([enough]))
    if result is None or now is None:
        return unknown(request, language, slug)
    return _page_of(request, language, now) if result == "mailed" else _done(language, slug, result)


def _page_of(request: Request, language: str, person: Person) -> Response:
    """It says what happens next; its link may be another one now."""
    token = links.make(person.id, "me", person.link_generation, context(request).settings.keys)
    return RedirectResponse(f"/{language}/{person.region}/me/{token}", 303)


def _change_page(
    request: Request, language: str, slug: str, holder: tuple[Person, Round], form: Form, faults: Faults
) -> Response:
    region, helped = region_or_404(request, slug), holder[0].helper is not None
    return form_page(request, language, region, holder[1], form, faults.errors, faults.choices, mode="change", helped=helped)


def _stored_as_form(person: Person) -> Form:
    """What is stored as the form would have sent it, an address that waits among it. The party's word is not kept, so it
    cannot be shown.
    """
    names = ("role", "name", "email", "phone", "gender", "wish", "birth_year", "max_km", "capacity")
    form = {name: [str(getattr(person, name))] for name in names}
    form["place"] = [person.postcode or person.place_text or _place_name(person)]
    form["email"] = [person.new_email or person.email]
    form["max_age_gap"] = [str(person.max_age_gap or "")]
    form["hobbies"] = person.hobbies
    kind, _, address = person.messenger.partition(": ")
    form |= {"messenger_kind": [kind.casefold()], "messenger": [address]}
    for ticked in ("release_email", "release_phone", "release_messenger"):
        form[ticked] = ["yes"] if getattr(person, ticked) else []
    for row, (language, level) in enumerate(person.languages.items(), 1):
        form |= {f"language_{row}": [language], f"level_{row}": [level]}
    return form | {"consent": ["yes"]}


@router.get("/{language}/{slug}/me/{token}/{action}")
async def ask_to_act(request: Request, language: str, slug: str, token: str, action: str) -> Response:
    if action not in get_args(life.Action):
        raise HTTPException(404)
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    back = request.url.path.removesuffix(f"/{action}")
    if action not in await possible(request, *holder):
        return await standing(request, language, holder, "act", back)
    phase = life.shown_phase(holder[1].phase, holder[1].progress)
    told: dict[str, Any] = {"action": action, "url": request.url.path, "back_url": back, "phase": phase}
    contact = await context(request).contact(holder[0])
    return page(request, "ask.html", language, region_or_404(request, slug), contact=contact, **told)


@router.post("/{language}/{slug}/me/{token}/{action}")
async def act(request: Request, language: str, slug: str, token: str, action: str) -> Response:
    if action not in get_args(life.Action):
        raise HTTPException(404)
    holder = await holder_of(request, token, "me")
    if holder is None:
        return unknown(request, language, slug)
    adult_from = region_or_404(request, slug).adult_from
    async with db.transaction(context(request).pool) as conn:
        if action == "return":
            done: str | None = await returning.come_back(conn, holder[0].id, adult_from)
        else:
            done = await ACTS[action](conn, holder[0].id)
        killpoint("W1")
    killpoint("W2")
    if done is None:
        return await _not_done(request, language, slug, token, action)
    if done == "unconfirmed":
        return RedirectResponse(f"/{language}/{slug}/sent", 303)
    if done == "in_doubt":  # my page says what happens next
        return RedirectResponse(request.url.path.removesuffix("/return"), 303)
    if done != "returned":
        DEPARTURES.labels(slug, done).inc()
    return _done(language, slug, cast("Done", done))


async def _not_done(request: Request, language: str, slug: str, token: str, action: str) -> Response:
    """What my page does not offer, or not any more: how it stands now."""
    now = await holder_of(request, token, "me")
    if now is None:
        return unknown(request, language, slug)
    return await standing(request, language, now, "act", request.url.path.removesuffix(f"/{action}"), 409)


async def _erase(conn: Connection, person: UUID) -> str | None:
    return "erased" if await own_data.erase(conn, person) else None


ACTS: dict[str, Callable[[Connection, UUID], Awaitable[str | None]]] = {
    "pause": returning.pause,
    "leave": own_data.leave,
    "withdraw": own_data.leave,
    "erase": _erase,
}


def _done(language: str, slug: str, what: Done) -> Response:
    return RedirectResponse(f"/{language}/{slug}/done/{what}", 303)


@router.get("/{language}/{slug}/done/{what}")
async def done(request: Request, language: str, slug: str, what: str) -> Response:
    if what not in get_args(Done):
        raise HTTPException(404)
    return page(request, "done.html", language, region_or_404(request, slug), what=what)
