"""Nothing that names a person leaves registration but in mails, and nothing that people type alters a mail or a page."""

import email
import html
import re
from typing import Any

import pytest

from deploy.local.demo.page import Page
from deploy.local.installation import Installation
from deploy.local.stack import Stack
from shared.schemas.people_file import Row
from tests.integration.looking import Found, logs, metrics, rows_with, topics
from tests.integration.moments import NewRound, says
from tests.rounds import SLUG, Round, person, until

CANARY = "zykanari"
PHONE = "+49 171 9753124"
DIGITS = "9753124"
NEWCOMER = person(1, name="Zykanariname Zykanarifamilie", email="zykanaripost@example.org")
LOCAL = person(101, "local", name="Zykanarifreund Zykanariberg", email="zykanarifach@example.org")
PARTY = [person(n, email=f"zykanariparty{n}@example.org", party="zykanariwort") for n in (2, 3)]
LOST = person(4, name="Zykanariweg", email="zykanariort@example.org")
BOUNCED = person(5, name="Zykanaribumerang", email="zykanarizurueck@example.org")
EVERYONE = [NEWCOMER, LOCAL, *PARTY, LOST, BOUNCED]

HEADERS = {
    *("from", "to", "subject", "date", "message-id", "auto-submitted", "list-unsubscribe", "content-language"),
    *("mime-version", "content-type"),
}
ISOLATED = re.compile("[\u2060\u2068\u2069]")
REFUSED = {
    "header": "a\r\nBcc: x@example.org",
    "line": "Anna\nBerta",
    "separator": "Anna\u2028Berta",
    "nul": "Anna\0",
    "override": "Anna\u202egpj",
    "embedding": "Anna\u2067Berta",
    "marks": "A" + "\u0301" * 500,
    "tower": "A" + "\u0301\u0302\u0303\u0304\u0305\u0306",
    "nothing": "\u200b\u200d",
}
HARMLESS = {
    "encoded-word": "=?utf-8?q?a=0ABcc:_x@example.org?=",
    "jinja": "{{7*7}}",
    "format": "{0.__class__}",
    "percent": "%s%n",
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img/src=x>",
    "formula": '=HYPERLINK("https://evil.example")',
    "link": "evil.example/login",
    "url": "https://evil.example",
    "sql": "'); DROP TABLE people; --",
    "arabic": "محمد عبدالله",
    "persian": "علی\u200cرضا حسینی",
    "tigrinya": "ሰላም ገብረ",
    "ukrainian": "Олена Шевченко",
    "german": "Zoë O'Connor-Müller",
}
BAD_ADDRESSES = {
    "header": "a@example.org\r\nBcc: x@example.org",
    "two": "a@example.org,b@example.org",
    "list": "a@example.org b@example.org",
    "named": "Anna <a@example.org>",
    "literal": "a@[127.0.0.1]",
    "nul": "a\0@example.org",
    "path": "<a@example.org>",
}


@pytest.fixture(scope="module")
async def canaries(new_round: NewRound, stack: Stack) -> dict[str, Any]:
    """A full run of people whose every word can be found again; what is stored of them before they go, and after."""
    round_ = await new_round()
    stack.mailbox.behave("reject", only_to=round_.address(BOUNCED))
    try:
        await _run(round_)
    finally:
        stack.mailbox.behave()
    during = await rows_with(round_.installation, [CANARY, DIGITS])
    mails = [mail for row in EVERYONE for mail in await round_.mails(row)]
    await round_.press(NEWCOMER, "withdraw")
    await round_.press(LOCAL, "erase")

    async def forgotten() -> bool:
        return len(await round_.command("receipts", round_.region, str(round_.person_id(LOCAL)))) == 4

    await until("everyone has forgotten the erased one", forgotten)
    return {"during": during, "after": await rows_with(round_.installation, [CANARY, DIGITS]), "mails": mails}


async def _run(round_: Round) -> None:
    contact = {"phone": [PHONE], "release_phone": ["yes"]}
    await round_.open()
    for row in EVERYONE:
        lost = {"place": ["Zykanaridorf am Ende"], "place_id": ["-"]} if row is LOST else {}
        wrong = await round_.post(row, **contact, birth_year=["zykanarijahr"], place=["Zykanari 1"])
        assert wrong.status_code == 422
        assert (await round_.post(row, **contact, **lost)).status_code == 303
    assert (await round_.post(NEWCOMER, form_token=["form-of-zykanari-again"])).status_code == 303
    await round_.confirm([row for row in EVERYONE if row is not BOUNCED])

    async def bounced() -> bool:
        rows = await round_.fetch("registration", "SELECT bounced_at FROM people WHERE id = $1", round_.person_id(BOUNCED))
        return rows[0]["bounced_at"] is not None

    await until("the refused mail is reported", bounced)
    await round_.command("questions", round_.region, "2021-autumn")
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()


async def test_the_canaries_are_where_they_must_be(canaries: dict[str, Any]) -> None:
    """Else nothing was searched for: registration knows them, and partners read each other's name and phone."""
    assert set(canaries["during"]) == {("registration", "people")}
    text = "\n".join(mail["text"] for mail in canaries["mails"])
    for word in ("Zykanariname", "Zykanarifreund", "zykanaripost", "zykanarifach"):
        assert word in text
    assert DIGITS in re.sub(r"\D", "", text)


async def test_no_table_but_that_of_people_ever_holds_a_word_of_them(canaries: dict[str, Any]) -> None:
    found: Found = canaries["after"]
    assert set(found) == {("registration", "people")}
    stored = "\n".join(found["registration", "people"]).lower()
    assert "zykanarifreund" not in stored
    assert "zykanariwort" not in stored
    assert "zykanaridorf am ende" in stored


async def test_no_topic_log_or_metric_holds_a_word_of_them(canaries: dict[str, Any], shared_installation: Installation) -> None:
    assert canaries
    topics_ = {name: b"\n".join(values) for name, values in (await topics(shared_installation)).items()}
    metrics_ = {name: text.encode() for name, text in (await metrics(shared_installation)).items()}
    assert len([name for name, said in topics_.items() if said]) >= 6
    for name, said in (*topics_.items(), *logs(shared_installation).items(), *metrics_.items()):
        assert said or name in topics_
        for word in (CANARY, DIGITS, PHONE):
            assert word.encode() not in said.lower(), (name, word)


@pytest.fixture(scope="module")
async def open_round(new_round: NewRound) -> Round:
    round_ = await new_round()
    await round_.open()
    return round_


@pytest.mark.parametrize("name", REFUSED.values(), ids=list(REFUSED))
async def test_a_name_that_could_break_a_line_is_refused_with_a_sentence(open_round: Round, name: str) -> None:
    answer = await open_round.post(person(1), name=[name])
    assert answer.status_code == 422
    sentences = [says(f"error.name_{code}", max=80) for code in ("not_allowed", "missing", "too_long")]
    assert any(sentence in html.unescape(answer.text) for sentence in sentences)


@pytest.mark.parametrize("address", BAD_ADDRESSES.values(), ids=list(BAD_ADDRESSES))
async def test_what_is_not_one_plain_address_is_refused_with_a_sentence(open_round: Round, address: str) -> None:
    answer = await open_round.post(person(1), email=[address])
    assert answer.status_code == 422
    assert says("error.email_invalid") in html.unescape(answer.text)


async def test_words_nobody_understands_as_a_place_are_one_harmless_line_to_the_coordinator(open_round: Round) -> None:
    row = person(50)
    typed = "Dorf\0 <script>\r\nam \u202eEnde {{7*7}}\u2028"
    assert (await open_round.post(row, place=[typed], place_id=["-"])).status_code == 303
    await open_round.confirm([row])

    async def questions() -> Any:
        return await open_round.command("questions", open_round.region, "2021-autumn")

    (question,) = await until("the open question", questions)
    assert question["typed"] == "Dorf <script> am Ende {{7*7}}"
    page = await open_round.public.get(open_round.links[row.id]["me"])
    assert "<script" not in page.text
    assert "Dorf <script> am Ende {{7*7}}" in html.unescape(page.text)


@pytest.fixture(scope="module")
async def harmless(new_round: NewRound) -> dict[str, tuple[Row, list[dict[str, Any]], str]]:
    """A whole round of people with such names: of each their row, all mails to them and to their partner, and their page."""
    round_ = await new_round()
    rows = {kind: person(n, id=f"h{n}", name=name, email=f"h{n}@example.org") for n, (kind, name) in enumerate(HARMLESS.items())}
    locals_ = [person(200 + n, "local") for n in range(len(rows))]
    await round_.signed_up([*rows.values(), *locals_])
    for doubt in await round_.command("doubts", round_.region, SLUG):
        await round_.command("accept", round_.region, doubt["person"], "--reason", "they are called so")
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()
    by_id = {round_.person_id(row): row for row in locals_}
    partners = {newcomer: by_id[local] for newcomer, local in await round_.pairs()}
    found = {}
    for kind, row in rows.items():
        told = await round_.results(partners[round_.person_id(row)])
        page = await round_.public.get(round_.links[row.id]["me"])
        found[kind] = (row, [*await round_.mails(row), *told], page.text)
    return found


@pytest.mark.parametrize("kind", HARMLESS)
async def test_mails_about_a_strange_name_have_one_recipient_and_the_expected_headers(
    harmless: dict[str, tuple[Row, list[dict[str, Any]], str]], kind: str
) -> None:
    _, mails, _ = harmless[kind]
    assert len(mails) == 4
    for mail in mails:
        assert mail["problems"] == []
        assert len(mail["recipients"]) == 1
        names = [name.lower() for name, _ in mail["headers"]]
        assert sorted(names) == sorted(HEADERS)
        assert dict(mail["headers"])["To"] == mail["recipients"][0]
        assert set(email.message_from_string(mail["raw"]).keys()) == {name for name, _ in mail["headers"]}


@pytest.mark.parametrize("kind", HARMLESS)
async def test_a_strange_name_is_shown_literally_and_never_becomes_a_link(
    harmless: dict[str, tuple[Row, list[dict[str, Any]], str]], kind: str
) -> None:
    row, mails, page = harmless[kind]
    *own, of_partner = mails
    assert row.name in html.unescape(page)
    for mail, name in [*((mail, row.name) for mail in own), (of_partner, row.name.split()[0])]:
        assert name in ISOLATED.sub("", mail["text"])
        assert name in ISOLATED.sub("", html.unescape(mail["html"]))
        assert "evil.example" not in mail["text"] + mail["html"]
    for shown in (page, *(mail["html"] for mail in mails)):
        assert not re.search(r"<script|<img[^>]*x>", shown)
        assert not [link for link in Page(shown).links if "evil" in link]
