"""All SQL of notification; every function takes the connection first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.notification.domain import UNDELIVERED, State
from shared.runtime.db import Connection
from shared.schemas.codes import MessageKind

OUTCOME_KINDS: tuple[MessageKind, ...] = ("introduced", "unmatched", "pair_ended", "asked", "reminder", "fell_through")
BESIDES: tuple[MessageKind, ...] = ("answered", "old_address")


@dataclass(frozen=True)
class Message:
    """One message to one person; `payload` holds codes and ids only. `named`: the pairs whose partner it names."""

    id: UUID
    person_id: UUID
    round_id: UUID
    kind: MessageKind
    revision: int | None
    payload: dict[str, Any]
    state: State
    attempts: int
    written_at: datetime
    slot_until: datetime | None = None
    named: list[UUID] | None = None


def _message(row: asyncpg.Record | None) -> Message | None:
    return Message(**{name: row[name] for name in Message.__dataclass_fields__}) if row else None


async def queue(
    conn: Connection,
    message: UUID,
    person: UUID,
    round_id: UUID,
    kind: MessageKind,
    revision: int | None = None,
    payload: dict[str, Any] | None = None,
    named: Sequence[UUID] = (),
) -> None:
    """The same revision is queued once."""
    await conn.execute(
        "INSERT INTO messages (id, person_id, round_id, kind, revision, payload, named, written_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, clock_now()) ON CONFLICT DO NOTHING",
        message,
        person,
        round_id,
        kind,
        revision,
        payload or {},
        list(named),
    )


async def claim(conn: Connection) -> Message | None:
    """The next message that is due, held by this transaction: if the process dies it is free again at once."""
    return _message(
        await conn.fetchrow(
            "SELECT * FROM messages WHERE state = 'queued' AND due_at <= now() ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
    )


async def done(conn: Connection, message: UUID, state: State, language: str | None = None, error: str | None = None) -> None:
    """Its payload, what the two of a pair share, is kept only where it did not arrive: a coordinator may have it sent again."""
    await conn.execute(
        "UPDATE messages SET state = $2, language = $3, error = $4, done_at = clock_now(),"
        " payload = CASE WHEN $2 = ANY($5) THEN payload ELSE '{}' END WHERE id = $1",
        message,
        state,
        language,
        error,
        list(UNDELIVERED),
    )


async def put_back(conn: Connection, message: UUID, pause: float, attempts: int, error: str) -> None:
    await conn.execute(
        "UPDATE messages SET due_at = now() + make_interval(secs => $2), attempts = $3, error = $4 WHERE id = $1",
        message,
        pause,
        attempts,
        error,
    )


async def hold(conn: Connection, message: UUID, seconds: float, reason: str) -> None:
    """Not due before so much of the installation's time has passed: a demo or test that moves the clock moves this too."""
    await conn.execute(
        "UPDATE messages SET due_at = 'infinity', held_until = clock_now() + make_interval(secs => $2), error = $3 WHERE id = $1",
        message,
        seconds,
        reason,
    )


async def hold_for_slot(conn: Connection, message: UUID, seconds: float, valid: float, reason: str) -> None:
    """As `hold`, for a slot of a pace that is kept for it; it lapses where it was not used within `valid` seconds."""
    await hold(conn, message, seconds, reason)
    await conn.execute("UPDATE messages SET slot_until = held_until + make_interval(secs => $2) WHERE id = $1", message, valid)


async def release(conn: Connection) -> None:
    """What was held long enough is due, all at the same moment, so that the person's order decides."""
    await conn.execute("UPDATE messages SET due_at = now(), held_until = NULL, error = NULL WHERE held_until <= clock_now()")


async def only_sender(conn: Connection, person: UUID) -> bool:
    """Whether no other transaction sends to this person; until this one ends, none will. Asked before `turn`."""
    return bool(await conn.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", str(person)))


@dataclass(frozen=True)
class Turn:
    """Which message of a person comes next; how long it is held, and how long until another mail may be sent, seen from `at`."""

    first: UUID
    held: float
    full: float
    at: datetime


async def turn(conn: Connection, person: UUID, most: int) -> Turn:
    """Of the messages that wait for nothing of their own: what became of the round, then the welcome, then links."""
    row = await conn.fetchrow(
        "SELECT id, clock_now() AS at, extract(epoch FROM held_until - clock_now())::float AS held,"
        " (SELECT extract(epoch FROM done_at + interval '1 day' - clock_now())::float FROM messages"
        "  WHERE person_id = $1 AND state = 'sent' AND done_at > clock_now() - interval '1 day'"
        "  ORDER BY done_at DESC OFFSET $2 LIMIT 1) AS full"
        " FROM messages WHERE person_id = $1 AND state = 'queued'"
        " AND (due_at <= now() + interval '1 second' OR held_until IS NOT NULL)"
        " ORDER BY kind IN ('confirm', 'link'), kind = 'welcome', written_at, id LIMIT 1",
        person,
        most - 1,
    )
    assert row is not None  # the one that is asked about is among them
    return Turn(row["id"], row["held"] or 0.0, row["full"] or 0.0, row["at"])


# A token bucket as one moment: it is full again at `spent_until`. Where it holds no token, the next one to come is kept for
# whoever asks: so each that waits asks once, in the order of the slots. In real time, as all waiting for others: a clock that
# a demo sets back would stop the sending for years.
TAKE = """
INSERT INTO paces AS known VALUES ($1, $2::integer, now() + $4::interval / 2)
ON CONFLICT (name) DO UPDATE SET (taken, spent_until) = (
    SELECT number, greatest(known.spent_until, now()) + number * $3::interval
    FROM (SELECT extract(epoch FROM $4::interval - greatest(known.spent_until - now(), interval '0')) AS free) AS seconds
    CROSS JOIN LATERAL (
        SELECT greatest(1, least($2::integer, floor(free / extract(epoch FROM $3::interval))))::integer AS number
    ) AS given
)
RETURNING taken, greatest(extract(epoch FROM spent_until - now() - $4::interval), 0)::float AS wait
"""


async def take(conn: Connection, pace: str, most: int, cost: timedelta) -> tuple[int, float]:
    """Up to `most` tokens, of which twice as many may be had at once; or one, and the seconds until it is there."""
    (row,) = await conn.fetch(TAKE, pace, most, cost, 2 * most * cost)
    return row["taken"], row["wait"]


async def forget_paces(conn: Connection) -> None:
    """What slows nobody down any more: which domains are written to is known no longer than that."""
    await conn.execute("DELETE FROM paces WHERE spent_until < now()")


async def outcome_messages(conn: Connection, person: UUID, round_id: UUID) -> list[Message]:
    """What this person was or will be told of the round, in its order, waiting for a mail that is being handed over right now."""
    rows = await conn.fetch(
        "SELECT * FROM messages WHERE person_id = $1 AND round_id = $2 AND kind = ANY($3) ORDER BY revision, id FOR UPDATE",
        person,
        round_id,
        list(OUTCOME_KINDS),
    )
    return [found for found in map(_message, rows) if found]


async def undelivered(conn: Connection, region: str) -> list[dict[str, Any]]:
    """Of the region's rounds, the newest first; `said` is the mail server's code, never its words, which may hold an address."""
    rows = await conn.fetch(
        "SELECT messages.id AS message, person_id AS person, kind, language, state, done_at AS at, error AS said"
        " FROM messages JOIN rounds ON rounds.id = round_id WHERE region = $1 AND state = ANY($2)"
        " ORDER BY done_at DESC, messages.id",
        region,
        list(UNDELIVERED),
    )
    return [dict(row) for row in rows]


async def of_region(conn: Connection, region: str, message: UUID) -> Message | None:
    """The message, held by this transaction, where it is of a round of this region."""
    return _message(
        await conn.fetchrow(
            "SELECT messages.* FROM messages JOIN rounds ON rounds.id = round_id"
            " WHERE messages.id = $1 AND region = $2 FOR UPDATE OF messages",
            message,
            region,
        )
    )


async def queue_again(conn: Connection, message: UUID) -> None:
    """As if it had never been tried; it stays the same message."""
    await conn.execute(
        "UPDATE messages SET state = 'queued', attempts = 0, error = NULL, language = NULL, done_at = NULL, slot_until = NULL,"
        " due_at = now() WHERE id = $1",
        message,
    )


async def drop_unsent(conn: Connection, person: UUID, round_id: UUID) -> None:
    """Whoever left or withdrew is written no more about this round; what they are told besides is not about it."""
    await conn.execute(
        "UPDATE messages SET state = 'dropped', payload = '{}', done_at = clock_now()"
        " WHERE person_id = $1 AND round_id = $2 AND (state = 'queued' OR state = ANY($3)) AND kind <> ALL($4)",
        person,
        round_id,
        list(UNDELIVERED),
        list(BESIDES),
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


async def unsent(conn: Connection) -> tuple[int, float, int]:
    """How many wait, for how many seconds the oldest does, and how many more are held for people who had enough."""
    (row,) = await conn.fetch(
        "SELECT count(*) FILTER (WHERE held_until IS NULL) AS waiting, count(held_until) AS held,"
        " coalesce(extract(epoch FROM clock_now() - min(written_at) FILTER (WHERE held_until IS NULL)), 0)::float AS oldest"
        " FROM messages WHERE state = 'queued'"
    )
    return row["waiting"], row["oldest"], row["held"]


async def counts(conn: Connection, round_ids: Sequence[UUID] = ()) -> list[dict[str, Any]]:
    """Messages by kind, language and state; of these rounds, or of all."""
    rows = await conn.fetch(
        "SELECT kind, language, state, count(*) FROM messages WHERE cardinality($1::uuid[]) = 0 OR round_id = ANY($1)"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        list(round_ids),
    )
    return [dict(row) for row in rows]
