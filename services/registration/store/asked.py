"""What people asked the office, and the answers. They go with their person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from shared.runtime.db import Connection

OLDEST_FIRST, MOST_SHOWN = "ORDER BY asked_at, id", 500


@dataclass(frozen=True)
class Asked:
    """One question, as stored; `language` is that of the page on which it was typed."""

    id: UUID
    person_id: UUID
    region: str
    language: str
    text: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None


COLUMNS = ", ".join(Asked.__dataclass_fields__)


def _asked(row: asyncpg.Record) -> Asked:
    return Asked(**dict(row))


async def get(conn: Connection, asked: UUID) -> Asked | None:
    row = await conn.fetchrow(f"SELECT {COLUMNS} FROM asked WHERE id = $1", asked)
    return _asked(row) if row else None


async def of_person(conn: Connection, person: UUID) -> list[Asked]:
    """The newest first."""
    rows = await conn.fetch(f"SELECT {COLUMNS} FROM asked WHERE person_id = $1 ORDER BY asked_at DESC, id", person)
    return [_asked(row) for row in rows]


async def of_region(conn: Connection, region: str, *, answered: bool) -> list[Asked]:
    """What waits for an answer, the oldest first; `answered`: the answered ones too."""
    which = "" if answered else " AND answered_at IS NULL"
    rows = await conn.fetch(f"SELECT {COLUMNS} FROM asked WHERE region = $1{which} {OLDEST_FIRST} LIMIT {MOST_SHOWN}", region)
    return [_asked(row) for row in rows]


async def waiting(conn: Connection, person: UUID) -> int:
    """How many of somebody's questions wait for an answer."""
    count: int = await conn.fetchval("SELECT count(*) FROM asked WHERE person_id = $1 AND answered_at IS NULL", person)
    return count


async def add(conn: Connection, asked: UUID, person: UUID, region: str, office: UUID, language: str, text: str) -> None:
    await conn.execute(
        "INSERT INTO asked (id, person_id, region, office, language, text, asked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, clock_now())",
        asked,
        person,
        region,
        office,
        language,
        text,
    )


async def answer(conn: Connection, asked: UUID, text: str, by: str) -> bool:
    """False where it is answered already."""
    found = await conn.fetchval(
        "UPDATE asked SET answer = $2, answered_by = $3, answered_at = clock_now() WHERE id = $1 AND answered_at IS NULL"
        " RETURNING id",
        asked,
        text,
        by,
    )
    return found is not None


async def offices_to_tell(conn: Connection, pause_hours: int, most_a_day: int) -> list[asyncpg.Record]:
    """Office, region and round of each mailbox that has something new to read and was not told too often; told from now on."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('offices are told', 0))")
    return await conn.fetch(
        "WITH told AS (UPDATE asked SET told_at = clock_now() FROM people"
        "  WHERE people.id = person_id AND told_at IS NULL AND answered_at IS NULL"
        "  AND NOT EXISTS (SELECT FROM asked before WHERE before.office = asked.office"
        "   AND before.told_at > clock_now() - make_interval(hours => $1))"
        "  AND (SELECT count(DISTINCT told_at) FROM asked before WHERE before.office = asked.office"
        "   AND before.told_at > clock_now() - interval '1 day') < $2"
        "  RETURNING office, asked.region, round_id, asked_at)"
        " SELECT DISTINCT ON (office) office, region, round_id FROM told ORDER BY office, asked_at DESC",
        pause_hours,
        most_a_day,
    )


async def newest_of(conn: Connection, office: UUID) -> asyncpg.Record | None:
    """Region and round of the newest question to this mailbox that waits for an answer."""
    return await conn.fetchrow(
        "SELECT asked.region, round_id FROM asked JOIN people ON people.id = person_id"
        " WHERE office = $1 AND answered_at IS NULL ORDER BY asked_at DESC LIMIT 1",
        office,
    )
