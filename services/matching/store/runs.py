"""Runs wait in a queue that any replica may serve; a dead one's run is taken over."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import asyncpg

from shared.runtime.db import Connection

STALE_SECONDS = 6.0
MOST_ATTEMPTS = 3


Kind = Literal["solve", "repair", "again"]


@dataclass(frozen=True)
class Run:
    """One solving: of a closed round, of its plan again before publishing, or `again` of whoever is free after it."""

    id: UUID
    round_id: UUID
    number: int
    closing: int
    kind: Kind
    state: str
    attempts: int
    proof: dict[str, Any] | None
    progress: dict[str, Any] | None
    error: str | None


def _run(row: asyncpg.Record | None) -> Run | None:
    return Run(**{name: row[name] for name in Run.__dataclass_fields__}) if row else None


async def queue(conn: Connection, run_id: UUID, round_id: UUID, closing: int, kind: Kind) -> None:
    await conn.execute(
        "INSERT INTO runs (id, round_id, number, closing, kind)"
        " SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4 FROM runs WHERE round_id = $2",
        run_id,
        round_id,
        closing,
        kind,
    )


async def under_way(conn: Connection, round_id: UUID) -> bool:
    return bool(await conn.fetchval("SELECT true FROM runs WHERE round_id = $1 AND state IN ('queued', 'running')", round_id))


async def claim(conn: Connection) -> Run | None:
    """The oldest run that waits, or whose worker has not been heard of for STALE_SECONDS, up to MOST_ATTEMPTS."""
    await conn.execute(
        "UPDATE runs SET state = 'failed', error = 'its worker died' WHERE state = 'running' AND attempts >= $2"
        " AND heartbeat_at < now() - make_interval(secs => $1)",
        STALE_SECONDS,
        MOST_ATTEMPTS,
    )
    return _run(
        await conn.fetchrow(
            "UPDATE runs SET state = 'running', attempts = attempts + 1, heartbeat_at = now() WHERE id = ("
            "  SELECT id FROM runs WHERE state = 'queued'"
            "    OR (state = 'running' AND heartbeat_at < now() - make_interval(secs => $1))"
            "  ORDER BY created_at FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING *",
            STALE_SECONDS,
        )
    )


async def heartbeat(conn: Connection, run: Run, progress: dict[str, Any] | None = None) -> bool:
    """False where the run is not this worker's any more: somebody took it over, or it was dropped."""
    mine = await conn.fetchval(
        "UPDATE runs SET heartbeat_at = now(), progress = coalesce($3, progress)"
        " WHERE id = $1 AND state = 'running' AND attempts = $2 RETURNING true",
        run.id,
        run.attempts,
        progress,
    )
    return bool(mine)


async def finish(conn: Connection, run: Run, state: Literal["solved", "infeasible"], digest: str, proof: dict[str, Any]) -> bool:
    """Only the worker that holds the run may finish it."""
    mine = await conn.fetchval(
        "UPDATE runs SET state = $3, input_digest = $4, proof = $5 WHERE id = $1 AND state = 'running' AND attempts = $2"
        " RETURNING true",
        run.id,
        run.attempts,
        state,
        digest,
        proof,
    )
    return bool(mine)


async def give_back(conn: Connection, run: Run, error: str) -> None:
    """The solver died: another try, up to MOST_ATTEMPTS, with what it said last."""
    await conn.execute(
        "UPDATE runs SET state = CASE WHEN attempts >= $3 THEN 'failed' ELSE 'queued' END, error = $4"
        " WHERE id = $1 AND state = 'running' AND attempts = $2",
        run.id,
        run.attempts,
        MOST_ATTEMPTS,
        error,
    )


async def hand_on(conn: Connection, run: Run) -> None:
    """Its worker is told to end and has stopped solving: another takes it at once, and this counts as no try."""
    await conn.execute(
        "UPDATE runs SET state = 'queued', attempts = attempts - 1 WHERE id = $1 AND state = 'running' AND attempts = $2",
        run.id,
        run.attempts,
    )


async def drop(conn: Connection, round_id: UUID) -> None:
    """The round was reopened: whatever waits or runs for it is moot, and what was solved too."""
    await conn.execute("UPDATE runs SET state = 'dropped' WHERE round_id = $1 AND state <> 'failed'", round_id)


async def latest(conn: Connection, round_id: UUID) -> Run | None:
    return _run(await conn.fetchrow("SELECT * FROM runs WHERE round_id = $1 ORDER BY number DESC LIMIT 1", round_id))


async def solved(conn: Connection, round_id: UUID) -> Run | None:
    """The newest plan of the round."""
    return _run(
        await conn.fetchrow(
            "SELECT * FROM runs WHERE round_id = $1 AND state = 'solved' AND kind <> 'again' ORDER BY number DESC LIMIT 1",
            round_id,
        )
    )


async def with_input(conn: Connection, round_id: UUID, digest: str) -> Run | None:
    """A plan that was made from exactly this input."""
    return _run(
        await conn.fetchrow(
            "SELECT * FROM runs WHERE round_id = $1 AND input_digest = $2 AND state IN ('solved', 'infeasible')"
            " ORDER BY number LIMIT 1",
            round_id,
            digest,
        )
    )
