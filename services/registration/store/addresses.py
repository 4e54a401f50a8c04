"""Addresses that were asked for instead of the one that is somebody's: which one waits, and whom to tell."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.registration.store import people
from services.registration.store.people import Person
from shared.runtime.db import Connection


@dataclass(frozen=True)
class Asked:
    """One time that somebody gave another address."""

    id: UUID
    person_id: UUID
    old_email: str
    asked_at: datetime


def is_same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


async def add(conn: Connection, asking: UUID, person: UUID, old_email: str) -> None:
    await conn.execute("INSERT INTO addresses_asked VALUES ($1, $2, $3, clock_now())", asking, person, old_email)


async def lately(conn: Connection, person: UUID) -> int:
    """How often within the last day."""
    count: int = await conn.fetchval(
        "SELECT count(*) FROM addresses_asked WHERE person_id = $1 AND asked_at > clock_now() - interval '1 day'", person
    )
    return count


async def get(conn: Connection, asking: UUID) -> Asked | None:
    row = await conn.fetchrow("SELECT * FROM addresses_asked WHERE id = $1", asking)
    return Asked(**dict(row)) if row else None


async def of_person(conn: Connection, person: UUID) -> list[Asked]:
    rows = await conn.fetch("SELECT * FROM addresses_asked WHERE person_id = $1 ORDER BY asked_at, id", person)
    return [Asked(**dict(row)) for row in rows]


async def of_asking(conn: Connection, asking: UUID) -> Person | None:
    """Whose address waits, or was proved, by this asking; None where a later one took its place or it was dropped."""
    person: UUID | None = await conn.fetchval("SELECT id FROM people WHERE new_email_id = $1", asking)
    return await people.get(conn, person) if person else None


async def wait(conn: Connection, person: UUID, asking: UUID, email: str) -> None:
    await conn.execute(
        "UPDATE people SET new_email = $2, new_email_id = $3, new_email_bounced_at = NULL WHERE id = $1", person, email, asking
    )


async def mark_bounced(conn: Connection, asking: UUID) -> None:
    """Unless it does not wait any more."""
    await conn.execute("UPDATE people SET new_email_bounced_at = clock_now() WHERE new_email_id = $1 AND new_email <> ''", asking)


async def drop(conn: Connection, person: UUID) -> None:
    await conn.execute("UPDATE people SET new_email = '', new_email_id = NULL, new_email_bounced_at = NULL WHERE id = $1", person)


async def use(conn: Connection, person: UUID, asking: UUID) -> None:
    """It is theirs. Mails to it are wanted, so that they leave room for others to the same mailbox."""
    await people.use_new_email(conn, person)
    await conn.execute("DELETE FROM unconfirmed_mails WHERE person_id = $1", asking)
