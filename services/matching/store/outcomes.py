"""How a round stands for each person, and how often somebody went without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from services.matching.domain import FellThrough
from shared.runtime.db import Connection


@dataclass(frozen=True)
class Outcome:
    """How a round ended for somebody. `searching` is the reason of whoever is looked for again."""

    outcome: Literal["matched", "unmatched", "withdrawn"]
    reason: str | None
    suggestion: dict[str, Any] | None


async def keep_all(conn: Connection, round_id: UUID, outcomes: Mapping[UUID, Outcome]) -> None:
    """The first revision of everyone's."""
    await conn.executemany(
        "INSERT INTO outcomes (round_id, person_id, outcome, reason, suggestion) VALUES ($1, $2, $3, $4, $5)",
        [(round_id, person, one.outcome, one.reason, one.suggestion) for person, one in outcomes.items()],
    )


async def put(
    conn: Connection,
    round_id: UUID,
    person: UUID,
    outcome: Literal["matched", "unmatched", "withdrawn"],
    reason: str | None = None,
    otherwise: FellThrough | None = None,
) -> None:
    """A new revision of somebody's outcome; what was suggested for the one before is moot."""
    await conn.execute(
        "INSERT INTO outcomes (round_id, person_id, outcome, reason, otherwise) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (round_id, person_id) DO UPDATE"
        " SET revision = outcomes.revision + 1, outcome = $3, reason = $4, otherwise = $5, suggestion = NULL",
        round_id,
        person,
        outcome,
        reason,
        otherwise,
    )


async def get(conn: Connection, round_id: UUID, person: UUID) -> tuple[Outcome, int]:
    """How it stands for them, and its revision: 1 at first, then one more each time it is put."""
    (row,) = await conn.fetch(
        "SELECT outcome, reason, suggestion, revision FROM outcomes WHERE round_id = $1 AND person_id = $2", round_id, person
    )
    return Outcome(row["outcome"], row["reason"], row["suggestion"]), row["revision"]


async def searching(conn: Connection, round_id: UUID) -> dict[UUID, FellThrough]:
    """Whom somebody else is looked for, and what they hear where nobody is found."""
    rows = await conn.fetch(
        "SELECT person_id, otherwise FROM outcomes WHERE round_id = $1 AND reason = 'searching' ORDER BY person_id", round_id
    )
    return {row["person_id"]: row["otherwise"] for row in rows}


async def counts(conn: Connection, round_id: UUID) -> dict[str, int]:
    """Outcomes by kind, the unmatched by reason."""
    rows = await conn.fetch(
        "SELECT outcome, reason, count(*) FROM outcomes WHERE round_id = $1 GROUP BY outcome, reason", round_id
    )
    return {": ".join(part for part in (row["outcome"], row["reason"]) if part): row["count"] for row in rows}


async def went_without(conn: Connection, round_id: UUID, people: Sequence[UUID]) -> None:
    """They come first next time; each round counts once."""
    await conn.execute(
        "WITH anew AS (UPDATE outcomes SET counted = true WHERE round_id = $1 AND person_id = ANY($2) AND NOT counted"
        "  RETURNING person_id)"
        " INSERT INTO waiting (person_id, rounds) SELECT person_id, 1 FROM anew"
        " ON CONFLICT (person_id) DO UPDATE SET rounds = waiting.rounds + 1",
        round_id,
        list(people),
    )


async def waits_no_more(conn: Connection, person: UUID) -> None:
    """They do not come first next time, whatever they waited before."""
    await conn.execute("DELETE FROM waiting WHERE person_id = $1", person)


async def found_somebody(conn: Connection, round_id: UUID, people: Sequence[UUID]) -> None:
    """They have waited long enough."""
    await conn.execute("DELETE FROM waiting WHERE person_id = ANY($1)", list(people))
    await conn.execute("UPDATE outcomes SET counted = false WHERE round_id = $1 AND person_id = ANY($2)", round_id, list(people))


async def forget_person(conn: Connection, person: UUID) -> None:
    await conn.execute(
        "DELETE FROM outcomes USING rounds WHERE rounds.id = round_id AND phase = 'ended' AND person_id = $1", person
    )
    await conn.execute("UPDATE outcomes SET suggestion = NULL, otherwise = NULL WHERE person_id = $1", person)
    await conn.execute("DELETE FROM waiting WHERE person_id = $1", person)
