"""Helpers: their link, people without an address, cards and their codes, and nothing of one person left for the next."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.keys import Keys
from services.registration.domain import cards, links
from services.registration.handlers import own_data
from services.registration.store import helpers
from services.registration.tests.front import NOTIFICATION, PAGES, Front, Shown, token
from services.registration.tests.made import ROUND, closed, confirmed, everything, form, one, opened, said
from shared.runtime import db
from shared.schemas.participants import Changed, Confirmed, LinkAsked, SignedUp
from shared.web.languages import LANGUAGES

TOKEN = "a-form-with-a-helper"
NO_CONTACT: dict[str, Any] = {"email": "", "release_email": None, "form_token": TOKEN}


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


@pytest.fixture
async def desk(front: Front) -> str:
    """The address of a helper's link, behind the language."""
    async with db.transaction(front.pool) as conn:
        made = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
    return f"/ludwigsburg/helper/{links.make(made.id, 'helper', 1, front.tools.settings.keys)}"


async def helped(front: Front, desk: str, language: str = "de", **typed: Any) -> httpx.Response:
    return await front.client.post(f"/{language}{desk}/person", data=form(**{**NO_CONTACT, **typed}))


async def row(front: Front, form_token: str = TOKEN) -> Any:
    return await front.pool.fetchrow("SELECT * FROM people WHERE id = $1", uuid5(ROUND, form_token))


async def code_of(front: Front, person: UUID) -> str:
    return cards.code(person, 1, front.tools.settings.keys[0])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_somebody_without_an_address_is_in_at_once_and_goes_away_with_a_card(
    front: Front, desk: str, language: str
) -> None:
    shown = await front.client.get(f"/{language}{desk}")
    assert f"/{language}{desk}/person" in shown.text
    fresh = Shown((await front.client.get(f"/{language}{desk}/person")).text)
    assert PAGES.text(language, "helper.email.hint") in fresh.text
    check = Shown((await helped(front, desk, language, go="check")).text)
    assert PAGES.text(language, "helper.arranged") in check.text
    answer = await helped(front, desk, language, go="send")
    card = await front.client.get(answer.headers["location"])
    person = await row(front)
    assert (person["state"], person["group"], person["email"], person["language"]) == ("confirmed", "west", "", language)
    assert [event.person for event in await said(front.pool, Confirmed)] == [person["id"]]
    assert await said(front.pool, SignedUp) == []
    page = Shown(card.text)
    for words in (person["card"], await code_of(front, person["id"]), "Unterkunft Weststadt", PAGES.text(language, "card.keep")):
        assert words in page.text
    assert "svg" in page.tags
    assert (await front.link(person["id"])) not in card.text


async def test_the_persons_own_consent_is_asked_as_always(front: Front, desk: str) -> None:
    answer = await helped(front, desk, consent=None)
    assert (answer.status_code, set(Shown(answer.text).faults)) == (422, {"consent"})
    ticked = await helped(front, desk, release_email="1")
    assert (ticked.status_code, set(Shown(ticked.text).faults)) == (422, {"email"})
    assert await row(front) is None


async def test_without_a_helper_an_address_and_a_tick_are_needed(front: Front) -> None:
    answer = await front.post(**NO_CONTACT)
    assert (answer.status_code, set(Shown(answer.text).faults)) == (422, {"email", "release_email"})


async def test_with_an_address_the_usual_mail_is_sent_and_a_card_given(front: Front, desk: str) -> None:
    answer = await helped(front, desk, email="anna@example.org", release_email="1")
    person = await row(front)
    assert person["state"] == "unconfirmed"
    assert [event.person for event in await said(front.pool, SignedUp)] == [person["id"]]
    assert PAGES.text("de", "card.mailed") in Shown((await front.client.get(answer.headers["location"])).text).text


async def test_whoever_is_known_by_their_address_gets_a_mail_and_nobody_a_card_of_theirs(front: Front, desk: str) -> None:
    (known,) = await confirmed(front.pool, one(1))
    for _ in range(2):
        answer = await helped(front, desk, name="Person 1", email="p1@example.org", release_email="1")
        assert answer.headers["location"] == f"/de{desk}/known"
    shown = await front.client.get(answer.headers["location"])
    assert PAGES.text("de", "helper_known.text") in Shown(shown.text).text
    assert [event.person for event in await said(front.pool, LinkAsked)] == [known]
    assert await front.pool.fetchval("SELECT card FROM people WHERE id = $1", known) is None


async def test_many_with_the_same_name_and_year_are_many_people_and_one_form_is_one(front: Front, desk: str) -> None:
    tokens = [f"a-form-of-number-{number}-here" for number in range(6)]
    await asyncio.gather(*(helped(front, desk, form_token=one_of) for one_of in [*tokens, *tokens]))
    rows = await front.pool.fetch("SELECT card, state FROM people")
    assert (len(rows), len({person["card"] for person in rows})) == (6, 6)
    assert {person["state"] for person in rows} == {"confirmed", "in_doubt"}  # the office looks at those who are that alike


async def test_a_taken_number_is_not_given_twice(front: Front, desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "numbers", lambda _: iter(["LU-1111", "LU-2222"]))
    await helped(front, desk)
    await helped(front, desk, form_token="a-form-of-the-second")
    assert [(await row(front))["card"], (await row(front, "a-form-of-the-second"))["card"]] == ["LU-1111", "LU-2222"]


@pytest.mark.parametrize("kind", ["confirm", "link", "opens", "welcome", "introduced", "unmatched", "pair_ended"])
@pytest.mark.parametrize("state", ["unconfirmed", "confirmed", "paused", "left"])
async def test_nothing_is_sent_to_somebody_without_an_address(front: Front, desk: str, kind: str, state: str) -> None:
    await helped(front, desk)
    await front.pool.execute("UPDATE people SET state = $1", state)
    question = {"kind": kind, "person": str(uuid5(ROUND, TOKEN)), "partners": []}
    assert (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json() == {"answer": "gone"}


async def test_the_buddy_of_somebody_without_contact_is_told_the_offices(front: Front, desk: str) -> None:
    await helped(front, desk, phone="0171 1234567")
    (buddy,) = await confirmed(front.pool, one(1))
    question = {"kind": "introduced", "person": str(buddy), "partners": [str(uuid5(ROUND, TOKEN))]}
    told = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    office = front.tools.regions["ludwigsburg"].office
    assert {one_of["value"] for one_of in told["partners"][0]["contacts"]} == {office.email, office.phone} - {""}


async def test_after_next_person_nothing_of_the_one_before_is_shown(front: Front, desk: str) -> None:
    sent = await helped(front, desk, "ar", name="Layla Secret")
    card, person = sent.headers["location"], await row(front)
    following = await front.client.post(card)
    assert (following.status_code, following.headers["location"]) == (303, f"/de{desk}")
    secrets = ("Layla Secret", await code_of(front, person["id"]), await front.link(person["id"]))
    pages = [
        await front.client.get(following.headers["location"]),
        await front.client.get(f"/ar{desk}/person"),
        await front.client.get(card),
        await helped(front, desk, "ar", name="Layla Secret", go="check"),
        await helped(front, desk, "ar", name="Layla Secret", go="edit"),
        await front.client.get((await helped(front, desk, "ar", name="Layla Secret")).headers["location"]),
    ]
    assert [page.status_code for page in pages] == [200, 200, 404, 303, 303, 404]
    assert not [words for words in secrets for page in pages if words in page.text]
    assert all(page.headers["cache-control"] == "no-store" for page in pages if page.status_code != 303)
    assert all("set-cookie" not in page.headers for page in pages)


async def test_the_list_holds_card_numbers_and_how_far_each_is(front: Front, desk: str) -> None:
    await helped(front, desk, name="Layla Secret")
    await helped(front, desk, name="Omar", form_token="a-form-of-the-second", email="omar@example.org", release_email="1")
    await helped(front, desk, form_token="a-form-of-the-third")
    async with db.transaction(front.pool) as conn:
        await own_data.leave(conn, uuid5(ROUND, "a-form-of-the-third"))
    shown = Shown((await front.client.get(f"/en{desk}")).text).text
    for state in ("in", "unconfirmed", "left"):
        assert PAGES.text("en", f"helper.state.{state}") in shown
    assert (await row(front))["card"] in shown
    assert not [words for words in ("Layla", "Omar", "omar@") if words in shown]
    await closed(front.pool)
    assert PAGES.text("en", "helper.state.closed") in Shown((await front.client.get(f"/en{desk}")).text).text
    await front.pool.execute("UPDATE rounds SET progress = 'published'")
    assert PAGES.text("en", "helper.state.result") in Shown((await front.client.get(f"/en{desk}")).text).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_link_that_is_over_revoked_or_unknown_has_one_and_the_same_page(
    front: Front, desk: str, language: str, database: InstallationDatabases
) -> None:
    (helper,) = [found["id"] for found in await front.pool.fetch("SELECT id FROM helpers")]
    card = (await helped(front, desk, form_token="a-form-before-the-end")).headers["location"].split("/")[-1]
    forged = (links.make(uuid4(), "helper", 1, front.tools.settings.keys), links.make(helper, "me", 1, ("new key",)), "AAAA")
    await asyncio.to_thread(database.move_clock, datetime(2022, 5, 1, tzinfo=UTC))
    over = await front.client.get(f"/{language}{desk}")
    await front.pool.execute("UPDATE helpers SET expires_at = clock_now() + interval '1 day'")
    assert (await front.client.get(f"/{language}{desk}")).status_code == 200
    async with db.transaction(front.pool) as conn:
        assert await helpers.revoke(conn, "ludwigsburg", helper)
    before = await everything(front.pool)
    ours = [f"{desk}{path}" for path in ("", "/person", "/known", f"/card/{card}")]
    asked = [*ours, *(f"/ludwigsburg/helper/{one_of}" for one_of in forged)]
    answers = [over, await helped(front, desk, language)]
    answers += [await front.client.get(f"/{language}{path}") for path in asked]
    answers.append(await front.client.post(f"/{language}{desk}/card/{card}"))
    assert {answer.status_code for answer in answers} == {404}
    assert all(PAGES.text(language, "helper_over.text") in Shown(answer.text).text for answer in answers)
    assert await everything(front.pool) == before


async def typed(front: Front, card: str, code: str) -> httpx.Response:
    return await front.client.post("/fa/ludwigsburg/card", data={"card": card, "code": code})


@pytest.mark.parametrize("write", [str, str.lower, lambda text: f" {text[:2]} {text[2:]} "], ids=["as it is", "small", "gaps"])
async def test_number_and_code_lead_to_my_page(front: Front, desk: str, write: Any) -> None:
    await helped(front, desk)
    person = await row(front)
    answer = await typed(front, write(person["card"]), write(await code_of(front, person["id"])))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(await front.link(person["id"]))
    my_page = await front.client.get(await front.link(person["id"]))
    assert person["card"] in Shown(my_page.text).text


async def test_after_ten_wrong_codes_a_card_stays_shut_for_an_hour(
    front: Front, desk: str, database: InstallationDatabases
) -> None:
    await helped(front, desk)
    person = await row(front)
    right = await code_of(front, person["id"])
    digits = person["card"].split("-")[1].translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert (await typed(front, digits, right)).status_code == 303
    wrong = await asyncio.gather(*(typed(front, person["card"], f"WRONG{number}") for number in range(2, 9)))
    wrong += [await typed(front, person["card"], "ü" * 6) for _ in range(5)]
    assert {answer.status_code for answer in wrong} == {422}
    assert await front.pool.fetchval("SELECT count(*) FROM card_guesses") == 10
    shut = await typed(front, person["card"], right)
    assert set(Shown(shut.text).faults) == {"card"}
    other = await typed(front, "LU-99999", right)
    assert Shown(other.text).faults == Shown(shut.text).faults
    now = await front.pool.fetchval("SELECT clock_now()")
    await asyncio.to_thread(database.move_clock, now.replace(hour=(now.hour + 2) % 24, day=now.day + (now.hour >= 22)))
    assert (await typed(front, person["card"], right)).status_code == 303


async def test_somebody_without_an_address_changes_their_answers_and_stays_without(front: Front, desk: str) -> None:
    await helped(front, desk)
    address = f"{await front.link(uuid5(ROUND, TOKEN))}/change"
    assert (await front.client.get(address)).status_code == 200
    answer = await front.client.post(address, data=form(**{**NO_CONTACT, "name": "Anna Neu"}))
    assert answer.headers["location"] == "/de/ludwigsburg/done/changed"
    assert (await row(front))["name"] == "Anna Neu"
    assert len(await said(front.pool, Changed)) == 1


async def test_a_coordinator_makes_lists_and_revokes_links(front: Front, keys: Keys) -> None:
    mine, path = token(keys, "ludwigsburg"), "/coordinator/helpers/ludwigsburg"
    new = {"name": "  Haus\tam Park ", "group": "park", "days": 1}
    made = (await front.client.post(path, headers=mine, json=new)).json()
    desk = made["link"].removeprefix("https://buddy.example/de")
    await helped(front, desk)
    (listed,) = (await front.client.get(path, headers=mine)).json()
    assert (listed["name"], listed["group"], listed["signed_up"], listed["revoked_at"]) == ("Haus am Park", "park", 1, None)
    for _ in range(2):
        assert (await front.client.post(f"{path}/{made['id']}/revoke", headers=mine)).status_code == 200
    assert (await front.client.get(f"/de{desk}")).status_code == 404
    for wrong in ({"name": "x"}, {"name": "x" * 81}, {"group": "Not a code"}, {"days": 0}, {"days": 401}):
        assert (await front.client.post(path, headers=mine, json=new | wrong)).status_code == 422


def test_a_code_belongs_to_one_person_and_one_generation_of_their_link() -> None:
    person, keys = one(1).person, ("new key", "old key")
    old = cards.code(person, 1, "old key")
    assert cards.is_code(old, person, 1, keys)
    assert not cards.is_code(old, person, 2, keys)
    assert not cards.is_code(old, replace(one(1), form_token="another-form").person, 1, keys)
    assert not set("ILO01") & set(cards.LETTERS)


async def test_the_next_person_over_the_form_of_the_one_before_gets_a_form_of_their_own(front: Front, desk: str) -> None:
    first = await helped(front, desk, name="Layla Secret", go="send")
    again = await helped(front, desk, name="Layla Secret", go="send")
    assert again.headers["location"] == first.headers["location"], "no answer came: the same form is the same card"
    over = await helped(front, desk, "ar", name="Omar", go="send")
    page = Shown(over.text)
    assert (over.status_code, PAGES.text("ar", "check.title") in page.text) == (200, True)
    own_token = page.values["form_token"][0]
    assert (own_token != TOKEN, "Layla" in over.text) == (True, False)
    sent = await helped(front, desk, "ar", name="Omar", go="send", form_token=own_token)
    assert sent.headers["location"].startswith(f"/ar{desk}/card/")
    assert sent.headers["location"].rpartition("/")[2] != first.headers["location"].rpartition("/")[2]
    assert await front.pool.fetchval("SELECT array_agg(name ORDER BY name) FROM people") == ["Layla Secret", "Omar"]
