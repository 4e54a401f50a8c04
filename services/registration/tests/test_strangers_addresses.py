"""Whatever takes an address or a card answers everybody alike, whether we know it or not: status, headers, body (P14)."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from services.registration.domain import cards, links
from services.registration.handlers import own_data, returning
from services.registration.handlers.helping import sign_up_helped
from services.registration.store import helpers
from services.registration.tests.front import Front, public
from services.registration.tests.made import confirmed, form, one, opened, signed_up
from shared.runtime import db

HERE = "/{language}/{slug}"
ME, HELPER = f"{HERE}/me/{{token}}", f"{HERE}/helper/{{token}}"
TAKE_AN_ADDRESS = {HERE, f"{HERE}/link", f"{HERE}/notice", f"{ME}/change", f"{HELPER}/person"}
TAKE_NONE = {
    f"{ME}/{{action}}",
    f"{ME}/ask",
    f"{ME}/end/{{pair}}",
    f"{ME}/address",
    f"{HERE}/address/{{token}}",
    f"{ME}/suggestion",
    f"{ME}/answer/{{pair}}",
    f"{ME}/follow/{{pair}}",
    f"{HERE}/confirm/{{token}}",
    f"{HELPER}/card/{{card}}",
    f"{HERE}/card",
}


def test_all_that_takes_an_address_is_asked_here(app: FastAPI) -> None:
    assert public(app, "POST") == TAKE_AN_ADDRESS | TAKE_NONE


@pytest.fixture
async def helper(front: Front) -> UUID:
    """Whose link is used; people whose address is p1@ to p7@example.org are in every state there is."""
    await opened(front.pool)
    _, paused, left, erased, bounced = await confirmed(front.pool, *(one(number) for number in range(1, 6)))
    await signed_up(front.pool, one(6))
    async with db.transaction(front.pool) as conn:
        await returning.pause(conn, paused)
        await own_data.leave(conn, left)
        await own_data.erase(conn, erased)
        await conn.execute("UPDATE people SET bounced_at = clock_now() WHERE id = $1", bounced)
        made = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
        assert await sign_up_helped(conn, one(7), made) == "card"
    return made.id


ADDRESSES = ("p0@example.org", *(f"p{number}@example.org" for number in range(1, 8)))


Seen = tuple[int, list[tuple[str, str]], str]


def seen(answer: httpx.Response, *typed: str) -> Seen:
    """All that can be seen of an answer, without the words that were typed."""
    page = answer.text
    for words in typed:
        page = page.replace(words, "…")
    return answer.status_code, sorted(answer.headers.items()), page


async def to_all(front: Front, path: str, *, own_name: bool, **typed: Any) -> Seen:
    """The one answer to strangers and to all whom we know by this address, each asking twice."""
    found = []
    for number, email in enumerate((*ADDRESSES, *ADDRESSES)):
        name = f"Person {email[1]}" if own_name else "Somebody Else"
        given = {"form_token": f"a-form-of-somebody-{number:02}", "name": name, "email": email} | typed
        found.append(seen(await front.client.post(path, data=form(**given)), email, name))
    assert all(one_of == found[0] for one_of in found), found
    return found[0]


@pytest.mark.parametrize("own_name", [True, False], ids=["their name", "another name"])
@pytest.mark.parametrize("language", ["de", "ar"])
async def test_the_form_sent_answers_everybody_alike(front: Front, helper: UUID, language: str, own_name: bool) -> None:
    status, headers, _ = await to_all(front, f"/{language}/ludwigsburg", own_name=own_name)
    assert (status, dict(headers)["location"]) == (303, f"/{language}/ludwigsburg/sent")


@pytest.mark.parametrize("go", ["check", "edit"])
async def test_the_form_shown_once_more_shows_everybody_the_same(front: Front, helper: UUID, go: str) -> None:
    token = links.make(helper, "helper", 1, front.tools.settings.keys)
    for path in ("/de/ludwigsburg", f"/de/ludwigsburg/helper/{token}/person"):
        status, _, page = await to_all(front, path, own_name=True, go=go, form_token="a-form-that-is-shown")
        assert (status, "…" in page) == (200, True)


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("kind", ["link", "notice"])
async def test_a_lost_link_and_a_notice_are_promised_to_everybody_alike(
    front: Front, helper: UUID, kind: str, language: str
) -> None:
    status, headers, page = await to_all(front, f"/{language}/ludwigsburg/{kind}", own_name=True)
    assert (status, dict(headers)["location"], page) == (303, f"/{language}/ludwigsburg/{kind}/sent", "")


async def test_whoever_changes_to_an_address_of_somebody_else_learns_nothing(front: Front, helper: UUID) -> None:
    (person,) = await confirmed(front.pool, one(8))
    me, shown = await front.link(person), []
    for email in ADDRESSES:
        answer = seen(await front.client.post(f"{me}/change", data=form(name="Somebody Else", email=email)), email)
        link = await front.address_link(person)
        pages = [await front.client.get(me), await front.client.get(link), await front.client.post(link)]
        shown.append((answer, *(seen(page, email, link.rpartition("/")[2]) for page in pages)))
        await front.pool.execute("UPDATE people SET email = 'p8@example.org', link_generation = 1 WHERE id = $1", person)
        await front.pool.execute("DELETE FROM addresses_asked")  # as somebody else, on another day
    assert all(one_of == shown[0] for one_of in shown)
    assert [one_of[0] for one_of in shown[0]] == [303, 200, 200, 200]


async def test_a_helper_is_told_of_everybody_who_is_known_the_same_and_never_who_they_are(front: Front, helper: UUID) -> None:
    """The one place that says it, to those whom the office trusts: else they would wait for a card that is not printed."""
    token = links.make(helper, "helper", 1, front.tools.settings.keys)
    path = f"/de/ludwigsburg/helper/{token}/person"
    for email in ("p1@example.org", "p2@example.org", "p3@example.org", "p5@example.org", "p6@example.org"):
        typed = form(form_token=f"a-form-of-{email}".replace("@", "-").replace(".", "-"), name=f"Person {email[1]}", email=email)
        before = await front.pool.fetchval("SELECT array_agg(card ORDER BY id) FROM people")
        answer = await front.client.post(path, data=typed)
        assert answer.headers["location"] == path.replace("/person", "/known"), email
        assert await front.pool.fetchval("SELECT array_agg(card ORDER BY id) FROM people") == before


async def test_a_wrong_code_and_a_card_that_nobody_has_are_told_alike(front: Front, helper: UUID) -> None:
    card = await front.pool.fetchval("SELECT card FROM people WHERE card IS NOT NULL")
    nobodys = next(number for number in ("LU-0000", "LU-0001") if number != card)
    right = cards.code(one(7).person, 1, front.tools.settings.keys[0])
    asked = [(number, code) for number in (card, nobodys) for code in ["WRONG2"] * 12] + [(nobodys, right), (card, right)]
    found = []
    for number, code in asked:
        answer = await front.client.post("/de/ludwigsburg/card", data={"card": number, "code": code})
        found.append(seen(answer, number, code))
    assert found[0][0] == 422
    assert all(one_of == found[0] for one_of in found)
