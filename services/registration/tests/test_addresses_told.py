"""What is told of another address, to whom and how often, and when it is forgotten."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from deploy.local.databases import InstallationDatabases
from deploy.local.demo.story import DURING
from services.registration.handlers.addresses import MOST_A_DAY
from services.registration.handlers.events import on_bounced
from services.registration.retention import forget_due
from services.registration.tests.changing import LATER, NEW, OLD, addresses, at_new, at_old, carded, change, press, told
from services.registration.tests.front import Front, Shown
from services.registration.tests.made import (
    LUDWIGSBURG,
    REGIONS,
    confirmed,
    everything,
    one,
    opened,
    said,
)
from shared.runtime import db
from shared.schemas.codes import MessageKind
from shared.schemas.messages import Bounced
from shared.schemas.participants import AddressGiven


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


async def test_the_buddy_is_told_the_old_address_until_the_new_one_is_proved(front: Front) -> None:
    person, buddy = await confirmed(front.pool, one(1), one(2))
    await change(front, person)

    async def seen() -> str:
        partner = (await told(front, "introduced", buddy, None, person))["partners"][0]
        return str(partner["contacts"][0]["value"])

    assert await seen() == OLD
    await press(front, await front.address_link(person))
    assert await seen() == NEW


async def test_my_page_says_that_mails_come_back_until_another_address_is_given(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    mine = await front.link(person)

    async def says(address: str) -> bool:
        sentence = front.tools.pages.text("de", "me.bounced", email=address)
        return sentence in " ".join(Shown((await front.client.get(mine)).text).text.split())

    await bounce(front, "welcome", person)
    assert await says(OLD)
    await change(front, person)
    (asked,) = await said(front.pool, AddressGiven)
    await bounce(front, "new_address", uuid4())
    assert (await says(OLD), await says(NEW)) == (True, False)
    await bounce(front, "new_address", asked.asking)
    assert (await says(OLD), await says(NEW)) == (True, True)
    await change(front, person, LATER)
    assert (await says(OLD), await says(NEW), await says(LATER)) == (True, False, False)
    await press(front, await front.address_link(person))
    mine = await front.link(person)
    assert (await says(OLD), await says(LATER)) == (False, False)


async def bounce(front: Front, kind: MessageKind, whom: UUID) -> None:
    async with db.transaction(front.pool) as conn:
        await on_bounced(conn, Bounced(message=uuid4(), person=whom, kind=kind, language="de"))


async def test_the_mail_to_the_new_address_leads_to_the_button_and_to_nothing_of_theirs(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    (asked,) = await said(front.pool, AddressGiven)
    mail = await at_new(front, asked)
    assert (mail["answer"], mail["email"]) == ("send", NEW)
    assert mail["links"]["confirm"] == f"https://buddy.example{await front.address_link(person)}"
    assert mail["links"]["me"] == "https://buddy.example/de/ludwigsburg"
    assert not [word for word in (OLD, await front.link(person)) if word in str(mail)]


async def test_the_old_address_is_told_without_the_new_one_and_also_after_it_was_proved(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    assert (await at_old(front, *await said(front.pool, AddressGiven)))["still_theirs"]
    await press(front, await front.address_link(person))
    await change(front, person, LATER)
    await press(front, await front.address_link(person))
    for asked, email in zip(await said(front.pool, AddressGiven), (OLD, NEW), strict=True):
        mail = await at_old(front, asked)
        assert (mail["answer"], mail["email"], mail["office"]["email"]) == ("send", email, LUDWIGSBURG.office.email)
        assert not mail["still_theirs"]
        assert not [word for word in ({NEW, LATER} - {email}) | {"/me/", "/address/"} if word in str(mail)]
        assert await told(front, "old_address", uuid4(), asked.asking) == {"answer": "gone"}


async def test_no_address_is_said_on_a_topic(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    await press(front, await front.address_link(person))
    assert "example.org" not in "".join((await everything(front.pool))["outbox"])


async def test_an_address_that_is_taken_away_is_told_so(front: Front) -> None:
    """Or whoever holds a link could take it away first, and then give theirs."""
    person = await carded(front, OLD)
    await press(front, await front.link(person, "confirm"))
    assert (await change(front, person, "", release_email=None)).headers["location"] == "/de/ludwigsburg/done/changed"
    (asked,) = await said(front.pool, AddressGiven)
    mail = await at_old(front, asked)
    assert (await addresses(front, person), mail["email"], mail["still_theirs"]) == (("", ""), OLD, False)
    assert await at_new(front, asked) == {"answer": "gone"}


async def test_after_enough_addresses_of_a_day_one_more_changes_nothing_and_what_was_typed_stays(
    front: Front, database: InstallationDatabases
) -> None:
    (person,) = await confirmed(front.pool, one(1))
    for number in range(MOST_A_DAY):
        assert (await change(front, person, f"new{number}@example.org")).status_code == 303
    before = await everything(front.pool)
    answer = await change(front, person, LATER, hobbies=["chess"])
    shown = Shown(answer.text)
    assert (answer.status_code, "email" in shown.faults, shown.values["email"]) == (422, True, [LATER])
    assert await everything(front.pool) == before
    assert (await change(front, person, OLD)).status_code == 303
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(days=1, minutes=1))
    assert (await change(front, person, LATER)).status_code == 303


async def test_a_mailbox_that_proves_nothing_is_spared_and_one_that_does_makes_room(front: Front) -> None:
    crowd = await confirmed(front.pool, *(one(number) for number in range(13)))
    for number, person in enumerate(crowd):
        await change(front, person, f"victim+{number}@example.org", name=f"Person {number}")
    asked = await said(front.pool, AddressGiven)
    mails = [await at_new(front, one_of) for one_of in asked]
    assert [mail["answer"] for mail in mails] == ["send"] * 12 + ["later"]
    assert (await told(front, "link", crowd[12]))["answer"] == "send"  # at their own address
    await press(front, await front.address_link(crowd[0]))
    assert (await at_new(front, asked[12]))["answer"] == "send"


async def test_an_address_that_nobody_proves_goes_after_seven_days_and_not_before(
    front: Front, database: InstallationDatabases
) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    link, (asked,) = await front.address_link(person), await said(front.pool, AddressGiven)
    await at_new(front, asked)
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(days=6))
    assert (await forget_due(front.pool, REGIONS), await addresses(front, person)) == (0, (OLD, NEW))
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(days=7, minutes=1))
    assert (await forget_due(front.pool, REGIONS), await addresses(front, person)) == (1, (OLD, ""))
    assert ((await press(front, link))[0], await at_old(front, asked)) == (404, {"answer": "gone"})
    assert NEW not in str(await everything(front.pool))
    assert await front.pool.fetchval("SELECT count(*) FROM unconfirmed_mails") == 0


async def test_who_is_told_of_an_old_address_is_forgotten_with_it_and_the_proved_one_stays(
    front: Front, database: InstallationDatabases
) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    await press(front, await front.address_link(person))
    await asyncio.to_thread(database.move_clock, datetime.fromisoformat(DURING) + timedelta(days=7, minutes=1))
    assert (await forget_due(front.pool, REGIONS), await addresses(front, person)) == (1, (NEW, ""))
    assert OLD not in str(await everything(front.pool))


async def test_erasing_takes_a_notice_at_the_old_address_too_and_none_at_one_that_nobody_proved(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    for email in (OLD.upper(), NEW, LATER):
        await front.client.post("/de/ludwigsburg/notice", data={"email": email})
    await change(front, person)
    await press(front, await front.address_link(person))
    await change(front, person, LATER)
    await front.client.post(f"{await front.link(person)}/erase")
    assert [row["email"] for row in await front.pool.fetch("SELECT email FROM notices")] == [LATER]


async def test_everything_kept_of_addresses_can_be_taken_along(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    await change(front, person)
    await press(front, await front.address_link(person))
    await change(front, person, LATER)
    me = await front.link(person)
    data, text = (await front.client.get(f"{me}/data.json")).json(), (await front.client.get(f"{me}/data.txt")).text
    assert (data["email"], data["new_email"]) == (NEW, LATER)
    assert [one_of["old_email"] for one_of in data["addresses_asked"]] == [OLD, NEW]
    assert [email in text for email in (OLD, NEW, LATER)] == [True] * 3
