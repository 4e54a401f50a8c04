"""Rounds whose pairs are asked first, for the tests of what becomes of them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from deploy.local.databases import InstallationDatabases
from services.matching.deadlines import pass_time
from services.matching.handlers import plans as handlers
from services.matching.handlers import solving
from services.matching.store.runs import Run
from services.matching.tests.made import RULES, checked, claimed, closed, hear, located, opened, plan, said, solved
from shared.runtime import clock, db
from shared.schemas.answers import Answered
from shared.schemas.pairings import Outcome, OutcomeAnnounced, PairChanged

AGREED = RULES.model_copy(update={"introduction": "agreed"})


async def published(
    pool: db.Pool, pairs: Sequence[tuple[int, int]], newcomers: int, capacities: Sequence[int], **rules: Any
) -> tuple[UUID, list[UUID], list[UUID]]:
    """A published round: (round, newcomers, locals). `pairs` are numbers of a newcomer and a local."""
    round_id, new, old = uuid4(), [uuid4() for _ in range(newcomers)], [uuid4() for _ in capacities]
    begun = opened(round_id, f"r{round_id.hex[:8]}")
    await hear(pool, begun.model_copy(update={"rules": AGREED.model_copy(update=rules)}))
    await hear(pool, *(located(round_id, person) for person in new))
    await hear(pool, *(located(round_id, person, role="local", capacity=n) for person, n in zip(old, capacities, strict=True)))
    await hear(pool, closed(round_id, dict.fromkeys([*new, *old], 1)))
    assert await checked(pool, round_id) == "solving"
    named = [(new[newcomer], old[local]) for newcomer, local in pairs]
    await solved(pool, named, sorted({*new, *old} - {person for pair in named for person in pair}))
    async with db.transaction(pool) as conn:
        await handlers.publish(conn, round_id)
    return round_id, new, old


async def pair_of(pool: db.Pool, newcomer: UUID, local: UUID) -> UUID:
    found: UUID = await pool.fetchval("SELECT id FROM pairs WHERE newcomer = $1 AND local = $2", newcomer, local)
    return found


async def answers(pool: db.Pool, pair: UUID, **said_by: UUID) -> None:
    """`answers(pool, pair, yes=somebody, no=somebody)`: each in this order."""
    for answer, person in said_by.items():
        given: Any = answer
        await hear(pool, Answered(pair=pair, person=person, answer=given))


async def days_pass(pool: db.Pool, database: InstallationDatabases, round_id: UUID, days: float) -> None:
    """The clock of the installation moves, and the service looks at it until nothing more is due."""
    async with db.connection(pool) as conn:
        moment = await clock.now(conn) + timedelta(days=days)
    await asyncio.to_thread(database.move_clock, moment)
    await time_is_looked_at(pool, round_id)


async def time_is_looked_at(pool: db.Pool, round_id: UUID) -> None:
    async with db.transaction(pool) as conn:
        await pass_time(conn, round_id)


async def offered(pool: db.Pool, run: Run) -> tuple[list[dict[str, Any]], set[tuple[UUID, UUID]]]:
    """Whom the engine would be given, and which pairs it may not make."""
    async with db.transaction(pool) as conn:
        job = await solving.job(conn, run)
    return job["people"], {(UUID(newcomer), UUID(local)) for newcomer, local in job["wishes"]["met"]}


async def looked_again(pool: db.Pool, *pairs: tuple[UUID, UUID]) -> set[UUID]:
    """The run that is queued has ended with these pairs; whom it looked at."""
    run = await claimed(pool)
    assert run is not None
    assert run.kind == "again"
    people, _ = await offered(pool, run)
    everybody = {UUID(person["id"]) for person in people}
    await ends_with(pool, run, everybody, *pairs)
    return everybody


async def ends_with(pool: db.Pool, run: Run, everybody: set[UUID], *pairs: tuple[UUID, UUID]) -> None:
    left = sorted(everybody - {person for pair in pairs for person in pair})
    async with db.transaction(pool) as conn:
        assert await solving.keep_result(conn, run, run.id.hex, plan(pairs, left), None) == "solved"


async def told(pool: db.Pool, person: UUID) -> list[PairChanged]:
    return [event for event in await said(pool, PairChanged) if event.person == person]


async def now_told(pool: db.Pool, person: UUID) -> Outcome:
    """What stands on somebody's page: the newest that was said of them."""
    return (await all_told(pool))[person]


async def all_told(pool: db.Pool) -> dict[UUID, Outcome]:
    every: list[Outcome] = [*await said(pool, OutcomeAnnounced), *await said(pool, PairChanged)]
    return {event.person: event for event in sorted(every, key=lambda event: event.revision)}
