"""Another address is proved before anything is sent there."""

import asyncio

import pytest

from services.registration.domain import cards
from services.registration.domain.life import State
from services.registration.handlers import own_data, returning
from services.registration.tests.changing import LATER, NEW, OLD, addresses, at_new, at_old, carded, change, press, told
from services.registration.tests.front import PAGES, Front, Shown
from services.registration.tests.made import (
    LUDWIGSBURG,
    closed,
    confirmed,
    everything,
    next_round,
    one,
    opened,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import AddressGiven, Changed, Confirmed, LinkAsked, SignedUp


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


@pytest.mark.parametrize("state", ["confirmed", "paused", "in_doubt", "left", "withdrawn", "refused", "not_checked"])
async def test_until_the_button_is_pressed_the_old_address_stays_and_the_rest_is_changed(front: Front, state: State) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await front.pool.execute("UPDATE people SET state = $2 WHERE id = $1", person, state)
    answer = await change(front, person, hobbies=["chess"])
    assert (answer.status_code, answer.headers["location"]) == (303, await front.link(person))
    assert await addresses(front, person) == (OLD, NEW)
    assert await front.pool.fetchval("SELECT hobbies FROM people") == ["chess"]
    assert [len(event.hobbies) for event in await said(front.pool, Changed)] == [1] * (state == "confirmed")
    assert (await told(front, "link", person))["email"] == OLD
    status, page = await press(front, await front.address_link(person))
    assert (status, NEW in page) == (200, True)
    assert await addresses(front, person) == (NEW, "")
    assert (await told(front, "link", person))["email"] == NEW
    assert await front.pool.fetchval("SELECT state FROM people") == state


async def test_my_page_shows_the_address_that_waits_and_lets_it_be_dropped(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    me = await front.link(person)
    page = Shown((await front.client.get(me)).text).text
    assert PAGES.text("de", "me.new_email.until") in page
    assert (OLD in page, NEW in page, f"{me}/address" in (await front.client.get(me)).text) == (True, True, True)
    link = await front.address_link(person)
    assert NEW in (await front.client.get(f"{me}/address")).text
    dropped = await front.client.post(f"{me}/address")
    assert (dropped.status_code, dropped.headers["location"]) == (303, me)
    assert await addresses(front, person) == (OLD, "")
    assert NEW not in (await front.client.get(me)).text
    assert (await front.client.post(f"{me}/address")).status_code == 303  # pressed twice
    assert (await press(front, link))[0] == 404


async def test_changing_back_to_the_old_address_drops_the_new_one(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    (asked,), link = await said(front.pool, AddressGiven), await front.address_link(person)
    assert (await change(front, person, "P1@example.org")).headers["location"] == "/de/ludwigsburg/done/changed"
    assert await addresses(front, person) == ("P1@example.org", "")
    assert (await press(front, link))[0] == 404
    assert await at_new(front, asked) == {"answer": "gone"}


async def test_changing_something_else_keeps_the_address_that_waits_and_sends_nothing_more(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    link = await front.address_link(person)
    shown = Shown((await front.client.get(f"{await front.link(person)}/change")).text)
    assert shown.values["email"] == [NEW]
    await change(front, person, NEW, hobbies=["chess"])
    assert (await addresses(front, person), len(await said(front.pool, AddressGiven))) == ((OLD, NEW), 1)
    assert (await press(front, link))[0] == 200


async def test_opening_the_link_changes_nothing_and_pressing_twice_is_once(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    link, before = await front.address_link(person), await everything(front.pool)
    assert NEW in (await front.client.get(link)).text
    assert await everything(front.pool) == before
    first = await press(front, link)
    after = await everything(front.pool)
    assert (first, await everything(front.pool)) == (await press(front, link), after)


async def test_when_the_new_address_is_proved_the_links_of_earlier_mails_open_nothing(front: Front) -> None:
    """Perhaps somebody else reads them: that is why many give another address. The new link goes to the new address."""
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    before = [await front.link(person, purpose) for purpose in ("me", "confirm")]
    assert (await front.client.get(before[0])).status_code == 200
    proof = await front.address_link(person)
    for _ in range(2):
        answer = await front.client.post(proof)
        mine = await front.link(person)
        assert (answer.status_code, f'href="https://buddy.example{mine}"' in answer.text) == (200, True)
    assert [(await front.client.get(link)).status_code for link in (*before, mine)] == [404, 404, 200]
    assert [event.person for event in await said(front.pool, LinkAsked)] == [person]
    mail = await told(front, "link", person)
    assert (mail["email"], mail["links"]["me"]) == (NEW, f"https://buddy.example{mine}")


async def test_who_gave_an_address_to_their_card_keeps_the_card_with_every_address(front: Front) -> None:
    """The link drawn on it goes where mails with the same link went to another address; its code never does."""
    person = await carded(front)
    drawn, keys = await front.link(person), front.tools.settings.keys
    for email, status in ((NEW, 200), (LATER, 404)):
        await change(front, person, email)
        await press(front, await front.address_link(person))
        assert (await addresses(front, person), (await front.client.get(drawn)).status_code) == ((email, ""), status)
        card = await front.pool.fetchval("SELECT card FROM people WHERE id = $1", person)
        typed = {"card": card, "code": cards.code(person, 1, keys[0])}
        opened_page = await front.client.post("/de/ludwigsburg/card", data=typed)
        assert opened_page.headers["location"] == f"https://buddy.example{await front.link(person)}"


async def test_an_earlier_mails_link_proves_no_later_address(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    earlier = await front.address_link(person)
    await change(front, person, LATER)
    later = await front.address_link(person)
    assert (await press(front, earlier))[0] == 404
    assert await addresses(front, person) == (OLD, LATER)
    first, second = await said(front.pool, AddressGiven)
    assert [(await at_new(front, asked))["answer"] for asked in (first, second)] == ["gone", "send"]
    await press(front, later)
    assert (await press(front, earlier))[0] == 404
    assert await addresses(front, person) == (LATER, "")


async def test_who_corrects_the_address_before_confirming_confirms_with_the_new_mail_alone(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    confirm, me = await front.link(person, "confirm"), await front.link(person)
    answer = await change(front, person)
    page = answer.headers["location"]
    assert (answer.status_code, page == me, page) == (303, False, await front.link(person))
    shown = Shown((await front.client.get(page)).text).text
    assert (NEW in shown, PAGES.text("de", "me.renewed.link") in shown) == (True, True)
    assert [(await press(front, confirm))[0], (await front.client.get(me)).status_code] == [404, 404]
    assert (len(await said(front.pool, SignedUp)), await addresses(front, person)) == (2, (NEW, ""))
    assert (await told(front, "confirm", person))["email"] == NEW
    assert (await press(front, await front.link(person, "confirm")))[0] == 200
    assert await front.pool.fetchval("SELECT state FROM people") == "confirmed"
    assert await said(front.pool, AddressGiven) == []  # perhaps it was a stranger's


async def test_who_changes_something_else_before_confirming_keeps_their_links(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    confirm = await front.link(person, "confirm")
    assert (await change(front, person, OLD, hobbies=["chess"])).headers["location"] == "/de/ludwigsburg/done/changed"
    assert (len(await said(front.pool, SignedUp)), (await press(front, confirm))[0]) == (1, 200)


async def test_after_the_close_a_corrected_address_brings_no_mail(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    await closed(front.pool)
    answer = await change(front, person)
    assert (await front.client.get(answer.headers["location"])).status_code == 200
    assert (len(await said(front.pool, SignedUp)), await addresses(front, person)) == (1, (NEW, ""))


async def test_who_has_to_confirm_once_more_does_so_by_proving_another_address(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    async with db.transaction(front.pool) as conn:
        await own_data.leave(conn, person)
    await front.post(form_token="a-second-form-of-one", name="Person 1", email=OLD)
    assert await front.pool.fetchval("SELECT state FROM people") == "unconfirmed"
    await change(front, person)
    await press(front, await front.address_link(person))
    assert (await front.pool.fetchval("SELECT state FROM people"), await addresses(front, person)) == ("confirmed", (NEW, ""))


async def test_who_has_a_card_and_adds_an_address_proves_it_and_nobody_else_is_told(front: Front) -> None:
    person = await carded(front)
    (buddy,) = await confirmed(front.pool, one(2))
    await change(front, person, release_email="1")
    assert await addresses(front, person) == ("", NEW)
    assert PAGES.text("de", "me.new_email.none") in Shown((await front.client.get(await front.link(person))).text).text
    (asked,) = await said(front.pool, AddressGiven)
    assert await at_old(front, asked) == {"answer": "gone"}
    assert await told(front, "link", person) == {"answer": "gone"}
    (partner,) = (await told(front, "introduced", buddy, None, person))["partners"]
    assert LUDWIGSBURG.office.email in {contact["value"] for contact in partner["contacts"]}
    assert (await at_new(front, asked))["email"] == NEW
    await press(front, await front.address_link(person))
    assert (await addresses(front, person), (await told(front, "link", person))["email"]) == ((NEW, ""), NEW)


async def test_who_has_a_card_and_mistyped_the_address_keeps_the_card_and_is_in(front: Front) -> None:
    person = await carded(front, "mistyped@example.org")
    confirm, me = await front.link(person, "confirm"), await front.link(person)
    assert (await change(front, person)).headers["location"] == me
    assert (await addresses(front, person), len(await said(front.pool, Confirmed))) == (("", NEW), 1)
    await press(front, confirm)
    assert await addresses(front, person) == ("", NEW)
    (asked,) = await said(front.pool, AddressGiven)
    assert await at_old(front, asked) == {"answer": "gone"}  # a stranger's


async def test_the_links_of_an_address_wait_for_no_round(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await next_round(front.pool)
    assert (await change(front, person)).headers["location"] == await front.link(person)
    assert (await press(front, await front.address_link(person)))[0] == 200
    assert await addresses(front, person) == (NEW, "")


async def test_a_press_that_races_with_another_change_proves_its_own_address_or_none(front: Front) -> None:
    crowd = await confirmed(front.pool, *(one(number) for number in range(6)))
    for number, person in enumerate(crowd):
        await change(front, person, name=f"Person {number}", birth_year=str(1960 + number))
    links = [await front.address_link(person) for person in crowd]
    changes = [
        change(front, person, LATER, name=f"Person {number}", birth_year=str(1960 + number))
        for number, person in enumerate(crowd)
    ]
    pressed = (await asyncio.gather(*changes, *(press(front, link) for link in links)))[len(crowd) :]
    for person, number, answer in zip(crowd, range(6), pressed, strict=True):
        status = answer[0] if isinstance(answer, tuple) else 0
        assert await addresses(front, person) == (NEW if status == 200 else f"p{number}@example.org", LATER)


async def test_a_pause_and_a_return_leave_the_address_waiting(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    async with db.transaction(front.pool) as conn:
        await returning.pause(conn, person)
        assert await returning.come_back(conn, person) == "returned"
    assert (await addresses(front, person), (await press(front, await front.address_link(person)))[0]) == ((OLD, NEW), 200)
