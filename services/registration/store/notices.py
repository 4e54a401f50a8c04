"""Addresses of those who want to be told when the next round opens, kept until they were."""

from dataclasses import dataclass
from uuid import UUID

from shared.runtime.db import Connection


@dataclass(frozen=True)
class Notice:
    """Somebody who is nobody here yet."""

    id: UUID
    region: str
    language: str
    email: str


async def keep(conn: Connection, notice: Notice) -> None:
    """The same address is told once, in the language chosen last."""
    await conn.execute(
        "INSERT INTO notices (id, region, language, email, asked_at) VALUES ($1, $2, $3, $4, clock_now())"
        " ON CONFLICT (id) DO UPDATE SET language = $3, asked_at = clock_now(), said_at = NULL",
        notice.id,
        notice.region,
        notice.language,
        notice.email,
    )


async def get(conn: Connection, notice: UUID) -> Notice | None:
    row = await conn.fetchrow("SELECT id, region, language, email FROM notices WHERE id = $1", notice)
    return Notice(**dict(row)) if row else None


async def due(conn: Connection, region: str) -> list[tuple[UUID, str]]:
    """Who is to be told that a round of the region opened, with their language: the waiting and the pausing."""
    rows = await conn.fetch(
        "UPDATE notices SET said_at = clock_now() WHERE region = $1 AND said_at IS NULL RETURNING id, language", region
    )
    paused = await conn.fetch("SELECT id, language FROM people WHERE region = $1 AND state = 'paused' ORDER BY id", region)
    return [(row["id"], row["language"]) for row in (*rows, *paused)]


async def keep_waiting(conn: Connection, region: str) -> None:
    """The round closes: a mail about it that was not sent by now never will be. They are told of the next one."""
    await conn.execute("UPDATE notices SET said_at = NULL WHERE region = $1", region)


async def forget(conn: Connection, notice: UUID) -> None:
    await conn.execute("DELETE FROM notices WHERE id = $1", notice)


async def forget_addresses(conn: Connection, region: str, emails: set[str]) -> list[UUID]:
    """Somebody with these addresses is erased. Returns the ids under which they were told of."""
    rows = await conn.fetch(
        "DELETE FROM notices WHERE region = $1 AND lower(email) IN (SELECT lower(unnest($2::text[]))) RETURNING id",
        region,
        sorted(emails),
    )
    forgotten = [row["id"] for row in rows]
    await conn.execute("DELETE FROM unconfirmed_mails WHERE person_id = ANY($1)", forgotten)  # says which mailbox it was
    return forgotten
