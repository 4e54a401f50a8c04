"""The form as a page: topic by topic, those with something wrong, or to be checked before it is sent."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from services.registration.api.admission import new_stamp
from services.registration.api.context import context
from services.registration.api.forms import new_token
from services.registration.api.pages import HEADERS, ShownRound, page
from services.registration.domain.answers import FIELDS, MESSENGERS, Answers, FieldError, Form, first, party_code
from services.registration.metrics import FAULTY_FIELDS
from services.registration.places import Found
from services.registration.regions import Region
from services.registration.store.people import Place
from services.registration.store.rounds import Round
from shared.web.hobbies import HOBBIES
from shared.web.motto import MOTTOS

TOPICS = ("start", "role", "you", "place", "languages", "hobbies", "buddy", "contact", "consent")
TOPIC_OF = {
    "role": "role",
    **dict.fromkeys(("name", "birth_year"), "you"),
    **dict.fromkeys(("place", "place_id", "max_km"), "place"),
    **{field: "languages" for field in FIELDS if field.startswith(("language_", "level_"))},
    "hobbies": "hobbies",
    **dict.fromkeys(("gender", "wish", "max_age_gap", "capacity", "party_own", "party"), "buddy"),
    **dict.fromkeys(("email", "phone", "messenger_kind", "messenger"), "contact"),
    **dict.fromkeys(("release_email", "release_phone", "release_messenger"), "contact"),
    "consent": "consent",
}
"""Where each field stands. What is wrong with none of them is wrong with the whole form."""
CARRIED = ("stamp", "via", "website", "place_asked")  # besides the answers, from page to page
TOKEN_PLACE, CODE_PLACE = "token-of-this-form", "code-of-this-form"
VIA_PLACE, STAMP_PLACE = "way-to-this-form", "stamp-of-this-form"


def fresh_form(request: Request, language: str, region: Region, round_: Round, via: str) -> Response:
    """The empty form is the same for everyone but for its token, and takes longer to make than a sign-up to store."""
    forms = context(request).blank_forms
    key = (language, region.slug, round_.id, request.url.path)
    if key not in forms:
        places = {"form_token": [TOKEN_PLACE], "via": [VIA_PLACE], "stamp": [STAMP_PLACE]}
        forms[key] = bytes(form_page(request, language, region, round_, places, (), mode="walk").body)
    token, html = new_token(), forms[key]
    own = {TOKEN_PLACE: token, CODE_PLACE: party_code(token), VIA_PLACE: via, STAMP_PLACE: new_stamp(context(request))}
    for place, value in own.items():
        html = html.replace(place.encode(), value.encode())
    return HTMLResponse(html, headers=HEADERS)


def form_page(
    request: Request,
    language: str,
    region: Region,
    round_: Round,
    values: Form,
    errors: Sequence[FieldError],
    choices: Sequence[Found] = (),
    *,
    mode: str = "mend",
    helped: bool = False,
) -> Response:
    """The form with what was typed and, beside each field, what is wrong with it: 422 where anything is. `mode`: `walk`
    topic by topic, `edit` one topic before it is checked again, `mend` the topics at fault, `whole`, or `change` of somebody
    who is in. `helped`: with somebody beside, on a device of theirs that must remember nothing.
    """
    if mode == "mend" and any(error.field not in TOPIC_OF for error in errors):
        mode = "whole"
    for error in errors:
        FAULTY_FIELDS.labels(error.code).inc()
    unclear = any(error.code in {"place_unknown", "place_choose"} for error in errors)
    token = first(values, "form_token")
    return page(
        request,
        "form.html",
        language,
        region,
        422 if errors else 200,
        mode=mode,
        helped=helped,
        action=request.url.path,
        round=ShownRound(region, round_, language),
        topics=_topics(mode, region, errors),
        elsewhere=_elsewhere(request, language),
        asked=region.questions,
        form_token=token,
        party_code=CODE_PLACE if token == TOKEN_PLACE else party_code(token),
        stamp=first(values, "stamp"),
        via=first(values, "via"),
        values=_shown_values(region, values, first(values, "place") if unclear else ""),
        errors=errors,
        fields=FIELDS,
        places=[_shown_place(request, language, found) for found in choices],
        hobbies=HOBBIES,
        messengers=MESSENGERS,
        mottos=MOTTOS,
        min_age=round_.rules["min_age"],
    )


def check_page(
    request: Request, language: str, region: Region, form: Form, answers: Answers, place: Place, name: str
) -> Response:
    """Everything once more before it is sent, each with a way back to its topic; what was typed is carried along."""
    return page(
        request,
        "check.html",
        language,
        region,
        action=request.url.path,
        kept=list(_kept(form, place)),
        answers=answers,
        place=name,
        asked=region.questions,
    )


def _kept(form: Form, place: Place) -> Iterator[tuple[str, str]]:
    for name in (*FIELDS, *CARRIED):
        if name != "place_id":
            yield from ((name, value) for value in form.get(name, ()))
    yield "place_id", place.place_id or first(form, "place_id")


def _topics(mode: str, region: Region, errors: Sequence[FieldError]) -> list[str]:
    """The steps; what stands in none of them is not shown and sent all the same."""
    left_out = {"start": mode != "walk", "hobbies": not region.questions.hobbies}
    faulty = {TOPIC_OF.get(error.field) for error in errors}
    return [name for name in TOPICS if not left_out.get(name) and (mode != "mend" or name in faulty)]


def _elsewhere(request: Request, language: str) -> Callable[[str], str]:
    """The address of this form in another language: what was typed is sent there."""
    rest = request.url.path.removeprefix(f"/{language}")
    return lambda other: f"/{other}{rest}"


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
