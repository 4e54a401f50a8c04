"""What is told where both of a pair are asked first: the question, a reminder, the introduction, or that nothing came of it."""

import asyncio
import email
import email.policy
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.local.mailbox.part import Mailbox
from services.notification import handlers
from services.notification.sender.composing import compose
from services.notification.tests.day import START, Day, ids
from services.notification.tests.mails import PAGES, ROUND, asked, message, pair, pair_of, partner, recipient
from services.notification.tests.test_handlers import hear, rows, sent
from shared.runtime import db
from shared.schemas.pairings import OutcomeAnnounced, PairChanged, ReminderDue

ME, BEN, CEM = uuid4(), uuid4(), uuid4()
BY = "2021-11-09T17:00:00Z"


def outcome(revision: int, *, person: UUID = ME, reason: str | None = None, **standings: UUID) -> dict[str, Any]:
    """Of the standing by its name there is one pair at most."""
    kind = "matched" if standings else "unmatched"
    pairs = [pair(one, standing=standing, answer_by=BY) for standing, one in standings.items()]
    return {"person": person, "round": ROUND, "revision": revision, "outcome": kind, "reason": reason, "pairs": pairs}


async def announce(pool: db.Pool, revision: int = 1, **more: Any) -> None:
    await hear(pool, handlers.on_outcome_announced, OutcomeAnnounced(**outcome(revision, **more)))


async def change(pool: db.Pool, revision: int, what: str, of: UUID = BEN, **more: Any) -> None:
    event = PairChanged.model_validate(outcome(revision, **more) | {"pair": pair_of(of), "change": what})
    await hear(pool, handlers.on_pair_changed, event)


async def remind(pool: db.Pool, revision: int, **more: Any) -> None:
    await hear(pool, handlers.on_reminder_due, ReminderDue(**outcome(revision, **more)))


async def payload(pool: db.Pool) -> dict[str, Any]:
    """Of the one message that waits."""
    (row,) = await pool.fetch("SELECT payload FROM messages WHERE state = 'queued'")
    found: dict[str, Any] = row["payload"]
    return found


async def test_both_say_yes_and_only_the_introduction_follows_the_question(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    assert await rows(pool, ME) == [("asked", "queued")]
    await sent(pool)
    await change(pool, 2, "agreed", agreed=BEN)
    assert await rows(pool, ME) == [("asked", "sent")]
    await change(pool, 3, "introduced", introduced=BEN)
    assert await rows(pool, ME) == [("asked", "sent"), ("introduced", "queued")]


async def test_whoever_answers_before_the_mail_is_asked_no_more(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    await change(pool, 2, "agreed", agreed=BEN)
    assert await rows(pool, ME) == [("asked", "superseded")]


async def test_a_suggestion_that_fell_through_is_told_by_the_next_one(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    await sent(pool)
    await change(pool, 2, "ended", reason="searching")
    await change(pool, 3, "repaired", CEM, asked=CEM)
    assert await rows(pool, ME) == [("asked", "sent"), ("asked", "queued")]
    told = await payload(pool)
    assert (told["opening"], [one["partner"] for one in told["pairs"]]) == ("again", [str(CEM)])


async def test_whoever_never_heard_of_the_first_suggestion_is_asked_as_if_it_were_the_first(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    await change(pool, 2, "ended", reason="searching")
    await change(pool, 3, "repaired", CEM, asked=CEM)
    assert await rows(pool, ME) == [("asked", "superseded"), ("asked", "queued")]
    assert (await payload(pool))["opening"] == ""


async def test_who_had_nobody_is_told_that_somebody_has_become_free(pool: db.Pool) -> None:
    await announce(pool, reason="no_partner")
    await sent(pool)
    await change(pool, 2, "repaired", asked=BEN)
    assert await rows(pool, ME) == [("unmatched", "sent"), ("asked", "queued")]
    assert (await payload(pool))["opening"] == "free"


@pytest.mark.parametrize("reason", ["not_this_time", "declined", "no_answer"])
async def test_where_nothing_comes_of_it_one_mail_says_so(pool: db.Pool, reason: str) -> None:
    await announce(pool, asked=BEN)
    await sent(pool)
    await change(pool, 2, "ended", reason="searching")
    await change(pool, 3, "repaired", reason=reason)
    assert await rows(pool, ME) == [("asked", "sent"), ("fell_through", "queued")]


async def test_an_introduction_that_was_not_sent_is_not_lost_to_a_new_question(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    await sent(pool)
    await change(pool, 2, "introduced", introduced=BEN)
    await change(pool, 3, "repaired", CEM, introduced=BEN, asked=CEM)
    assert await rows(pool, ME) == [("asked", "sent"), ("introduced", "superseded"), ("introduced", "queued")]
    told = await payload(pool)
    assert ([one["partner"] for one in told["pairs"]], told["question"]) == ([str(BEN)], True)


async def test_a_mail_holds_the_partners_it_shows_and_no_others(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    await sent(pool)
    await change(pool, 2, "introduced", introduced=BEN)
    await sent(pool)
    await change(pool, 3, "repaired", CEM, introduced=BEN, asked=CEM)
    told = await payload(pool)
    assert ([one["partner"] for one in told["pairs"]], told["question"]) == ([str(CEM)], True)


async def test_an_end_is_told_of_the_pair_that_was_introduced_and_of_no_other(pool: db.Pool) -> None:
    await announce(pool, introduced=BEN, asked=CEM)
    await sent(pool)
    await change(pool, 2, "ended", CEM, introduced=BEN)
    assert await rows(pool, ME) == [("introduced", "sent")]
    await change(pool, 3, "ended", BEN, reason="pair_ended")
    assert await rows(pool, ME) == [("introduced", "sent"), ("pair_ended", "queued")]


async def test_a_reminder_is_one_mail_and_gives_way_to_the_answer(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    await sent(pool)
    for _ in range(2):
        await remind(pool, 1, asked=BEN)
    assert sorted(await rows(pool, ME)) == [("asked", "sent"), ("reminder", "queued")]
    await change(pool, 2, "agreed", agreed=BEN)
    assert sorted(await rows(pool, ME)) == [("asked", "sent"), ("reminder", "superseded")]


async def test_nobody_is_reminded_who_was_not_asked_yet_or_has_answered(pool: db.Pool) -> None:
    await announce(pool, asked=BEN)
    await remind(pool, 1, asked=BEN)
    assert await rows(pool, ME) == [("asked", "queued")]
    await sent(pool)
    await change(pool, 2, "introduced", introduced=BEN)
    await sent(pool)
    await remind(pool, 1, asked=BEN)
    assert await rows(pool, ME) == [("asked", "sent"), ("introduced", "sent")]


def said(kind: Any, to: dict[str, Any], **payload: Any) -> str:
    """The text of the mail."""
    pairs = [pair(UUID(to["person"]), answer_by=BY)]
    raw = compose(PAGES, message(kind, pairs=pairs, **payload), recipient(partners=[to])).raw
    body = email.message_from_bytes(raw, policy=email.policy.SMTP).get_body(("plain",))
    assert body
    return str(body.get_content())


def test_a_question_says_how_old_where_what_they_share_and_until_when() -> None:
    text = said("asked", asked(BEN), opening="again")
    for part in ("30", "39", "Marbach am Neckar", "5 km", "Deutsch", "Kochen", "9. November 2021", "18:00"):
        assert part in text, part
    assert text.index(PAGES.text("de", "mail.asked.again")) < text.index("Marbach")
    assert PAGES.text("de", "proposal.place", place="") not in said("asked", asked(BEN, place=""))


def test_an_introduction_says_that_there_is_a_question_too() -> None:
    sentence = PAGES.text("de", "mail.question")
    assert sentence in said("introduced", partner(BEN), question=True)
    assert sentence not in said("introduced", partner(BEN))


async def test_a_question_is_sent_without_a_name_and_waits_where_registration_would_name_somebody(
    day: Day, mailbox: Mailbox
) -> None:
    someone, address = day.person()
    await announce(day.pool, person=someone, asked=BEN)
    day.answers.of[someone] = recipient(email=address, partners=[partner(BEN)])
    async with asyncio.timeout(10):
        while not day.answers.asked:
            await asyncio.gather(*(sender.send_next() for sender in day.senders))
    assert ids(mailbox, address) == []
    assert (day.answers.asked[0]["kind"], day.answers.asked[0]["partners"]) == ("asked", [str(BEN)])
    day.answers.of[someone] = recipient(email=address, partners=[asked(BEN)])
    await day.pool.execute("UPDATE messages SET due_at = now()")
    await day.is_at(START + timedelta(minutes=1))
    await day.send()
    assert len(ids(mailbox, address)) == 1
    assert (await rows(day.pool, someone)) == [("asked", "sent")]
