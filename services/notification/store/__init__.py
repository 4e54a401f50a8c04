"""All SQL of notification but that of paces; every function takes the connection first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.notification.domain import ASKED_FOR, BY_ANYBODY, UNDELIVERED, URGENT, State, most_by_anybody
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


# Kinds stand in the text, as in the index of what is asked for. The second part is looked at only where the first has nothing.
IS_ASKED_FOR, COMES_FIRST, IS_URGENT = (
    "kind IN ('{}')".format("', '".join(sorted(kinds))) for kinds in (ASKED_FOR, ASKED_FOR | URGENT, URGENT)
)
DUE = "SELECT * FROM messages WHERE state = 'queued' AND due_at <= now()"
FIRST = "ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
URGENT_FIRST = FIRST.replace("BY", f"BY NOT {IS_URGENT},")
CLAIM = f"""
WITH first AS ({DUE} AND {COMES_FIRST} {URGENT_FIRST}),
others AS ({DUE} AND NOT {COMES_FIRST} AND NOT EXISTS (SELECT FROM first) {FIRST})
SELECT * FROM first UNION ALL SELECT * FROM others
"""


async def claim(conn: Connection) -> Message | None:
    """The next message that is due, held by this transaction: if the process dies it is free again at once.

    What somebody asked for at this moment, and what is urgent, comes before all else.
    """
    return _message(await conn.fetchrow(CLAIM))


async def done(conn: Connection, message: UUID, state: State, language: str | None = None, error: str | None = None) -> float:
    """For how many seconds of real time it could have gone before.

    Its payload, what the two of a pair share, is kept only where it did not arrive: a coordinator may have it sent again.
    """
    waited: float = await conn.fetchval(
        "UPDATE messages SET state = $2, language = $3, error = $4, done_at = clock_now(),"
        " payload = CASE WHEN $2 = ANY($5) THEN payload ELSE '{}' END WHERE id = $1"
        " RETURNING extract(epoch FROM clock_timestamp() - ready_at)::float",
        message,
        state,
        language,
        error,
        list(UNDELIVERED),
    )
    return waited


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
    await conn.execute(
        "UPDATE messages SET due_at = now(), ready_at = now(), held_until = NULL, error = NULL WHERE held_until <= clock_now()"
    )


async def only_sender(conn: Connection, person: UUID) -> bool:
    """Whether no other transaction sends to this person; until this one ends, none will. Asked before `turn`."""
    return bool(await conn.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", str(person)))


@dataclass(frozen=True)
class Turn:
    """Which message of a person comes next; how long it is held, and how long until one of this kind may go, seen from `at`."""

    first: UUID
    held: float
    full: float
    at: datetime


TURN = f"""
WITH today AS (
    SELECT kind, extract(epoch FROM done_at + interval '1 day' - clock_now())::float AS counts FROM messages
    WHERE person_id = $1 AND state = 'sent' AND NOT {IS_URGENT} AND done_at > clock_now() - interval '1 day'
)
SELECT id, clock_now() AS at, extract(epoch FROM held_until - clock_now())::float AS held, greatest(
    (SELECT counts FROM today ORDER BY counts DESC OFFSET $2 LIMIT 1),
    (SELECT counts FROM today WHERE kind = ANY($3) ORDER BY counts DESC OFFSET $4 LIMIT 1)
) AS full
FROM messages WHERE person_id = $1 AND state = 'queued' AND ({IS_ASKED_FOR}) = $5
AND (due_at <= now() + interval '1 second' OR held_until IS NOT NULL)
ORDER BY kind <> 'welcome', written_at, id LIMIT 1
"""


async def turn(conn: Connection, message: Message, most: int) -> Turn:
    """Of the person's messages that wait for nothing of their own, by the order in which they were written.

    What is asked for, the welcome first, waits for nothing else, and nothing else for it: a result that is held for the
    morning holds no link. What is urgent does not count among the mails of a day.
    """
    limited = BY_ANYBODY if message.kind in BY_ANYBODY else ()
    row = await conn.fetchrow(
        TURN, message.person_id, most - 1, list(limited), most_by_anybody(most) - 1, message.kind in ASKED_FOR
    )
    assert row is not None  # the one that is asked about is among them
    return Turn(row["id"], row["held"] or 0.0, row["full"] or 0.0, row["at"])


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
        " due_at = now(), ready_at = now() WHERE id = $1",
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


async def end_round(conn: Connection, round_id: UUID) -> None:
    await conn.execute("UPDATE rounds SET ended_at = clock_now() WHERE id = $1 AND ended_at IS NULL", round_id)


async def has_ended(conn: Connection, round_id: UUID) -> bool:
    return bool(await conn.fetchval("SELECT ended_at IS NOT NULL FROM rounds WHERE id = $1", round_id))


async def forget_ended(conn: Connection, most: int) -> int:
    """Of rounds that are over: what waits is still sent, and what was sent counts for its day; all else is needed no more."""
    rows = await conn.fetch(
        "DELETE FROM messages WHERE id IN (SELECT messages.id FROM messages JOIN rounds ON rounds.id = round_id"
        " WHERE ended_at IS NOT NULL AND state <> 'queued' AND (state <> 'sent' OR done_at <= clock_now() - interval '1 day')"
        " LIMIT $1 FOR UPDATE OF messages SKIP LOCKED) RETURNING true",
        most,
    )
    return len(rows)


async def keep_region(conn: Connection, round_id: UUID, region: str) -> None:
    await conn.execute("INSERT INTO rounds (id, region) VALUES ($1, $2) ON CONFLICT DO NOTHING", round_id, region)


async def region_of(conn: Connection, round_id: UUID) -> str | None:
    region: str | None = await conn.fetchval("SELECT region FROM rounds WHERE id = $1", round_id)
    return region


async def counts(conn: Connection, round_ids: Sequence[UUID] = ()) -> list[dict[str, Any]]:
    """Messages by kind, language and state; of these rounds, or of all."""
    rows = await conn.fetch(
        "SELECT kind, language, state, count(*) FROM messages WHERE cardinality($1::uuid[]) = 0 OR round_id = ANY($1)"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        list(round_ids),
    )
    return [dict(row) for row in rows]
