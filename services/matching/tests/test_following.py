"""Introduced pairs are asked how it goes, each step once; who is silent is shown, who was left alone comes first next time."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.local.databases import InstallationDatabases
from services.matching.deadlines import GRACE_SECONDS, pass_time
from services.matching.domain import FOLLOW_UPS, LIVES, newest_due, next_due
from services.matching.store import following, pairs
from services.matching.tests.made import hear, said
from services.matching.tests.test_pair_endings import pair_of, published, waiting
from shared.runtime import db
from shared.schemas.answers import FollowUpAnswered, PairEnded
from shared.schemas.pairings import FollowUpDue
from shared.schemas.participants import Erased, Withdrawn
from shared.schemas.rounds import RoundEnded

START = datetime(2021, 11, 2, 9, tzinfo=UTC)
STEPS = list(FOLLOW_UPS)


class Later:
    """Days after everybody was introduced."""

    def __init__(self, pool: db.Pool, database: InstallationDatabases) -> None:
        self._pool, self._database = pool, database

    async def is_day(self, days: float) -> None:
        """With all that the passing of time does."""
        await asyncio.to_thread(self._database.move_clock, START + timedelta(days=days))
        for _ in range(3):
            async with db.connection(self._pool) as conn:
                due = await pairs.rounds_due(conn, GRACE_SECONDS)
            for round_id in due:
                async with db.transaction(self._pool) as conn:
                    await pass_time(conn, round_id)


@pytest.fixture
async def later(pool: db.Pool, database: InstallationDatabases) -> Later:
    made = Later(pool, database)
    await made.is_day(0)
    return made


async def asked(pool: db.Pool, person: UUID) -> list[str]:
    return [event.step for event in await said(pool, FollowUpDue) if event.person == person]


async def shown(pool: db.Pool, round_id: UUID) -> list[dict[str, Any]]:
    async with db.connection(pool) as conn:
        return [dict(row) for row in await following.silent(conn, round_id)]


def answered(pair: UUID, person: UUID, step: Any, answer: Any) -> FollowUpAnswered:
    return FollowUpAnswered(pair=pair, person=person, step=step, answer=answer)


def test_the_newest_step_alone_is_due_and_the_next_is_the_first_that_has_not_come() -> None:
    assert newest_due(timedelta(days=5) - timedelta(seconds=1)) is None
    times = [timedelta(0), *FOLLOW_UPS.values()]
    assert times == sorted(times)
    assert [newest_due(after) for after in times[1:]] == STEPS
    assert [next_due(before) for before, _ in pairwise(times)] == times[1:]
    assert (newest_due(timedelta(days=400)), next_due(timedelta(days=400))) == ("month_3", None)


def test_only_an_introduced_pair_is_asked_and_it_stays_introduced() -> None:
    assert {(state, step): then for (state, step), then in LIVES.items() if step in STEPS} == {
        ("introduced", step): ("introduced", "follow_up") for step in STEPS
    }


async def test_each_of_the_two_is_asked_once_at_each_step(pool: db.Pool, later: Later) -> None:
    round_id, (newcomer,), local = await published(pool)
    for day, steps in ((4.9, 0), (5.1, 1), (6, 1), (27.9, 1), (28.1, 2), (90.9, 2), (91.1, 3), (500, 3)):
        await later.is_day(day)
        assert await asked(pool, newcomer) == await asked(pool, local) == STEPS[:steps], day
    events = await said(pool, FollowUpDue)
    assert {(event.person, event.partner) for event in events} == {(newcomer, local), (local, newcomer)}
    assert {(event.round, event.pair) for event in events} == {(round_id, await pair_of(pool, newcomer))}


async def test_where_the_clock_jumped_over_several_steps_the_newest_alone_is_asked(pool: db.Pool, later: Later) -> None:
    _, (newcomer,), local = await published(pool)
    await later.is_day(40)
    assert await asked(pool, newcomer) == await asked(pool, local) == ["week_4"]
    await later.is_day(100)
    assert await asked(pool, newcomer) == ["week_4", "month_3"]


async def test_whoever_wants_no_more_questions_has_none_and_the_other_goes_on(pool: db.Pool, later: Later) -> None:
    _, (newcomer,), local = await published(pool)
    pair = await pair_of(pool, newcomer)
    await later.is_day(6)
    await hear(pool, answered(pair, newcomer, "day_5", "stop"), answered(pair, newcomer, "day_5", "yes"))
    await later.is_day(29)
    assert (await asked(pool, newcomer), await asked(pool, local)) == (["day_5"], ["day_5", "week_4"])
    await later.is_day(92)
    assert (await asked(pool, newcomer), await asked(pool, local)) == (["day_5"], STEPS)


async def test_a_later_answer_replaces_and_a_stranger_an_unasked_step_or_an_ended_pair_changes_nothing(
    pool: db.Pool, later: Later
) -> None:
    _, (newcomer,), local = await published(pool)
    pair = await pair_of(pool, newcomer)
    await later.is_day(6)
    await hear(pool, answered(pair, newcomer, "day_5", "no"), answered(pair, newcomer, "day_5", "yes"))
    await hear(pool, answered(pair, uuid4(), "day_5", "no"), answered(uuid4(), local, "day_5", "no"))
    await hear(pool, answered(pair, local, "week_4", "no"))
    rows = await pool.fetch("SELECT person_id, answer FROM follow_ups")
    assert {row["person_id"]: row["answer"] for row in rows} == {newcomer: "yes", local: None}
    await hear(pool, PairEnded(pair=pair, person=local, reason="no_time"), answered(pair, local, "day_5", "no"))
    assert await pool.fetchval("SELECT count(*) FROM follow_ups WHERE answer = 'no'") == 0
    await later.is_day(100)
    assert await asked(pool, newcomer) == ["day_5"]


async def test_whoever_goes_is_asked_no_more_and_nor_is_their_partner(pool: db.Pool, later: Later) -> None:
    round_id, (newcomer,), local = await published(pool)
    await hear(pool, Withdrawn(person=newcomer, version=1, round=round_id))
    await later.is_day(100)
    assert await asked(pool, newcomer) == await asked(pool, local) == []


async def test_silent_is_where_one_said_no_or_neither_said_anything_until_one_says_yes(pool: db.Pool, later: Later) -> None:
    round_id, people, local = await published(pool, 4)
    said_no, nobody, one_spoke, ended = [await pair_of(pool, person) for person in people]
    await later.is_day(5.5)
    await hear(pool, answered(said_no, people[0], "day_5", "no"), answered(one_spoke, local, "day_5", "yes"))
    await hear(pool, answered(ended, local, "day_5", "no"), PairEnded(pair=ended, person=local, reason="no_answer"))
    assert [one["pair"] for one in await shown(pool, round_id)] == [said_no]
    await later.is_day(8)
    found = {one["pair"]: one for one in await shown(pool, round_id)}
    assert set(found) == {said_no, nobody}
    assert (found[said_no]["newcomer"], found[said_no]["local"]) == (people[0], local)
    assert found[said_no]["said"] == [
        {"person": str(people[0]), "step": "day_5", "answer": "no"},
        {"person": str(local), "step": "day_5", "answer": None},
    ]
    await later.is_day(29)
    await hear(pool, answered(said_no, local, "week_4", "yes"), answered(one_spoke, local, "week_4", "no"))
    assert {one["pair"] for one in await shown(pool, round_id)} == {nobody, one_spoke}


async def test_whoever_never_met_their_buddy_comes_first_next_time_once_however_they_say_it(pool: db.Pool, later: Later) -> None:
    _, (newcomer,), local = await published(pool)
    pair = await pair_of(pool, newcomer)
    await later.is_day(6)
    await hear(pool, answered(pair, newcomer, "day_5", "no"))
    assert await waiting(pool) == set()
    await later.is_day(29)
    await hear(pool, *[answered(pair, newcomer, "week_4", "no")] * 2)
    assert await waiting(pool) == {newcomer}
    await hear(pool, PairEnded(pair=pair, person=newcomer, reason="no_answer"))
    assert await waiting(pool) == {newcomer, local}
    assert await pool.fetchval("SELECT max(rounds) FROM waiting") == 1


async def test_what_somebody_said_goes_with_them_and_with_the_round(pool: db.Pool, later: Later) -> None:
    round_id, (newcomer,), local = await published(pool)
    pair = await pair_of(pool, newcomer)
    await later.is_day(6)
    await hear(pool, answered(pair, newcomer, "day_5", "no"))
    await hear(pool, Erased(person=newcomer, version=2, round=round_id, on_roster=True))
    assert {row["person_id"] for row in await pool.fetch("SELECT person_id FROM follow_ups")} == {local}
    assert str(newcomer) not in str(await said(pool, FollowUpDue))
    await hear(pool, RoundEnded(round=round_id))
    assert await pool.fetchval("SELECT count(*) FROM follow_ups") == 0
    await later.is_day(100)
    assert await asked(pool, local) == []
