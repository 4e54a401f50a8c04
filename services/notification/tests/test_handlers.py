"""What each event queues, replaces or drops; the same said again is one message."""

from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notification import domain, handlers, store
from services.notification.store import measures
from services.notification.tests.mails import ROUND, pair, pair_of
from shared.runtime import db
from shared.schemas.envelope import decode
from shared.schemas.pairings import OutcomeAnnounced, PairChanged
from shared.schemas.participants import (
    AddressGiven,
    AnswerGiven,
    Confirmed,
    Erased,
    Left,
    LinkAsked,
    NotChecked,
    OfficeAsked,
    Refused,
    SignedUp,
    Withdrawn,
)
from shared.schemas.receipts import ErasureDone
from shared.schemas.topics import RECEIPTS

ME, PARTNER = uuid4(), uuid4()
SIGNED_UP = SignedUp(person=ME, region="ludwigsburg", round=ROUND, language="de")
LINK_ASKED = LinkAsked(person=ME, round=ROUND, language="de")


def confirmed(version: int = 1) -> Confirmed:
    given: dict[str, Any] = {"person": ME, "version": version, "region": "ludwigsburg", "round": ROUND, "role": "local"}
    given |= {"postcode": "71638", "place_id": "", "birth_year": 1990, "gender": "f", "wish": "any", "languages": {"de": "well"}}
    return Confirmed(**given, hobbies=[], max_km=10, max_age_gap=None, capacity=1, party=None, group=None)


def outcome(person: UUID, revision: int, *partners: UUID, withdrawn: bool = False) -> dict[str, Any]:
    kind = "withdrawn" if withdrawn else "matched" if partners else "unmatched"
    given = {"person": person, "round": ROUND, "revision": revision, "outcome": kind}
    return {**given, "reason": "no_partner" if kind == "unmatched" else None, "pairs": [pair(one) for one in partners]}


async def hear(pool: db.Pool, handler: Any, event: Any) -> None:
    async with db.transaction(pool) as conn:
        await handler(conn, event)


async def announce(pool: db.Pool, person: UUID, revision: int, *partners: UUID, withdrawn: bool = False) -> None:
    event = OutcomeAnnounced(**outcome(person, revision, *partners, withdrawn=withdrawn))
    await hear(pool, handlers.on_outcome_announced, event)


async def change(
    pool: db.Pool, person: UUID, revision: int, *partners: UUID, ended: UUID = PARTNER, withdrawn: bool = False
) -> None:
    event = PairChanged(**outcome(person, revision, *partners, withdrawn=withdrawn), pair=pair_of(ended), change="ended")
    await hear(pool, handlers.on_pair_changed, event)


async def sent(pool: db.Pool) -> None:
    """As if every message that waits had been taken by a mail server."""
    await pool.execute("UPDATE messages SET state = 'sent' WHERE state = 'queued'")


async def rows(pool: db.Pool, person: UUID = ME) -> list[tuple[str, str]]:
    """(kind, state) of somebody's messages, in their order."""
    found = await pool.fetch("SELECT kind, state FROM messages WHERE person_id = $1 ORDER BY revision, written_at, id", person)
    return [(row["kind"], row["state"]) for row in found]


async def test_events_of_a_person_each_queue_their_kind(pool: db.Pool) -> None:
    for handler, event, kind in (
        (handlers.on_signed_up, SIGNED_UP, "confirm"),
        (handlers.on_confirmed, confirmed(), "welcome"),
        (handlers.on_link_asked, LINK_ASKED, "link"),
    ):
        await hear(pool, handler, event)
        assert (kind, "queued") in await rows(pool)


async def test_a_refusal_is_told_with_every_decision(pool: db.Pool) -> None:
    await hear(pool, handlers.on_refused, Refused(person=ME, region="ludwigsburg", round=ROUND, language="de"))
    assert await rows(pool) == [("refused", "queued")]


async def test_who_was_not_checked_is_told_once_for_each_closing(pool: db.Pool) -> None:
    for closing in (1, 1, 2):
        event = NotChecked(person=ME, region="ludwigsburg", round=ROUND, closing=closing, language="de")
        await hear(pool, handlers.on_not_checked, event)
    assert await rows(pool) == [("not_checked", "queued")] * 2


async def test_an_answer_is_told_once_however_often_it_is_said_and_each_question_has_its_own(pool: db.Pool) -> None:
    first, second = uuid4(), uuid4()
    for question in (first, first, second):
        await hear(pool, handlers.on_answer_given, AnswerGiven(person=ME, round=ROUND, question=question, language="de"))
    assert await rows(pool) == [("answered", "queued")] * 2
    assert await pool.fetch("SELECT FROM messages WHERE payload <> '{}'") == []


async def test_an_office_is_written_to_like_a_person(pool: db.Pool) -> None:
    office = uuid4()
    await hear(pool, handlers.on_office_asked, OfficeAsked(office=office, region="ludwigsburg", round=ROUND))
    assert await rows(pool, office) == [("office_asked", "queued")]


async def test_another_address_is_told_to_the_old_one_and_asked_of_the_new_one_once_each(pool: db.Pool) -> None:
    first, second = uuid4(), uuid4()
    for asking in (first, first, second):
        await hear(pool, handlers.on_address_given, AddressGiven(person=ME, round=ROUND, language="de", asking=asking))
    assert await rows(pool) == [("old_address", "queued")] * 2
    assert [await rows(pool, asking) for asking in (first, second)] == [[("new_address", "queued")]] * 2
    assert await pool.fetchval("SELECT array_agg(id ORDER BY written_at) FROM messages WHERE person_id = $1", ME) == [
        first,
        second,
    ]


async def test_who_leaves_is_still_told_that_another_address_was_given(pool: db.Pool) -> None:
    """Or whoever holds a link could keep it from them by leaving in their name."""
    await hear(pool, handlers.on_address_given, AddressGiven(person=ME, round=ROUND, language="de", asking=uuid4()))
    await hear(pool, handlers.on_gone, Left(person=ME, version=2, round=ROUND))
    assert await rows(pool) == [("old_address", "queued")]


async def test_a_confirmation_said_again_is_one_message_and_a_new_version_another(pool: db.Pool) -> None:
    for version in (1, 1, 3):
        await hear(pool, handlers.on_confirmed, confirmed(version))
    assert await rows(pool) == [("welcome", "queued")] * 2


async def test_an_outcome_said_again_or_late_is_one_message(pool: db.Pool) -> None:
    await announce(pool, ME, 2, PARTNER)
    for revision in (2, 1, 2):
        await announce(pool, ME, revision)
    assert await rows(pool) == [("introduced", "queued")]


@pytest.mark.parametrize(("partners", "kind"), [((PARTNER,), "introduced"), ((PARTNER, ME), "introduced"), ((), "unmatched")])
async def test_one_message_tells_the_whole_outcome(pool: db.Pool, partners: tuple[UUID, ...], kind: str) -> None:
    await announce(pool, ME, 1, *partners)
    (row,) = await pool.fetch("SELECT kind, payload FROM messages")
    assert row["kind"] == kind
    assert domain.partners_in(row["payload"]) == [str(one) for one in partners]


async def test_who_withdrew_is_told_nothing_more(pool: db.Pool) -> None:
    await announce(pool, ME, 1, withdrawn=True)
    assert await rows(pool) == []
    await announce(pool, PARTNER, 1, ME)
    await sent(pool)
    await change(pool, PARTNER, 2, withdrawn=True)
    assert await rows(pool, PARTNER) == [("introduced", "sent")]


async def test_a_pair_that_ends_before_the_mail_is_never_spoken_of(pool: db.Pool) -> None:
    await announce(pool, ME, 1, PARTNER)
    await change(pool, ME, 2)
    assert await rows(pool) == [("introduced", "superseded"), ("unmatched", "queued")]
    assert await pool.fetchval("SELECT payload FROM messages WHERE state = 'superseded'") == {}


async def test_a_pair_that_ends_after_the_mail_is_told_kindly_and_once(pool: db.Pool) -> None:
    await announce(pool, ME, 1, PARTNER)
    await sent(pool)
    for _ in range(2):
        await change(pool, ME, 2)
    assert await rows(pool) == [("introduced", "sent"), ("pair_ended", "queued")]


async def test_of_two_changes_before_the_mail_only_the_last_is_told(pool: db.Pool) -> None:
    first, second = uuid4(), uuid4()
    await announce(pool, ME, 1, PARTNER, first, second)
    await sent(pool)
    await change(pool, ME, 2, PARTNER, second, ended=first)
    await change(pool, ME, 3, PARTNER, ended=second)
    assert await rows(pool) == [("introduced", "sent"), ("pair_ended", "superseded"), ("pair_ended", "queued")]
    ended = await pool.fetchval("SELECT payload -> 'ended' FROM messages WHERE state = 'queued'")
    assert ended == [str(pair_of(first)), str(pair_of(second))]  # one mail tells both


async def test_who_could_not_be_reached_is_told_the_new_outcome_not_that_something_ended(pool: db.Pool) -> None:
    await announce(pool, ME, 1, PARTNER)
    await pool.execute("UPDATE messages SET state = 'bounced'")
    await change(pool, ME, 2)
    assert await rows(pool) == [("introduced", "superseded"), ("unmatched", "queued")]


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])), ids=str)
async def test_in_whatever_order_an_outcome_and_its_changes_come_only_the_newest_waits(
    pool: db.Pool, order: tuple[int, ...]
) -> None:
    for revision in order:
        await (announce if revision == 1 else change)(pool, ME, revision, PARTNER)
    assert [row["revision"] for row in await pool.fetch("SELECT revision FROM messages WHERE state = 'queued'")] == [3]


@pytest.mark.parametrize("event", [Left(person=ME, version=2, round=ROUND), Withdrawn(person=ME, version=1, round=ROUND)])
async def test_who_goes_is_written_no_more_about_this_round(pool: db.Pool, event: Left | Withdrawn) -> None:
    other = uuid4()
    await announce(pool, ME, 1, PARTNER)
    await sent(pool)
    await change(pool, ME, 2)
    await announce(pool, other, 1, PARTNER)
    await hear(pool, handlers.on_gone, event)
    assert await rows(pool) == [("introduced", "sent"), ("pair_ended", "dropped")]
    assert await rows(pool, other) == [("introduced", "queued")]


async def test_nothing_of_the_erased_is_left_but_the_receipt(pool: db.Pool) -> None:
    await hear(pool, handlers.on_signed_up, SIGNED_UP)
    await sent(pool)
    await announce(pool, ME, 1, PARTNER)
    for _ in range(2):
        await hear(pool, handlers.on_erased, Erased(person=ME, version=2, round=ROUND, on_roster=True))
    assert await pool.fetchval("SELECT count(*) FROM messages") == 0
    payloads = await pool.fetch("SELECT payload FROM outbox WHERE payload IS NOT NULL")
    assert {RECEIPTS.read(decode(row["payload"])) for row in payloads} == {ErasureDone(person=ME, service="notification")}


async def test_counts_name_kinds_and_states_and_nobody(pool: db.Pool) -> None:
    await announce(pool, ME, 1, PARTNER)
    await announce(pool, PARTNER, 1, ME)
    async with db.connection(pool) as conn:
        assert await store.counts(conn, [ROUND]) == [{"kind": "introduced", "language": None, "state": "queued", "count": 2}]
        assert await store.counts(conn, [uuid4()]) == []
        assert (await measures.unsent(conn))["waiting"] == 2
