"""Around the form: the page to check it, friends and groups, lost links, notices, pauses, coming back, data to take along."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

import pytest

from deploy.local.keys import Keys
from services.registration.domain import links, stamp
from services.registration.domain.answers import party_code
from services.registration.handlers import by_address, returning
from services.registration.handlers import rounds as round_handlers
from services.registration.handlers.sign_up import sign_up
from services.registration.limits import Limits
from services.registration.regions import RoundDraft, round_id
from services.registration.store import notices, people, rounds
from services.registration.tests.front import CONSENTS, NOTIFICATION, PAGES, Front, Shown, token
from services.registration.tests.made import (
    LUDWIGSBURG,
    ROUND,
    closed,
    confirmed,
    draft,
    everything,
    one,
    opened,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import Confirmed, Left, LinkAsked, NoticeDue, SignedUp
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


async def test_a_lost_link_comes_to_everybody_with_the_address_and_the_answer_never_tells(front: Front) -> None:
    first, second = await confirmed(front.pool, one(1, email="us@example.org"), one(2, email="us@example.org"))
    known = await front.client.post("/ar/ludwigsburg/link", data={"email": "US@example.org"})
    unknown = await front.client.post("/ar/ludwigsburg/link", data={"email": "nobody@example.org"})
    assert (known.status_code, dict(known.headers), known.content) == (
        unknown.status_code,
        dict(unknown.headers),
        unknown.content,
    )
    assert known.headers["location"] == "/ar/ludwigsburg/link/sent"
    assert {event.person for event in await said(front.pool, LinkAsked)} == {first, second}
    assert PAGES.text("ar", "by_address.link.sent") in Shown((await front.client.get("/ar/ludwigsburg/link/sent")).text).text


@pytest.mark.parametrize("kind", ["link", "notice"])
@pytest.mark.parametrize("typed", ["", "nonsense", "a@b"])
async def test_what_is_no_address_is_told_beside_the_field(front: Front, kind: str, typed: str) -> None:
    answer = await front.client.post(f"/tr/ludwigsburg/{kind}", data={"email": typed})
    assert answer.status_code == 422
    assert set(Shown(answer.text).faults) == {"email"}


async def next_round(pool: db.Pool) -> UUID:
    """The round after this one, open; this one ended."""
    await closed(pool)
    async with db.transaction(pool) as conn:
        await round_handlers.end(conn, ROUND)
    later = RoundDraft(slug="next", name={"de": "Nächste"}, opens=NEXT_OPENS, closes=NEXT_CLOSES)
    await draft(pool, LUDWIGSBURG.model_copy(update={"rounds": [later]}))
    async with db.transaction(pool) as conn:
        await round_handlers.open_(conn, round_id("ludwigsburg", "next"))
    return round_id("ludwigsburg", "next")


async def test_who_asked_to_be_told_is_told_once_when_a_round_opens_and_then_forgotten(front: Front) -> None:
    for _ in range(2):
        answer = await front.client.post("/fa/ludwigsburg/notice", data={"email": "waits@example.org"})
        assert answer.headers["location"] == "/fa/ludwigsburg/notice/sent"
    (paused,) = await confirmed(front.pool, one(1))
    async with db.transaction(front.pool) as conn:
        assert await returning.pause(conn, paused)
    opened_round = await next_round(front.pool)
    events = await said(front.pool, NoticeDue)
    notice = next(event for event in events if event.person != paused)
    assert {(event.round, event.language) for event in events} == {(opened_round, "fa"), (opened_round, "de")}
    question = {"kind": "opens", "person": str(notice.person), "partners": []}
    told = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    assert (told["answer"], told["email"], told["name"], told["partners"]) == ("send", "waits@example.org", "", [])
    assert told["links"] == {"confirm": None, "me": "https://buddy.example/fa/ludwigsburg"}
    async with db.transaction(front.pool) as conn:
        await by_address.say_open(conn, await rounds.get(conn, opened_round))
        await notices.forget(conn, notice.person)
    assert sum(event.person == notice.person for event in await said(front.pool, NoticeDue)) == 1
    assert (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json() == {"answer": "gone"}


async def state(front: Front, person: UUID) -> tuple[str, UUID, int]:
    async with db.connection(front.pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found.state, found.round_id, found.version


async def test_who_pauses_is_off_the_roster_and_back_with_one_button(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    link = await front.link(person)
    for _ in range(2):
        answer = await front.client.post(f"{link}/pause")
        assert answer.headers["location"] == "/de/ludwigsburg/done/paused"
    assert await state(front, person) == ("paused", ROUND, 2)
    assert [event.version for event in await said(front.pool, Left)] == [2]
    assert "/return" in (await front.client.get(link)).text
    for _ in range(2):
        assert (await front.client.post(f"{link}/return")).headers["location"] == "/de/ludwigsburg/done/returned"
    assert await state(front, person) == ("confirmed", ROUND, 3)
    assert [event.version for event in await said(front.pool, Confirmed)] == [1, 3]


async def test_somebody_of_an_earlier_round_comes_into_the_next_with_one_button(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    later = await next_round(front.pool)
    answer = await front.client.post(f"{await front.link(person)}/return")
    assert answer.headers["location"].endswith("/done/returned")
    assert await state(front, person) == ("confirmed", later, 2)


async def test_who_never_confirmed_is_asked_to_when_they_come_back(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    later = await next_round(front.pool)
    answer = await front.client.post(f"{await front.link(person)}/return")
    assert answer.headers["location"] == "/de/ludwigsburg/sent"
    assert (await state(front, person))[:2] == ("unconfirmed", later)
    assert [event.round for event in await said(front.pool, SignedUp)] == [ROUND, later]


async def test_nobody_comes_back_where_no_round_is_open(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await closed(front.pool)
    link = await front.link(person)
    assert "/return" not in (await front.client.get(link)).text
    assert (await front.client.post(f"{link}/return")).status_code == 404
    assert (await front.client.post(f"{link}/pause")).status_code == 404


async def test_everything_stored_can_be_taken_along(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1, name="سارا\u200cجان", phone="+49 170 1234567"))
    link = await front.link(person)
    data = (await front.client.get(f"{link}/data.json")).json()
    assert (data["name"], data["phone"], data["state"]) == ("سارا\u200cجان", "+49 170 1234567", "confirmed")
    columns = [
        row[0] for row in await front.pool.fetch("SELECT column_name FROM information_schema.columns WHERE table_name='people'")
    ]
    assert set(columns) - set(data) == {"repeat_key", "link_generation"}
    text = await front.client.get(f"{link}/data.txt")
    assert text.headers["content-disposition"] == 'attachment; filename="mybuddy.txt"'
    assert "سارا\u200cجان" in text.text
    assert "+49 170 1234567" in text.text
    assert (await front.client.get("/de/ludwigsburg/me/AAAA/data.json")).status_code == 404


async def test_two_who_come_back_while_the_round_closes_are_in_or_out(front: Front) -> None:
    """Coming back and closing at the same moment: whoever is confirmed in the closed round stands on its roster."""
    people_ = await confirmed(front.pool, *(one(number) for number in range(1, 7)))
    for person in people_:
        async with db.transaction(front.pool) as conn:
            await returning.pause(conn, person)

    async def comes_back(person: UUID) -> None:
        async with db.transaction(front.pool) as conn:
            await returning.come_back(conn, person)

    await asyncio.gather(
        *(comes_back(person) for person in people_[:3]), closed(front.pool), *(comes_back(one_) for one_ in people_[3:])
    )
    rows = await front.pool.fetch("SELECT id FROM people WHERE state = 'confirmed' AND round_id = $1", ROUND)
    roster = await front.pool.fetch("SELECT person_id FROM roster WHERE round_id = $1", ROUND)
    assert {row["id"] for row in rows} == {row["person_id"] for row in roster}


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
