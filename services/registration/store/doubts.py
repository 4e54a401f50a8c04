"""Doubts about entries: found when somebody confirms or changes, decided by a coordinator."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.registration.domain.doubts import Decision, Kind
from services.registration.store.people import Person
from shared.runtime.db import Connection


@dataclass(frozen=True)
class Entry:
    """What a coordinator needs to know of an entry to decide, and nothing more."""

    id: UUID
    name: str
    birth_year: int
    postcode: str


async def one_at_a_time(conn: Connection, round_id: UUID) -> None:
    """Of two who confirm at the same moment the second sees the first. Held until the transaction ends."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('doubts of ' || $1::uuid, 0))", round_id)


async def candidates(conn: Connection, person: Person) -> list[asyncpg.Record]:
    """Who of the round may be the same human by everything but the name, oldest first; not who the office has told apart."""
    return await conn.fetch(
        "SELECT id, name FROM people WHERE round_id = $2 AND id <> $1 AND state IN ('confirmed', 'in_doubt', 'refused')"
        " AND (lower(email) = lower($3) OR (role = $4 AND birth_year = $5"
        "      AND ((postcode <> '' AND postcode = $6) OR (place_id <> '' AND place_id = $7))))"
        " AND NOT EXISTS (SELECT FROM doubts d WHERE d.person_id = people.id AND d.round_id = $2 AND d.other = $1"
        "   AND d.kind = 'duplicate' AND d.decision = 'accepted')"
        " ORDER BY confirmed_at, id",
        person.id,
        person.round_id,
        person.email,
        person.role,
        person.birth_year,
        person.postcode,
        person.place_id,
    )


async def add(conn: Connection, person: UUID, round_id: UUID, kind: Kind, other: UUID | None) -> None:
    """What was found before stays as it is, decided or not."""
    await conn.execute(
        "INSERT INTO doubts (person_id, round_id, kind, other, found_at) VALUES ($1, $2, $3, $4, clock_now())"
        " ON CONFLICT DO NOTHING",
        person,
        round_id,
        kind,
        other,
    )


async def forget_accepted(conn: Connection, person: UUID, round_id: UUID, kinds: list[Kind]) -> None:
    """They were accepted with other facts than these."""
    await conn.execute(
        "DELETE FROM doubts WHERE person_id = $1 AND round_id = $2 AND kind = ANY($3) AND decision = 'accepted'",
        person,
        round_id,
        kinds,
    )


async def forget(conn: Connection, person: UUID, round_id: UUID) -> None:
    await conn.execute("DELETE FROM doubts WHERE person_id = $1 AND round_id = $2", person, round_id)


async def pending(conn: Connection, person: UUID, round_id: UUID) -> list[Kind]:
    """Whatever keeps somebody off the roster: undecided or refused."""
    rows = await conn.fetch(
        "SELECT kind FROM doubts WHERE person_id = $1 AND round_id = $2 AND decision IS DISTINCT FROM 'accepted' ORDER BY kind",
        person,
        round_id,
    )
    return [row["kind"] for row in rows]


async def decide(
    conn: Connection, person: UUID, round_id: UUID, kind: Kind | None, decision: Decision, reason: str, by: str
) -> None:
    """Of this kind, or of all that are not accepted yet."""
    await conn.execute(
        "UPDATE doubts SET decision = $4, reason = $5, decided_by = $6, decided_at = clock_now()"
        " WHERE person_id = $1 AND round_id = $2 AND ($3::text IS NULL OR kind = $3) AND decision IS DISTINCT FROM 'accepted'",
        person,
        round_id,
        kind,
        decision,
        reason,
        by,
    )


async def waiting(conn: Connection, round_id: UUID) -> list[dict[str, Any]]:
    """Each undecided doubt with its entry and, of a duplicate, the other one as long as it is in the round."""
    rows = await conn.fetch(
        "SELECT doubts.kind, doubts.found_at, people.id, people.name, people.birth_year, people.postcode,"
        " o.id AS o_id, o.name AS o_name, o.birth_year AS o_birth_year, o.postcode AS o_postcode"
        " FROM doubts JOIN people ON people.id = person_id AND people.round_id = doubts.round_id"
        " LEFT JOIN people o ON o.id = other AND o.round_id = doubts.round_id AND o.state IN ('confirmed', 'in_doubt', 'refused')"
        " WHERE doubts.round_id = $1 AND people.state = 'in_doubt' AND decision IS NULL"
        " ORDER BY found_at, people.id, doubts.kind",
        round_id,
    )
    return [
        {"kind": row["kind"], "found_at": row["found_at"], "entry": _entry(row, ""), "other": _entry(row, "o_")} for row in rows
    ]


def _entry(row: asyncpg.Record, prefix: str) -> Entry | None:
    found = {name: row[prefix + name] for name in Entry.__dataclass_fields__}
    return Entry(**found) if found["id"] else None


async def unknown_places(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """Whose place nobody understood, with what they typed; it keeps nobody off the roster."""
    return await conn.fetch(
        "SELECT id, place_text, language FROM people WHERE round_id = $1 AND state IN ('confirmed', 'in_doubt')"
        " AND postcode = '' AND place_id = '' ORDER BY confirmed_at, id",
        round_id,
    )


async def give_up(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """The round closes: whoever is still in doubt was not checked. Returns id and language of each."""
    rows = await conn.fetch(
        "UPDATE people SET state = 'not_checked' WHERE round_id = $1 AND state = 'in_doubt' RETURNING id, language", round_id
    )
    return sorted(rows, key=lambda row: row["id"])


async def found_since_close(conn: Connection, round_id: UUID) -> list[UUID]:
    """Who was on the roster and has changed something that somebody should look at."""
    rows = await conn.fetch(
        "SELECT DISTINCT id FROM doubts JOIN people ON people.id = person_id AND people.round_id = doubts.round_id"
        " WHERE doubts.round_id = $1 AND state = 'confirmed' AND decision IS DISTINCT FROM 'accepted'",
        round_id,
    )
    return [row["id"] for row in rows]


async def take_up(conn: Connection, round_id: UUID) -> None:
    """The round is open again: there is time to check."""
    await conn.execute("UPDATE people SET state = 'in_doubt' WHERE round_id = $1 AND state = 'not_checked'", round_id)


async def forget_round(conn: Connection, round_id: UUID) -> None:
    await conn.execute("DELETE FROM doubts WHERE round_id = $1", round_id)
