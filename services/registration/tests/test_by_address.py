"""What takes nothing but an address: a lost link, and being told when the next round opens."""

from uuid import uuid4

import pytest

from services.registration.domain.mailbox import notice_id
from services.registration.handlers import by_address, events, returning
from services.registration.handlers import rounds as round_handlers
from services.registration.store import notices, rounds
from services.registration.tests.front import NOTIFICATION, PAGES, Front, Shown
from services.registration.tests.made import ROUND, confirmed, next_round, one, opened, said
from shared.runtime import db
from shared.schemas.messages import Bounced
from shared.schemas.participants import LinkAsked, NoticeDue


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


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


async def test_whose_mail_cannot_be_delivered_is_forgotten_too(front: Front) -> None:
    await front.client.post("/de/ludwigsburg/notice", data={"email": "no-such-mailbox@example.org"})
    notice = await front.pool.fetchval("SELECT id FROM notices")
    async with db.transaction(front.pool) as conn:
        await events.on_bounced(conn, Bounced(message=uuid4(), person=notice, kind="opens", language="de"))
    assert await front.pool.fetchval("SELECT count(*) FROM notices") == 0


async def test_who_was_not_told_before_the_round_closed_is_told_of_the_next(front: Front) -> None:
    await front.client.post("/de/ludwigsburg/notice", data={"email": "waits@example.org"})
    async with db.transaction(front.pool) as conn:
        await by_address.say_open(conn, await rounds.get(conn, ROUND))
    later = await next_round(front.pool)
    assert [event.round for event in await said(front.pool, NoticeDue)] == [ROUND, later]


async def test_nobody_can_tell_from_the_id_of_a_notice_whose_address_it_is(front: Front) -> None:
    """It stands on a topic and in another service: addresses that somebody tries must not lead to it."""
    await front.client.post("/de/ludwigsburg/notice", data={"email": "Waits@example.org"})
    (row,) = await front.pool.fetch("SELECT id FROM notices")
    assert row["id"] == notice_id("ludwigsburg", "waits@example.org", front.tools.settings.keys[0])
    assert row["id"] != notice_id("ludwigsburg", "waits@example.org", "another key")
    assert row["id"] != notice_id("hannover", "waits@example.org", front.tools.settings.keys[0])


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_who_wants_to_be_told_of_a_round_hears_that_one_is_open_already(front: Front, language: str) -> None:
    here = f"/{language}/ludwigsburg/notice"
    now, faulty = await front.client.get(here), await front.client.post(here, data={"email": ""})
    for answer in (now, faulty):
        assert PAGES.text(language, "by_address.notice.open") in Shown(answer.text).text
        assert f'<a class="button" href="/{language}/ludwigsburg">' in answer.text
    async with db.transaction(front.pool) as conn:
        await round_handlers.close(conn, ROUND)
    front.tools.open_rounds.clear()
    assert PAGES.text(language, "by_address.notice.open") not in Shown((await front.client.get(here)).text).text
