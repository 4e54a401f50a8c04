"""All SQL of geo but for the gazetteer's own; every function takes the connection first."""

from typing import Any
from uuid import UUID

from shared.runtime.db import Connection
from shared.schemas.participants import Attributes


async def ask(conn: Connection, about: Attributes, reason: str) -> None:
    """Opens the question of where this person lives, or moves it to their newer version."""
    await conn.execute(
        "INSERT INTO questions (person_id, region, round_id, version, postcode, reason) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (person_id) DO UPDATE SET round_id = $3, version = $4, postcode = $5, reason = $6"
        " WHERE questions.version < $4",
        about.person,
        about.region,
        about.round,
        about.version,
        about.postcode,
        reason,
    )


async def settle(conn: Connection, person: UUID, version: int) -> None:
    """The question is answered, or moot, as of this version."""
    await conn.execute("DELETE FROM questions WHERE person_id = $1 AND version <= $2", person, version)


async def forget(conn: Connection, person: UUID) -> None:
    """Whatever was asked about them, of any version."""
    await conn.execute("DELETE FROM questions WHERE person_id = $1", person)


async def questions(conn: Connection, region: str) -> list[dict[str, Any]]:
    rows = await conn.fetch(
        "SELECT person_id AS person, round_id AS round, postcode, reason FROM questions WHERE region = $1"
        " ORDER BY asked_at, person_id",
        region,
    )
    return [dict(row) for row in rows]
