"""All SQL of notification; every function takes the connection first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.notification.domain import Kind, State
from shared.runtime.db import Connection

OUTCOME_KINDS: tuple[Kind, ...] = ("introduced", "unmatched", "pair_ended")


@dataclass(frozen=True)
class Message:
    """One message to one person; `payload` holds codes and ids only."""

    id: UUID
    person_id: UUID
    round_id: UUID
    kind: Kind
    revision: int | None
    payload: dict[str, Any]
    state: State
    attempts: int
    written_at: datetime


def _message(row: asyncpg.Record | None) -> Message | None:
    return Message(**{name: row[name] for name in Message.__dataclass_fields__}) if row else None


async def queue(
    conn: Connection,
    message: UUID,
    person: UUID,
    round_id: UUID,
    kind: Kind,
    revision: int | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """The same revision is queued once."""
    await conn.execute(
        "INSERT INTO messages (id, person_id, round_id, kind, revision, payload, written_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, clock_now()) ON CONFLICT DO NOTHING",
        message,
        person,
        round_id,
        kind,
        revision,
        payload or {},
    )


async def claim(conn: Connection) -> Message | None:
    """The next message that is due, held by this transaction: if the process dies it is free again at once."""
    return _message(
        await conn.fetchrow(
            "SELECT * FROM messages WHERE state = 'queued' AND due_at <= now() ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
    )


async def done(conn: Connection, message: UUID, state: State, language: str | None = None, error: str | None = None) -> None:
    """Its payload is needed no more: it tells what the two of a pair share, and either may be erased later."""
    await conn.execute(
        "UPDATE messages SET state = $2, language = $3, error = $4, done_at = clock_now(), payload = '{}' WHERE id = $1",
        message,
        state,
        language,
        error,
    )


async def put_back(conn: Connection, message: UUID, pause: float, attempts: int, error: str) -> None:
    await conn.execute(
        "UPDATE messages SET due_at = now() + make_interval(secs => $2), attempts = $3, error = $4 WHERE id = $1",
        message,
        pause,
        attempts,
        error,
    )


async def outcome_messages(conn: Connection, person: UUID, round_id: UUID) -> list[Message]:
    """What this person was or will be told of the round, waiting for a mail that is being handed over right now."""
    rows = await conn.fetch(
        "SELECT * FROM messages WHERE person_id = $1 AND round_id = $2 AND kind = ANY($3) ORDER BY id FOR UPDATE",
        person,
        round_id,
        list(OUTCOME_KINDS),
    )
    return [found for found in map(_message, rows) if found]


async def drop_queued(conn: Connection, person: UUID, round_id: UUID) -> None:
    """Whoever left or withdrew is written no more about this round."""
    await conn.execute(
        "UPDATE messages SET state = 'dropped', payload = '{}', done_at = clock_now()"
        " WHERE person_id = $1 AND round_id = $2 AND state = 'queued'",
        person,
        round_id,
    )


async def forget(conn: Connection, person: UUID) -> None:
    await conn.execute("DELETE FROM messages WHERE person_id = $1", person)


async def forget_round(conn: Connection, round_id: UUID) -> None:
    await conn.execute("DELETE FROM messages WHERE round_id = $1 AND state <> 'queued'", round_id)


async def keep_region(conn: Connection, round_id: UUID, region: str) -> None:
    await conn.execute("INSERT INTO rounds (id, region) VALUES ($1, $2) ON CONFLICT DO NOTHING", round_id, region)


async def region_of(conn: Connection, round_id: UUID) -> str | None:
    region: str | None = await conn.fetchval("SELECT region FROM rounds WHERE id = $1", round_id)
    return region


async def unsent(conn: Connection) -> tuple[int, float]:
    """How many wait, and for how many seconds the oldest does."""
    (row,) = await conn.fetch(
        "SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_now() - min(written_at)), 0)::float AS oldest"
        " FROM messages WHERE state = 'queued'"
    )
    return row["waiting"], row["oldest"]


async def counts(conn: Connection, round_ids: Sequence[UUID] = ()) -> list[dict[str, Any]]:
    """Messages by kind, language and state; of these rounds, or of all."""
    rows = await conn.fetch(
        "SELECT kind, language, state, count(*) FROM messages WHERE cardinality($1::uuid[]) = 0 OR round_id = ANY($1)"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        list(round_ids),
    )
    return [dict(row) for row in rows]
