"""Who was erased, and which services have said that they forgot them: all that is left of somebody."""

from uuid import UUID

import asyncpg

from shared.runtime.db import Connection


async def record(conn: Connection, person: UUID, round_id: UUID, version: int, *, on_roster: bool, confirmed: bool) -> None:
    await conn.execute(
        "INSERT INTO erasures (person_id, round_id, version, on_roster, confirmed, erased_at)"
        " VALUES ($1, $2, $3, $4, $5, clock_now())",
        person,
        round_id,
        version,
        on_roster,
        confirmed,
    )


async def among(conn: Connection, people: list[UUID]) -> list[asyncpg.Record]:
    return await conn.fetch("SELECT person_id, version, on_roster FROM erasures WHERE person_id = ANY($1)", people)


async def add_receipt(conn: Connection, person: UUID, service: str) -> None:
    await conn.execute(
        "INSERT INTO erasure_receipts (person_id, service, done_at) VALUES ($1, $2, clock_now()) ON CONFLICT DO NOTHING",
        person,
        service,
    )


async def receipts(conn: Connection, region: str, person: UUID) -> list[str] | None:
    """Who has forgotten them; None where nobody with this id was erased in this region."""
    rows = await conn.fetch(
        "SELECT service FROM erasures JOIN rounds ON rounds.id = round_id LEFT JOIN erasure_receipts USING (person_id)"
        " WHERE region = $1 AND person_id = $2 ORDER BY service",
        region,
        person,
    )
    return [row["service"] for row in rows if row["service"]] if rows else None
