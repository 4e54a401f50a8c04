"""Invented contexts for every mail in every shape, beside those of the pages."""

from types import SimpleNamespace as Some

from shared.web.hobbies import HOBBIES
from shared.web.pages import Pages
from shared.web.sample_follow_ups import STEPS
from shared.web.sample_outcomes import FELL_THROUGH, partner, somebody
from shared.web.samples import CLOSES, MEANWHILE, OFFICE, REGION, ROOT, ZONE, Case

_REASONS = """
    place_unknown no_shared_language none_within_distance wish_excluded_all age_excluded_all too_few_locals too_few_newcomers
    party_not_placed partner_gone pair_ended under_age_rule no_partner something_new
"""
REASONS = _REASONS.split()
BANDS = ["under_2", "under_5", "under_10", "under_20", "over_20"]
WITHOUT_MORE = ["confirm", "welcome", "link", "opens", "refused", "not_checked", "answered", "office_asked", "office_alerted"]
WITHOUT_MORE += ["new_address", "old_address"]
ASKING = ["asked", "reminder"]
KINDS = [*WITHOUT_MORE, "introduced", "unmatched", "pair_ended", *ASKING, "fell_through", "follow_up"]


def notification() -> Pages:
    return Pages("notification", ROOT / "services" / "notification", strict=True)


def mail(name: str, **more: object) -> dict[str, object]:
    given: dict[str, object] = {
        "name": name,
        "region": REGION.slug,
        "region_name": REGION.name,
        "office": OFFICE,
        "left_over": False,
        "by_safety": False,
        "still_theirs": False,
        "meanwhile": [],
        "sender_name": "myBuddy Ludwigsburg",
        "round": Some(slug="2021-autumn", name="Herbst 2021", closes_at=CLOSES, zone=ZONE),
        "links": Some(confirm="https://buddy.example/c/abc", me="https://buddy.example/m/abc"),
        "reason": None,
        "opening": "",
        "question": False,
    }
    return given | more


def mails(name: str = "Anna") -> list[Case]:
    """Every mail by kind, in every shape it has."""
    two = [partner(name, band, first=band == "under_2") for band in BANDS]
    changes = [("max_km", "15"), ("max_km", None), ("wish", "any"), ("language", "en"), ("language", None), ("new", None)]
    changes += [("max_age_gap", "10"), ("max_age_gap", None)]
    suggestions = [Some(change=change, to=to, opens=opens) for change, to in changes for opens in (1, 3, 11)]
    return [
        *[(kind, mail(name)) for kind in WITHOUT_MORE],
        ("old_address", mail(name, still_theirs=True)),
        ("opens", mail("")),
        ("opens", mail(name, left_over=True)),
        ("link", mail(name, links=Some(confirm=None, me="https://buddy.example/m/abc"))),
        ("introduced", mail(name, partners=[partner(name)])),
        ("introduced", mail(name, partners=two)),
        ("introduced", mail(name, partners=[partner(name)], town="Asperg")),
        ("introduced", mail(name, partners=[partner(name, hobbies=())], town="Asperg")),
        ("introduced", mail(name, partners=[partner(name, hobbies=())])),
        *[("introduced", mail(name, partners=[partner(name, hobbies=HOBBIES[at : at + 3])])) for at in range(0, len(HOBBIES), 3)],
        *[("unmatched", mail(name, reason=reason, suggestion=None)) for reason in REASONS],
        *[("unmatched", mail(name, reason="no_partner", suggestion=one)) for one in suggestions],
        *[("follow_up", mail(name, step=step, partners=[partner(name)])) for step in STEPS],
        ("unmatched", mail(name, reason="no_partner", suggestion=None, meanwhile=MEANWHILE)),
        ("introduced", mail(name, partners=[partner(name)], question=True)),
        ("pair_ended", mail(name, partners=[], reason="pair_ended")),
        ("pair_ended", mail(name, partners=[], question=True)),
        ("pair_ended", mail(name, partners=[], reason="pair_ended", by_safety=True)),
        ("pair_ended", mail(name, partners=[partner(name)], by_safety=True)),
        ("pair_ended", mail(name, partners=[partner(name)])),
        ("pair_ended", mail(name, partners=two)),
        *[("asked", mail(name, partners=[somebody("Marbach am Neckar")], opening=opening)) for opening in ("", "again", "free")],
        *[(kind, mail(name, partners=[somebody("", 60), somebody("Murr", 20)])) for kind in ASKING],
        *[("fell_through", mail(name, reason=reason, meanwhile=MEANWHILE)) for reason in FELL_THROUGH],
    ]


def subject(kind: str, context: dict[str, object]) -> str:
    """The key of a mail's subject: a follow-up has one for each step."""
    return f"mail.{kind}.{context['step']}.subject" if kind == "follow_up" else f"mail.{kind}.subject"


def personal_mails(name: str) -> list[Case]:
    """One mail of each kind, with the name of the reader and of a partner. Offices are spoken to without one."""
    shown = {"reason": "no_partner", "suggestion": None, "step": "day_5"}
    partners = {kind: [somebody(name)] if kind in ASKING else [partner(name)] for kind in KINDS}
    return [(kind, mail(name, partners=partners[kind], **shown)) for kind in KINDS if not kind.startswith("office_")]
