"""Around the form: the page to check it, friends and groups, data to take along, flyers, robots."""

import time
from dataclasses import replace
from datetime import datetime
from uuid import uuid5

import pytest

from deploy.local.keys import Keys
from services.registration.domain import links, stamp
from services.registration.domain.answers import party_code
from services.registration.handlers.sign_up import sign_up
from services.registration.limits import Limits
from services.registration.store import outcomes
from services.registration.tests.front import CONSENTS, PAGES, Front, Shown, token
from services.registration.tests.made import (
    ROUND,
    confirmed,
    everything,
    form,
    one,
    opened,
)
from shared.runtime import db
from shared.web.languages import LANGUAGES

NEXT_OPENS, NEXT_CLOSES = (datetime.fromisoformat(date) for date in ("2021-10-20", "2021-12-01"))
KEYS = ("new key", "old key")


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_is_shown_once_more_and_nothing_is_stored_before_it_is_sent(front: Front, language: str) -> None:
    before = await everything(front.pool)
    answer = await front.post(language, go="check", name="Anna <b>", messenger_kind="signal", messenger="@anna.1", place="71672")
    page = Shown(answer.text)
    assert answer.status_code == 200
    assert PAGES.text(language, "check.title") in page.text
    assert "Anna <b>" in page.text
    assert "71672 – Marbach am Neckar" in page.text
    assert "Signal: @anna.1" in page.text
    assert await everything(front.pool) == before
    sent = {name: values for name, values in page.values.items() if name != "place_id"}
    again = await front.client.post(f"/{language}/ludwigsburg", data={**sent, "go": "send"})
    assert again.status_code == 303
    assert await front.pool.fetchval("SELECT messenger FROM people") == "Signal: @anna.1"


async def test_going_back_from_the_check_shows_the_form_with_what_was_typed(front: Front) -> None:
    answer = await front.post(go="edit", name="Ännä", party="abc")
    page = Shown(answer.text)
    assert answer.status_code == 200
    assert page.values["name"] == ["Ännä"]
    assert not page.faults


async def test_faults_are_told_before_the_check(front: Front) -> None:
    answer = await front.post(go="check", name="", messenger="x", messenger_kind="", release_messenger="1")
    assert answer.status_code == 422
    assert set(Shown(answer.text).faults) == {"name", "messenger_kind"}


async def test_a_friend_who_types_the_code_of_a_form_is_of_one_party_with_it(front: Front) -> None:
    code = party_code("a-form-of-the-first")
    await front.post(form_token="a-form-of-the-first", party_own="1", email="a@example.org", name="A")
    await front.post(form_token="a-form-of-a-friend", party=f" {code.upper()} ", email="b@example.org", name="B")
    await front.post(form_token="a-form-of-another", party_own="1", email="c@example.org", name="C")
    rows = await front.pool.fetch("SELECT name, party FROM people ORDER BY name")
    assert rows[0]["party"] == rows[1]["party"] != rows[2]["party"]
    shown = await front.client.get("/de/ludwigsburg")
    assert party_code(Shown(shown.text).values["form_token"][0]) in shown.text


async def test_whoever_comes_through_a_group_counts_for_it_and_passes_it_on(front: Front) -> None:
    way = links.way_of("caritas", KEYS)
    shown = Shown((await front.client.get(f"/de/ludwigsburg?via={way}")).text)
    assert shown.values["via"] == [way]
    answer = await front.post(via=way)
    assert answer.headers["location"] == f"/de/ludwigsburg/sent?via={way}"
    assert f"/de/ludwigsburg?via={way}" in (await front.client.get(answer.headers["location"])).text
    assert await front.pool.fetchval('SELECT "group" FROM people') == "caritas"


@pytest.mark.parametrize("way", ["caritas", "caritas.aaaaaa", "", ".", "caritas." + "é" * 6, '"><script>'])
async def test_a_group_that_nobody_made_is_none_and_harms_nobody(front: Front, way: str) -> None:
    assert Shown((await front.client.get("/de/ludwigsburg", params={"via": way})).text).tags.count("script") == 0
    assert (await front.post(via=way)).status_code == 303
    assert await front.pool.fetchval('SELECT "group" FROM people') is None


async def test_what_was_agreed_to_is_kept_word_for_word(front: Front) -> None:
    await front.post("uk")
    version = await front.pool.fetchval("SELECT consent_version FROM people")
    consent = CONSENTS["ludwigsburg", "uk"]
    assert version == consent.version
    assert PAGES.text("uk", "form.consent.label") in consent.said
    shown = await front.client.get("/uk/ludwigsburg/privacy")
    assert version in Shown(shown.text).text
    assert replace(consent, said=consent.said + ".").version != version


async def test_everything_stored_can_be_taken_along(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1, name="سارا\u200cجان", phone="+49 170 1234567"))
    link = await front.link(person)
    data = (await front.client.get(f"{link}/data.json")).json()
    assert (data["name"], data["phone"], data["state"]) == ("سارا\u200cجان", "+49 170 1234567", "confirmed")
    columns = [
        row[0] for row in await front.pool.fetch("SELECT column_name FROM information_schema.columns WHERE table_name='people'")
    ]
    assert set(columns) - set(data) == {"repeat_key", "link_generation", "new_email_id"}
    text = await front.client.get(f"{link}/data.txt")
    assert text.headers["content-disposition"] == 'attachment; filename="mybuddy.txt"'
    assert "سارا\u200cجان" in text.text
    assert "+49 170 1234567" in text.text
    assert (await front.client.get("/de/ludwigsburg/me/AAAA/data.json")).status_code == 404


async def test_what_is_taken_along_to_read_has_no_gaps(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1, phone="", messenger="", hobbies=[]))
    pair = {"pair": str(person), "partner": str(person), "languages": ["de"], "hobbies": ["chess"], "band": "under_2"}
    async with db.transaction(front.pool) as conn:
        told = [pair | {"writes_first": True}]
        await outcomes.keep(conn, outcomes.Outcome(person, ROUND, 1, "matched", None, None, told))
    text = (await front.client.get(f"{await front.link(person)}/data.txt")).text
    facts, result = text.split("\n\n")[1:3]
    assert [row for row in (*facts.split("\n"), *result.split("\n")) if not row.strip() or row.endswith(": ")] == []
    assert f"{PAGES.text('de', 'me.phone')}: –" in facts.split("\n")
    assert result.startswith(PAGES.text("de", "me.result"))
    assert "\n\n\n" not in text


async def test_a_sign_up_of_somebody_erased_with_the_same_form_stays_erased(front: Front) -> None:
    form_ = one(1)
    assert form_.person == uuid5(ROUND, form_.form_token)
    (person,) = await confirmed(front.pool, form_)
    await front.client.post(f"{await front.link(person)}/erase")
    async with db.transaction(front.pool) as conn:
        assert await sign_up(conn, form_) == "accepted"
    assert await front.pool.fetchval("SELECT count(*) FROM people") == 0


async def test_a_flyer_leads_to_the_form_in_its_language_through_its_group(front: Front, keys: Keys) -> None:
    mine = token(keys, "ludwigsburg")
    flyer = await front.client.get("/coordinator/flyers/ludwigsburg/ar?group=caritas", headers=mine)
    page = Shown(flyer.text)
    assert (flyer.status_code, page.language, "svg" in page.tags) == (200, "ar", True)
    assert f"https://buddy.example/ar/ludwigsburg?via={links.way_of('caritas', KEYS)}" in page.text
    assert (await front.client.get("/coordinator/flyers/ludwigsburg/fr", headers=mine)).status_code == 404
    assert (await front.client.get("/coordinator/flyers/ludwigsburg/ar?group=<b>", headers=mine)).status_code == 422


async def test_the_form_carries_when_it_was_first_shown_to_the_end(front: Front) -> None:
    first = Shown((await front.client.get("/de/ludwigsburg")).text).values["stamp"]
    checked = Shown((await front.post(go="check", stamp=first[0])).text).values["stamp"]
    edited = Shown((await front.post(go="edit", stamp=first[0])).text).values["stamp"]
    assert first == checked == edited
    assert stamp.age(first[0], time.time(), KEYS) is not None


async def test_whoever_goes_back_to_mend_what_was_sent_sends_a_form_of_its_own(front: Front) -> None:
    """Thanked for the second time with nothing stored, they would wait for a mail that goes to a mistyped address."""
    sent = form(email="karlaa@example.org", go="send")
    assert (await front.client.post("/de/ludwigsburg", data=sent)).status_code == 303
    again = Shown((await front.client.post("/de/ludwigsburg", data={**sent, "go": ["check"]})).text).values["form_token"]
    assert again == sent["form_token"]  # where no answer came, the same is sent once more
    mended = {**sent, "email": ["karla@example.org"]}
    checked = Shown((await front.client.post("/de/ludwigsburg", data={**mended, "go": ["check"]})).text).values["form_token"]
    assert checked != sent["form_token"]
    mended["form_token"] = checked
    assert (await front.client.post("/de/ludwigsburg", data=mended)).status_code == 303
    stored = await front.pool.fetch("SELECT email FROM people ORDER BY email")
    assert [row["email"] for row in stored] == ["karla@example.org", "karlaa@example.org"]


async def test_a_robot_is_answered_like_everybody_and_nothing_of_it_is_kept(front: Front) -> None:
    before = await everything(front.pool)
    trapped = await front.post(website="https://casino.example")
    hasty = await front.post(stamp=stamp.make(time.time(), KEYS))
    assert await everything(front.pool) == before
    person = await front.post(stamp=stamp.make(time.time() - 90, KEYS))
    answers = [(one_of.status_code, dict(one_of.headers), one_of.content) for one_of in (trapped, hasty, person)]
    assert answers[0] == answers[1] == answers[2]
    assert await front.pool.fetchval("SELECT count(*) FROM people") == 1


@pytest.mark.parametrize("path", ["", "/link", "/notice"])
async def test_who_sends_too_much_is_told_to_wait_and_keeps_what_was_typed(front: Front, path: str) -> None:
    object.__setattr__(front.tools, "limits", Limits(0.01))
    for _ in range(30):
        answer = await front.client.post(f"/uk/ludwigsburg{path}", data={"email": "me@example.org", "name": "Ім’я"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    page = Shown(answer.text)
    assert page.language == "uk"
    assert page.values["email"] == ["me@example.org"]
