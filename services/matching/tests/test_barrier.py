"""A round is solved exactly when matching has everyone who was announced, and asks for who is missing."""

from uuid import UUID, uuid4

import pytest

from services.matching.tests.made import checked, closed, hear, located, opened, said
from shared.runtime import db
from shared.schemas.pairings import RoundIncomplete
from shared.schemas.participants import Left, Withdrawn
from shared.schemas.rounds import RosterPage, RoundReopened, roster_line

NOW = 0.0


async def crowd(pool: db.Pool, count: int = 3) -> tuple[UUID, dict[UUID, int]]:
    round_id, roster = uuid4(), {uuid4(): 1 for _ in range(count)}
    await hear(pool, opened(round_id), *(located(round_id, person) for person in roster))
    return round_id, roster


async def queued(pool: db.Pool, round_id: UUID) -> list[str]:
    rows = await pool.fetch("SELECT state FROM runs WHERE round_id = $1 ORDER BY number", round_id)
    return [row["state"] for row in rows]


async def test_the_announced_set_is_solved_once(pool: db.Pool) -> None:
    round_id, roster = await crowd(pool)
    await hear(pool, closed(round_id, roster))
    assert [await checked(pool, round_id) for _ in range(3)] == ["solving"] * 3
    assert await queued(pool, round_id) == ["queued"]


async def test_an_empty_round_is_solved_too(pool: db.Pool) -> None:
    round_id, roster = await crowd(pool, 0)
    await hear(pool, closed(round_id, roster))
    assert await checked(pool, round_id) == "solving"


@pytest.mark.parametrize("what", ["one missing", "one too many", "another version", "another person"])
async def test_any_other_set_is_not_solved_also_where_the_count_is_right(pool: db.Pool, what: str) -> None:
    round_id, roster = await crowd(pool)
    somebody = next(iter(roster))
    announced = dict(roster)
    if what in {"one too many", "another person"}:
        del announced[somebody]
    if what in {"one missing", "another person"}:
        announced[uuid4()] = 1
    if what == "another version":
        announced[somebody] = 2
    await hear(pool, closed(round_id, announced))
    assert await checked(pool, round_id) == "closed"
    assert await queued(pool, round_id) == []
    assert await said(pool, RoundIncomplete) == []


async def test_closed_heard_before_opened_waits_for_the_rules(pool: db.Pool) -> None:
    round_id = uuid4()
    await hear(pool, closed(round_id, {}))
    assert await checked(pool, round_id, NOW) == "closed"
    await hear(pool, opened(round_id))
    assert await checked(pool, round_id) == "solving"


async def test_first_the_roster_is_asked_for_then_the_people_by_id(pool: db.Pool) -> None:
    round_id, roster = await crowd(pool)
    missing, surplus, older = uuid4(), next(iter(roster)), list(roster)[1]
    announced = {person: version for person, version in roster.items() if person != surplus} | {missing: 1, older: 2}
    await hear(pool, closed(round_id, announced))
    await checked(pool, round_id, NOW)
    lines = [roster_line(person, version) for person, version in sorted(announced.items())]
    pages = [RosterPage(round=round_id, closing=1, page=n, pages=3, lines=[line]) for n, line in enumerate(lines, 1)]
    await hear(pool, pages[2], pages[0], pages[0])
    await checked(pool, round_id, NOW)
    await hear(pool, pages[1])
    await checked(pool, round_id, NOW)
    asked = await said(pool, RoundIncomplete)
    assert [event.roster_wanted for event in asked] == [True, True, False]
    assert (asked[2].present, asked[2].missing, asked[2].surplus) == (3, sorted([missing, older]), [surplus])
    repaired = (located(round_id, missing), located(round_id, older, 2), Left(person=surplus, version=2, round=round_id))
    await hear(pool, *repaired)
    assert await checked(pool, round_id) == "solving"


async def test_it_asks_again_only_after_the_limit(pool: db.Pool) -> None:
    round_id, _ = await crowd(pool)
    await hear(pool, closed(round_id, {}))
    for _ in range(3):
        await checked(pool, round_id)
    assert await said(pool, RoundIncomplete) == []


async def test_the_highest_closing_wins_in_any_order(pool: db.Pool) -> None:
    round_id, roster = await crowd(pool)
    await hear(pool, closed(round_id, roster, 2), closed(round_id, {}, 1), RoundReopened(round=round_id, closing=1))
    assert await checked(pool, round_id) == "solving"
    assert await pool.fetchval("SELECT closing FROM runs WHERE round_id = $1", round_id) == 2


async def test_reopening_drops_what_was_begun_and_the_next_closing_begins_anew(pool: db.Pool) -> None:
    round_id, roster = await crowd(pool)
    await hear(pool, closed(round_id, roster))
    await checked(pool, round_id)
    await hear(pool, RoundReopened(round=round_id, closing=1))
    assert await checked(pool, round_id) == "open"
    assert await queued(pool, round_id) == ["dropped"]
    late = uuid4()
    await hear(pool, located(round_id, late), closed(round_id, roster | {late: 1}, 2))
    assert await checked(pool, round_id) == "solving"
    assert await queued(pool, round_id) == ["dropped", "queued"]


async def test_the_withdrawn_count_for_the_set(pool: db.Pool) -> None:
    round_id, roster = await crowd(pool)
    heard_late = uuid4()
    await hear(pool, Withdrawn(person=heard_late, version=1, round=round_id), closed(round_id, roster | {heard_late: 1}))
    assert await checked(pool, round_id) == "solving"
