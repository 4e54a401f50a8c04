"""Every page and mail in every language: complete, in the right direction, light, and readable."""

import base64
import gzip
import hashlib
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.web import sample_mails, samples
from shared.web.catalogues import SHARED
from shared.web.hobbies import HOBBIES
from shared.web.languages import LANGUAGES, SPOKEN
from shared.web.pages import style_source
from shared.web.sample_outcomes import partner
from shared.web.tests.reading import Reading, squeezed

REGISTRATION, NOTIFICATION = samples.registration(), sample_mails.notification()
STYLE = (SHARED / "templates" / "style.css").read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", STYLE))
PAIRS = (
    "ink/paper ink/ground ink/focus-ground soft/paper soft/ground act/paper act/ground act-dark/paper act-dark/ground "
    "on-act/act on-act/act-dark on-act/fault fault/paper fault/fault-ground ink/fault-ground good/good-ground"
)
BLANKS = re.compile(r"[\u2060\u2068\u2069]")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", samples.pages(), ids=lambda case: case[0])
def test_every_page_renders_in_every_language(case: samples.Case, language: str) -> None:
    template, context = case
    page = Reading(REGISTRATION.render(template, language, **context))
    assert not page.crossed
    assert not page.unclosed
    assert page.attributes("html") == {"lang": language, "dir": LANGUAGES[language].direction}
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert set(" ".join(page.values("aria-describedby")).split()) <= set(ids)
    assert {anchor[1:] for anchor in page.values("href") if anchor.startswith("#")} <= set(ids)
    assert not page.values("style")
    assert not page.values("src")
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", sample_mails.mails(), ids=lambda case: case[0])
def test_every_mail_says_the_same_as_text_and_as_html(case: samples.Case, language: str) -> None:
    kind, context = case
    html = Reading(NOTIFICATION.render(f"{kind}.html", language, **context))
    text = NOTIFICATION.render(f"{kind}.txt", language, **context)
    assert not html.crossed
    assert not html.unclosed
    assert html.attributes("html") == {"lang": language, "dir": LANGUAGES[language].direction}
    said = squeezed(BLANKS.sub("", html.text))
    lines = [squeezed(BLANKS.sub("", line)).removeprefix("* ") for line in text.splitlines()]
    told = [line for line in lines if line and set(line) != {"-"}]
    assert [line for line in told if line not in said] == []
    rest = said.removeprefix(NOTIFICATION.text(language, sample_mails.subject(kind, context)))
    for line in sorted(told, key=len, reverse=True):
        rest = rest.replace(line, "")
    assert squeezed(rest) == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted({sample_mails.subject(*case) for case in sample_mails.mails()}))
def test_subjects_are_plain_and_personal_to_nobody(key: str, language: str) -> None:
    subject = NOTIFICATION.text(language, key)
    assert 0 < len(subject) < 60
    assert "{" not in subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_load_is_light(language: str) -> None:
    page = REGISTRATION.render("form.html", language, **samples.form()).encode()
    assert len(page) < 60_000
    assert len(gzip.compress(page)) < 15_000


def test_pages_ask_nobody_else_for_anything() -> None:
    partners = {"tel:+491711234567", "mailto:a.b@mail.example"}
    for template, context in samples.pages():
        page = Reading(REGISTRATION.render(template, "de", **context))
        outside = [url for url in page.values("href") if re.match(r"[a-z]+:|//", url)]
        assert set(outside) <= {
            "data:,",
            "tel:+4971411440",
            "mailto:buddy@landkreis.example",
            samples.REFER["refer_url"],
            *partners,
        }
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_style_is_the_one_the_policy_names() -> None:
    page = REGISTRATION.render("sent.html", "ar", **samples.frame(**samples.REFER))
    style = page[page.index("<style>") + len("<style>") : page.index("</style>")]
    assert style_source() == f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("pair", PAIRS.split())
def test_text_has_contrast(pair: str) -> None:
    front, back = pair.split("/")
    assert contrast(TOKENS[front], TOKENS[back]) >= 4.5


@pytest.mark.parametrize(("front", "back"), [("line", "paper"), ("line", "ground"), ("focus", "paper"), ("focus", "ground")])
def test_borders_and_focus_have_contrast(front: str, back: str) -> None:
    assert contrast(TOKENS[front], TOKENS[back]) >= 3


def test_colours_come_from_the_tokens() -> None:
    body = STYLE.split("}", 1)[1]
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", body)) <= {"#000"}
    for mail in (SHARED / "templates").glob("mail*.html"):
        assert set(re.findall(r"#[0-9a-f]{6}", mail.read_text(encoding="utf-8"))) <= set(TOKENS.values())


def test_the_style_knows_no_left_and_right() -> None:
    mails = [path.read_text(encoding="utf-8") for path in (SHARED / "templates").glob("mail*.html")]
    for style in [STYLE, *mails]:
        assert not re.search(r"\b(left|right)\b|(?<!-)\bwidth:\d+px|[^-]height:", style.replace("line-height:", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_switcher_shows_every_language_in_its_own_words(language: str) -> None:
    page = REGISTRATION.render("sent.html", language, **samples.frame(**samples.REFER))
    for tag, one in LANGUAGES.items():
        assert f'lang="{tag}" dir="{one.direction}"' in page
        assert f">{one.autonym}</a>" in page
    assert page.count('aria-current="true"') == 1


def test_a_page_that_answers_a_post_offers_no_switch() -> None:
    page = Reading(REGISTRATION.render("sent.html", "de", **samples.frame(switch=lambda _: None, **samples.REFER)))
    assert not page.values("hreflang")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_faulty_form_names_every_fault_twice_and_keeps_what_was_typed(language: str) -> None:
    context = samples.form(
        mode="whole", values=samples.typed("Anna"), errors=samples.errors(), places=samples.places("Hemmingen")
    )
    html = REGISTRATION.render("form.html", language, **context)
    page = Reading(html)
    shown = squeezed(page.text)
    for error in samples.errors()[: len(samples.FIELDS) - 1]:
        assert shown.count(REGISTRATION.text(language, f"error.{error.code}", **error.params)) >= 2
        assert f'href="#f-{error.field}"' in html
    assert html.count('value="Anna"') == 7
    checked = [attributes["value"] for _, attributes in page.tags if "checked" in attributes]
    assert checked == ["local", "-", "cooking", "chess", "", "same", "1"]
    selected = [attributes["value"] for _, attributes in page.tags if "selected" in attributes]
    assert selected == ["15", "ar", "well", "10", "2", "signal"]
    assert "autofocus" in page.attributes("div")


def test_a_number_outside_the_list_is_offered_too() -> None:
    page = REGISTRATION.render("form.html", "de", **samples.form(values={"max_km": "25", "max_age_gap": "7"}))
    assert '<option value="25" selected>25 km' in page
    assert '<option value="7" selected>Höchstens 7 Jahre</option>' in page


def test_the_form_offers_what_we_know() -> None:
    page = Reading(REGISTRATION.render("form.html", "de", **samples.form()))
    values = page.values("value")
    assert all(values.count(code) >= 4 for code in SPOKEN)
    assert set(HOBBIES) <= set(values)
    names = set(page.values("name"))
    assert {
        "form_token",
        "role",
        "consent",
        "level_4",
        "language_1",
        "release_phone",
        "party",
        "capacity",
        "max_age_gap",
    } <= names
    assert {"email", "tel", "bday-year", "nickname"} <= set(page.values("autocomplete"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_german_stands_beside_a_consent_that_nobody_reviewed(language: str) -> None:
    page = REGISTRATION.render("form.html", language, **samples.form())
    assert ('lang="de" dir="ltr"><p>' in page.replace("\n", "")) == (language != "de")
    assert REGISTRATION.text("de", "form.consent.back") in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_in_the_regions_zone_with_western_digits(language: str) -> None:
    page = REGISTRATION.render("form.html", language, **samples.form())
    assert "23:59" in page
    assert "2021" in page
    assert not re.search("[٠-٩۰-۹]", page)


def test_a_count_below_three_is_a_few() -> None:
    for opens, expected in ((1, "ein paar Menschen"), (2, "ein paar Menschen"), (3, "3 Menschen")):
        tip = SimpleNamespace(change="max_km", to="15", opens=opens)
        assert expected in NOTIFICATION.render(
            "unmatched.txt", "de", **sample_mails.mail("Anna", reason="no_partner", suggestion=tip)
        )


def test_events_give_suggestions_and_partners_as_plain_dictionaries() -> None:
    tip = {"change": "wish", "opens": 4}
    assert "Alle sind mir recht" in NOTIFICATION.render(
        "unmatched.html", "de", **sample_mails.mail("A", reason="x", suggestion=tip)
    )
    one = vars(partner("Ben"))
    assert "Ben" in NOTIFICATION.render("introduced.html", "de", **sample_mails.mail("Anna", partners=[one]))


def test_ideas_come_from_shared_hobbies_first_and_are_three() -> None:
    mail = NOTIFICATION.render("introduced.txt", "de", **sample_mails.mail("Anna", partners=[partner("Ben", hobbies=("chess",))]))
    ideas = mail.split("Treffen\n")[1].split("Unsere Regeln")[0].strip().splitlines()
    assert ideas[0] == "* Spielt eine Partie Schach."
    assert len(ideas) == 3


def test_templates_exist_for_every_kind_of_mail() -> None:
    folder = Path(samples.ROOT, "services", "notification", "templates")
    assert (
        {path.stem for path in folder.glob("*.txt")} == set(sample_mails.KINDS) == {path.stem for path in folder.glob("*.html")}
    )
