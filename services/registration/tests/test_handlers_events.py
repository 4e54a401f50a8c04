"""What registration does with what the other services say: answers to matching, receipts, bounces."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.registration.handlers import events, own_data
from services.registration.store import erasures, people, rounds
from services.registration.tests.made import ROUND, closed, confirmed, everything, one, opened, said
from shared.runtime import db
from shared.schemas.codes import ServiceName
from shared.schemas.messages import Bounced, Sent
from shared.schemas.pairings import RoundIncomplete, RoundPublished, RunFinished
from shared.schemas.participants import Changed, Erased, Left, Withdrawn
from shared.schemas.receipts import ErasureDone
from shared.schemas.rounds import RosterPage, roster_line


@pytest.fixture(autouse=True)
async def _open(pool: db.Pool) -> None:
    await opened(pool)


async def hear(pool: db.Pool, handler: Any, event: Any) -> None:
    async with db.transaction(pool) as conn:
        await handler(conn, event)


def incomplete(closing: int = 1, round_id: UUID = ROUND, **other: Any) -> RoundIncomplete:
    return RoundIncomplete(round=round_id, closing=closing, present=0, **({"roster_wanted": False} | other))


async def test_matching_is_told_the_roster_in_pages_that_give_the_digest(pool: db.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = await confirmed(pool, *(one(n) for n in range(5)))
    await closed(pool)
    monkeypatch.setattr(events, "PAGE_LINES", 2)
    await hear(pool, events.on_round_incomplete, incomplete(roster_wanted=True))
    pages = await said(pool, RosterPage)
    assert [(page.page, page.pages, page.closing) for page in pages] == [(1, 3, 1), (2, 3, 1), (3, 3, 1)]
    assert [line for page in pages for line in page.lines] == sorted(roster_line(person, 1) for person in crowd)


async def test_an_empty_roster_is_one_empty_page(pool: db.Pool) -> None:
    await closed(pool)
    await hear(pool, events.on_round_incomplete, incomplete(roster_wanted=True))
    assert [(page.pages, page.lines) for page in await said(pool, RosterPage)] == [(1, [])]


async def test_who_is_missing_is_said_again_as_the_roster_holds_them(pool: db.Pool) -> None:
    stays, withdraws, erases = await confirmed(pool, one(1), one(2), one(3))
    await closed(pool)
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, withdraws)
        await own_data.erase(conn, erases)
    await pool.execute("DELETE FROM outbox")
    await hear(pool, events.on_round_incomplete, incomplete(missing=[stays, withdraws, erases, uuid4()]))
    assert {(event.person, event.version) for event in await said(pool, Changed)} == {(stays, 1), (withdraws, 1)}
    assert [(event.person, event.version) for event in await said(pool, Withdrawn)] == [(withdraws, 1)]
    assert [(e.person, e.version, e.on_roster) for e in await said(pool, Erased)] == [(erases, 1, True)]


async def test_whose_leaving_was_lost_is_said_to_have_left_again(pool: db.Pool) -> None:
    leaves, erases, _ = await confirmed(pool, one(1), one(2), one(3))
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, leaves)
        await own_data.erase(conn, erases)
    await closed(pool)
    await pool.execute("DELETE FROM outbox")
    await hear(pool, events.on_round_incomplete, incomplete(surplus=[leaves, erases, uuid4()]))
    assert [(event.person, event.version) for event in await said(pool, Left)] == [(leaves, 2)]
    assert [(e.person, e.version, e.on_roster) for e in await said(pool, Erased)] == [(erases, 3, False)]


@pytest.mark.parametrize("question", [{"closing": 2}, {"closing": 0}, {"round_id": UUID(int=404)}], ids=str)
async def test_a_question_about_another_closing_or_round_is_answered_by_nothing(pool: db.Pool, question: dict[str, Any]) -> None:
    (person,) = await confirmed(pool, one(1))
    await closed(pool)
    before = await everything(pool)
    await hear(pool, events.on_round_incomplete, incomplete(**question, roster_wanted=True, missing=[person]))
    assert await everything(pool) == before


async def test_progress_goes_forward_only(pool: db.Pool) -> None:
    await closed(pool)
    finished: dict[str, Any] = {"round": ROUND, "closing": 1, "run": uuid4(), "pairs": 0, "unmatched": 0, "gone": 0}
    published: dict[str, Any] = {"round": ROUND, "run": uuid4(), "pairs": 0, "matched": 0, "unmatched": 0, "withdrawn": 0}
    seen = []
    for handler, event in (
        (events.on_run_finished, RunFinished(status="infeasible", **finished)),
        (events.on_run_finished, RunFinished(status="optimal", **(finished | {"closing": 0}))),
        (events.on_run_finished, RunFinished(status="feasible", **finished)),
        (events.on_round_published, RoundPublished(**published)),
        (events.on_run_finished, RunFinished(status="optimal", **finished)),
        (events.on_run_finished, RunFinished(status="optimal", **(finished | {"round": uuid4()}))),
    ):
        await hear(pool, handler, event)
        async with db.connection(pool) as conn:
            seen.append((await rounds.get(conn, ROUND)).progress)
    assert seen == [None, None, "solved", "published", "published", "published"]


async def test_receipts_are_kept_once_each_and_shown_in_the_region_of_the_person(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    async with db.transaction(pool) as conn:
        await own_data.erase(conn, person)
    services: tuple[ServiceName, ...] = ("geo", "matching", "geo", "notification")
    for service in services:
        await hear(pool, events.on_erasure_done, ErasureDone(person=person, service=service))
    async with db.connection(pool) as conn:
        assert await erasures.receipts(conn, "ludwigsburg", person) == ["geo", "matching", "notification", "registration"]
        assert await erasures.receipts(conn, "hannover", person) is None
        assert await erasures.receipts(conn, "ludwigsburg", uuid4()) is None


async def test_a_bounce_is_remembered_with_the_person(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    for whom in (person, uuid4()):
        await hear(pool, events.on_bounced, Bounced(message=uuid4(), person=whom, kind="welcome", language="de"))
    async with db.connection(pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    assert found.bounced_at is not None


async def test_a_mail_that_arrives_takes_the_bounce_before_it_back(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    await hear(pool, events.on_bounced, Bounced(message=uuid4(), person=person, kind="welcome", language="de"))
    for kind, still in (("old_address", True), ("link", False)):
        await hear(pool, events.on_delivery, Sent(message=uuid4(), person=person, kind=kind, language="de"))
        assert await pool.fetchval("SELECT bounced_at IS NOT NULL FROM people WHERE id = $1", person) is still
