"""How it goes with pairs that were introduced: who was asked when, and what they said."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from services.matching.store.pairs import PAIR, Pair
from shared.runtime.db import Connection
from shared.schemas.codes import FollowUpAnswer, FollowUpStep

SILENT_DAYS = 2
"""So long after the first question a pair of which neither has answered counts as silent."""


async def due(conn: Connection, round_id: UUID, most: int) -> list[tuple[Pair, timedelta]]:
    """Pairs that are to be asked how it goes, each with the time since they were introduced."""
    rows = await conn.fetch(
        f"SELECT {PAIR}, clock_now() - introduced_at AS age FROM pairs WHERE round_id = $1 AND follow_up_at <= clock_now()"
        " ORDER BY follow_up_at, id LIMIT $2",
        round_id,
        most,
    )
    return [(Pair(**{name: row[name] for name in Pair.__dataclass_fields__}), row["age"]) for row in rows]


async def wait_for_next(conn: Connection, pair_id: UUID, after: timedelta | None) -> None:
    """`after` their introduction the two are asked again; never, where there is no such time."""
    await conn.execute("UPDATE pairs SET follow_up_at = introduced_at + $2 WHERE id = $1", pair_id, after)


async def ask(conn: Connection, pair_id: UUID, person: UUID, step: FollowUpStep) -> bool:
    """False for whoever wants no more questions about this pair."""
    asked = await conn.fetchval(
        "INSERT INTO follow_ups (pair_id, person_id, step, asked_at) SELECT $1, $2, $3, clock_now()"
        " WHERE NOT EXISTS (SELECT FROM follow_ups WHERE pair_id = $1 AND person_id = $2 AND answer = 'stop')"
        " ON CONFLICT DO NOTHING RETURNING step",
        pair_id,
        person,
        step,
    )
    return asked is not None


async def keep_answer(conn: Connection, pair_id: UUID, person: UUID, step: FollowUpStep, answer: FollowUpAnswer) -> bool:
    """A later answer replaces an earlier one, but for stop. False where they were not asked this, or the pair is over."""
    kept = await conn.fetchval(
        "UPDATE follow_ups SET answer = $4 FROM pairs WHERE pairs.id = pair_id AND state = 'introduced'"
        " AND pair_id = $1 AND person_id = $2 AND step = $3 AND answer IS DISTINCT FROM 'stop' RETURNING step",
        pair_id,
        person,
        step,
        answer,
    )
    return kept is not None


async def silent(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """Introduced pairs of which somebody said no at day 5 or week 4 and neither yes at a later step, or neither has answered
    anything; those introduced first come first.
    """
    return await conn.fetch(
        "SELECT p.id AS pair, newcomer, local, introduced_at, jsonb_agg(jsonb_build_object("
        "   'person', person_id, 'step', step, 'answer', answer) ORDER BY asked_at, person_id = local) AS said"
        " FROM pairs p JOIN follow_ups f ON f.pair_id = p.id WHERE round_id = $1 AND state = 'introduced' GROUP BY p.id"
        " HAVING max(asked_at) FILTER (WHERE answer = 'no' AND step <> 'month_3')"
        "     >= coalesce(max(asked_at) FILTER (WHERE answer = 'yes'), '-infinity')"
        "   OR count(answer) = 0 AND min(asked_at) <= clock_now() - make_interval(days => $2)"
        " ORDER BY introduced_at, p.id",
        round_id,
        SILENT_DAYS,
    )


async def forget_person(conn: Connection, person: UUID) -> None:
    await conn.execute("DELETE FROM follow_ups WHERE person_id = $1", person)


async def forget_round(conn: Connection, round_id: UUID) -> None:
    await conn.execute("DELETE FROM follow_ups USING pairs WHERE pairs.id = pair_id AND round_id = $1", round_id)
    await conn.execute("UPDATE pairs SET follow_up_at = NULL WHERE round_id = $1", round_id)
