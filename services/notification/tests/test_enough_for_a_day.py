"""Nobody gets more mails than a day may bring; what waits is sent in its order when the day is over, and none is lost."""

from datetime import timedelta

import pytest

from deploy.local.mailbox.part import Mailbox
from services.notification.domain import BY_ANYBODY
from services.notification.handlers import on_gone
from services.notification.store import measures
from services.notification.tests.day import MOST, START, Day, ids
from services.notification.tests.mails import ROUND, recipient
from services.notification.tests.test_sending import queued, rows
from shared.runtime import db
from shared.schemas.codes import MessageKind
from shared.schemas.participants import Left


async def test_of_five_messages_three_come_today_and_two_tomorrow_in_their_order(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    messages = [str(await queued(day.pool, someone, "answered")) for _ in range(5)]
    await day.send()
    assert ids(mailbox, address) == messages[:3]
    assert [state for _, state in await rows(day.pool)] == ["sent"] * 3 + ["queued"] * 2
    await day.is_at(START + timedelta(hours=23, minutes=55))
    await day.send()
    assert ids(mailbox, address) == messages[:3]
    await day.is_at(START + timedelta(days=1, minutes=1))
    await day.send()
    assert ids(mailbox, address) == messages


async def test_what_is_asked_for_is_claimed_before_all_that_was_due_earlier(day: Day, mailbox: Mailbox) -> None:
    for _ in range(20):
        await queued(day.pool, day.person()[0], "unmatched", reason="no_partner")
    kinds: tuple[MessageKind, ...] = ("link", "welcome", "confirm")
    someone, address = day.person()
    wanted = {kind: str(await queued(day.pool, someone, kind)) for kind in kinds}
    for _ in kinds:
        await day.senders[0].send_next()
    assert await day.pool.fetchval("SELECT count(*) FROM messages WHERE state = 'sent'") <= len(kinds)
    assert set(ids(mailbox, address)) <= set(wanted.values())
    assert ids(mailbox, address)[0] == wanted["welcome"]


async def test_who_was_told_three_things_today_is_sent_a_link_before_all_else_tomorrow(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    news = [str(await queued(day.pool, someone, "answered")) for _ in range(5)]
    await day.send()
    link = str(await queued(day.pool, someone, "link"))
    await day.send()
    assert ids(mailbox, address) == news[:3]
    await day.is_at(START + timedelta(days=1, minutes=1))
    await day.send()
    assert set(ids(mailbox, address)[3:]) == {link, *news[3:]}


@pytest.mark.parametrize("kind", sorted(BY_ANYBODY))
async def test_however_often_a_stranger_asks_one_of_the_days_mails_stays_free_for_news(
    day: Day, mailbox: Mailbox, kind: MessageKind
) -> None:
    someone, address = day.person()
    asked = [str(await queued(day.pool, someone, kind)) for _ in range(5)]
    await day.send()
    assert ids(mailbox, address) == asked[:2]
    await day.is_at(START + timedelta(hours=2))
    outcome = str(await queued(day.pool, someone, "unmatched", reason="no_partner"))
    await day.send()
    assert ids(mailbox, address) == [*asked[:2], outcome]
    await day.is_at(START + timedelta(days=1, minutes=1))
    await day.send()
    assert ids(mailbox, address) == [*asked[:2], outcome, *asked[2:4]]


async def test_what_a_stranger_asks_for_keeps_no_welcome_waiting(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    links = [str(await queued(day.pool, someone, "link")) for _ in range(4)]
    await day.send()
    welcome = str(await queued(day.pool, someone, "welcome"))
    await day.send()
    assert ids(mailbox, address) == [*links[:2], welcome]


async def test_where_news_use_up_the_day_links_wait_like_all_else(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    news = [str(await queued(day.pool, someone, "answered")) for _ in range(2)]
    await day.send()
    links = [str(await queued(day.pool, someone, "link")) for _ in range(2)]
    await day.send()
    assert ids(mailbox, address) == [*news, links[0]]
    await day.is_at(START + timedelta(days=1, minutes=1))
    await day.send()
    assert ids(mailbox, address) == [*news, *links]


async def test_senders_at_once_never_send_more_and_keep_the_order(day: Day, mailbox: Mailbox) -> None:
    people = [day.person() for _ in range(5)]
    wanted = {address: [str(await queued(day.pool, someone, "answered")) for _ in range(8)] for someone, address in people}
    for days in range(3):
        await day.is_at(START + timedelta(days=days, minutes=days))
        await day.send()
        assert {address: ids(mailbox, address) for _, address in people} == {
            address: messages[: MOST * (days + 1)] for address, messages in wanted.items()
        }


async def test_the_limit_of_one_person_stops_nobody_else(day: Day, mailbox: Mailbox) -> None:
    someone, _ = day.person()
    other, theirs = day.person()
    for _ in range(5):
        await queued(day.pool, someone, "link")
    message = str(await queued(day.pool, other, "link"))
    await day.send()
    assert ids(mailbox, theirs) == [message]


async def test_a_mail_that_bounced_or_was_dropped_is_none_of_the_day(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    day.answers.of[someone] = '{"answer": "gone"}'
    for _ in range(4):
        await queued(day.pool, someone, "unmatched")
    await day.send()
    day.answers.of[someone] = recipient(email=address)
    messages = [str(await queued(day.pool, someone, "unmatched")) for _ in range(3)]
    await day.send()
    assert ids(mailbox, address) == messages


async def test_who_leaves_while_a_message_is_held_is_not_written_to_tomorrow(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    for _ in range(4):
        await queued(day.pool, someone, "unmatched")
    await day.send()
    async with db.transaction(day.pool) as conn:
        await on_gone(conn, Left(person=someone, version=1, round=ROUND))
    await day.is_at(START + timedelta(days=2))
    await day.send()
    assert len(ids(mailbox, address)) == 3


async def test_a_mailbox_that_has_had_enough_is_asked_about_again_later(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    to, day.answers.of[someone] = day.answers.of[someone], '{"answer": "later", "seconds": 600}'
    message = str(await queued(day.pool, someone))
    await day.send()
    assert await rows(day.pool) == [("confirm", "queued")]
    day.answers.of[someone] = to
    await day.is_at(START + timedelta(minutes=9))
    await day.send()
    assert ids(mailbox, address) == []
    await day.is_at(START + timedelta(minutes=11))
    await day.send()
    assert ids(mailbox, address) == [message]


async def test_what_is_held_is_counted_apart_from_what_waits(day: Day) -> None:
    someone, _ = day.person()
    for _ in range(5):
        await queued(day.pool, someone, "answered")
    await day.send()
    await day.is_at(START + timedelta(hours=12))
    async with db.connection(day.pool) as conn:
        assert dict(await measures.unsent(conn)) == {"waiting": 0, "oldest": 0.0, "held": 2}
