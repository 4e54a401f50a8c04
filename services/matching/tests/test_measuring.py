"""What matching shows of rounds, runs, plans and pairs: as it is now, and nothing of what is over."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matching.handlers import solving
from services.matching.measuring import gap, measure, measure_queue
from services.matching.store import measures, plans, runs
from services.matching.tests.asked import answers, pair_of, published
from services.matching.tests.made import checked, claimed, closed, hear, located, opened, plan, solved, town
from shared.runtime import db
from shared.runtime.tests.series import value, values
from shared.schemas.participants import Left
from shared.schemas.rounds import RoundEnded, RoundReopened

HERE = "ludwigsburg"


async def shown(pool: db.Pool, *names: str) -> list[dict[tuple[str, ...], float]]:
    await measure(pool)
    return [values(name) for name in names]


async def queue(pool: db.Pool) -> tuple[float, float, float]:
    await measure_queue(pool)
    return value("runs_waiting"), value("runs_oldest_waiting_seconds"), value("runs_failed")


async def test_people_with_coordinates_are_counted_until_the_round_is_solved(pool: db.Pool) -> None:
    round_id, new, old, lost, gone = (uuid4() for _ in range(5))
    await hear(pool, opened(round_id), located(round_id, new), located(round_id, old, role="local"))
    nowhere: dict[str, Any] = {"located": False, "lat": None, "lon": None, "municipality": None, "reason": "no_place"}
    await hear(pool, located(round_id, lost, **nowhere), located(round_id, gone), Left(person=gone, version=2, round=round_id))
    assert await shown(pool, "round_people_located") == [{(HERE, "newcomer"): 1, (HERE, "local"): 1}]
    await hear(pool, closed(round_id, {new: 1, old: 1, lost: 1}))
    assert await shown(pool, "round_people_located") == [{(HERE, "newcomer"): 1, (HERE, "local"): 1}]
    assert await checked(pool, round_id) == "solving"
    assert await shown(pool, "round_people_located") == [{}]


async def test_of_an_open_and_a_closed_round_the_open_one_is_shown(pool: db.Pool) -> None:
    before, now = uuid4(), uuid4()
    await hear(pool, opened(before, "2022-spring"), located(before, uuid4()), closed(before, {uuid4(): 1}))
    await hear(pool, opened(now, "2022-autumn"), located(now, uuid4(), role="local"))
    assert await shown(pool, "round_people_located") == [{(HERE, "local"): 1}]


async def test_a_shut_barrier_shows_for_how_long_also_after_it_has_asked(pool: db.Pool) -> None:
    round_id, here, missing = uuid4(), uuid4(), uuid4()
    names = ("barrier_expected_people", "barrier_present_people")
    await hear(pool, opened(round_id), located(round_id, here))
    assert await shown(pool, *names) == [{}, {}]
    assert values("barrier_waiting_seconds") == {(HERE,): 0}
    await hear(pool, closed(round_id, {here: 1, missing: 1}))
    age = timedelta(minutes=10)
    await pool.execute("UPDATE rounds SET waiting_since = now() - $1::interval, closed_heard_at = now() - $1", age)
    assert await checked(pool, round_id, seconds=1) == "closed"  # it has asked, and waits anew
    assert await shown(pool, *names) == [{(HERE,): 2}, {(HERE,): 1}]
    assert 600 <= value("barrier_waiting_seconds", region=HERE) < 660
    await hear(pool, located(round_id, missing))
    assert await checked(pool, round_id) == "solving"
    assert await shown(pool, *names) == [{(HERE,): 2}, {(HERE,): 2}]
    assert values("barrier_waiting_seconds") == {(HERE,): 0}
    await hear(pool, RoundEnded(round=round_id))
    assert await shown(pool, *names, "barrier_waiting_seconds") == [{}, {}, {}]


async def test_the_queue_shows_what_waits_and_for_how_long_nobody_has_taken_it(pool: db.Pool) -> None:
    assert await queue(pool) == (0, 0, 0)
    await town(pool, 1, 1)
    await pool.execute("UPDATE runs SET created_at = now() - interval '5 minutes'")
    waiting, oldest, failed = await queue(pool)
    assert (waiting, 300 <= oldest < 360, failed) == (1, True, 0)
    assert await claimed(pool) is not None
    assert await queue(pool) == (1, 0, 0)


async def test_a_run_that_failed_is_shown_until_there_is_a_plan_or_the_round_is_another(pool: db.Pool) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    await pool.execute("UPDATE runs SET state = 'failed'")
    assert await queue(pool) == (0, 0, 1)
    async with db.transaction(pool) as conn:
        await runs.queue(conn, uuid4(), round_id, 1, "solve")
    assert (await queue(pool))[::2] == (1, 1)
    await solved(pool, [(newcomer, local)])
    assert await queue(pool) == (0, 0, 0)
    await pool.execute("UPDATE runs SET state = 'failed'")
    assert await queue(pool) == (0, 0, 2)
    await hear(pool, RoundReopened(round=round_id, closing=1))
    assert await queue(pool) == (0, 0, 0)


async def planned(pool: db.Pool, levels: dict[str, Any], pairs: list[tuple[UUID, UUID]], left: list[UUID]) -> None:
    run = await claimed(pool)
    assert run is not None
    async with db.transaction(pool) as conn:
        result = plan(pairs, left) | {"levels": levels}
        assert await solving.keep_result(conn, run, run.id.hex, result, None) == "solved"


async def test_the_newest_plan_is_shown_with_what_is_proved_of_it(pool: db.Pool) -> None:
    round_id, new, old = await town(pool, 2, 1)
    levels = {
        "pairs": {"value": 1, "bound": 1, "price_bound": 1},
        "fit": {"value": 600, "bound": 800, "price_bound": 800},
    }
    await planned(pool, levels, [(new[0], old[0])], [new[1]])
    await measure(pool)
    assert values("plan_value") == {(HERE, "pairs"): 1, (HERE, "fit"): 600}
    assert values("plan_bound") == {(HERE, "pairs"): 1, (HERE, "fit"): 800}
    assert (values("plan_gap_ratio"), values("plan_pairs")) == ({(HERE,): 0.25}, {(HERE,): 1})
    assert values("plan_left_over_people") == {(HERE, "no_partner"): 1}
    await hear(pool, RoundReopened(round=round_id, closing=1))
    assert await shown(pool, "plan_value", "plan_bound", "plan_gap_ratio", "plan_pairs", "plan_left_over_people") == [{}] * 5


@pytest.mark.parametrize(
    ("levels", "part"),
    [({}, 0), ({"a": (5, 5)}, 0), ({"a": (5, 5), "b": (12, 10)}, 0.2), ({"a": (0, 3)}, 1), ({"a": (2, 0)}, 2)],
)
def test_the_gap_is_that_of_the_level_that_is_farthest_from_its_bound(levels: dict[str, Any], part: float) -> None:
    given = {name: {"value": reached, "bound": bound} for name, (reached, bound) in levels.items()}
    assert gap(given) == pytest.approx(part)


async def test_pairs_are_counted_by_state_until_their_round_ends(pool: db.Pool) -> None:
    round_id, new, old = await published(pool, [(0, 0), (1, 1), (2, 2)], 3, [1, 1, 1])
    await answers(pool, await pair_of(pool, new[0], old[0]), yes=new[0])
    second = await pair_of(pool, new[1], old[1])
    await answers(pool, second, yes=new[1])
    await answers(pool, second, yes=old[1])
    expected = {(HERE, "newcomer_agreed"): 1.0, (HERE, "introduced"): 1.0, (HERE, "asked"): 1.0}
    assert await shown(pool, "pairs") == [expected]
    await hear(pool, RoundEnded(round=round_id))
    assert await shown(pool, "pairs") == [{}]


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (measures.located, "participants_located"),
        (measures.pairs, "pairs_round"),
        (lambda conn: plans.reasons(conn, UUID(int=1)), "left_over_reason"),
    ],
)
async def test_people_are_counted_without_a_look_at_their_rows(pool: db.Pool, ask: Any, index: str) -> None:
    """A country has 200,000 of them, and the gauges are read again and again."""
    seen: list[str] = []

    class Explaining:
        async def fetch(self, sql: str, *given: Any) -> list[Any]:
            async with db.transaction(pool) as conn:
                await conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
                seen.extend(row[0] for row in await conn.fetch(f"EXPLAIN {sql}", *given))
            return []

    await ask(Explaining())
    assert any(f"Index Only Scan using {index}" in line for line in seen), seen


async def test_the_plan_of_a_search_for_a_few_is_not_that_of_the_round(pool: db.Pool) -> None:
    _, (newcomer, alone), (local,) = await published(pool, [(0, 0)], 2, [1])
    before = await shown(pool, "plan_pairs", "plan_left_over_people")
    await answers(pool, await pair_of(pool, newcomer, local), no=newcomer)
    run = await claimed(pool)
    assert run is not None
    assert run.kind == "again"
    async with db.transaction(pool) as conn:
        assert await solving.keep_result(conn, run, "x", plan([(alone, local)]), None) == "solved"
    assert await shown(pool, "plan_pairs", "plan_left_over_people") == before == [{(HERE,): 1}, {(HERE, "no_partner"): 1}]
