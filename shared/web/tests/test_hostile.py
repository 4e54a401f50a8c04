"""What people type is shown literally, apart from the text around it, and is never a link."""

import re
from functools import cache
from types import SimpleNamespace

import pytest

from shared.web import sample_mails, sample_personal, samples
from shared.web.isolation import FSI, PDI, isolated, isolated_html, mailto, tel, visible, without_links
from shared.web.languages import LANGUAGES
from shared.web.sample_outcomes import partner
from shared.web.tests.reading import Reading

RLO = "\u202e"
NAMES = (
    "{{7*7}}",
    "{% raw %}",
    "{0.__class__}",
    "{name}",
    "%s%n%(name)s",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='x",
    "&lt;b&gt;",
    "=HYPERLINK(1)",
    "evil.example/login",
    "https://evil.example",
    "www.evil.example",
    "a@evil.example",
    "0900 123456",
    f"Anna{RLO}gpj",
    f"Anna{PDI}{RLO}x{PDI}",
    "a\r\nBcc: x",
    "a\u2028b",
    "سارا\u200cجان",
    "ሰላም",
)
BIDI = re.compile("[\u202a-\u202e\u2066\u2067]")
REGISTRATION, NOTIFICATION = samples.registration(), sample_mails.notification()


def plain(text: str) -> str:
    return re.sub(f"[{FSI}{PDI}\u2060]", "", text)


Tags = list[tuple[str, list[str]]]


def tags(page: Reading) -> Tags:
    return [(tag, sorted(attributes)) for tag, attributes in page.tags]


@cache
def harmless(language: str) -> list[Tags]:
    pages = sample_personal.personal_pages("Anna")
    return [tags(Reading(REGISTRATION.render(template, language, **context))) for template, context in pages]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_literal_in_every_page(name: str, language: str) -> None:
    for (template, hostile), twin in zip(sample_personal.personal_pages(name), harmless(language), strict=True):
        page = Reading(REGISTRATION.render(template, language, **hostile))
        assert tags(page) == twin
        # The form gives back what was typed; what a page says is made visible.
        assert name in page.values("value") or visible(name) in page.text
        assert not BIDI.search(page.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_literal_in_every_mail(name: str, language: str) -> None:
    for kind, context in sample_mails.personal_mails(name):
        text = NOTIFICATION.render(f"{kind}.txt", language, **context)
        html = Reading(NOTIFICATION.render(f"{kind}.html", language, **context))
        assert visible(name) in plain(text)
        assert visible(name) in plain(html.text)
        assert not BIDI.search(text + html.text)
        assert text.count(FSI) == text.count(PDI)
        assert not {tag for tag, _ in html.tags} & {"script", "img"}


@pytest.mark.parametrize(
    "name", ["evil.example/login", "https://evil.example", "www.evil.example", "a@evil.example", "0900 123456"]
)
def test_names_are_no_links_in_mails(name: str) -> None:
    for kind, context in sample_mails.mails(name):
        text = NOTIFICATION.render(f"{kind}.txt", "de", **context)
        html = Reading(NOTIFICATION.render(f"{kind}.html", "de", **context))
        for shown in (text, html.text):
            assert not re.search(r"evil\.|\.example/login|a@evil|https?://evil|0900 123", shown)
        assert "evil" not in plain(html.linked)
        assert not [url for url in html.values("href") if "evil" in url]


def test_a_contact_that_is_not_one_is_no_link() -> None:
    ben = partner("Ben")
    ben.contacts = [
        SimpleNamespace(kind="email", value="a@b.example?bcc=x@evil.example"),
        SimpleNamespace(kind="phone", value="javascript:1"),
    ]
    html = Reading(NOTIFICATION.render("introduced.html", "de", **sample_mails.mail("Anna", partners=[ben])))
    assert not [url for url in html.values("href") if "evil" in url or "javascript" in url]
    assert "a@b.example?bcc=x@evil.example" in plain(html.text)


def test_contacts_of_a_partner_are_live() -> None:
    html = Reading(NOTIFICATION.render("introduced.html", "de", **sample_mails.mail("Anna", partners=[partner("Ben")])))
    assert {"mailto:a.b@mail.example", "tel:+491711234567"} <= set(html.values("href"))


def test_isolation() -> None:
    assert isolated(f"a{PDI}b") == f"{FSI}a\ufffdb{PDI}"
    assert isolated_html("<b>") == "<bdi>&lt;b&gt;</bdi>"
    assert without_links("Dr. Anna B.") == "Dr. Anna B."
    assert visible("سارا\u200cجان") == "سارا\u200cجان"


@pytest.mark.parametrize("address", ["a b@c.de", "a@b.de,c@d.de", "a@b.de?cc=x", "javascript:1", "a@b.de\nx"])
def test_only_an_address_makes_a_mail_link(address: str) -> None:
    assert mailto(address) is None


def test_numbers_make_phone_links() -> None:
    assert tel("0171/123 45-67") == "tel:01711234567"
    assert tel("+49 (0) 7141 144") == "tel:+497141144"
    assert tel("*#06#") is None
