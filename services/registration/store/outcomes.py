"""How rounds ended for people, as matching says it."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from shared.runtime.db import Connection
from shared.schemas.codes import Answer


@dataclass(frozen=True)
class Outcome:
    """`suggestion` and `pairs` as they stand in the event: ids of partners, and what the two share. `answers`: by pair.

    `alerted`: pairs that they ended because they do not feel safe.
    """

    person_id: UUID
    round_id: UUID
    revision: int
    outcome: str
    reason: str | None
    suggestion: dict[str, Any] | None
    pairs: list[dict[str, Any]]
    answers: dict[str, Answer] = field(default_factory=dict)
    alerted: list[UUID] = field(default_factory=list)


# What was answered of pairs that are not among the new ones goes.
STILL = """
coalesce((SELECT jsonb_object_agg(pair, answer) FROM jsonb_each(outcomes.answers) AS given (pair, answer)
          WHERE $7::jsonb @> jsonb_build_array(jsonb_build_object('pair', pair))), '{}')
"""


async def keep(conn: Connection, one: Outcome) -> None:
    """A higher revision replaces a lower one, in whatever order they come; of somebody erased nothing is kept."""
    await conn.execute(
        "INSERT INTO outcomes (person_id, round_id, revision, outcome, reason, suggestion, pairs)"
        " SELECT id, $2, $3, $4, $5, $6, $7 FROM people WHERE id = $1 FOR KEY SHARE"
        " ON CONFLICT (person_id, round_id) DO UPDATE SET revision = $3, outcome = $4, reason = $5, suggestion = $6, pairs = $7,"
        f" answers = {STILL}"
        " WHERE outcomes.revision < $3",
        one.person_id,
        one.round_id,
        one.revision,
        one.outcome,
        one.reason,
        one.suggestion,
        one.pairs,
    )


async def note_answer(conn: Connection, person: UUID, round_id: UUID, pair: UUID, answer: Answer) -> None:
    await conn.execute(
        "UPDATE outcomes SET answers = answers || jsonb_build_object($3::text, $4::text) WHERE person_id = $1 AND round_id = $2",
        *(person, round_id, str(pair), answer),
    )


async def note_alert(conn: Connection, person: UUID, pair: UUID) -> UUID | None:
    """That they do not feel safe in this pair. Returns the round of it; None where it is over already."""
    round_id: UUID | None = await conn.fetchval(
        "UPDATE outcomes SET alerted = array_append(array_remove(alerted, $2::uuid), $2::uuid)"
        " WHERE person_id = $1 AND pairs @> jsonb_build_array(jsonb_build_object('pair', $2::uuid::text)) RETURNING round_id",
        *(person, pair),
    )
    return round_id


async def has_alerted(conn: Connection, person: UUID, pairs: list[UUID]) -> bool:
    """Whether they ended one of these because they do not feel safe."""
    return bool(await conn.fetchval("SELECT EXISTS (SELECT FROM outcomes WHERE person_id = $1 AND alerted && $2)", person, pairs))


async def lock_pair(conn: Connection, pair: UUID) -> None:
    """Until the transaction ends nobody else answers of this pair. A pair has no row of its own here that could be locked."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(pair))


async def get(conn: Connection, person: UUID, round_id: UUID) -> Outcome | None:
    row = await conn.fetchrow("SELECT * FROM outcomes WHERE person_id = $1 AND round_id = $2", person, round_id)
    return Outcome(**dict(row)) if row else None


async def newest(conn: Connection, person: UUID, lock: Literal["", "FOR UPDATE OF o"] = "") -> Outcome | None:
    """Of the last round they were in that has come to its result."""
    row = await conn.fetchrow(
        "SELECT o.* FROM outcomes o JOIN rounds ON rounds.id = o.round_id WHERE person_id = $1"
        f" ORDER BY closes_at DESC LIMIT 1 {lock}",
        person,
    )
    return Outcome(**dict(row)) if row else None


async def invite_left_over(conn: Connection, region: str) -> list[tuple[UUID, str]]:
    """Who found nobody in the round they are still in, and was not asked yet; with their language. From now on they were."""
    rows = await conn.fetch(
        "INSERT INTO invitations (person_id, round_id, said_at) SELECT person_id, outcomes.round_id, clock_now()"
        " FROM outcomes JOIN people ON id = person_id AND people.round_id = outcomes.round_id"
        " WHERE region = $1 AND state = 'confirmed' AND outcome = 'unmatched'"
        " ON CONFLICT DO NOTHING RETURNING person_id, (SELECT language FROM people WHERE id = person_id)",
        region,
    )
    return sorted((row["person_id"], row["language"]) for row in rows)
