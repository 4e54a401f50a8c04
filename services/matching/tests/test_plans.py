"""Publishing a plan once, repairing it, and what becomes of pairs when somebody goes afterwards."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.matching.handlers import plans as handlers
from services.matching.handlers import solving
from services.matching.store import pairs
from services.matching.tests.made import checked, claimed, closed, hear, located, opened, said, solved, town
from shared.runtime import db
from shared.schemas.pairings import OutcomeAnnounced, PairChanged, RoundPublished
from shared.schemas.participants import Erased, Withdrawn
from shared.schemas.rounds import RoundEnded


async def publish(pool: db.Pool, round_id: UUID) -> str:
    async with db.transaction(pool) as conn:
        return (await handlers.publish(conn, round_id)).phase


async def repair(pool: db.Pool, round_id: UUID) -> str:
    async with db.transaction(pool) as conn:
        return (await handlers.repair(conn, round_id)).phase


async def outcomes(pool: db.Pool, round_id: UUID) -> dict[UUID, tuple[str, str | None, int]]:
    rows = await pool.fetch("SELECT * FROM outcomes WHERE round_id = $1", round_id)
    return {row["person_id"]: (row["outcome"], row["reason"], row["revision"]) for row in rows}


async def waiting(pool: db.Pool) -> dict[UUID, int]:
    return {row["person_id"]: row["rounds"] for row in await pool.fetch("SELECT * FROM waiting")}


def withdrawn(round_id: UUID, person: UUID) -> Withdrawn:
    return Withdrawn(person=person, version=1, round=round_id)


async def test_publishing_tells_everyone_once_however_many_press_the_button(pool: db.Pool) -> None:
    round_id, (matched, left), (local,) = await town(pool, 2, 1)
    await solved(pool, [(matched, local)], [left])
    assert await asyncio.gather(*(publish(pool, round_id) for _ in range(4))) == ["published"] * 4
    assert await outcomes(pool, round_id) == {
        matched: ("matched", None, 1),
        local: ("matched", None, 1),
        left: ("unmatched", "no_partner", 1),
    }
    (event,) = await said(pool, RoundPublished)
    assert (event.pairs, event.matched, event.unmatched, event.withdrawn) == (1, 2, 1, 0)
    told = {event.person: event for event in await said(pool, OutcomeAnnounced)}
    assert len(told) == len(await said(pool, OutcomeAnnounced)) == 3
    assert [pair.partner for pair in told[matched].pairs] == [local]
    assert ([pair.writes_first for pair in told[local].pairs], told[left].pairs) == ([True], [])
    assert await waiting(pool) == {left: 1}


async def test_a_local_who_takes_two_hears_of_both_in_one_event(pool: db.Pool) -> None:
    round_id, (one, two), (local,) = await town(pool, 2, 1, capacity=2)
    await solved(pool, [(one, local), (two, local)])
    await publish(pool, round_id)
    told = {event.person: event for event in await said(pool, OutcomeAnnounced)}
    assert {pair.partner for pair in told[local].pairs} == {one, two}


async def test_without_a_plan_nothing_is_published_or_repaired(pool: db.Pool) -> None:
    round_id, _, _ = await town(pool, 1, 1)
    for command in (publish, repair):
        with pytest.raises(handlers.NotNowError, match="the round is solving"):
            await command(pool, round_id)
    with pytest.raises(handlers.NotNowError, match="the round is open"):
        await publish(pool, uuid4())


async def test_a_plan_with_a_gone_member_is_not_published_before_it_is_repaired(pool: db.Pool) -> None:
    round_id, (gone, stays), (local, other) = await town(pool, 2, 2)
    await solved(pool, [(gone, local), (stays, other)])
    with pytest.raises(handlers.NotNowError, match="Nothing to repair"):
        await repair(pool, round_id)
    await hear(pool, withdrawn(round_id, gone))
    with pytest.raises(handlers.NotNowError, match="1 pairs of the plan have a member who is gone"):
        await publish(pool, round_id)
    assert await outcomes(pool, round_id) == {}
    assert await repair(pool, round_id) == "solving"
    run = await claimed(pool)
    assert run is not None
    async with db.connection(pool) as conn:
        job = await solving.job(conn, run)
    assert job["wishes"]["former"] == [[str(stays), str(other)]]
    assert {person["id"] for person in job["people"]} == {str(stays), str(local), str(other)}
    await pool.execute("UPDATE runs SET state = 'queued', attempts = 0 WHERE id = $1", run.id)
    await solved(pool, [(stays, other)], [local])
    assert await publish(pool, round_id) == "published"
    found = await outcomes(pool, round_id)
    assert {person: one[0] for person, one in found.items()} == {
        gone: "withdrawn",
        stays: "matched",
        other: "matched",
        local: "unmatched",
    }


async def test_who_goes_without_a_pair_needs_no_repair(pool: db.Pool) -> None:
    round_id, (matched, left), (local,) = await town(pool, 2, 1)
    await solved(pool, [(matched, local)], [left])
    await hear(pool, withdrawn(round_id, left))
    await publish(pool, round_id)
    assert (await outcomes(pool, round_id))[left] == ("withdrawn", None, 1)
    assert await waiting(pool) == {}


async def test_a_plan_that_forgets_somebody_is_never_published(pool: db.Pool) -> None:
    round_id, (matched, _), (local,) = await town(pool, 2, 1)
    await solved(pool, [(matched, local)])
    with pytest.raises(RuntimeError, match="does not cover exactly the roster"):
        await publish(pool, round_id)
    assert await said(pool, OutcomeAnnounced) == []


@pytest.mark.parametrize("how", ["withdrawn", "erased"])
async def test_after_publishing_the_partner_of_somebody_gone_is_told_and_comes_first_next_time(pool: db.Pool, how: str) -> None:
    round_id, (gone, stays), (local, other) = await town(pool, 2, 2)
    await solved(pool, [(gone, local), (stays, other)])
    await publish(pool, round_id)
    event = withdrawn(round_id, gone) if how == "withdrawn" else Erased(person=gone, version=1, round=round_id, on_roster=True)
    for _ in range(2):
        await hear(pool, event)
    (told,) = await said(pool, PairChanged)
    assert (told.person, told.revision, told.outcome, told.reason, told.pairs) == (local, 2, "unmatched", "partner_gone", [])
    found = await outcomes(pool, round_id)
    assert found[gone][0] == "withdrawn"
    assert found[stays] == found[other] == ("matched", None, 1)
    assert await waiting(pool) == {local: 1}
    assert [row["state"] for row in await pool.fetch("SELECT state FROM pairs WHERE newcomer = $1", gone)] == ["ended"]


async def test_a_local_with_another_pair_keeps_it_and_hears_of_it(pool: db.Pool) -> None:
    round_id, (gone, stays), (local,) = await town(pool, 2, 1, capacity=2)
    await solved(pool, [(gone, local), (stays, local)])
    await publish(pool, round_id)
    await hear(pool, withdrawn(round_id, gone))
    (told,) = await said(pool, PairChanged)
    assert (told.person, told.outcome, [pair.partner for pair in told.pairs]) == (local, "matched", [stays])
    assert await waiting(pool) == {}


async def test_both_of_a_pair_may_go(pool: db.Pool) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    await solved(pool, [(newcomer, local)])
    await publish(pool, round_id)
    await hear(pool, withdrawn(round_id, newcomer), withdrawn(round_id, local))
    assert {one[0] for one in (await outcomes(pool, round_id)).values()} == {"withdrawn"}
    assert [event.person for event in await said(pool, PairChanged)] == [local]


async def test_the_database_itself_keeps_anybody_out_of_too_many_pairs(pool: db.Pool) -> None:
    round_id, (one, two), (local, other) = await town(pool, 2, 2)
    await solved(pool, [(one, local), (two, other)])
    await publish(pool, round_id)
    for newcomer, partner, slot in ((one, other, 2), (uuid4(), local, 1)):
        with pytest.raises(asyncpg.UniqueViolationError):
            await pool.execute(
                "INSERT INTO pairs (id, round_id, newcomer, local, slot, why, state) VALUES ($1, $2, $3, $4, $5, '{}', 'asked')",
                *(uuid4(), round_id, newcomer, partner, slot),
            )


async def test_people_who_met_never_meet_again_and_who_waited_counts_in_the_next_round(pool: db.Pool) -> None:
    round_id, (matched, left), (local,) = await town(pool, 2, 1)
    await solved(pool, [(matched, local)], [left])
    await publish(pool, round_id)
    await hear(pool, RoundEnded(round=round_id))
    second = uuid4()
    everyone = {matched: "newcomer", left: "newcomer", local: "local"}
    await hear(pool, opened(second, "2022-spring"), *(located(second, one, 2, role) for one, role in everyone.items()))
    await hear(pool, closed(second, dict.fromkeys(everyone, 2)))
    assert await checked(pool, second) == "solving"
    run = await claimed(pool)
    assert run is not None
    async with db.connection(pool) as conn:
        job = await solving.job(conn, run)
    assert job["wishes"]["met"] == [[str(matched), str(local)]]
    assert {person["id"]: person["waiting"] for person in job["people"]} == {str(matched): 0, str(left): 1, str(local): 0}


async def test_nothing_of_an_ended_round_is_left_but_who_met_and_how_it_ended_for_whom(pool: db.Pool) -> None:
    round_id, (newcomer,), (local,) = await town(pool, 1, 1)
    await solved(pool, [(newcomer, local)])
    await publish(pool, round_id)
    await hear(pool, RoundEnded(round=round_id))
    for table in ("participants", "gone", "roster_pages", "proposals", "left_over"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    async with db.connection(pool) as conn:
        (pair,) = await pairs.live(conn, round_id, local)
    assert (pair.newcomer, pair.why) == (newcomer, {})
