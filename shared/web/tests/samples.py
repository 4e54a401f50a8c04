"""Sample contexts: everything a template may be given, with a name to put wherever people type one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Some

from shared.web.hobbies import HOBBIES
from shared.web.languages import LANGUAGES
from shared.web.pages import Pages

ROOT = Path(__file__).parents[3]
CLOSES = datetime(2021, 10, 31, 22, 59, tzinfo=UTC)
ZONE = "Europe/Berlin"
ERROR_CODES = {
    "name_missing": {},
    "name_too_long": {"max": 80},
    "name_not_allowed": {},
    "email_missing": {},
    "email_invalid": {},
    "role_missing": {},
    "place_missing": {},
    "place_choose": {},
    "place_unknown": {},
    "postcode_form": {},
    "birth_year_missing": {},
    "birth_year_invalid": {},
    "under_age": {"min_age": 18},
    "gender_invalid": {},
    "wish_invalid": {},
    "wish_needs_gender": {},
    "languages_missing": {},
    "language_invalid": {},
    "level_missing": {},
    "hobbies_invalid": {},
    "max_km_invalid": {},
    "max_age_gap_invalid": {},
    "capacity_invalid": {},
    "party_invalid": {},
    "phone_invalid": {},
    "phone_missing": {},
    "release_missing": {},
    "consent_missing": {},
    "form_expired": {},
    "too_large": {},
}
_FIELDS = """
    role name birth_year place place_id language_1 level_2 hobbies gender wish max_km max_age_gap capacity party email phone
    release_email release_phone consent form
"""
FIELDS = _FIELDS.split()
_REASONS = """
    place_unknown no_shared_language none_within_distance wish_excluded_all age_excluded_all too_few_locals too_few_newcomers
    party_not_placed partner_gone under_age_rule no_partner something_new
"""
REASONS = _REASONS.split()
BANDS = ["under_2", "under_5", "under_10", "under_20", "over_20"]
STATES = ["unconfirmed", "in_doubt", "confirmed", "left", "withdrawn", "refused", "not_checked"]
PHASES = ["open", "closed", "solved", "published", "ended", "following-up"]
ACTIONS = ["leave", "withdraw", "erase", "return"]
DONE = ["left", "withdrawn", "erased", "changed", "changed_next_round", "returned"]
KINDS = ["confirm", "welcome", "link", "introduced", "unmatched", "pair_ended", "refused", "not_checked"]
OFFICE = Some(name="Landratsamt Ludwigsburg", phone="+49 7141 144-0", email="buddy@landkreis.example")
REGION = Some(slug="ludwigsburg", name="Landkreis Ludwigsburg", office=OFFICE)

Case = tuple[str, dict[str, object]]


def registration() -> Pages:
    return Pages("registration", ROOT / "services" / "registration", strict=True)


def notification() -> Pages:
    return Pages("notification", ROOT / "services" / "notification", strict=True)


def frame(**more: object) -> dict[str, object]:
    switch: Callable[[str], str | None] = "/{}/ludwigsburg".format
    return {"region": REGION, "languages": list(LANGUAGES), "switch": switch, **more}


def form(name: str = "Anna", **more: object) -> dict[str, object]:
    given = {
        "round": Some(name="Herbst 2021", closes_at=CLOSES, zone=ZONE),
        "action": "/de/ludwigsburg",
        "form_token": "token",
        "values": {},
        "errors": [],
        "places": [],
        "hobbies": list(HOBBIES),
        "min_age": 18,
    }
    return frame(**(given | more))


def typed(name: str) -> dict[str, object]:
    return {
        "name": name,
        "email": name,
        "place": name,
        "birth_year": name,
        "party": name,
        "phone": name,
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
        "release_email": True,
        "release_phone": False,
    }
    return Some(**(given | more))


def pages(name: str = "Anna") -> list[Case]:
    """Every page of registration, in every state it has."""
    bare = person(name, role="newcomer", gender="", max_age_gap=None, phone="", hobbies=[], release_email=False)
    actions = [{"action": action, "url": "/x"} for action in ACTIONS]
    upcoming = Some(name="Winter", opens_at=CLOSES, zone=ZONE)
    return [
        ("form.html", form()),
        ("form.html", form(values=typed(name), errors=errors(), places=places(name))),
        ("form.html", form(values=typed(name), mode="change")),
        *[(f"{page}.html", frame()) for page in ("sent", "link_unknown", "unavailable", "not_found")],
        ("confirm.html", frame(action="/x")),
        ("slow.html", frame(action="/x", seconds=10, fields=[("name", name), ("wish", "any")])),
        ("slow.html", frame(action="/x", seconds=1, fields=[])),
        *[("confirmed.html", frame(me_url="/x", state=state)) for state in ("confirmed", "in_doubt")],
        ("not_open.html", frame(next_round=upcoming)),
        ("not_open.html", frame(next_round=None)),
        *[
            ("me.html", frame(person=one, state=state, phase=phase, change_url="/x", actions=actions))
            for one in (person(name), bare)
            for state in STATES
            for phase in PHASES
        ],
        *[
            ("ask.html", frame(action=action, url="/x", back_url="/y", phase=phase))
            for action in ACTIONS
            for phase in ("open", "published")
        ],
        *[("done.html", frame(what=what, me_url=url)) for what in DONE for url in ("/x", None)],
        *[("done.html", frame(what=what)) for what in DONE],
    ]


def personal_pages(name: str) -> list[Case]:
    """The pages that say what somebody typed."""
    me = {"state": "confirmed", "phase": "open", "change_url": "/x", "actions": []}
    return [
        ("form.html", form(values=typed(name), errors=errors(), places=places(name))),
        ("form.html", form(values=typed(name), mode="change")),
        ("slow.html", frame(action="/x", seconds=10, fields=[("name", name)])),
        ("me.html", frame(person=person(name), **me)),
    ]


def partner(name: str, band: str = "under_5", *, first: bool = True, hobbies: tuple[str, ...] = ("cooking", "chess")) -> Some:
    return Some(
        first_name=name,
        contacts=[Some(kind="email", value="a.b@mail.example"), Some(kind="phone", value="+49 171 1234567")],
        languages=["de", "ckb"],
        hobbies=list(hobbies),
        band=band,
        writes_first=first,
    )


def mail(name: str, **more: object) -> dict[str, object]:
    given: dict[str, object] = {
        "name": name,
        "region_name": REGION.name,
        "office": OFFICE,
        "sender_name": "myBuddy Ludwigsburg",
        "round": Some(name="Herbst 2021", closes_at=CLOSES, zone=ZONE),
        "links": Some(confirm="https://buddy.example/c/abc", me="https://buddy.example/m/abc"),
    }
    return given | more


def mails(name: str = "Anna") -> list[Case]:
    """Every mail by kind, in every shape it has."""
    two = [partner(name, band, first=band == "under_2") for band in BANDS]
    changes = [("max_km", "15"), ("max_km", None), ("wish", "any"), ("language", "en"), ("language", None), ("new", None)]
    changes += [("max_age_gap", "10"), ("max_age_gap", None)]
    suggestions = [Some(change=change, to=to, opens=opens) for change, to in changes for opens in (1, 3, 11)]
    return [
        *[(kind, mail(name)) for kind in ("confirm", "welcome", "link", "refused", "not_checked")],
        ("link", mail(name, links=Some(confirm=None, me="https://buddy.example/m/abc"))),
        ("introduced", mail(name, partners=[partner(name)])),
        ("introduced", mail(name, partners=two)),
        ("introduced", mail(name, partners=[partner(name, hobbies=())])),
        ("introduced", mail(name, partners=[partner(name, hobbies=HOBBIES)])),
        *[("unmatched", mail(name, reason=reason, suggestion=None)) for reason in REASONS],
        *[("unmatched", mail(name, reason="no_partner", suggestion=one)) for one in suggestions],
        ("pair_ended", mail(name, partners=[])),
        ("pair_ended", mail(name, partners=[partner(name)])),
        ("pair_ended", mail(name, partners=two)),
    ]


def personal_mails(name: str) -> list[Case]:
    """One mail of each kind, with the name of the reader and of a partner."""
    shown = {"partners": [partner(name)], "reason": "no_partner", "suggestion": None}
    return [(kind, mail(name, **shown)) for kind in KINDS]
