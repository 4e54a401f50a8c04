"""What people type at the doors beside the form stays where it belongs, and goes with them (P11, P12).

Notices, the page to check, lost links, downloads, pauses, helpers, cards, doubts, questions, other addresses: each with words
that can be found again.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from deploy.local.demo.people import typed
from deploy.local.stack import Stack
from shared.schemas.people_file import Row
from tests.conftest import QUICK
from tests.faults.breaking import caught_up
from tests.integration.looking import Found, logs, metrics, rows_with, topics
from tests.rounds import LINK, Round, person, until

ANNA = person(1, name="Quellanna Quellbach", email="quellpost@example.org")
HELPED = person(2, name="Quellkarte Quellberg")
DOUBTFUL = person(3, name="www.quellzweifel.example", email="quellzwei@example.org")
TOLD = person(4, email="quellwartend@example.org")
WAITING = person(5, email="quellbleibt@example.org")
STRANGER = person(6, email="quellfremd@example.org")
MOVED, MISTAKEN = person(7, email="quellziel@example.org"), person(8, email="quellirrtum@example.org")
CONTACT = {
    "phone": ["+49 171 8642097"],
    "messenger_kind": ["signal"],
    "messenger": ["@quellbote.7"],
    "release_messenger": ["yes"],
}
ME_LINK = re.compile(r"https?://\S+/me/[\w-]+")
ADDRESS_LINK = re.compile(r"https?://\S+/address/[\w-]+")
ERASED = (ANNA, HELPED, DOUBTFUL)

TABLES = ("people", "notices", "asked", "addresses_asked")
PEOPLE, NOTICES, ASKED, ADDRESSES = ({("registration", table)} for table in TABLES)
# Whatever was typed, and all tables of all services in which it may be found.
TYPED: dict[str, set[tuple[str, str]]] = {
    "quellanna": set(),  # changed since
    "quellneu": PEOPLE,
    "quellpost": NOTICES | ADDRESSES,
    "quellziel": PEOPLE | ADDRESSES,
    "quellirrtum": PEOPLE,
    "8642097": PEOPLE,
    "quellbote": PEOPLE,
    "quellkarte": PEOPLE,
    "quellzweifel": PEOPLE,
    "quellgrund": {("registration", "doubts")},
    "quellfrage": ASKED,
    "quellantwort": ASKED,
    "quellheim": {("registration", "helpers")},
    "quellbleibt": NOTICES,
    "quellwartend": set(),  # told, and forgotten
    "quellfremd": set(),
    "quellcode": set(),
}
AFTERWARDS = {"quellheim": TYPED["quellheim"], "quellbleibt": NOTICES}
GROUP = "quellgruppe"
# A code that the office chose: people are counted by it.
COUNTED_BY_GROUP = {
    *(("registration", table) for table in ("people", "helpers", "outbox", "audit")),
    ("geo", "outbox"),
    ("matching", "participants"),
}
# That they were erased; matching knows until the round ends in which version.
PROOF = {
    *(("registration", table) for table in ("erasures", "erasure_receipts", "audit")),
    *((service, "outbox") for service in ("registration", "geo", "matching", "notification")),
    ("matching", "gone"),
    ("matching", "participants"),
}


@dataclass
class Told:
    """What was found while they were there and after they went; `secrets`: their links and codes, `card`: its number."""

    round_: Round
    secrets: list[str]
    card: str
    during: Found
    after: Found


@pytest.fixture(scope="module")
async def told(stack: Stack) -> AsyncIterator[Told]:
    with stack.installation("pages", env=QUICK) as made:
        await asyncio.to_thread(made.start_all)
        async with Round(made, stack.mailbox.http_url) as round_:
            await _notices(round_)
            secrets, card = await _pages(round_)
            await caught_up(made)
            words = [*TYPED, GROUP, card, *secrets]
            during = await rows_with(made, words)
            for row in ERASED:
                assert await round_.press(row, "erase") == 303
            await until("everybody has forgotten them", lambda: _forgotten(round_))
            await caught_up(made)
            yield Told(round_, secrets, card, during, await rows_with(made, words))


async def _notices(round_: Round) -> None:
    """Before the round opens two ask to be told, one of whom signs up; afterwards another."""
    for row in (TOLD, ANNA):
        assert (await round_.ask("notice", row)).status_code == 303
    await round_.open()
    for row in (TOLD, ANNA):
        await until("the mail that it is open", lambda row=row: round_.mails(row))  # type: ignore[misc]
    await until("their notices are forgotten", lambda: _no_notices(round_))
    for row in (WAITING, ANNA):
        assert (await round_.ask("notice", row)).status_code == 303


async def _no_notices(round_: Round) -> bool:
    return not await round_.fetch("registration", "SELECT id FROM notices")


async def _pages(round_: Round) -> tuple[list[str], str]:
    """Everybody goes through every page. Returns the links and codes, and the number of the card."""
    helper = await round_.helper("Quellheim am Bach", GROUP)
    flyer = await round_.command("flyer", round_.region, "de", "--group", GROUP)
    way = re.findall(r"via=([\w.-]+)", str(flyer))[0]
    assert (await round_.post_checked(ANNA, **CONTACT, via=[way], birth_year=["quellcode"])).status_code == 422
    assert (await round_.post_checked(ANNA, **CONTACT, via=[way])).status_code == 303
    assert (await round_.post_checked(DOUBTFUL)).status_code == 303
    await round_.confirm([ANNA, DOUBTFUL])
    await round_.command("accept", round_.region, str(round_.person_id(DOUBTFUL)), "--reason", "quellgrund")
    card, code, shown = await _card(round_, helper)
    await _my_page(round_)
    asked = await _addresses(round_)
    mails = [mail["text"] for row in (ANNA, DOUBTFUL) for mail in await round_.mails(row)]
    links = [
        *asked,
        helper,
        shown,
        round_.links[HELPED.id]["me"],
        *(link.group() for text in mails for link in LINK.finditer(text)),
    ]
    return [code, *{link.rpartition("/")[2] for link in links}], card


async def _card(round_: Round, helper: str) -> tuple[str, str, str]:
    """Number, code and address of the card of somebody who was signed up by a helper and opens their page with it."""
    assert (await round_.post_helped(helper, HELPED, phone=CONTACT["phone"], go=["check"])).status_code == 200
    shown = (await round_.post_helped(helper, HELPED, phone=CONTACT["phone"])).headers["location"]
    card, code = re.findall(r'<strong><bdi dir="ltr">([^<]+)</bdi>', (await round_.public.get(shown)).text)
    for tried in ("quellcode", code):
        answer = await round_.public.post(f"/de/{round_.region}/card", data={"card": card, "code": tried})
    round_.links[HELPED.id] = {"me": answer.headers["location"]}
    assert (await round_.public.post(shown)).status_code == 303
    return card, code, shown


async def _my_page(round_: Round) -> None:
    me = round_.links[ANNA.id]["me"]
    for row in (ANNA, STRANGER):
        assert (await round_.ask("link", row)).status_code == 303
    for page in ("", "/change", "/pause", "/data.json", "/data.txt"):
        assert (await round_.public.get(f"{me}{page}")).status_code == 200
    await _changed(round_, ANNA)
    await _question(round_, me)
    for action in ("pause", "return"):
        assert await round_.press(ANNA, action) == 303


async def _changed(round_: Round, at: Row) -> None:
    form = {**typed(ANNA), **CONTACT, "email": [round_.address(at)], "name": ["Quellneu Quellbach"]}
    assert (await round_.public.post(f"{round_.links[ANNA.id]['me']}/change", data=form)).status_code == 303


async def _new_link(round_: Round) -> str | None:
    """Whoever proves an address gets a link of their own again: those of earlier mails hold no more."""
    found = [ME_LINK.search(mail["text"]) for mail in await round_.mails(MOVED)]
    return next((link.group() for link in found if link is not None), None)


async def _addresses(round_: Round) -> list[str]:
    """Anna has another address, proved by its mail, and gives one more, which waits. Returns the link of the first."""
    await _changed(round_, MOVED)
    await until("the mail to the new address", lambda: round_.mails(MOVED))
    ((link,),) = [ADDRESS_LINK.findall(mail["text"]) for mail in await round_.mails(MOVED)]
    assert "/me/" not in str(await round_.mails(MOVED))
    assert (await round_.public.post(link)).status_code == 200
    round_.links[ANNA.id]["me"] = await until("the new link, in a mail to the new address", lambda: _new_link(round_))
    await _changed(round_, MISTAKEN)
    await until("the mail to the address that waits", lambda: round_.mails(MISTAKEN))
    await until("both old addresses are told", lambda: _both_told(round_))
    assert "/me/" not in str(await round_.mails(MISTAKEN))
    return [link]


async def _both_told(round_: Round) -> bool:
    return len(await _sent(round_, "old_address")) == 2


async def _question(round_: Round, me: str) -> None:
    """Asked, told to the office, answered, and told to the person."""
    form = {"form_token": "form-of-a-question", "question": "Wo ist die Quellfrage?"}
    assert (await round_.public.post(f"{me}/ask", data=form)).status_code == 303
    (question,) = await round_.command("asked", round_.region)
    await until("the office is told", lambda: _sent(round_, "office_asked"))
    await round_.command("answer", round_.region, question["id"], "--text", "Hier ist die Quellantwort.")
    await until("the person is told", lambda: _sent(round_, "answered"))
    for page in ("", "/ask", "/data.json", "/data.txt"):
        assert (await round_.public.get(f"{me}{page}")).status_code == 200


async def _sent(round_: Round, kind: str) -> list[object]:
    return [*await round_.fetch("notification", "SELECT id FROM messages WHERE kind = $1 AND state = 'sent'", kind)]


async def _forgotten(round_: Round) -> bool:
    receipts = [await round_.command("receipts", round_.region, str(round_.person_id(row))) for row in ERASED]
    return {len(one) for one in receipts} == {4}


def holding(found: Found, word: str) -> set[tuple[str, str]]:
    """The tables in which a word was found."""
    return {place for place, rows in found.items() if any(word.lower() in row.lower() for row in rows)}


@pytest.mark.parametrize("word", TYPED)
async def test_what_was_typed_is_in_the_tables_where_it_belongs_and_goes_with_its_person(told: Told, word: str) -> None:
    assert holding(told.during, word) == TYPED[word]
    assert holding(told.after, word) == AFTERWARDS.get(word, set())


async def test_no_table_ever_holds_a_link_or_a_code(told: Told) -> None:
    assert len(told.secrets) >= 6
    for secret in told.secrets:
        assert not holding(told.during, secret) | holding(told.after, secret)


async def test_the_number_of_a_card_and_wrong_codes_for_it_go_with_its_person(told: Told) -> None:
    assert holding(told.during, told.card) == PEOPLE | {("registration", "card_guesses")}
    assert not holding(told.after, told.card)


async def test_a_group_is_where_people_are_counted_and_nowhere_else(told: Told) -> None:
    assert PEOPLE < holding(told.during, GROUP) <= COUNTED_BY_GROUP
    assert holding(told.after, GROUP) == {("registration", "helpers"), ("registration", "audit")}


async def test_no_topic_log_or_metric_holds_any_of_it(told: Told) -> None:
    made = told.round_.installation
    said = {f"topic {name}": b"\n".join(values) for name, values in (await topics(made)).items()}
    said |= {f"log of {name}": text for name, text in logs(made).items()}
    said |= {f"metrics of {name}": text.encode() for name, text in (await metrics(made)).items()}
    assert len([name for name, text in said.items() if text]) >= 12
    for name, text in said.items():
        assert not [word for word in (*TYPED, told.card.lower()) if word.encode() in text.lower()], name
        assert not [secret for secret in told.secrets if secret.encode() in text], name
        assert name.startswith("topic") or GROUP.encode() not in text, name


@pytest.mark.parametrize("row", ERASED, ids=lambda row: row.name.split()[0])
async def test_of_whoever_went_only_the_proof_is_left(told: Told, row: Row) -> None:
    found = await rows_with(told.round_.installation, [str(told.round_.person_id(row))])
    assert {("registration", "erasures"), ("registration", "erasure_receipts")} <= set(found) <= PROOF
