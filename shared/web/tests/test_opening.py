"""What helps two people to begin: sentences in two languages, and ideas for where they live."""

import re

import pytest

from shared.web import sample_mails, samples
from shared.web.languages import LANGUAGES, other_language
from shared.web.sample_outcomes import outcomes, partner
from shared.web.tests.reading import Reading

REGISTRATION, NOTIFICATION = samples.registration(), sample_mails.notification()
BLANKS = re.compile(r"[\u2060\u2068\u2069]")


@pytest.mark.parametrize(
    ("reader", "shared", "other"),
    [
        ("ar", ["de", "ar"], "de"),
        ("de", ["de", "fa-AF", "en"], "fa"),
        ("de", ["ckb", "tr"], "tr"),
        ("de", ["de"], None),
        ("fa", ["fa-AF"], None),
        ("ar", ["ckb"], "de"),
        ("de", ["ckb"], None),
        ("uk", [], "de"),
    ],
)
def test_the_other_language_is_the_best_shared_one_that_the_reader_does_not_read_anyway(
    reader: str, shared: list[str], other: str | None
) -> None:
    assert other_language(reader, shared) == other


def introduced(language: str, *shared: str, town: str = "") -> dict[str, object]:
    two = partner("Käthe Groß")
    two.first_name, two.languages = "Käthe", list(shared)
    return sample_mails.mail("Olena Test", partners=[two], town=town)


def said_in(html: str, language: str) -> list[str]:
    """The words of the parts that are marked as being in this language and its direction."""
    mark = f'lang="{language}" dir="{LANGUAGES[language].direction}"'
    return [Reading(part).text for part in re.findall(rf"<p [^>]*{mark}[^>]*>.*?</p>", html)]


@pytest.mark.parametrize(("reader", "other"), [("de", "ar"), ("ar", "de"), ("uk", "fa"), ("tr", "en")])
def test_three_sentences_stand_in_both_languages_each_with_its_own_direction(reader: str, other: str) -> None:
    html = NOTIFICATION.render("introduced.html", reader, **introduced(reader, other))
    text = BLANKS.sub("", NOTIFICATION.render("introduced.txt", reader, **introduced(reader, other)))
    for language in (reader, other):
        hello = NOTIFICATION.text(language, "opening.hello", name="Olena", partner="Käthe")
        sentences = [hello, *(NOTIFICATION.text(language, f"opening.{what}") for what in ("glad", "meet"))]
        assert said_in(html, language) == sentences
        assert all(sentence in text.splitlines() for sentence in sentences)


def test_who_shares_the_readers_language_alone_has_the_sentences_once() -> None:
    text = NOTIFICATION.render("introduced.txt", "de", **introduced("de", "de"))
    assert text.count("myBuddy hat uns zusammengebracht") == 1
    assert "einer anderen Sprache" not in text


def test_my_page_has_the_same_sentences_and_says_where_to_report() -> None:
    shown = samples.mine(person=samples.person("Olena Test"), phase="published", outcome=outcomes("Ben")[0])
    html = REGISTRATION.render("me.html", "ar", **shown)
    assert said_in(html, "de")[0] == "Hallo Ben, ich bin Olena. myBuddy hat uns zusammengebracht."
    assert 'href="/x/ask"' in html
    assert 'href="/x/end/x"' in html


def test_a_mail_says_whom_to_ask_and_where_to_report() -> None:
    for form in ("txt", "html"):
        mail = BLANKS.sub("", Reading(NOTIFICATION.render(f"introduced.{form}", "de", **introduced("de", "de"))).text)
        assert f"Hier hilft man Dir: {samples.OFFICE.name}" in mail
        assert "ein Problem melden" in mail


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_the_town_is_known_an_idea_names_it_and_they_are_three(language: str) -> None:
    context = introduced(language, "de", town="Asperg")
    mail = BLANKS.sub("", NOTIFICATION.render("introduced.txt", language, **context))
    bullets = [line for line in mail.split(NOTIFICATION.text(language, "meeting.rules"))[0].splitlines() if line[:2] == "* "]
    assert len(bullets) == 3
    assert bullets[-1] == f"* {NOTIFICATION.text(language, 'idea.town.in', place='Asperg')}"
