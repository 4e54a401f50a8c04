"""Invented contexts for every page in every state, with a name to put wherever people type one: for the preview of
translations and for tests.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Some
from typing import get_args

from markupsafe import Markup

from shared.schemas.codes import EndReason
from shared.web.hobbies import HOBBIES
from shared.web.languages import LANGUAGES
from shared.web.motto import MOTTOS
from shared.web.pages import Pages
from shared.web.sample_follow_ups import follow_ups
from shared.web.sample_outcomes import outcomes, somebody
from shared.web.sample_questions import asked, question

ROOT = Path(__file__).parents[2]
CLOSES = datetime(2021, 10, 31, 22, 59, tzinfo=UTC)
ZONE = "Europe/Berlin"
_CODES = """
    name_missing name_too_long name_not_allowed email_missing email_invalid role_missing place_missing place_choose
    place_unknown postcode_form birth_year_missing birth_year_invalid under_age gender_invalid wish_invalid wish_needs_gender
    languages_missing language_invalid level_missing hobbies_invalid max_km_invalid max_age_gap_invalid capacity_invalid
    party_invalid phone_invalid phone_missing messenger_kind_missing messenger_invalid messenger_missing release_missing
    consent_missing form_expired too_large end_reason_missing question_missing question_too_long asked_enough
"""
ERROR_CODES: dict[str, dict[str, int]] = {code: {} for code in _CODES.split()} | {
    "name_too_long": {"max": 80},
    "under_age": {"min_age": 18},
    "question_too_long": {"max": 2000},
    "asked_enough": {"max": 5},
    "address_enough": {"max": 3},
}
# As they stand on the form, and last what is no field: faults of it are told in the summary only.
_FIELDS = """
    role name birth_year place place_id language_1 level_2 hobbies gender wish max_km max_age_gap capacity party email phone
    messenger_kind messenger release_email release_phone consent form
"""
FIELDS = _FIELDS.split()
TOPICS = ["start", "role", "you", "place", "languages", "hobbies", "buddy", "contact", "consent"]
MESSENGERS = {"whatsapp": "WhatsApp", "signal": "Signal"}
QUESTIONS = ("hobbies", "max_age_gap", "party", "phone", "messenger", "same_gender")
STATES = ["unconfirmed", "in_doubt", "confirmed", "paused", "left", "withdrawn", "refused", "not_checked"]
STANDINGS = ["unconfirmed", "in_doubt", "left", "in", "closed", "asked", "result"]
PHASES = ["open", "closed", "solved", "published", "ended", "following-up"]
ACTIONS = ["return", "pause", "leave", "withdraw", "erase"]
_DONE = "left withdrawn erased changed changed_in_doubt changed_next_round paused returned pair_ended pair_ended_told"
DONE = _DONE.split()
OFFICE = Some(name="Landratsamt Ludwigsburg", phone="+49 7141 144-0", email="buddy@landkreis.example")
MEANWHILE = ["Sprachcafé", "كرة القدم"]
REGION = Some(slug="ludwigsburg", name="Landkreis Ludwigsburg", office=OFFICE, logo="", meanwhile=MEANWHILE)
REFER = {"refer_url": "https://buddy.example/de/ludwigsburg?via=x", "refer_code": Markup("<svg></svg>")}
Case = tuple[str, dict[str, object]]


def registration() -> Pages:
    return Pages("registration", ROOT / "services" / "registration", strict=True)


def frame(**more: object) -> dict[str, object]:
    switch: Callable[[str], str | None] = "/{}/ludwigsburg".format
    return {"region": REGION, "languages": list(LANGUAGES), "switch": switch, **more}


def form(name: str = "Anna", **more: object) -> dict[str, object]:
    given = {
        "round": Some(name="Herbst 2021", closes_at=CLOSES, zone=ZONE),
        "action": "/de/ludwigsburg",
        "mode": "walk",
        "asked": Some(**dict.fromkeys(QUESTIONS, True)),
        "form_token": "token",
        "party_code": "k7m2pq",
        "stamp": "stamp",
        "via": "",
        "values": {},
        "errors": [],
        "fields": FIELDS[:-1],
        "messengers": MESSENGERS,
        "mottos": MOTTOS,
        "helped": False,
        "places": [],
        "elsewhere": "/{}/ludwigsburg".format,
        "hobbies": list(HOBBIES),
        "min_age": 18,
    }
    made = given | more
    topics = TOPICS if made["mode"] == "walk" else TOPICS[1:]
    return frame(**(made | {"topics": topics}))


def checked(name: str, **more: object) -> dict[str, object]:
    """What somebody is about to send."""
    answers = person(name, languages={"de": "native", "fa-AF": "little"}, **more)
    kept = [("name", name), ("form_token", "token")]
    return frame(action="/x", kept=kept, answers=answers, place=name, asked=Some(**dict.fromkeys(QUESTIONS, True)))


def by_address(kind: str, typed: str = "", *found: Some) -> dict[str, object]:
    return frame(now_open=kind == "notice", kind=kind, action="/x", values={"email": typed}, errors=list(found))


def told(**more: object) -> dict[str, object]:
    """What the privacy page names."""
    given = {"controller": OFFICE.name, "officer": OFFICE.email, "authority": "Landesbeauftragter", "days": 7, "months": 6}
    return {**given, "office": OFFICE, **more}


def typed(name: str) -> dict[str, object]:
    return {
        "name": name,
        "email": name,
        "place": name,
        "birth_year": name,
        "party": name,
        "phone": name,
        "messenger": name,
        "messenger_kind": "signal",
        "role": "local",
        "gender": "",
        "wish": "same",
        "language_1": "ar",
        "level_1": "well",
        "hobbies": ["cooking", "chess"],
        "max_km": "15",
        "max_age_gap": "10",
        "capacity": "2",
        "place_id": "-",
        "release_email": "1",
    }


def errors() -> list[Some]:
    return [
        Some(field=FIELDS[number % len(FIELDS)], code=code, params=params)
        for number, (code, params) in enumerate([*ERROR_CODES.items(), ("something_new", {})])
    ]


def places(name: str) -> list[Some]:
    return [
        Some(place_id="hemmingen-71282", postcode="71282", name=name, municipality=name, region_name="Ludwigsburg"),
        Some(place_id="hemmingen-30966", postcode="30966", name="Hemmingen", municipality="Hemmingen", region_name="Hannover"),
    ]


def person(name: str, **more: object) -> Some:
    given: dict[str, object] = {
        "role": "local",
        "name": name,
        "email": name,
        "bounced_at": None,
        "new_email": "",
        "new_email_bounced_at": None,
        "place": name,
        "birth_year": 1990,
        "gender": "f",
        "wish": "any",
        "languages": [("de", "native"), ("fa-AF", "little")],
        "hobbies": ["cooking", "gardening"],
        "max_km": 15,
        "max_age_gap": 10,
        "capacity": 2,
        "phone": name,
        "messenger": name,
        "release_email": True,
        "card": None,
        "helper": None,
        "release_phone": False,
        "release_messenger": True,
        "party": True,
        "consent_version": "2021-1",
        "consent_at": CLOSES,
    }
    return Some(**(given | more))


def pages(name: str = "Anna") -> list[Case]:
    """Every page of registration, in every state it has."""
    silent = {"release_email": False, "release_messenger": False}
    bare = person(name, role="newcomer", gender="", max_age_gap=None, phone="", messenger="", hobbies=[], **silent)
    upcoming = Some(name="Winter", opens_at=CLOSES, closes_at=CLOSES, zone=ZONE)
    return [
        ("form.html", form()),
        ("form.html", form(mode="whole", values=typed(name), errors=errors(), places=places(name))),
        *[("form.html", form(mode=mode, values=typed(name))) for mode in ("edit", "mend")],
        ("form.html", form(mode="change", values=typed(name))),
        ("check.html", checked(name)),
        ("check.html", checked(name, role="newcomer", gender="", max_age_gap=None, hobbies=[], party=None)),
        *[("by_address.html", by_address(kind)) for kind in ("link", "notice")],
        ("by_address.html", by_address("link", name, Some(field="email", code="email_invalid", params={}))),
        *[("by_address_sent.html", frame(kind=kind)) for kind in ("link", "notice")],
        ("privacy.html", frame(version="2021-1", **told())),
        ("privacy.html", frame(version="2021-1", **told(authority=""))),
        ("sent.html", frame(**REFER)),
        ("flyer.html", frame(**REFER, round=upcoming)),
        *[(f"{page}.html", frame()) for page in ("link_unknown", "unavailable", "not_found", "foreign")],
        *helping(),
        ("confirm.html", frame(action="/x")),
        *addresses(name),
        *[
            ("standing.html", frame(wanted=wanted, state=state, phase=phase, can_return=state == "left", me_url="/x"))
            for wanted in ("confirm", "act")
            for state in STATES
            for phase in PHASES
        ],
        ("question.html", frame(**question())),
        *[("question.html", frame(**question(full=True, mailed=mailed))) for mailed in (True, False)],
        ("question.html", frame(**question(name, Some(field="question", code="question_missing", params={})))),
        ("slow.html", frame(action="/x", seconds=10, fields=[("name", name), ("wish", "any")])),
        ("slow.html", frame(action="/x", seconds=1, fields=[])),
        *[("confirmed.html", frame(me_url="/x", state=state)) for state in ("confirmed", "in_doubt")],
        ("not_open.html", frame(next_round=upcoming)),
        ("not_open.html", frame(next_round=None)),
        *[
            ("me.html", mine(person=one, state=state, phase=phase, asked=said))
            for one, said in ((person(name), asked(name)), (bare, []))
            for state in STATES
            for phase in PHASES
        ],
        *[("me.html", mine(person=person(name), phase="published", outcome=one)) for one in outcomes(name)],
        ("me.html", mine(person=person(name), phase="published", outcome=outcomes(name)[2], again=upcoming)),
        *[("suggestion.html", frame(outcome=one, here="/x")) for one in (None, *outcomes(name)[3:6])],
        ("me.html", mine(person=person(name), phase="published", follow_ups=follow_ups(name))),
        *[("followed.html", frame(one=one, here="/x")) for one in follow_ups(name)],
        *[
            ("ask.html", frame(action=action, url="/x", back_url="/y", phase=phase))
            for action in ACTIONS
            for phase in ("open", "published")
        ],
        *[("done.html", frame(what=what, me_url=url)) for what in DONE for url in ("/x", None)],
        *[("done.html", frame(what=what)) for what in DONE],
        ("answer.html", frame(one=somebody("Marbach am Neckar"), here="/x", zone=ZONE)),
        ("answer_over.html", frame(me_url="/x")),
        *[("end.html", ending(name, errors)) for errors in ([], [Some(field="reason", code="end_reason_missing", params={})])],
    ]


def addresses(name: str) -> list[Case]:
    """Another address: it waits, comes back, is proved, or is dropped."""
    return [
        ("address.html", frame(action="/x", email=name)),
        *[("address_done.html", frame(email=name, me_url="/x", renewed=renewed)) for renewed in (True, False)],
        *[("me.html", mine(person=person(name, email=old, new_email=name))) for old in (name, "")],
        ("me.html", mine(person=person(name, bounced_at=CLOSES, new_email=name, new_email_bounced_at=CLOSES))),
        ("me.html", mine(person=person(name), state="unconfirmed", renewed=True)),
        *[("address_drop.html", frame(action="/x", back_url="/y", email=email)) for email in (name, "")],
    ]


def helping() -> list[Case]:
    """What somebody sees who signs others up, and what they hand over."""
    card = {"card": "LU-4821", "code": "abcdef", "drawing": Markup("<svg></svg>"), "place": "Haus Nord", "public_url": "/card"}
    start = {"place": "Haus Nord", "token": "x"}
    nobody = person("Anna", email="", phone="", messenger="", release_email=False, helper="x", card="LU-4821")
    wrong = [Some(field="card", code=code, params={}) for code in ("card_missing", "code_missing", "card_unknown")]
    return [
        ("form.html", form(helped=True)),
        ("helper.html", frame(cards=[("LU-4821", standing) for standing in STANDINGS], now_open=True, **start)),
        ("helper.html", frame(cards=[], now_open=False, **start)),
        ("card.html", frame(mailed=True, arranged=False, **card)),
        ("card.html", frame(mailed=False, arranged=True, **card)),
        *[(f"{name}.html", frame(start_url="/x")) for name in ("card_over", "helper_known", "helper_over")],
        ("card_code.html", frame(action="/x", values={}, errors=wrong)),
        *[("me.html", mine(person=nobody, phase=phase)) for phase in PHASES],
    ]


def mine(**more: object) -> dict[str, object]:
    """My page, with all its buttons."""
    buttons = [{"action": action, "url": "/x"} for action in ACTIONS]
    given = {
        "state": "confirmed",
        "renewed": False,
        "phase": "open",
        "outcome": None,
        "again": None,
        "follow_ups": [],
        "asked": [],
        "zone": ZONE,
        "change_url": "/x",
        "here": "/x",
        "actions": buttons,
        **REFER,
    }
    return frame(**given | more)


def ending(name: str, errors: list[Some]) -> dict[str, object]:
    return frame(name=name, action="/x", back_url="/y", reasons=get_args(EndReason), errors=errors, values={})
