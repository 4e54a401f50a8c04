"""Whose buddy ended a pair for safety's sake, until the office lets them take part again."""

from uuid import UUID

from shared.runtime.db import Connection


async def keep(conn: Connection, person: UUID) -> None:
    await conn.execute("INSERT INTO reported (person_id) VALUES ($1) ON CONFLICT DO NOTHING", person)


async def is_reported(conn: Connection, person: UUID) -> bool:
    return bool(await conn.fetchval("SELECT EXISTS (SELECT FROM reported WHERE person_id = $1)", person))


async def settle(conn: Connection, person: UUID) -> None:
    """The office has looked and lets them take part."""
    await conn.execute("DELETE FROM reported WHERE person_id = $1", person)
