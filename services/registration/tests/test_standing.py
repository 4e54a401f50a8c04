"""Whoever cannot do now what they came for reads how it stands, and nothing changes behind their back."""

from uuid import UUID

import pytest

from services.registration.handlers import own_data, returning
from services.registration.store import people
from services.registration.tests.front import PAGES, Front, Shown
from services.registration.tests.made import closed, confirmed, everything, one, opened, signed_up
from shared.runtime import db


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


async def in_state(front: Front, state: str) -> UUID:
    (person,) = await confirmed(front.pool, one(1))
    async with db.transaction(front.pool) as conn:
        if state == "paused":
            await returning.pause(conn, person)
        elif state == "left":
            await own_data.leave(conn, person)
        else:
            await conn.execute("UPDATE people SET state = $2 WHERE id = $1", person, state)
    return person


async def state_of(front: Front, person: UUID) -> str:
    async with db.connection(front.pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found.state


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_who_is_in_is_told_so_by_the_old_mail_and_led_to_their_page(front: Front, language: str) -> None:
    (person,) = await confirmed(front.pool, one(1))
    link = (await front.link(person, "confirm")).replace("/de/", f"/{language}/")
    shown = await front.client.get(link)
    assert shown.status_code == 200
    assert PAGES.text(language, "standing.in.title") in Shown(shown.text).text
    assert await front.link(person) in shown.text
    assert "<form" not in shown.text


@pytest.mark.parametrize(("state", "returns"), [("paused", True), ("left", True), ("in_doubt", False), ("refused", False)])
async def test_the_button_of_an_old_mail_says_how_it_stands_and_brings_nobody_back(
    front: Front, state: str, returns: bool
) -> None:
    person = await in_state(front, state)
    link, before = await front.link(person, "confirm"), await everything(front.pool)
    shown, pressed = await front.client.get(link), await front.client.post(link)
    assert (shown.status_code, pressed.status_code) == (200, 200 if state == "in_doubt" else 409)
    for answer in (shown, pressed):
        page = Shown(answer.text)
        assert PAGES.text("de", f"me.state.{state}") in page.text
        assert (PAGES.text("de", "standing.return") in page.text) is returns
        assert await front.link(person) in answer.text
    assert await everything(front.pool) == before


async def test_who_confirms_too_late_is_told_so_and_can_ask_for_the_next_round(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    link = await front.link(person, "confirm")
    assert "<form" in (await front.client.get(link)).text
    await closed(front.pool)
    before = await everything(front.pool)
    for answer in (await front.client.get(link), await front.client.post(link)):
        assert PAGES.text("de", "me.state.late") in Shown(answer.text).text
        assert "/de/ludwigsburg/notice" in answer.text
    assert await everything(front.pool) == before


async def test_a_pause_is_not_offered_to_who_has_not_confirmed_and_its_button_says_why(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    link, before = await front.link(person), await everything(front.pool)
    assert "/pause" not in (await front.client.get(link)).text
    shown, pressed = await front.client.get(f"{link}/pause"), await front.client.post(f"{link}/pause")
    assert (shown.status_code, pressed.status_code) == (200, 409)
    for answer in (shown, pressed):
        page = Shown(answer.text)
        assert PAGES.text("de", "standing.act.title") in page.text
        assert PAGES.text("de", "me.state.unconfirmed") in page.text
        assert ("<form" in answer.text, f'href="{link}"' in answer.text) == (False, True)
    assert await everything(front.pool) == before


async def test_a_button_of_a_page_that_was_open_since_before_the_close_says_how_it_stands(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    link = await front.link(person)
    await closed(front.pool)
    for action in ("pause", "return"):
        answer = await front.client.post(f"{link}/{action}")
        assert (answer.status_code, await state_of(front, person)) == (409, "confirmed")
        assert PAGES.text("de", "me.phase.closed") in Shown(answer.text).text
