"""Entries in doubt as a coordinator's command and as the people themselves see them."""

from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.keys import Keys
from services.registration.handlers import rounds as round_handlers
from services.registration.store import people
from services.registration.store.people import Person
from services.registration.tests.front import NOTIFICATION, PAGES, Front, Shown, token
from services.registration.tests.made import ROUND, closed, confirmed, everything, form, one, said, signed_up
from shared.runtime import db
from shared.schemas.participants import Confirmed, SignedUp
from shared.web.languages import LANGUAGES

LIST = "/coordinator/doubts/ludwigsburg/2021-autumn"
ANNA = {"name": "Anna Müller"}


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    async with db.transaction(front.pool) as conn:
        await round_handlers.open_(conn, ROUND)


async def pressed(front: Front, person: UUID) -> httpx.Response:
    """The answer to the button of the confirmation mail's link."""
    return await front.client.post(await front.link(person, "confirm"))


async def in_doubt(front: Front, number: int = 1, name: str | None = None) -> UUID:
    person = await signed_up(front.pool, one(number, name=name or f"www.evil{number}.example"))
    await pressed(front, person)
    return person


async def decide(front: Front, keys: Keys, person: object, **given: object) -> httpx.Response:
    body = {"decision": "accepted", "reason": "known to us"} | given
    return await front.client.post(f"/coordinator/doubts/ludwigsburg/{person}", headers=token(keys, "ludwigsburg"), json=body)


async def listed(front: Front, keys: Keys) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await front.client.get(LIST, headers=token(keys, "ludwigsburg"))).json()
    return found


async def stored(front: Front, person: UUID) -> Person:
    async with db.connection(front.pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found


# People


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_confirms_in_doubt_is_thanked_and_told_that_the_office_looks_first(front: Front, language: str) -> None:
    person = await signed_up(front.pool, one(1, name="www.evil.example"))
    confirm = (await front.link(person, "confirm")).replace("/de/", f"/{language}/", 1)
    answer = await front.client.post(confirm)
    assert answer.status_code == 200
    shown = Shown(answer.text).text
    assert PAGES.text(language, "me.state.in_doubt") in shown
    assert PAGES.text(language, "confirmed.title") not in shown
    me = await front.client.get((await front.link(person)).replace("/de/", f"/{language}/", 1))
    assert PAGES.text(language, "me.state.in_doubt") in Shown(me.text).text


async def test_my_page_says_what_has_become_of_an_entry_in_doubt(front: Front, keys: Keys) -> None:
    refused, late = await in_doubt(front, 1), await in_doubt(front, 2)
    await decide(front, keys, refused, decision="refused")
    await closed(front.pool)
    for person, state in ((refused, "refused"), (late, "not_checked")):
        page = await front.client.get(await front.link(person))
        assert PAGES.text("de", f"me.state.{state}") in Shown(page.text).text
        assert f"{page.url.path}/erase" in page.text
        assert f"{page.url.path}/withdraw" not in page.text
        assert f"{page.url.path}/leave" not in page.text


async def test_the_form_answers_a_duplicate_like_everyone_else(front: Front) -> None:
    """What is in doubt is found when somebody confirms: the form's answer, and what it stores, is the same for all."""
    await confirmed(front.pool, one(1, **ANNA))
    answers = [
        await front.client.post(
            "/de/ludwigsburg", data=form(form_token=f"form-of-somebody-{n}", name=name, email=f"x{n}@example.org")
        )
        for n, name in enumerate(("Anna Müller", "Berta Maier", "www.evil.example"))
    ]
    assert {(answer.status_code, answer.headers["location"], answer.text) for answer in answers} == {
        (303, "/de/ludwigsburg/sent", "")
    }
    assert len({tuple(name for name, _ in answer.headers.items()) for answer in answers}) == 1
    assert len(await said(front.pool, SignedUp)) == 4
    assert await front.pool.fetchval("SELECT count(*) FROM doubts") == 0


async def test_the_refused_and_the_not_checked_are_written_to_and_others_of_their_kind_are_not(front: Front, keys: Keys) -> None:
    person = await in_doubt(front)
    for kind, expected in (("refused", "gone"), ("not_checked", "gone"), ("link", "send"), ("welcome", "gone")):
        question = {"kind": kind, "person": str(person), "partners": []}
        answer = await front.client.post("/internal/recipient", headers=NOTIFICATION, json=question)
        assert answer.json()["answer"] == expected, kind
    await decide(front, keys, person, decision="refused")
    question = {"kind": "refused", "person": str(person), "partners": []}
    told = (await front.client.post("/internal/recipient", headers=NOTIFICATION, json=question)).json()
    assert (told["answer"], told["links"]["confirm"]) == ("send", None)
    assert told["office"]["phone"]


# Coordinators


async def test_the_list_holds_what_is_needed_to_decide_and_not_more(front: Front, keys: Keys) -> None:
    (first,) = await confirmed(front.pool, one(1, **ANNA))
    second, link = await in_doubt(front, 2, "Anna Muller"), await in_doubt(front, 3)
    await front.pool.execute("UPDATE people SET postcode = '', place_text = 'beim Bahnhof' WHERE id = $1", link)
    found = await listed(front, keys)
    assert all(one_of.pop("found_at", "place") for one_of in found)
    duplicate, name, place = found
    facts = {"birth_year": 1990, "postcode": "71638"}
    other = {"person": str(first), "name": "Anna Müller"} | facts
    assert duplicate == {"person": str(second), "kind": "duplicate", "name": "Anna Muller", **facts, "other": other}
    assert name == {"person": str(link), "kind": "name", "name": "www.evil3.example", "birth_year": 1990, "postcode": ""}
    assert place == {"person": str(link), "kind": "place", "typed": "beim Bahnhof", "language": "de"}


async def test_a_coordinator_decides_and_the_entry_leaves_the_list(front: Front, keys: Keys) -> None:
    accepted, refused = await in_doubt(front, 1), await in_doubt(front, 2)
    for person, decision, state in ((accepted, "accepted", "confirmed"), (refused, "refused", "refused")):
        answer = await decide(front, keys, person, decision=decision, kind="name")
        assert (answer.status_code, answer.json()) == (200, {"state": state, "in_doubt": []})
        assert (await stored(front, person)).state == state
    assert await listed(front, keys) == []
    rows = await front.pool.fetch("SELECT decided_by, reason FROM doubts")
    assert {tuple(row) for row in rows} == {("Test", "known to us")}
    shown = await front.client.get("/coordinator/rounds/ludwigsburg/2021-autumn", headers=token(keys, "ludwigsburg"))
    assert shown.json()["people"] == {"confirmed": 1, "refused by the office": 1}
    assert [event.person for event in await said(front.pool, Confirmed)] == [accepted]


@pytest.mark.parametrize("reason", ["", "ab", "  a ", "x" * 301, "two\nlines", "a\u202eb c", None, 12345], ids=ascii)
async def test_a_decision_needs_a_reason_of_one_line(front: Front, keys: Keys, reason: object) -> None:
    person = await in_doubt(front)
    before = await everything(front.pool)
    answer = await decide(front, keys, person, reason=reason)
    assert (answer.status_code, answer.json()["detail"]) == (422, "A reason is needed: one line of 3 to 300 characters.")
    assert await everything(front.pool) == before


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"decision": "perhaps"}, "The decision is “accepted” or “refused”."),
        ({"decision": ["accepted"]}, "The decision is “accepted” or “refused”."),
        ({"kind": "place"}, "What is in doubt is “name”, “under_age”, “duplicate” or “reported”."),
        ({"kind": {}}, "What is in doubt is “name”, “under_age”, “duplicate” or “reported”."),
    ],
    ids=str,
)
async def test_what_is_no_decision_is_said_in_a_sentence(
    front: Front, keys: Keys, given: dict[str, object], sentence: str
) -> None:
    answer = await decide(front, keys, await in_doubt(front), **given)
    assert (answer.status_code, answer.json()["detail"]) == (422, sentence)


async def test_what_cannot_be_decided_is_409_or_404_with_a_sentence(front: Front, keys: Keys) -> None:
    (counts,) = await confirmed(front.pool, one(1))
    waits = await in_doubt(front, 2)
    answer = await decide(front, keys, counts, decision="refused")
    assert (answer.status_code, answer.json()["detail"]) == (409, "Nothing about this entry waits for a decision.")
    answer = await decide(front, keys, uuid4())
    assert (answer.status_code, answer.json()["detail"]) == (404, "Nobody of this region has this id.")
    await closed(front.pool)
    answer = await decide(front, keys, waits)
    late = "The round is closed: it is too late to decide. Whoever was not checked can sign up for the next round."
    assert (answer.status_code, answer.json()["detail"]) == (409, late)


async def test_doubts_are_for_coordinators_of_the_region_alone(front: Front, keys: Keys) -> None:
    person = await in_doubt(front)
    before = await everything(front.pool)
    body = {"decision": "accepted", "reason": "known to us"}
    for headers, status in (({}, 401), (token(keys, "hannover"), 403), (token(keys, "ludwigsburg", days=-1), 401)):
        for method, path in (("GET", LIST), ("POST", f"/coordinator/doubts/ludwigsburg/{person}")):
            answer = await front.client.request(method, path, headers=headers, json=body if method == "POST" else None)
            assert answer.status_code == status
    both = token(keys, "ludwigsburg", "hannover")
    answer = await front.client.post(f"/coordinator/doubts/hannover/{person}", headers=both, json=body)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Nobody of this region has this id.")
    answer = await front.client.get("/coordinator/doubts/ludwigsburg/2020-autumn", headers=both)
    assert (answer.status_code, answer.json()["detail"]) == (404, "This region has no such round.")
    assert await everything(front.pool) == before


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_a_change_that_the_office_looks_at_first_says_so_and_what_it_means(front: Front, language: str) -> None:
    (person,) = await confirmed(front.pool, one(1))
    link = (await front.link(person)).replace("/de/", f"/{language}/")
    sent = await front.client.post(f"{link}/change", data=form(name="www.evil.example", email="p1@example.org"))
    assert sent.headers["location"] == f"/{language}/ludwigsburg/done/changed_in_doubt"
    shown = Shown((await front.client.get(sent.headers["location"])).text)
    assert PAGES.text(language, "done.changed_in_doubt.text") in shown.text
    assert PAGES.text(language, "me.state.in_doubt") in Shown((await front.client.get(link)).text).text
    plain = await front.client.post(f"{link}/change", data=form(name="Anna", email="p1@example.org"))
    assert plain.headers["location"].endswith("/changed_in_doubt"), "what is in doubt stays so until somebody looked"
