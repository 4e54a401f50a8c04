"""Of whoever is erased nothing stays here but that they were: neither in what stands about them in other tables (P12)."""

from collections.abc import ItemsView
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.local.keys import Keys
from services.registration.handlers import by_address, own_data
from services.registration.handlers.helping import open_card, sign_up_helped
from services.registration.handlers.sign_up import sign_up
from services.registration.store import helpers, rounds
from services.registration.tests.doubting import decide, in_doubt
from services.registration.tests.front import NOTIFICATION, Front, token
from services.registration.tests.made import ROUND, everything, form, one, opened
from shared.runtime import db

NAME = "www.zykan.example"
WHO: dict[str, Any] = {"name": NAME, "email": "zykan@example.org", "phone": "+49 171 9753124", "messenger": "Signal: zykan.1"}
PROOF = {"erasures", "erasure_receipts", "outbox"}


@pytest.fixture
async def person(front: Front) -> UUID:
    """Somebody with a card, who waits for a notice, asked something, was accepted after a doubt, and whom somebody resembles."""
    await opened(front.pool)
    somebody = one(1, **WHO)
    async with db.transaction(front.pool) as conn:
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
        assert await sign_up_helped(conn, somebody, helper) == "card"
    await front.client.post("/de/ludwigsburg/notice", data={"email": "ZYKAN@example.org"})
    await _mailed(front, somebody.person)
    async with db.transaction(front.pool) as conn:
        assert await own_data.confirm(conn, somebody.person) == "in_doubt"
        card = await conn.fetchval("SELECT card FROM people")
        assert await open_card(conn, "ludwigsburg", card, "WRONG2", front.tools.settings.keys) is None
    assert await decide(front.pool, somebody.person, "accepted") == ("confirmed", [])
    await in_doubt(front.pool, 2, name=NAME)
    question = {"form_token": "a-form-with-a-question", "question": "Wo ist der zykanplatz?"}
    assert (await front.client.post(f"{await front.link(somebody.person)}/ask", data=question)).status_code == 303
    await _another_address(front, somebody.person)
    return somebody.person


async def _another_address(front: Front, person: UUID) -> None:
    """It waits, after a mail that counts for its mailbox."""
    changed = form(**{**WHO, "email": "zykan.new@example.org", "messenger": "zykan.1", "messenger_kind": "signal"})
    assert (await front.client.post(f"{await front.link(person)}/change", data=changed)).status_code == 303
    asking = await front.pool.fetchval("SELECT new_email_id FROM people WHERE id = $1", person)
    question = {"kind": "new_address", "person": str(asking), "message": str(uuid4())}
    answer = await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
    assert answer.json()["email"] == "zykan.new@example.org"


async def _mailed(front: Front, person: UUID) -> None:
    """Both mails count for their mailbox."""
    async with db.transaction(front.pool) as conn:
        await by_address.say_open(conn, await rounds.get(conn, ROUND))
    for kind, whom in (("confirm", person), ("opens", await front.pool.fetchval("SELECT id FROM notices"))):
        question = {"kind": kind, "person": str(whom), "message": str(uuid4())}
        answer = await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
        assert answer.json()["answer"] == "send"


async def _rows_with(front: Front, *words: str) -> dict[str, str]:
    """Table to its rows that hold one of the words."""
    found = {table: "\n".join(row for row in rows if any(word in row for word in words)) for table, rows in await _all(front)}
    return {table: rows for table, rows in found.items() if rows}


async def _all(front: Front) -> ItemsView[str, list[str]]:
    return (await everything(front.pool)).items()


@pytest.mark.parametrize("by", ["their page", "the office"])
async def test_nothing_of_them_is_left_but_the_proof(front: Front, person: UUID, keys: Keys, by: str) -> None:
    notice = await front.pool.fetchval("SELECT id FROM notices")
    card = await front.pool.fetchval("SELECT card FROM people WHERE id = $1", person)
    mailbox = await front.pool.fetchval("SELECT mailbox FROM unconfirmed_mails WHERE person_id = $1", person)
    asking = await front.pool.fetchval("SELECT id FROM addresses_asked")
    other = await front.pool.fetchval("SELECT mailbox FROM unconfirmed_mails WHERE person_id = $1", asking)
    typed = ("zykan@", "zykan.new@", "9753124", "zykan.1", "zykanplatz")
    ids, words = (str(person), str(notice)), (card, str(mailbox), str(asking), str(other), *typed)
    before = await _rows_with(front, *ids, *words)
    beside = {"notices", "doubts", "card_guesses", "unconfirmed_mails", "asked", "addresses_asked"}
    assert set(before) == {"people", "outbox"} | beside

    path = f"{await front.link(person)}/erase" if by == "their page" else f"/coordinator/people/ludwigsburg/{person}/erase"
    assert not (await front.client.post(path, headers=token(keys, "ludwigsburg"))).is_error

    after = await _rows_with(front, *ids)
    assert set(after) == (PROOF if by == "their page" else {*PROOF, "audit"})
    assert (after["outbox"].count("payload=b'"), "Erased.v1" in after["outbox"]) == (1, True)
    assert await _rows_with(front, *words) == {}


async def test_what_stands_of_others_stays(front: Front, person: UUID) -> None:
    await front.client.post("/de/ludwigsburg/notice", data={"email": "other@example.org"})
    await front.client.post("/de/ludwigsburg/card", data={"card": "LU-99999", "code": "WRONG2"})
    await front.client.post(f"{await front.link(person)}/erase")
    left = {}
    for table in ("notices", "card_guesses", "doubts", "people"):
        left[table] = await front.pool.fetchval(f'SELECT count(*) FROM "{table}"')
    assert left == {"notices": 1, "card_guesses": 1, "doubts": 2, "people": 1}


async def test_the_form_of_somebody_erased_brings_nobody_back_with_a_helper_either(front: Front, person: UUID) -> None:
    await front.client.post(f"{await front.link(person)}/erase")
    async with db.transaction(front.pool) as conn:
        assert await sign_up(conn, one(1, **WHO)) == "accepted"
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
        assert await sign_up_helped(conn, one(1, **WHO), helper) == "known"
    assert await front.pool.fetchval("SELECT count(*) FROM people WHERE id = $1", person) == 0
