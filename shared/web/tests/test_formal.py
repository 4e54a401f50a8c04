"""German as "Sie": on every page and in every mail of the samples; the list of words that are not formal finds them."""

import pytest

from shared.web import sample_mails, sample_personal, samples
from shared.web.formal import informal
from shared.web.languages import LANGUAGES
from shared.web.tests.reading import Reading

REGISTRATION, NOTIFICATION = samples.registration(), sample_mails.notification()


def read(html: str) -> str:
    page = Reading(html)
    assert page.attributes("html") == {"lang": "de", "dir": "ltr"}
    return page.said


@pytest.mark.parametrize("case", samples.pages(), ids=lambda case: case[0])
def test_no_page_says_du(case: samples.Case) -> None:
    template, context = case
    assert informal(read(REGISTRATION.render(template, "de", "sie", **context))) == []


@pytest.mark.parametrize("case", sample_personal.texts(), ids=lambda case: case[0])
def test_no_text_says_du(case: samples.Case) -> None:
    template, context = case
    assert informal(REGISTRATION.render(template, "de", "sie", **context)) == []


@pytest.mark.parametrize("case", sample_mails.mails(), ids=lambda case: case[0])
def test_no_mail_says_du(case: samples.Case) -> None:
    kind, context = case
    assert informal(read(NOTIFICATION.render(f"{kind}.html", "de", "sie", **context))) == []
    assert informal(NOTIFICATION.render(f"{kind}.txt", "de", "sie", **context)) == []
    assert informal(NOTIFICATION.text("de", sample_mails.subject(kind, context), "sie")) == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "de"])
def test_mails_of_other_languages_stay_as_they_are(language: str) -> None:
    for kind, context in sample_mails.mails():
        formal, usual = (NOTIFICATION.render(f"{kind}.txt", language, address, **context) for address in ("sie", "du"))
        assert formal == usual


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hast du Zeit?", ["du"]),
        ("Mit Deinem Buddy: DEINE Karte", ["Deinem", "DEINE"]),
        ("Wähle einen Ort, oder frage uns.", ["Wähle", "frage"]),
        ("Schau nach.\nGib es ein!", ["Schau", "Gib"]),
        ("Trefft Euch. Eure Karte, von Euch", ["Euch", "Eure", "Euch"]),
        ("Ich melde mich an. Ich gebe nichts weiter.", []),
        ("Wählen Sie, oder fragen Sie uns. Drücken Sie sie.", []),
        ("Die Suche ist fertig. Ein Tipp: Ihr Klick. Dünn, Dudelsack, indisch, Gibraltar", []),
    ],
)
def test_words_between_friends_are_found_and_no_others(text: str, words: list[str]) -> None:
    assert informal(text) == words
