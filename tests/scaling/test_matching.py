"""Three processes of matching share five rounds that close at once, and two of them are killed at it (P3, P9, M2, M3)."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from coordinator.__main__ import run as coordinator
from coordinator.desk import TOKEN
from deploy.local import proc
from deploy.local.installation import Installation
from deploy.local.service import Service
from deploy.local.stack import Stack
from tests.conftest import QUICK
from tests.faults import topics
from tests.faults.breaking import dies, doomed, fetch, kill, nothing_left_of, start, stop
from tests.faults.people import closed, located, opened
from tests.rounds import until

pytestmark = pytest.mark.timeout(300)
PEOPLE = range(6)
ROUNDS = 5


@pytest.fixture(scope="module")
async def alone(stack: Stack) -> AsyncIterator[Installation]:
    """Matching and the topics; the test speaks for the others."""
    with stack.installation("five_rounds", services=("matching",), env=QUICK) as made:
        yield made


async def test_of_three_processes_two_are_killed_and_each_of_five_rounds_is_solved_and_published_once(
    alone: Installation,
) -> None:
    rounds = [uuid4() for _ in range(ROUNDS)]
    first, second, third = alone.services["matching"], alone.replica("matching"), alone.replica("matching")
    for round_ in rounds:
        await topics.say(alone, [opened(round_), *(located(round_, n) for n in PEOPLE)])
    await asyncio.gather(doomed(first, "M3"), start(second), start(third))
    await topics.say(alone, [closed(round_, PEOPLE) for round_ in rounds])
    await until("the second is solving", partial(_is_solving, second))
    pid = second.pid
    await kill(second)
    await dies(first)
    await nothing_left_of(pid)
    for round_ in rounds:
        await until("the round is solved", partial(_is_solved, alone, round_), 90)
    await _published(third, alone, rounds)

    for round_ in rounds:
        runs = await fetch(alone, "matching", "SELECT state FROM runs WHERE round_id = $1", round_)
        assert [row["state"] for row in runs] == ["solved"]
        said = await _said(alone, round_)
        assert (said["RunFinished.v1"], said["RoundPublished.v1"], said["RoundIncomplete.v1"]) == (1, 1, 0)
        await _everyone_is_matched_once(alone, round_)
    tries = [row["attempts"] for row in await fetch(alone, "matching", "SELECT attempts FROM runs ORDER BY 1")]
    assert tries in ([1, 1, 1, 1, 2], [1, 1, 1, 2, 2]), "only what each of the killed ones had in hand is solved again"


async def test_a_run_whose_process_is_told_to_end_is_solved_by_another_at_once_and_that_counts_as_no_try(
    alone: Installation,
) -> None:
    """Else a run that takes longer than a deploy would have failed after three of them."""
    round_, many = uuid4(), range(400)
    workers = [alone.services["matching"], alone.replica("matching")]
    await asyncio.gather(*(start(one) for one in workers if not (one.pid and one.running)))
    await topics.say(alone, [opened(round_), *(located(round_, n) for n in many), closed(round_, many)])
    await until("one is solving", partial(_one_is_solving, alone))
    at_work = next(one for one in _running(alone) if proc.descendants(one.pid))
    pid = at_work.pid
    await stop(at_work)
    await nothing_left_of(pid)
    await until("the round is solved", partial(_is_solved, alone, round_), 90)
    runs = await fetch(alone, "matching", "SELECT state, attempts FROM runs WHERE round_id = $1", round_)
    assert [tuple(row) for row in runs] == [("solved", 1)]


def _running(alone: Installation) -> list[Service]:
    return [one for one in (alone.services["matching"], *alone.replicas) if one.pid and one.running]


async def _one_is_solving(alone: Installation) -> bool:
    return any(proc.descendants(one.pid) for one in _running(alone))


async def _is_solving(matching: Service) -> bool:
    return bool(proc.descendants(matching.pid))


async def _is_solved(alone: Installation, round_: UUID) -> bool:
    rows = await fetch(alone, "matching", "SELECT phase FROM rounds WHERE id = $1", round_)
    return [row["phase"] for row in rows] == ["solved"]


async def _published(matching: Service, alone: Installation, rounds: list[UUID]) -> None:
    """All at once, and each a second time."""
    environment = alone.coordinator_environment() | {"MYBUDDY_MATCHING_URL": matching.url}
    environment[TOKEN] = coordinator(["token", "--name", "Test", "--regions", "ludwigsburg"], environment)
    publish = [("publish", "ludwigsburg", f"r-{round_}") for round_ in (*rounds, *rounds)]
    await asyncio.gather(*(asyncio.to_thread(coordinator, one, environment) for one in publish))


async def _said(alone: Installation, round_: UUID) -> Counter[str]:
    rows = await fetch(alone, "matching", "SELECT payload FROM outbox WHERE key = $1", str(round_))
    return Counter(json.loads(row["payload"])["type"] for row in rows)


async def _everyone_is_matched_once(alone: Installation, round_: UUID) -> None:
    """Newcomers are even, locals odd, all suit each other: three pairs, of which each of the two is told once."""
    people = {uuid5(round_, str(number)): number for number in PEOPLE}
    pairs = await fetch(alone, "matching", "SELECT newcomer, local FROM pairs WHERE round_id = $1", round_)
    assert Counter(people[row[side]] for row in pairs for side in ("newcomer", "local")) == Counter(PEOPLE)
    partners = {row["newcomer"]: row["local"] for row in pairs} | {row["local"]: row["newcomer"] for row in pairs}
    told = await fetch(alone, "matching", "SELECT payload FROM outbox WHERE key = ANY($1)", list(map(str, people)))
    outcomes: list[dict[str, Any]] = [json.loads(row["payload"])["data"] for row in told]
    assert {one["person"]: [pair["partner"] for pair in one["pairs"]] for one in outcomes} == {
        str(person): [str(partner)] for person, partner in partners.items()
    }
    assert len(outcomes) == len(PEOPLE)
