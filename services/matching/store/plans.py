"""Plans before publishing: what a run found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from shared.runtime.db import Connection


@dataclass(frozen=True)
class Proposal:
    """One pair of a plan. `why` holds what the two share."""

    newcomer: UUID
    local: UUID
    slot: int
    fit: int
    why: dict[str, Any]


@dataclass(frozen=True)
class LeftOver:
    """Somebody without a partner in a plan."""

    person_id: UUID
    reason: str
    suggestion: dict[str, Any] | None


async def keep_plan(conn: Connection, run_id: UUID, pairs: Sequence[Proposal], left_over: Sequence[LeftOver]) -> None:
    await conn.executemany(
        "INSERT INTO proposals (run_id, newcomer, local, slot, fit, why) VALUES ($1, $2, $3, $4, $5, $6)",
        [(run_id, pair.newcomer, pair.local, pair.slot, pair.fit, pair.why) for pair in pairs],
    )
    await conn.executemany(
        "INSERT INTO left_over (run_id, person_id, reason, suggestion) VALUES ($1, $2, $3, $4)",
        [(run_id, one.person_id, one.reason, one.suggestion) for one in left_over],
    )


async def copy_plan(conn: Connection, from_run: UUID, to_run: UUID) -> None:
    """The stored plan of the same input, said to be this run's too."""
    await conn.execute(
        "INSERT INTO proposals SELECT $2, newcomer, local, slot, fit, why FROM proposals WHERE run_id = $1", from_run, to_run
    )
    await conn.execute(
        "INSERT INTO left_over SELECT $2, person_id, reason, suggestion FROM left_over WHERE run_id = $1", from_run, to_run
    )


async def proposals(conn: Connection, run_id: UUID) -> list[Proposal]:
    rows = await conn.fetch("SELECT newcomer, local, slot, fit, why FROM proposals WHERE run_id = $1 ORDER BY newcomer", run_id)
    return [Proposal(**dict(row)) for row in rows]


async def pair_count(conn: Connection, run_id: UUID) -> int:
    count: int = await conn.fetchval("SELECT count(*) FROM proposals WHERE run_id = $1", run_id)
    return count


async def left_over(conn: Connection, run_id: UUID) -> list[LeftOver]:
    rows = await conn.fetch("SELECT person_id, reason, suggestion FROM left_over WHERE run_id = $1 ORDER BY person_id", run_id)
    return [LeftOver(**dict(row)) for row in rows]


async def reasons(conn: Connection, run_id: UUID) -> dict[str, int]:
    rows = await conn.fetch("SELECT reason, count(*) FROM left_over WHERE run_id = $1 GROUP BY reason", run_id)
    return {row["reason"]: row["count"] for row in rows}


async def broken(conn: Connection, run_id: UUID, gone: Sequence[UUID]) -> int:
    """How many pairs of the plan have a member who is gone."""
    count: int = await conn.fetchval(
        "SELECT count(*) FROM proposals WHERE run_id = $1 AND (newcomer = ANY($2) OR local = ANY($2))", run_id, gone
    )
    return count


async def job_people(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """Who is to be matched: the roster without the gone, with how often each went without."""
    return await conn.fetch(
        "SELECT p.person_id, p.attributes, coalesce(w.rounds, 0) AS waiting FROM participants p"
        " LEFT JOIN waiting w ON w.person_id = p.person_id"
        " WHERE p.round_id = $1 AND NOT p.has_left AND p.attributes IS NOT NULL"
        "   AND NOT EXISTS (SELECT FROM gone g"
        "     WHERE g.round_id = p.round_id AND g.person_id = p.person_id AND g.version >= p.version)"
        " ORDER BY p.person_id",
        round_id,
    )


async def forget_erased(conn: Connection, run_id: UUID) -> None:
    """Takes what a run computed from the attributes of somebody who was erased while it was solved."""
    erased = "SELECT g.person_id FROM gone g JOIN runs USING (round_id) WHERE runs.id = $1 AND how = 'erased'"
    await conn.execute(
        f"UPDATE proposals SET why = '{{}}' WHERE run_id = $1 AND (newcomer IN ({erased}) OR local IN ({erased}))", run_id
    )
    await conn.execute(f"UPDATE left_over SET suggestion = NULL WHERE run_id = $1 AND person_id IN ({erased})", run_id)


async def forget_person(conn: Connection, person: UUID) -> None:
    """Takes what was computed from the attributes of somebody erased."""
    await conn.execute("UPDATE proposals SET why = '{}' WHERE $1 IN (newcomer, local)", person)
    await conn.execute("UPDATE left_over SET suggestion = NULL WHERE person_id = $1", person)
