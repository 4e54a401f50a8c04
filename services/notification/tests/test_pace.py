"""Mail servers are not sent more a minute than they take: in all and to each domain, by all processes together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.mailbox.part import Mailbox
from services.notification.domain import domain_of
from services.notification.sender.pace import IN_ALL, Pace
from services.notification.sender.recipient import Registration
from services.notification.sender.sending import Sender
from services.notification.sender.smtp import MailServer
from services.notification.store import paces
from services.notification.tests.day import START, Day, ids
from services.notification.tests.mails import PAGES, recipient
from services.notification.tests.test_sending import queued
from shared.runtime import db

NewDay = Callable[[int, int], Day]
PLENTY = 1_000_000


@pytest.fixture
async def paced(day: Day, mailbox: Mailbox) -> AsyncIterator[NewDay]:
    """Two processes, each with a pace of its own: what they share is the database."""
    servers = [MailServer(mailbox.smtp_url) for _ in range(2)]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(day.answers.app), base_url="http://registration") as client:

        def new(per_minute: int, to_domain: int) -> Day:
            registration = Registration(client, "x")
            day.senders = [Sender(day.pool, registration, one, PAGES, Pace(day.pool, per_minute, to_domain)) for one in servers]
            return day

        yield new
    for one in servers:
        await one.close_idle()


def someone(day: Day, domain: str) -> tuple[UUID, str]:
    person = uuid4()
    address = f"{person.hex}@{domain}"
    day.answers.of[person] = recipient(email=address)
    return person, address


async def names(pool: db.Pool) -> set[str]:
    return {row["name"] for row in await pool.fetch("SELECT name FROM paces")}


async def test_what_is_over_the_pace_of_a_domain_waits_and_stops_no_mail_to_others(paced: NewDay, mailbox: Mailbox) -> None:
    day = paced(PLENTY, 1)  # two may go at once, then one a minute
    slow = [someone(day, "Slow.example.org") for _ in range(4)]
    messages = [str(await queued(day.pool, person)) for person, _ in slow]
    others = [someone(day, f"other{number}.example.org") for number in range(4)]
    for person, _ in others:
        await queued(day.pool, person)
    await day.send()
    assert [len(ids(mailbox, address)) for _, address in others] == [1] * 4
    waits = await day.pool.fetch(
        "SELECT id, extract(epoch FROM held_until - clock_now())::float AS wait FROM messages WHERE state = 'queued'"
        " ORDER BY held_until"
    )
    assert [0 < row["wait"] - 60 * number <= 60 for number, row in enumerate(waits)] == [True, True]
    asked = len(day.answers.asked)
    for minutes in (1, 2):
        await day.is_at(START + timedelta(minutes=minutes, seconds=5))
        await day.send()
        assert len([one for _, address in slow for one in ids(mailbox, address)]) == 2 + minutes
    assert sorted(one for _, address in slow for one in ids(mailbox, address)) == sorted(messages)
    assert len(day.answers.asked) == asked + 2


async def test_what_is_asked_for_does_not_stand_behind_results_to_the_same_domain(paced: NewDay, mailbox: Mailbox) -> None:
    day = paced(PLENTY, 1)
    people = [someone(day, "large.example.org") for _ in range(9)]
    for person, _ in people:
        await queued(day.pool, person, "unmatched", reason="no_partner")
    await day.send()
    links = [someone(day, "large.example.org") for _ in range(3)]
    wanted = [str(await queued(day.pool, person, "link")) for person, _ in links]
    await day.send()
    assert [ids(mailbox, address) for _, address in links[:2]] == [[message] for message in wanted[:2]]
    await day.is_at(START + timedelta(minutes=1, seconds=5))
    await day.send()
    assert [ids(mailbox, address) for _, address in links] == [[message] for message in wanted]
    assert len([address for _, address in people if ids(mailbox, address)]) == 3


async def test_a_slot_that_was_not_used_in_its_time_is_asked_for_again(paced: NewDay) -> None:
    day = paced(PLENTY, 1)
    for person, _ in [someone(day, "late.example.org") for _ in range(4)]:
        await queued(day.pool, person)
    await day.send()
    await day.is_at(START + timedelta(hours=1))
    await day.send()
    assert await day.pool.fetchval("SELECT count(*) FROM messages WHERE held_until > clock_now()") == 2


async def test_messages_of_one_person_keep_their_order_at_any_pace(paced: NewDay, mailbox: Mailbox) -> None:
    day = paced(PLENTY, 1)
    person, address = someone(day, "order.example.org")
    messages = [str(await queued(day.pool, person, "answered")) for _ in range(3)]
    await day.send()
    assert ids(mailbox, address) == messages[:2]
    await day.is_at(START + timedelta(minutes=1, seconds=5))
    await day.send()
    assert ids(mailbox, address) == messages


async def test_all_mails_of_all_processes_are_taken_from_one_pace(paced: NewDay, mailbox: Mailbox) -> None:
    day = paced(120, PLENTY)  # four may go at once, then one in half a second
    people = [someone(day, f"one{number}.example.org") for number in range(6)]
    for person, _ in people:
        await queued(day.pool, person)
    async with asyncio.timeout(30):
        while await day.pool.fetchval("SELECT count(*) FROM messages WHERE state = 'queued'"):
            await asyncio.gather(*(sender.send_next() for sender in day.senders))
    assert [len(ids(mailbox, address)) for _, address in people] == [1] * 6
    last = await day.pool.fetchval("SELECT extract(epoch FROM max(done_at) - $1)::float FROM messages", START)
    assert last > 0.5


async def test_who_is_not_written_to_takes_nothing_of_the_pace(paced: NewDay) -> None:
    day = paced(100, 1)
    for person, _ in [someone(day, "gone.example.org") for _ in range(8)]:
        day.answers.of[person] = '{"answer": "gone"}'
        await queued(day.pool, person)
    await day.send()
    assert await day.pool.fetchval("SELECT max(spent_until) - now() < interval '5 seconds' FROM paces")
    assert await names(day.pool) == {IN_ALL}


async def test_which_domains_are_written_to_is_forgotten_when_their_pace_is_free_again(paced: NewDay) -> None:
    day = paced(PLENTY, 1)
    person, _ = someone(day, "rare.example.org")
    await queued(day.pool, person, "refused")
    await day.send()
    assert await names(day.pool) == {IN_ALL, "rare.example.org"}
    await day.pool.execute("UPDATE paces SET spent_until = spent_until - interval '1 minute'")
    async with db.connection(day.pool) as conn:
        await paces.forget(conn)
    assert await names(day.pool) == set()


async def test_a_block_is_taken_in_one_statement_and_never_more_than_there_is(pool: db.Pool) -> None:
    cost = timedelta(minutes=1)
    async with db.transaction(pool) as conn:  # within it no time passes
        taken = [await paces.take(conn, "example.org", 3, cost) for _ in range(5)]
    assert taken == [(3, 0), (3, 0), (1, 60), (1, 120), (1, 180)]


@pytest.mark.parametrize(
    ("address", "domain"), [("a@Example.ORG", "example.org"), ('"a@b"@c.example', "c.example"), ("nobody", ""), ("", "")]
)
def test_of_an_address_only_the_domain_is_known(address: str, domain: str) -> None:
    assert domain_of(address) == domain
