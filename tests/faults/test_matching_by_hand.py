"""Matching alone, told of people and rounds in every order: never a partial set, always the same plan, solved once (P8, P9)."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from functools import partial
from uuid import UUID, uuid4, uuid5

import pytest

from deploy.local import proc
from deploy.local.installation import Installation
from deploy.local.service import Service
from deploy.local.stack import Stack
from shared.schemas.participants import Withdrawn
from shared.schemas.topics import LOCATED, ROUNDS
from tests.conftest import QUICK
from tests.faults import topics
from tests.faults.breaking import dies, doomed, fetch, nothing_left_of, second, start, stop, worker_silent_for_long
from tests.faults.people import closed, located, opened
from tests.faults.topics import Said, told
from tests.rounds import Round, until

LOADED_MB = 60.0
PLAN = (
    "SELECT newcomer::text AS a, local::text AS b, slot, fit, why::text AS why FROM proposals JOIN runs ON runs.id = run_id"
    " WHERE round_id = $1 AND state = 'solved' UNION ALL SELECT person_id::text, reason, 0, 0, '' FROM left_over"
    " JOIN runs ON runs.id = run_id WHERE round_id = $1 AND state = 'solved' ORDER BY 1, 2"
)


@pytest.fixture(scope="module")
async def alone(stack: Stack) -> AsyncIterator[Installation]:
    """Matching's database and all topics; the test speaks for the others."""
    with stack.installation("alone", services=("matching",), env=QUICK) as made:
        await start(made.services["matching"])
        yield made


async def test_shuffled_between_people_and_topics_doubled_and_delayed_the_plan_is_the_same(
    alone: Installation, calm_round: Round
) -> None:
    records = await topics.read(calm_round.installation, ROUNDS, LOCATED)
    last = next(one for one in reversed(records) if one.topic == LOCATED.name)
    mixed = _mixed([one for one in records if one.key != last.key], random.Random(7))

    await topics.say(alone, [*mixed, *mixed[::3]])
    await until("matching asks for the one who is missing", partial(_is_incomplete, alone, calm_round.id))
    assert await _states(alone, calm_round.id) == []
    await topics.say(alone, [one for one in records if one.key == last.key])
    await _solved(alone, calm_round.id)

    roster = "SELECT person_id, version, attributes::text FROM participants WHERE round_id = $1 ORDER BY 1"
    assert await fetch(alone, "matching", roster, calm_round.id) == await calm_round.fetch("matching", roster, calm_round.id)
    assert await fetch(alone, "matching", PLAN, calm_round.id) == await calm_round.fetch("matching", PLAN, calm_round.id)


async def test_matching_that_starts_after_everything_happened_solves_it(alone: Installation) -> None:
    round_ = uuid4()
    await stop(alone.services["matching"])
    await topics.say(alone, [closed(round_, range(6)), *(located(round_, n) for n in range(6)), opened(round_)])
    await start(alone.services["matching"])
    await _solved(alone, round_)
    assert await _states(alone, round_) == ["solved"]


async def test_whoever_is_heard_to_withdraw_before_they_are_heard_of_is_never_matched(alone: Installation) -> None:
    round_ = uuid4()
    person = uuid5(round_, "0")
    withdrawn = told(Withdrawn(person=person, version=1, round=round_), "geo")
    people = [located(round_, n) for n in range(1, 6)]
    await topics.say(alone, [withdrawn, opened(round_), closed(round_, range(6)), *people])
    await _solved(alone, round_)
    await topics.say(alone, [located(round_, 0)])
    await until("their attributes have come", partial(_has_attributes, alone, round_, person))

    plan = await fetch(alone, "matching", PLAN, round_)
    assert str(person) not in {name for row in plan for name in (row["a"], row["b"])}
    gone = await fetch(alone, "matching", "SELECT person_id, how FROM gone WHERE round_id = $1", round_)
    assert [tuple(row) for row in gone] == [(person, "withdrawn")]


async def test_of_two_processes_one_is_killed_while_it_solves_and_every_round_is_solved_once(alone: Installation) -> None:
    rounds = [uuid4() for _ in range(4)]
    victim = alone.services["matching"]
    await doomed(victim, "M2")
    async with second(victim) as other:
        await start(other)
        for round_ in rounds:
            await topics.say(alone, [opened(round_), *(located(round_, n) for n in range(4)), closed(round_, range(4))])
        pid = victim.pid
        await dies(victim)
        await nothing_left_of(pid)
        for round_ in rounds:
            await _solved(alone, round_)
    await start(victim)
    for round_ in rounds:
        assert await _states(alone, round_) == ["solved"]
        assert await _said(alone, round_, "RunFinished") == 1
        (attempts,) = await fetch(alone, "matching", "SELECT attempts FROM runs WHERE round_id = $1", round_)
        assert attempts[0] <= 2


async def test_a_solver_deep_in_its_work_dies_with_its_service_and_the_next_one_solves_the_round(alone: Installation) -> None:
    round_, matching = uuid4(), alone.services["matching"]
    many = range(600)
    await topics.say(alone, [opened(round_), *(located(round_, n) for n in many), closed(round_, many)])
    await until("the solver is at work", partial(_is_solving, matching))
    pid = matching.pid
    proc.send(pid, 9)
    await dies(matching)
    await nothing_left_of(pid)
    assert await _states(alone, round_) == ["running"]
    await worker_silent_for_long(alone)
    await start(matching)
    await _solved(alone, round_)
    assert await _states(alone, round_) == ["solved"]


def _mixed(records: Iterable[Said], chance: random.Random) -> list[Said]:
    """Any order between keys, the same order within each."""
    by_key: dict[bytes | None, list[Said]] = defaultdict(list)
    for one in records:
        by_key[one.key].append(one)
    found = []
    while by_key:
        key = chance.choice(list(by_key))
        found.append(by_key[key].pop(0))
        if not by_key[key]:
            del by_key[key]
    return found


async def _is_solving(matching: Service) -> bool:
    """Its child has loaded OR-Tools."""
    return any(proc.peak_mb(pid) > LOADED_MB for pid in proc.descendants(matching.pid))


async def _solved(alone: Installation, round_: UUID) -> None:
    async def is_solved() -> bool:
        rows = await fetch(alone, "matching", "SELECT phase FROM rounds WHERE id = $1", round_)
        return [row["phase"] for row in rows] == ["solved"]

    await until("the round is solved", is_solved, 90)


async def _states(alone: Installation, round_: UUID) -> list[str]:
    rows = await fetch(alone, "matching", "SELECT state FROM runs WHERE round_id = $1 ORDER BY number", round_)
    return [row["state"] for row in rows]


async def _said(alone: Installation, round_: UUID, name: str) -> int:
    rows = await fetch(alone, "matching", "SELECT payload FROM outbox WHERE key = $1", str(round_))
    return sum(f'"{name}.v1"' in row["payload"].decode() for row in rows)


async def _is_incomplete(alone: Installation, round_: UUID) -> bool:
    return bool(await _said(alone, round_, "RoundIncomplete"))


async def _has_attributes(alone: Installation, round_: UUID, person: UUID) -> bool:
    query = "SELECT FROM participants WHERE round_id = $1 AND person_id = $2 AND attributes IS NOT NULL"
    return bool(await fetch(alone, "matching", query, round_, person))
