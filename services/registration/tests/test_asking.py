"""A question at any time: asked on one's own page in any language, read and answered by the office, seen by nobody else."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.keys import Keys
from services.registration.domain.asking import LONGEST, MOST_WAITING
from services.registration.handlers import own_data, returning
from services.registration.handlers.helping import sign_up_helped
from services.registration.store import helpers
from services.registration.tests.front import NOTIFICATION, PAGES, Front, Shown, token
from services.registration.tests.made import closed, confirmed, everything, one, opened, said, signed_up
from shared.runtime import db
from shared.schemas.participants import AnswerGiven
from shared.web.languages import LANGUAGES

LIST = "/coordinator/asked/ludwigsburg"
FORM = "a-form-with-a-question"


@pytest.fixture
async def person(front: Front) -> UUID:
    await opened(front.pool)
    (made,) = await confirmed(front.pool, one(1))
    return made


async def ask(front: Front, person: UUID, question: str, form_token: str = FORM, language: str = "de") -> httpx.Response:
    address = (await front.link(person)).replace("/de/", f"/{language}/", 1)
    return await front.client.post(f"{address}/ask", data={"form_token": form_token, "question": question})


async def page(front: Front, person: UUID, rest: str = "", language: str = "de") -> Shown:
    address = (await front.link(person)).replace("/de/", f"/{language}/", 1)
    return Shown((await front.client.get(f"{address}{rest}")).text)


async def listed(front: Front, keys: Keys, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await front.client.get(f"{LIST}{query}", headers=token(keys, "ludwigsburg"))).json()
    return found


async def answer(front: Front, keys: Keys, question: object, text: object = "Gern.") -> httpx.Response:
    return await front.client.post(f"{LIST}/{question}", headers=token(keys, "ludwigsburg"), json={"text": text})


async def stored(front: Front) -> list[Mapping[str, Any]]:
    return [dict(row) for row in await front.pool.fetch("SELECT * FROM asked ORDER BY asked_at, id")]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_somebody_asks_is_on_their_page_with_the_answer_below(
    front: Front, keys: Keys, person: UUID, language: str
) -> None:
    form = await page(front, person, "/ask", language)
    assert PAGES.text(language, "asked.label") in form.text
    taken = await ask(front, person, "متى يبدأ؟", form.values["form_token"][0], language)
    assert (taken.status_code, taken.headers["location"].endswith(f"{(await front.link(person))[4:]}#asked")) == (303, True)
    waits = await page(front, person, language=language)
    assert "متى يبدأ؟" in waits.text
    assert PAGES.text(language, "asked.waiting") in waits.text
    (question,) = await listed(front, keys)
    assert (question["text"], question["language"]) == ("متى يبدأ؟", language)
    assert (await answer(front, keys, question["id"], "Im November.")).status_code == 200
    told = await page(front, person, language=language)
    assert PAGES.text(language, "asked.waiting") not in told.text
    assert told.text.index("متى يبدأ؟") < told.text.index("Im November.")


async def test_the_newest_question_comes_first(front: Front, person: UUID) -> None:
    for number in (1, 2, 3):
        await ask(front, person, f"Frage {number}?", f"{FORM}-{number}")
    text = (await page(front, person)).text
    assert text.index("Frage 3?") < text.index("Frage 2?") < text.index("Frage 1?")


async def test_the_same_form_sent_again_is_one_question(front: Front, person: UUID) -> None:
    for _ in range(3):
        assert (await ask(front, person, "Wann?")).status_code == 303
    assert len(await stored(front)) == 1


async def test_questions_of_others_are_nobodys_business(front: Front, person: UUID) -> None:
    (other,) = await confirmed(front.pool, one(2))
    await ask(front, person, "Wann?")
    assert "Wann?" not in (await page(front, other)).text
    assert (await ask(front, other, "Wo?")).status_code == 303
    assert "Wann?" not in (await page(front, other)).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "code", "params"),
    [
        ("", "question_missing", {}),
        (" \r\n\u200b\u202e\r\n ", "question_missing", {}),
        ("ü" * (LONGEST + 1), "question_too_long", {"max": LONGEST}),
    ],
    ids=["empty", "only invisible signs", "too long"],
)
async def test_what_is_no_question_is_refused_in_a_sentence_and_nothing_typed_is_lost(
    front: Front, person: UUID, language: str, typed: str, code: str, params: dict[str, object]
) -> None:
    refused = await ask(front, person, typed, language=language)
    shown = Shown(refused.text)
    sentence = PAGES.text(language, f"error.{code}", **params)
    assert (refused.status_code, shown.faults["question"]) == (422, sentence)
    assert shown.values["form_token"] == [FORM]
    assert typed.strip("\r\n \u200b\u202e") in refused.text
    assert await stored(front) == []


async def test_the_longest_question_of_the_widest_letters_is_taken(front: Front, person: UUID) -> None:
    assert (await ask(front, person, "ሰ" * LONGEST)).status_code == 303
    assert (await ask(front, person, "\U0001f600" * LONGEST, f"{FORM}-2")).status_code == 303
    too_large = await ask(front, person, "\U0001f600" * 3 * LONGEST, f"{FORM}-3")
    assert too_large.status_code == 422
    assert PAGES.text("de", "error.too_large") in Shown(too_large.text).text


@pytest.mark.parametrize("form_token", ["", "short", "x" * 65, "a form with spaces in it"])
async def test_a_form_that_is_none_of_ours_is_shown_again_with_a_fresh_token(front: Front, person: UUID, form_token: str) -> None:
    refused = await ask(front, person, "Wann?", form_token)
    assert (refused.status_code, PAGES.text("de", "error.form_expired") in Shown(refused.text).text) == (422, True)
    (fresh,) = Shown(refused.text).values["form_token"]
    assert (await ask(front, person, "Wann?", fresh)).status_code == 303


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_waits_for_enough_answers_is_asked_kindly_to_wait(
    front: Front, keys: Keys, person: UUID, language: str
) -> None:
    for number in range(MOST_WAITING):
        assert (await ask(front, person, "Wann?", f"{FORM}-{number}")).status_code == 303
    sentence = PAGES.text(language, "error.asked_enough", max=MOST_WAITING)
    full = await page(front, person, "/ask", language)
    assert (sentence in full.text, "textarea" in full.tags) == (True, False)
    refused = await ask(front, person, "Und das?", language=language)
    assert (refused.status_code, sentence in Shown(refused.text).text, "Und das?" in refused.text) == (422, True, True)
    assert (await ask(front, person, "Wann?", f"{FORM}-0", language)).status_code == 303
    await answer(front, keys, (await listed(front, keys))[0]["id"])
    assert (await ask(front, person, "Und das?", language=language)).status_code == 303
    assert len(await stored(front)) == MOST_WAITING + 1


async def test_what_is_typed_is_kept_in_its_lines_without_signs_that_turn_or_hide_it(front: Front, person: UUID) -> None:
    await ask(front, person, "a\u202egpj\u2066b\r\n\r\n\r\n\r\n سارا\u200cجان \0\x1b\te" + "\u0301" * 60 + "\u2028<b>{{7*7}}</b>")
    (row,) = await stored(front)
    assert row["text"] == "a gpj b\n\nسارا\u200cجان é" + "\u0301" * 4 + "\n<b>{{7*7}}</b>"
    html = (await front.client.get(await front.link(person))).text
    assert "&lt;b&gt;{{7*7}}&lt;/b&gt;" in html
    assert "<b>" not in html


async def test_what_is_shown_again_neither_turns_nor_ends_the_field_it_stands_in(front: Front, person: UUID) -> None:
    refused = await ask(front, person, "a\u202egpj\r\n</textarea><script>\u2066" + "x" * LONGEST)
    assert "a gpj\n&lt;/textarea&gt;&lt;script&gt;" in refused.text
    assert not {"\u202e", "\u2066", "\r"} & set(refused.text)


@pytest.mark.parametrize("state", ["unconfirmed", "in_doubt", "paused", "left", "withdrawn", "refused", "not_checked"])
async def test_whoever_has_a_page_can_ask_whatever_became_of_them(front: Front, person: UUID, state: str) -> None:
    await front.pool.execute("UPDATE people SET state = $1", state)
    assert (await ask(front, person, "Warum?")).status_code == 303
    assert "Warum?" in (await page(front, person)).text


async def test_after_the_close_questions_are_taken_as_before(front: Front, person: UUID) -> None:
    await closed(front.pool)
    assert (await ask(front, person, "Und jetzt?")).status_code == 303


async def test_somebody_with_a_card_asks_and_is_told_to_look_at_their_page(front: Front, keys: Keys) -> None:
    await opened(front.pool)
    async with db.transaction(front.pool) as conn:
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
        assert await sign_up_helped(conn, one(1, email="", release_email=False), helper) == "card"
    person = one(1).person
    assert PAGES.text("de", "asked.look") in (await page(front, person, "/ask")).text
    await ask(front, person, "Wann?")
    await answer(front, keys, (await listed(front, keys))[0]["id"], "Bald.")
    assert "Bald." in (await page(front, person)).text
    question = {"kind": "answered", "person": str(person)}
    told = await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
    assert told.json() == {"answer": "gone"}


# Coordinators


async def test_what_waits_is_listed_the_oldest_first_and_with_all_what_is_answered_too(
    front: Front, keys: Keys, person: UUID
) -> None:
    await ask(front, person, "Eins?", f"{FORM}-1")
    await ask(front, person, "Два?", f"{FORM}-2", "uk")
    found = await listed(front, keys)
    assert [(one["text"], one["language"]) for one in found] == [("Eins?", "de"), ("Два?", "uk")]
    assert {one["person"] for one in found} == {str(person)}
    assert not {"name", "email", "office"} & set(found[0])
    await answer(front, keys, found[0]["id"], "  Ja.\r\n\r\nGern.\u202e ")
    assert [one["text"] for one in await listed(front, keys)] == ["Два?"]
    done, _ = await listed(front, keys, "?all")
    assert (done["answer"], done["answered_by"]) == ("Ja.\n\nGern.", "Test")


async def test_a_question_is_answered_once(front: Front, keys: Keys, person: UUID) -> None:
    await ask(front, person, "Wann?")
    (question,) = await listed(front, keys)
    assert (await answer(front, keys, question["id"], "Morgen.")).status_code == 200
    again = await answer(front, keys, question["id"], "Heute.")
    assert (again.status_code, again.json()["detail"]) == (409, "This question is already answered.")
    assert [row["answer"] for row in await stored(front)] == ["Morgen."]
    (event,) = await said(front.pool, AnswerGiven)
    assert (event.person, str(event.question), event.language) == (person, question["id"], "de")


@pytest.mark.parametrize("text", ["", " \n ", "\u202e", "x" * (LONGEST + 1), None, 7, ["Ja."]], ids=lambda text: ascii(text)[:12])
async def test_what_is_no_answer_is_said_in_a_sentence(front: Front, keys: Keys, person: UUID, text: object) -> None:
    await ask(front, person, "Wann?")
    before = await everything(front.pool)
    refused = await answer(front, keys, (await stored(front))[0]["id"], text)
    assert (refused.status_code, refused.json()["detail"]) == (422, f"An answer is needed: 1 to {LONGEST} characters.")
    assert await everything(front.pool) == before


async def test_a_question_that_is_not_there_is_404_with_a_sentence(front: Front, keys: Keys, person: UUID) -> None:
    await ask(front, person, "Wann?")
    (question,) = await stored(front)
    nobody = await answer(front, keys, uuid4())
    assert (nobody.status_code, nobody.json()["detail"]) == (404, "This region has no such question.")
    await front.client.post(f"{await front.link(person)}/erase")
    assert (await answer(front, keys, question["id"])).status_code == 404


# What becomes of it


async def test_questions_and_answers_can_be_taken_along(front: Front, keys: Keys, person: UUID) -> None:
    await ask(front, person, "Wann?\nUnd wo?")
    await answer(front, keys, (await listed(front, keys))[0]["id"], "Am Bahnhof.")
    link = await front.link(person)
    ((question),) = (await front.client.get(f"{link}/data.json")).json()["asked"]
    assert (question["text"], question["answer"], question["language"]) == ("Wann?\nUnd wo?", "Am Bahnhof.", "de")
    assert "answered_by" not in question
    text = (await front.client.get(f"{link}/data.txt")).text
    assert [word for word in ("Wann?", "Und wo?", "Am Bahnhof.") if word not in text] == []


async def test_leaving_and_coming_back_keeps_the_questions_and_erasing_takes_them(front: Front, person: UUID) -> None:
    await ask(front, person, "Wann?")
    async with db.transaction(front.pool) as conn:
        await returning.pause(conn, person)
        await returning.come_back(conn, person)
    assert len(await stored(front)) == 1
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, person)
    assert await stored(front) == []


async def test_who_never_confirms_takes_the_question_along(front: Front) -> None:
    await opened(front.pool)
    person = await signed_up(front.pool, one(1))
    await ask(front, person, "Wann?")
    async with db.transaction(front.pool) as conn:
        assert await own_data.expire(conn, person)
    assert await stored(front) == []
