"""One mail for one message: the same however often it is made, and nothing that people type can alter it."""

import email
import email.policy
import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notification.sender.composing import HEADERS, UnsafeMailError, _read_back, compose
from services.notification.sender.composing import Mail as Ready
from services.notification.sender.recipient import Recipient
from services.notification.tests.mails import ASKING, HOSTILE, KINDS, NAMING, PAGES, asked, message, pair, partner, recipient
from shared.schemas.codes import MessageKind
from shared.web.formal import informal
from shared.web.isolation import FSI, PDI, visible
from shared.web.languages import LANGUAGES
from shared.web.tests.reading import Reading

PARTNER = uuid4()


def read(raw: bytes) -> EmailMessage:
    """As a careful mail program reads it."""
    return email.message_from_bytes(raw, policy=email.policy.SMTP)


def parts(raw: bytes) -> tuple[str, str]:
    bodies = [read(raw).get_body((kind,)) for kind in ("plain", "html")]
    assert all(bodies)
    text, html = (body.get_content() for body in bodies if body)
    return text, html


def made(kind: MessageKind, to: Recipient) -> bytes:
    pairs = [pair(one.person, answer_by="2021-11-09T17:00:00Z") for one in to.partners]
    return compose(PAGES, message(kind, pairs=pairs, reason="no_partner", question=True), to).raw


def partners(kind: MessageKind, name: str = "Ben") -> list[dict[str, Any]]:
    """As registration names them to this kind: where people are asked, a place stands where the name would."""
    if kind in ASKING:
        return [asked(PARTNER, place=name)]
    return [partner(PARTNER, name)] if kind in NAMING else []


def plain(text: str) -> str:
    """Without the signs that keep names apart and links dead."""
    return re.sub(f"[{FSI}{PDI}\u2060]", "", text)


def check(raw: bytes, address: str = "anna@example.org") -> None:
    found = read(raw)
    assert tuple(found.keys()) == HEADERS
    assert [one.addr_spec for one in found["to"].addresses] == [address]
    assert [one.addr_spec for one in found["from"].addresses] == ["mybuddy@ludwigsburg.example"]
    assert not [defect for header in found.values() for defect in getattr(header, "defects", ())]
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_language_says_the_same_as_text_and_as_html(kind: MessageKind, language: str) -> None:
    to = recipient(language, partners=partners(kind))
    raw = made(kind, to)
    check(raw)
    found, (text, html) = read(raw), parts(raw)
    assert (found["content-language"], found["auto-submitted"]) == (language, "auto-generated")
    assert found["subject"] == PAGES.text(language, f"mail.{kind}.subject")
    assert found["list-unsubscribe"] == "<https://buddy.example/m/abc>"
    assert f'lang="{language}" dir="{LANGUAGES[language].direction}"' in html
    for link in re.findall(r"https://\S+", text):
        assert link in html
    about = {"Ben", "ben@example.org"} if kind in NAMING else {"30", "39", "Ben"} if kind in ASKING else set()
    for shown in ("Anna", "Landratsamt", *about):
        assert shown in plain(text)
        assert shown in plain(html)


@pytest.mark.parametrize("kind", [*KINDS, "opens"])
def test_a_region_that_says_sie_says_it_in_every_mail_and_others_say_du(kind: MessageKind) -> None:
    raw = made(kind, recipient(partners=partners(kind), address="sie"))
    found, du = read(raw), made(kind, recipient(partners=partners(kind)))
    assert found["content-language"] == "de"
    text, html = parts(raw)
    said = [found["subject"], text, Reading(html).said]
    assert [informal(text) for text in said] == [[], [], []]
    assert all(re.search(r"\b(Sie|Ihre?n?)\b", text) for text in said[1:])
    assert all(re.search(r"\b(Du|Deine?)\b", text) for text in parts(du))
    assert read(du)["subject"] == PAGES.text("de", f"mail.{kind}.subject")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "de"])
def test_how_german_speaks_changes_no_other_language(language: str) -> None:
    told = message("welcome")
    assert compose(PAGES, told, recipient(language, address="sie")) == compose(PAGES, told, recipient(language))


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:30])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_people_type_alters_a_mail(kind: MessageKind, name: str) -> None:
    to = recipient(name=name, partners=partners(kind, name))
    raw = made(kind, to)
    check(raw)
    text, html = parts(raw)
    assert visible(name) in plain(text)
    assert "evil.example/login" not in text + html
    assert "<script" not in html
    assert not re.search("[\u202a-\u202e\u2066\u2067]", text + html)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_no_name_at_all_alters_a_mail(name: str) -> None:
    check(made("introduced", recipient(name=name, partners=[partner(PARTNER, name, email=name)])))


@pytest.mark.parametrize(
    "address", ["o'neil+x@example.org", "a!#$%&*/=?^_`{|}~-@example.org", f"{'x' * 60}@{'y' * 60}.{'z' * 60}.example.org"]
)
def test_every_address_that_the_form_takes_reaches_its_one_recipient(address: str) -> None:
    check(made("confirm", recipient(email=address)), address)


@pytest.mark.parametrize(
    "name",
    [
        "Landratsamt, Büro 3",
        'Amt "Migration" (Ludwigsburg)',
        "Fachbereich Migration, Teilhabe und Integrationsförderung – Büro für Ehrenamt",
    ],
)
def test_a_sender_of_any_name_is_read_as_written(name: str) -> None:
    to = recipient()
    raw = made("confirm", to.model_copy(update={"sender": to.sender.model_copy(update={"name": name})}))
    check(raw)
    # The newer parser of this Python keeps the space between two encoded words, against RFC 2047.
    said = BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)["from"]
    shown, address = parseaddr(said)
    assert (str(make_header(decode_header(shown))), address) == (name, "mybuddy@ludwigsburg.example")
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?\S+\?=", raw))


def test_a_long_link_stays_on_the_line_of_its_header() -> None:
    to = recipient()
    me = "https://buddy.example/de/ludwigsburg/me/" + "x" * 300
    raw = made("confirm", to.model_copy(update={"links": to.links.model_copy(update={"me": me})}))
    assert f"\r\nList-Unsubscribe: <{me}>\r\n".encode() in raw


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_composed_again_is_the_same_mail_with_the_same_id_and_date(kind: MessageKind) -> None:
    to, told = recipient(), message(kind)
    first, again = compose(PAGES, told, to).raw, compose(PAGES, told, to).raw
    assert first == again
    assert read(first)["message-id"] == f"<{told.id}@ludwigsburg.example>"
    assert read(first)["date"] == "Tue, 02 Nov 2021 09:30:00 +0000"


@pytest.mark.parametrize("kind", ["refused", "not_checked"])
def test_who_is_not_in_the_round_is_told_the_round_and_whom_to_ask(kind: MessageKind) -> None:
    for part in parts(compose(PAGES, message(kind), recipient()).raw):
        said = plain(part)
        assert "Herbst 2021" in said
        assert said.count("Landratsamt") == 2
        assert "+49 7141 144-0" in said
        assert "office@ludwigsburg.example" in said


def test_an_answer_is_told_by_where_it_is_to_be_read() -> None:
    for part in parts(compose(PAGES, message("answered"), recipient()).raw):
        assert "https://buddy.example/m/abc" in part


def test_an_office_is_told_how_to_read_and_to_answer() -> None:
    raw = compose(PAGES, message("office_asked"), recipient(name="Landratsamt", address="sie")).raw
    check(raw)
    assert read(raw)["subject"] == "Eine neue Frage an das Büro"
    for part in map(plain, parts(raw)):
        assert "python -m coordinator asked" in part
        assert "python -m coordinator answer" in part
        assert "Landkreis Ludwigsburg" in part
    text, html = parts(raw)
    assert [informal(said) for said in (text, Reading(html).said)] == [[], []]


@pytest.mark.parametrize("kind", ["pair_ended", "unmatched"])
def test_only_who_comes_first_next_time_is_told_so(kind: MessageKind) -> None:
    first, welcome = PAGES.text("de", "outcome.first_next_time"), PAGES.text("de", "outcome.next_round")
    for reason, said, not_said in (("pair_ended", first, welcome), ("pair_over", welcome, first)):
        for part in map(plain, parts(compose(PAGES, message(kind, pairs=[], reason=reason), recipient()).raw)):
            assert (said in part, not_said in part) == (True, False)


def test_a_suggestion_is_told_with_its_number() -> None:
    suggestion = {"change": "max_km", "to": "15", "opens": 4}
    text, html = parts(
        compose(PAGES, message("unmatched", reason="none_within_distance", suggestion=suggestion), recipient()).raw
    )
    assert "15" in text
    assert "15" in html


def test_whoever_was_left_over_reads_what_there_is_meanwhile_line_by_line() -> None:
    to = recipient(meanwhile=["Ein Sprachcafé", "Die <Bücherei>"])
    text, html = map(plain, parts(compose(PAGES, message("unmatched", reason="no_partner"), to).raw))
    assert {"* Ein Sprachcafé", "* Die <Bücherei>"} <= set(text.splitlines())
    assert "Die &lt;Bücherei&gt;" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_was_left_over_is_asked_whether_they_are_in_again(language: str) -> None:
    again, first, first_time = (PAGES.text(language, f"mail.opens.{key}") for key in ("again", "first", "text"))
    for part in map(plain, parts(compose(PAGES, message("opens"), recipient(language, left_over=True)).raw)):
        assert again in part
        assert first in part
        assert first_time not in part
        assert "https://buddy.example/m/abc" in part
    assert again not in plain(parts(compose(PAGES, message("opens"), recipient(language)).raw)[0])


def test_a_mail_that_reads_back_otherwise_is_never_sent() -> None:
    raw = made("confirm", recipient())
    for changed in (
        raw.replace(b"Subject:", b"Bcc: x@evil.example\r\nSubject:", 1),
        raw.replace(b"To: anna@example.org", b"To: anna@example.org, x@evil.example", 1),
        raw.replace(b"Subject:", b"Subject: again\r\nSubject:", 1),
        raw.replace(b"Subject:", b"\r\nSubject:", 1),
        raw.replace(b"To: anna@example.org", b"To: Anna <anna@example.org>", 1),
    ):
        with pytest.raises(UnsafeMailError):
            _read_back(Ready("mybuddy@ludwigsburg.example", "anna@example.org", changed))


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_ended_a_pair_for_safety_is_told_other_words_and_nobody_else_is(language: str) -> None:
    """Not that such things happen; whom to ask, and that the two do not meet again."""
    for by_safety in (True, False):
        text, html = parts(made("pair_ended", recipient(language, by_safety=by_safety)))
        for said in (text, html):
            usual, apart = (PAGES.text(language, f"mail.pair_ended.{key}") for key in ("not_you", "apart"))
            asked = PAGES.text(language, "mail.pair_ended.office", office="|").split("|")
            found = [one in plain(said) for one in (usual, apart, *asked)]
            assert found == [not by_safety, by_safety, by_safety, by_safety]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_old_address_reads_that_it_still_counts_as_long_as_it_does(language: str) -> None:
    for still_theirs in (True, False):
        text, _ = parts(made("old_address", recipient(language, still_theirs=still_theirs)))
        found = [PAGES.text(language, f"mail.old_address.{key}") in plain(text) for key in ("waits", "asked")]
        assert found == [still_theirs, not still_theirs]


def test_the_office_reads_commands_that_work_as_they_stand() -> None:
    round_ = {"slug": "2021-autumn", "name": "Herbst 2021", "closes_at": "2021-11-01T00:00:00Z", "zone": "Europe/Berlin"}
    to = recipient(region="ludwigsburg", round=round_)
    commands: dict[MessageKind, str] = {"office_alerted": "endings ludwigsburg 2021-autumn", "office_asked": "asked ludwigsburg"}
    for kind, command in commands.items():
        for said in parts(made(kind, to)):
            assert re.search(rf"python -m coordinator {command}\W", plain(said)), kind
