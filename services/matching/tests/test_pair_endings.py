"""One of the two ends their pair: both are told, nobody hears why, and who is left comes first next time."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matching.handlers import plans as handlers
from services.matching.store import pairs
from services.matching.tests.made import hear, said, solved, town
from shared.runtime import db
from shared.schemas.answers import PairEnded
from shared.schemas.pairings import OutcomeAnnounced, PairChanged
from shared.schemas.participants import Erased


async def published(pool: db.Pool, newcomers: int = 1, **of_locals: Any) -> tuple[UUID, list[UUID], UUID]:
    """A round whose newcomers all have the same local: (round, newcomers, local)."""
    round_id, new, (local,) = await town(pool, newcomers, 1, capacity=newcomers, **of_locals)
    await solved(pool, [(newcomer, local) for newcomer in new])
    async with db.transaction(pool) as conn:
        await handlers.publish(conn, round_id)
    return round_id, new, local


async def pair_of(pool: db.Pool, newcomer: UUID) -> UUID:
    (told,) = [event for event in await said(pool, OutcomeAnnounced) if event.person == newcomer]
    return told.pairs[0].pair


async def waiting(pool: db.Pool) -> set[UUID]:
    return {row["person_id"] for row in await pool.fetch("SELECT person_id FROM waiting")}


@pytest.mark.parametrize(("reason", "ender_waits"), [("no_answer", True), ("moved", False), ("no_time", False)])
async def test_both_are_told_and_whoever_looks_on_comes_first_next_time(pool: db.Pool, reason: Any, ender_waits: bool) -> None:
    _, (newcomer,), local = await published(pool)
    await hear(pool, PairEnded(pair=await pair_of(pool, newcomer), person=newcomer, reason=reason))
    told = {event.person: event for event in await said(pool, PairChanged)}
    assert set(told) == {newcomer, local}
    assert {(event.outcome, event.revision) for event in told.values()} == {("unmatched", 2)}
    assert told[newcomer].reason == ("pair_ended" if ender_waits else "pair_over")
    assert told[local].reason == "pair_ended"
    assert reason not in str(told)
    assert await waiting(pool) == ({newcomer, local} if ender_waits else {local})


async def test_whoever_is_reported_for_safety_neither_comes_first_nor_hears_so_or_why(pool: db.Pool) -> None:
    _, (reporter,), reported = await published(pool)
    await pool.execute("INSERT INTO waiting (person_id, rounds) VALUES ($1, 1)", reported)  # said that they never met
    await hear(pool, PairEnded(pair=await pair_of(pool, reporter), person=reporter, reason="safety"))
    told = {event.person: event for event in await said(pool, PairChanged)}
    assert (told[reporter].reason, told[reported].reason) == ("pair_ended", "pair_over")
    assert "safety" not in str(told)
    assert await waiting(pool) == {reporter}


async def test_who_was_reported_does_not_come_first_for_a_later_ending_of_that_round_either(pool: db.Pool) -> None:
    _, (first, second), local = await published(pool, 2)
    await hear(pool, PairEnded(pair=await pair_of(pool, first), person=first, reason="safety"))
    await hear(pool, PairEnded(pair=await pair_of(pool, second), person=second, reason="no_answer"))
    told = [event for event in await said(pool, PairChanged) if event.person == local]
    assert [(event.outcome, event.reason) for event in told] == [("matched", None), ("unmatched", "pair_over")]
    assert await waiting(pool) == {first, second}


async def test_the_other_pairs_of_a_local_go_on(pool: db.Pool) -> None:
    _, (first, second), local = await published(pool, 2)
    await hear(pool, PairEnded(pair=await pair_of(pool, first), person=local, reason="did_not_fit"))
    told = {event.person: event for event in await said(pool, PairChanged)}
    assert [pair.partner for pair in told[local].pairs] == [second]
    assert told[local].outcome == "matched"
    assert told[first].outcome == "unmatched"
    assert second not in told


async def test_said_twice_by_both_or_by_a_stranger_or_of_no_pair_it_is_ended_once(pool: db.Pool) -> None:
    _, (newcomer,), local = await published(pool)
    pair = await pair_of(pool, newcomer)
    await hear(pool, PairEnded(pair=pair, person=uuid4(), reason="other"), PairEnded(pair=uuid4(), person=local, reason="other"))
    assert await said(pool, PairChanged) == []
    for person in (local, local, newcomer):
        await hear(pool, PairEnded(pair=pair, person=person, reason="other"))
    assert len(await said(pool, PairChanged)) == 2


async def test_the_office_sees_who_ended_what_and_why_safety_first(pool: db.Pool) -> None:
    round_id, (first, second), local = await published(pool, 2)
    await hear(pool, PairEnded(pair=await pair_of(pool, first), person=first, reason="safety"))
    await hear(pool, PairEnded(pair=await pair_of(pool, second), person=local, reason="no_time"))
    async with db.connection(pool) as conn:
        found = await pairs.endings(conn, round_id)
    assert [(row["reason"], row["by"]) for row in found] == [("safety", first), ("no_time", local)]


async def test_why_somebody_ended_it_is_forgotten_with_them(pool: db.Pool) -> None:
    round_id, (newcomer,), _ = await published(pool)
    await hear(pool, PairEnded(pair=await pair_of(pool, newcomer), person=newcomer, reason="safety"))
    await hear(pool, Erased(person=newcomer, version=2, round=round_id, on_roster=True))
    async with db.connection(pool) as conn:
        assert await pairs.endings(conn, round_id) == []
