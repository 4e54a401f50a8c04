"""Plans before publishing, and pairs and outcomes after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
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


@dataclass(frozen=True)
class Pair:
    """A published pair."""

    id: UUID
    round_id: UUID
    newcomer: UUID
    local: UUID
    slot: int
    why: dict[str, Any]
    state: str


PAIR = ", ".join(Pair.__dataclass_fields__)


@dataclass(frozen=True)
class Outcome:
    """How a round ended for somebody."""

    outcome: Literal["matched", "unmatched", "withdrawn"]
    reason: str | None
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


async def publish_pairs(conn: Connection, pairs: Sequence[Pair]) -> None:
    """The unique indexes of the table, not this code, promise that nobody stands in too many."""
    await conn.executemany(
        "INSERT INTO pairs (id, round_id, newcomer, local, slot, why) VALUES ($1, $2, $3, $4, $5, $6)",
        [(pair.id, pair.round_id, pair.newcomer, pair.local, pair.slot, pair.why) for pair in pairs],
    )


async def live_pairs(conn: Connection, round_id: UUID, person: UUID) -> list[Pair]:
    rows = await conn.fetch(
        f"SELECT {PAIR} FROM pairs WHERE round_id = $1 AND state <> 'ended' AND $2 IN (newcomer, local) ORDER BY id",
        round_id,
        person,
    )
    return [Pair(**dict(row)) for row in rows]


async def pair(conn: Connection, pair_id: UUID) -> Pair | None:
    row = await conn.fetchrow(f"SELECT {PAIR} FROM pairs WHERE id = $1", pair_id)
    return Pair(**dict(row)) if row else None


async def end_pair(conn: Connection, pair_id: UUID, reason: str | None = None, by: UUID | None = None) -> bool:
    """False where it ended before, or `by` is not one of the two."""
    done: str = await conn.execute(
        "UPDATE pairs SET state = 'ended', ended_reason = $2, ended_by = $3, ended_at = clock_now()"
        " WHERE id = $1 AND state <> 'ended' AND ($3::uuid IS NULL OR $3 IN (newcomer, local))",
        pair_id,
        reason,
        by,
    )
    return done == "UPDATE 1"


async def endings(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """Pairs that one of the two ended: for safety's sake first, then the newest."""
    return await conn.fetch(
        "SELECT id AS pair, newcomer, local, ended_reason AS reason, ended_by AS by, ended_at AS at FROM pairs"
        " WHERE round_id = $1 AND ended_reason IS NOT NULL ORDER BY ended_reason <> 'safety', ended_at DESC, id",
        round_id,
    )


async def met_before(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """Pairs of earlier rounds between people of this one: they never meet again by us."""
    return await conn.fetch(
        "SELECT DISTINCT p.newcomer, p.local FROM pairs p"
        " JOIN participants n ON n.person_id = p.newcomer AND n.round_id = $1"
        " JOIN participants l ON l.person_id = p.local AND l.round_id = $1"
        " WHERE p.round_id <> $1 ORDER BY 1, 2",
        round_id,
    )


async def set_outcome(
    conn: Connection,
    round_id: UUID,
    person: UUID,
    outcome: str,
    reason: str | None = None,
    suggestion: dict[str, Any] | None = None,
) -> int:
    """Returns the outcome's revision: 1 at first, then one more each time."""
    revision: int = await conn.fetchval(
        "INSERT INTO outcomes (round_id, person_id, outcome, reason, suggestion) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (round_id, person_id) DO UPDATE"
        " SET revision = outcomes.revision + 1, outcome = $3, reason = $4, suggestion = $5 RETURNING revision",
        round_id,
        person,
        outcome,
        reason,
        suggestion,
    )
    return revision


async def keep_outcomes(conn: Connection, round_id: UUID, outcomes: Mapping[UUID, Outcome]) -> None:
    """The first revision of everyone's."""
    await conn.executemany(
        "INSERT INTO outcomes (round_id, person_id, outcome, reason, suggestion) VALUES ($1, $2, $3, $4, $5)",
        [(round_id, person, one.outcome, one.reason, one.suggestion) for person, one in outcomes.items()],
    )


async def outcome(conn: Connection, round_id: UUID, person: UUID) -> Outcome:
    (row,) = await conn.fetch(
        "SELECT outcome, reason, suggestion FROM outcomes WHERE round_id = $1 AND person_id = $2", round_id, person
    )
    return Outcome(**dict(row))


async def outcomes(conn: Connection, round_id: UUID) -> dict[str, int]:
    """Outcomes by kind, the unmatched by reason."""
    rows = await conn.fetch(
        "SELECT outcome, reason, count(*) FROM outcomes WHERE round_id = $1 GROUP BY outcome, reason", round_id
    )
    return {": ".join(part for part in (row["outcome"], row["reason"]) if part): row["count"] for row in rows}


async def add_waiting(conn: Connection, people: Sequence[UUID]) -> None:
    await conn.executemany(
        "INSERT INTO waiting (person_id, rounds) VALUES ($1, 1)"
        " ON CONFLICT (person_id) DO UPDATE SET rounds = waiting.rounds + 1",
        [(person,) for person in people],
    )


async def clear_waiting(conn: Connection, people: Sequence[UUID]) -> None:
    await conn.execute("DELETE FROM waiting WHERE person_id = ANY($1)", list(people))


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


async def partners(conn: Connection, person: UUID) -> list[UUID]:
    """Everyone they were ever in a published pair with."""
    rows = await conn.fetch(
        "SELECT CASE WHEN newcomer = $1 THEN local ELSE newcomer END AS partner FROM pairs WHERE $1 IN (newcomer, local)", person
    )
    return [row["partner"] for row in rows]


async def forget_erased(conn: Connection, run_id: UUID) -> None:
    """Takes what a run computed from the attributes of somebody who was erased while it was solved."""
    erased = "SELECT g.person_id FROM gone g JOIN runs USING (round_id) WHERE runs.id = $1 AND how = 'erased'"
    await conn.execute(
        f"UPDATE proposals SET why = '{{}}' WHERE run_id = $1 AND (newcomer IN ({erased}) OR local IN ({erased}))", run_id
    )
    await conn.execute(f"UPDATE left_over SET suggestion = NULL WHERE run_id = $1 AND person_id IN ({erased})", run_id)


async def forget_person(conn: Connection, person: UUID) -> None:
    """Takes what was computed from the attributes of somebody erased; ids in pairs stay until the round ends."""
    await conn.execute(
        "DELETE FROM pairs USING rounds WHERE rounds.id = round_id AND phase = 'ended' AND $1 IN (newcomer, local)", person
    )
    await conn.execute("UPDATE pairs SET why = '{}' WHERE $1 IN (newcomer, local)", person)
    await conn.execute("UPDATE pairs SET ended_reason = NULL, ended_by = NULL WHERE ended_by = $1", person)
    await conn.execute("UPDATE proposals SET why = '{}' WHERE $1 IN (newcomer, local)", person)
    await conn.execute("UPDATE left_over SET suggestion = NULL WHERE person_id = $1", person)
    await conn.execute("UPDATE outcomes SET suggestion = NULL WHERE person_id = $1", person)
    await conn.execute("DELETE FROM waiting WHERE person_id = $1", person)
