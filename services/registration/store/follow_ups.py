"""What people who were introduced are asked of how it goes. It goes with their person, their pair and their round."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.runtime.db import Connection
from shared.schemas.codes import FollowUpAnswer, FollowUpStep

# A step takes the place of those before it.
ORDER = "array_position(ARRAY['day_5', 'week_4', 'month_3'], {})"


@dataclass(frozen=True)
class FollowUp:
    """The question asked last about a pair; `answer` is empty while it is open."""

    pair_id: UUID
    step: FollowUpStep
    asked_at: datetime
    answer: FollowUpAnswer | None


COLUMNS = ", ".join(FollowUp.__dataclass_fields__)


async def keep(conn: Connection, person: UUID, round_id: UUID, pair: UUID, step: FollowUpStep) -> None:
    """A later step replaces an earlier one; whoever wanted no more questions has none, and of somebody erased nothing is kept."""
    await conn.execute(
        "INSERT INTO follow_ups (person_id, pair_id, round_id, step, asked_at)"
        " SELECT id, $2, $3, $4, clock_now() FROM people WHERE id = $1 FOR KEY SHARE"
        " ON CONFLICT (person_id, pair_id) DO UPDATE SET step = $4, asked_at = clock_now(), answer = NULL"
        f" WHERE follow_ups.answer IS DISTINCT FROM 'stop' AND {ORDER.format('follow_ups.step')} < {ORDER.format('$4')}",
        person,
        pair,
        round_id,
        step,
    )


async def of_person(conn: Connection, person: UUID) -> list[FollowUp]:
    """The oldest first."""
    rows = await conn.fetch(f"SELECT {COLUMNS} FROM follow_ups WHERE person_id = $1 ORDER BY asked_at, pair_id", person)
    return [FollowUp(**dict(row)) for row in rows]


async def answer(conn: Connection, person: UUID, pair: UUID, step: FollowUpStep, said: FollowUpAnswer) -> bool:
    """False where this is not the question asked last, or no more are wanted."""
    kept = await conn.fetchval(
        "UPDATE follow_ups SET answer = $4 WHERE person_id = $1 AND pair_id = $2 AND step = $3"
        " AND answer IS DISTINCT FROM 'stop' RETURNING step",
        person,
        pair,
        step,
        said,
    )
    return kept is not None


async def drop_ended(conn: Connection, person: UUID) -> None:
    """Of pairs that are not among those of the outcome any more."""
    await conn.execute(
        "DELETE FROM follow_ups f USING outcomes o WHERE f.person_id = $1 AND o.person_id = $1 AND o.round_id = f.round_id"
        " AND NOT o.pairs @> jsonb_build_array(jsonb_build_object('pair', f.pair_id::text))",
        person,
    )


async def still_looked_after(conn: Connection, round_id: UUID) -> int:
    """How many people have a pair that was not asked for the last time how it goes, or is not even introduced yet.

    Whoever went is asked nothing more, and nor is the partner of somebody who went.
    """
    return int(
        await conn.fetchval(
            "SELECT count(DISTINCT o.person_id) FROM outcomes o CROSS JOIN jsonb_array_elements(o.pairs) pair"
            " JOIN people me ON me.id = o.person_id AND me.state <> 'withdrawn'"
            " JOIN people partner ON partner.id = (pair ->> 'partner')::uuid AND partner.state <> 'withdrawn'"
            " LEFT JOIN follow_ups f ON f.person_id = o.person_id AND f.pair_id = (pair ->> 'pair')::uuid"
            " WHERE o.round_id = $1 AND f.step IS DISTINCT FROM 'month_3' AND f.answer IS DISTINCT FROM 'stop'",
            round_id,
        )
    )


async def forget_round(conn: Connection, round_id: UUID) -> None:
    await conn.execute("DELETE FROM follow_ups WHERE round_id = $1", round_id)


async def is_wanted(conn: Connection, person: UUID, round_id: UUID, pair: UUID, step: FollowUpStep) -> bool | None:
    """Whether this question is open now. None where it was not heard of yet: the pair stands, or nothing is known of it."""
    row = await conn.fetchrow(
        "SELECT phase, pairs @> jsonb_build_array(jsonb_build_object('pair', $3::text)) AS stands,"
        f" {ORDER.format('step')} - {ORDER.format('$4')} AS ahead, answer"
        " FROM rounds LEFT JOIN outcomes o ON o.round_id = rounds.id AND o.person_id = $1"
        " LEFT JOIN follow_ups f ON f.person_id = $1 AND f.pair_id = $3::uuid WHERE rounds.id = $2",
        person,
        round_id,
        str(pair),
        step,
    )
    if row is None or row["phase"] == "ended" or row["stands"] is False or row["answer"] == "stop":
        return False
    if row["ahead"] is None or row["ahead"] < 0:
        return None
    return row["ahead"] == 0 and row["answer"] is None
