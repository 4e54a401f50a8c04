"""The queue of runs: served by one of many, taken over from the dead, given up after the third death."""

import asyncio
import sys
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matching import solver, solving
from services.matching.handlers import plans
from services.matching.settings import Settings
from services.matching.store import runs
from services.matching.store.runs import MOST_ATTEMPTS, Run
from services.matching.tests.made import checked, claimed, closed, hear, kept, located, opened, said, town
from shared.runtime import db
from shared.runtime.loops import Loop
from shared.runtime.tests.waiting import until
from shared.schemas.pairings import RunFinished
from shared.schemas.participants import Withdrawn
from shared.schemas.rounds import RoundEnded, RoundReopened

SETTINGS = Settings(database_url="", kafka_bootstrap="", coordinator_public_key="")


async def state(pool: db.Pool, round_id: UUID) -> tuple[str, int, str | None]:
    (row,) = await pool.fetch(
        "SELECT state, attempts, error FROM runs WHERE round_id = $1 ORDER BY number DESC LIMIT 1", round_id
    )
    return row["state"], row["attempts"], row["error"]


async def silent(pool: db.Pool) -> None:
    """As if the worker had not been heard of for long enough."""
    await pool.execute("UPDATE runs SET heartbeat_at = now() - make_interval(secs => $1)", runs.STALE_SECONDS + 1)


async def serve(pool: db.Pool, settings: Settings = SETTINGS) -> None:
    async def nothing(_: Loop) -> None:
        return

    await solving._serve_one(pool, settings, Loop("test", nothing))


async def mine(pool: db.Pool, run: Run) -> bool:
    async with db.transaction(pool) as conn:
        return await runs.heartbeat(conn, run)


async def test_of_many_workers_one_gets_the_run(pool: db.Pool) -> None:
    await town(pool, 1, 1)
    found = await asyncio.gather(*(claimed(pool) for _ in range(8)))
    assert len([run for run in found if run]) == 1


async def test_two_rounds_are_served_by_two_workers_oldest_first(pool: db.Pool) -> None:
    first, second = (await town(pool, 1, 1))[0], (await town(pool, 1, 1))[0]
    found = [await claimed(pool), await claimed(pool), await claimed(pool)]
    assert [run and run.round_id for run in found] == [first, second, None]


async def test_the_run_of_a_silent_worker_is_taken_over_and_the_late_one_counts_for_nothing(pool: db.Pool) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    late = await claimed(pool)
    assert late is not None
    assert await mine(pool, late)
    assert await claimed(pool) is None
    await silent(pool)
    after = await claimed(pool)
    assert after is not None
    assert (after.id, after.attempts) == (late.id, 2)
    assert not await mine(pool, late)
    assert await kept(pool, late, [(newcomer, local)]) == "dropped"
    assert await kept(pool, after, [(newcomer, local)]) == "solved"
    assert await kept(pool, after, [(newcomer, local)]) == "dropped"
    assert (await state(pool, round_id))[:2] == ("solved", 2)
    assert len(await said(pool, RunFinished)) == 1


async def test_a_run_whose_workers_all_die_has_failed_and_is_not_begun_for_ever(pool: db.Pool) -> None:
    round_id, _, _ = await town(pool, 1, 1)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        run = await claimed(pool)
        assert run is not None
        assert run.attempts == attempt
        await silent(pool)
    assert await claimed(pool) is None
    assert await state(pool, round_id) == ("failed", MOST_ATTEMPTS, "its worker died")


@pytest.mark.parametrize("event", [RoundReopened, RoundEnded])
async def test_a_run_that_is_moot_is_dropped_also_while_it_is_solved(pool: db.Pool, event: Any) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    run = await claimed(pool)
    assert run is not None
    await hear(pool, event(round=round_id, **({"closing": 1} if event is RoundReopened else {})))
    assert not await mine(pool, run)
    assert await kept(pool, run, [(newcomer, local)]) == "dropped"
    assert (await state(pool, round_id))[0] == "dropped"
    assert await pool.fetchval("SELECT count(*) FROM proposals") == 0
    assert await said(pool, RunFinished) == []


BAD_ENDS = {
    "killed": "import os; os.kill(os.getpid(), 9)",
    "failed": "import sys; sys.exit('out of memory')",
    "garbage": "print('Segmentation fault')",
    "nothing": "",
    "not a result": "print('[]')",
    "half a result": 'print(\'{"status": "optimal", "pairs": []}\')',
    "forgets people": 'print(\'{"status": "optimal", "pairs": [], "unmatched": []}\')',
    "without why": (
        "import sys, json; a, b = [one['id'] for one in json.load(sys.stdin)['people']];"
        "print(json.dumps({'status': 'optimal', 'unmatched': [], 'pairs': [{'newcomer': a, 'local': b}]}))"
    ),
    "pairs twice": (
        "import sys, json; a, b = [one['id'] for one in json.load(sys.stdin)['people']];"
        "why = {'fit': 1, 'languages': [], 'hobbies': [], 'band': 'under_2', 'parts': {}, 'km': 0};"
        "print(json.dumps({'status': 'optimal', 'unmatched': [], 'pairs': [{'newcomer': a, 'local': b, **why}] * 2}))"
    ),
}


@pytest.mark.parametrize("end", BAD_ENDS)
async def test_a_solver_that_ends_badly_gives_its_run_back(pool: db.Pool, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr(solver, "COMMAND", (sys.executable, "-S", "-c", BAD_ENDS[end]))
    round_id, _, _ = await town(pool, 1, 1)
    await serve(pool)
    now, attempts, error = await state(pool, round_id)
    assert (now, attempts) == ("queued", 1)
    assert error
    assert await pool.fetchval("SELECT count(*) FROM proposals") == 0


async def test_after_the_third_death_the_run_has_failed_with_what_was_said_last(
    pool: db.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solver, "COMMAND", (sys.executable, "-S", "-c", "import sys; sys.exit('out of memory')"))
    round_id, _, _ = await town(pool, 1, 1)
    for _ in range(MOST_ATTEMPTS + 1):
        await serve(pool)
    now, attempts, error = await state(pool, round_id)
    assert (now, attempts) == ("failed", MOST_ATTEMPTS)
    assert "out of memory" in str(error)


async def test_a_solver_that_takes_too_much_memory_is_ended_and_said_so(pool: db.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = "import time; taken = bytearray(b'x') * (400 << 20); time.sleep(60)"
    monkeypatch.setattr(solver, "COMMAND", (sys.executable, "-S", "-c", greedy))
    round_id, _, _ = await town(pool, 1, 1)
    await serve(pool, SETTINGS.model_copy(update={"solver_memory_mb": 200}))
    now, attempts, error = await state(pool, round_id)
    assert (now, attempts) == ("queued", 1)
    assert "more than 200 MB" in str(error)


async def test_how_far_the_solver_is_can_be_read_while_it_works(pool: db.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    talking = """import sys, time; print('{"step": "look", "matched": 3}', file=sys.stderr, flush=True); time.sleep(60)"""
    monkeypatch.setattr(solver, "COMMAND", (sys.executable, "-S", "-c", talking))
    monkeypatch.setattr(solving, "HEARTBEAT_SECONDS", 0.05)
    await town(pool, 1, 1)
    serving = asyncio.create_task(serve(pool))

    async def told() -> bool:
        return bool(await pool.fetchval("SELECT progress FROM runs") == {"step": "look", "matched": 3})

    await until("progress", told)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_the_engine_solves_a_round_and_the_same_input_has_the_stored_result(
    pool: db.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id, newcomers, locals_ = await town(pool, 3, 2)
    await serve(pool)
    assert (await state(pool, round_id))[0] == "solved"
    query = "SELECT newcomer, local, slot, fit, why FROM proposals WHERE run_id = $1 ORDER BY newcomer"
    first = await pool.fetchval("SELECT id FROM runs WHERE round_id = $1", round_id)
    pairs = [tuple(row) for row in await pool.fetch(query, first)]
    assert len(pairs) == 2
    assert {pair[0] for pair in pairs} < set(newcomers)
    assert {pair[1] for pair in pairs} == set(locals_)

    monkeypatch.setattr(solver, "COMMAND", (sys.executable, "-c", "raise SystemExit('asked again')"))
    await pool.execute("UPDATE rounds SET phase = 'solving'")
    again = uuid4()
    async with db.transaction(pool) as conn:
        await runs.queue(conn, again, round_id, 1, "solve")
    await serve(pool)
    assert (await state(pool, round_id))[0] == "solved"
    assert [tuple(row) for row in await pool.fetch(query, again)] == pairs


async def test_a_repair_by_the_engine_moves_nobody_who_need_not_be_moved(pool: db.Pool) -> None:
    """Once the other newcomer is gone, their buddy lives nearer to the one who stays: who stays keeps theirs."""
    round_id, gone, stays, near, far = uuid4(), uuid4(), uuid4(), uuid4(), uuid4()
    people = {gone: ("newcomer", 48.90), stays: ("newcomer", 48.91), near: ("local", 48.90), far: ("local", 48.99)}
    await hear(pool, opened(round_id), *(located(round_id, one, role=role, lat=lat) for one, (role, lat) in people.items()))
    await hear(pool, closed(round_id, dict.fromkeys(people, 1)))
    assert await checked(pool, round_id) == "solving"
    await serve(pool)
    assert await proposed(pool) == {(gone, near), (stays, far)}
    await hear(pool, Withdrawn(person=gone, version=1, round=round_id))
    async with db.transaction(pool) as conn:
        await plans.repair(conn, round_id)
    await serve(pool)
    assert await proposed(pool) == {(stays, far)}


async def proposed(pool: db.Pool) -> set[tuple[UUID, UUID]]:
    """The pairs of the newest run."""
    newest = "SELECT newcomer, local FROM proposals JOIN runs ON runs.id = run_id WHERE number = (SELECT max(number) FROM runs)"
    return {(row["newcomer"], row["local"]) for row in await pool.fetch(newest)}
