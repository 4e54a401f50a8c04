"""What goes by itself, and when: each kind's date is said once, for deleting it and for telling the office before."""

from typing import Any, Literal
from uuid import UUID

from shared.runtime.db import Connection

PersonKind = Literal["unconfirmed", "people"]
Kind = Literal[PersonKind, "turned_away", "notices", "addresses_asked", "erasures", "audit"]

# Of the region $1, kept for $2 days or months. Whoever came back in a later round has that round; whoever still stands on
# the roster of a round that has not ended is kept for it.
GOES: dict[Kind, str] = {
    "unconfirmed": "SELECT id, unconfirmed_since + make_interval(days => $2) AS at FROM people"
    " WHERE region = $1 AND state = 'unconfirmed'",
    "people": "SELECT people.id, ended_at + make_interval(months => $2) AS at FROM people JOIN rounds ON rounds.id = round_id"
    " WHERE rounds.region = $1 AND phase = 'ended' AND state <> 'unconfirmed'"
    " AND NOT EXISTS (SELECT FROM roster WHERE person_id = people.id)",
    "turned_away": "SELECT attempt AS id, ended_at + make_interval(months => $2) AS at FROM turned_away"
    " JOIN rounds ON rounds.id = round_id WHERE region = $1 AND phase = 'ended'",
    "notices": "SELECT id, asked_at + make_interval(months => $2) AS at FROM notices WHERE region = $1",
    "addresses_asked": "SELECT addresses_asked.id, asked_at + make_interval(days => $2) AS at FROM addresses_asked"
    " JOIN people ON people.id = person_id WHERE region = $1",
    "erasures": "SELECT person_id AS id, erased_at + make_interval(months => $2) AS at FROM erasures"
    " JOIN rounds ON rounds.id = round_id WHERE region = $1",
    "audit": "SELECT id, at + make_interval(months => $2) AS at FROM audit"
    " WHERE region = $1 AND id < (SELECT max(id) FROM audit WHERE region = $1)",
}


async def regions(conn: Connection) -> list[str]:
    """All that ever had a round here: what is kept of a region goes also when its file is not there any more."""
    return [row["region"] for row in await conn.fetch("SELECT DISTINCT region FROM rounds ORDER BY region")]


async def due(conn: Connection, kind: PersonKind, region: str, kept: int, most: int) -> list[UUID]:
    """People whose date has come, those who wait longest first."""
    rows = await conn.fetch(
        f"SELECT id FROM ({GOES[kind]}) goes WHERE at <= clock_now() ORDER BY at, id LIMIT $3", region, kept, most
    )
    return [row["id"] for row in rows]


async def is_due(conn: Connection, kind: PersonKind, region: str, kept: int, person: UUID) -> bool:
    found = await conn.fetchval(
        f"SELECT EXISTS (SELECT FROM ({GOES[kind]}) goes WHERE at <= clock_now() AND id = $3)", region, kept, person
    )
    return bool(found)


async def forget_turned_away(conn: Connection, region: str, kept: int, most: int) -> int:
    return len(await _forget(conn, "turned_away", "attempt", region, kept, most))


async def forget_notices(conn: Connection, region: str, kept: int, most: int) -> int:
    """Whoever waited so long for a round that none came."""
    return len(await _forget(conn, "notices", "id", region, kept, most))


async def forget_addresses(conn: Connection, region: str, kept: int, most: int) -> int:
    """With those that nobody proved. People first, as in erasing one of them: two would wait for each other."""
    oldest = f"SELECT id FROM ({GOES['addresses_asked']}) goes WHERE at <= clock_now() ORDER BY at, id LIMIT $3"
    due = [row["id"] for row in await conn.fetch(oldest, region, kept, most)]
    await conn.execute(
        "UPDATE people SET new_email = '', new_email_id = NULL, new_email_bounced_at = NULL WHERE new_email_id = ANY($1)", due
    )
    await conn.execute("DELETE FROM unconfirmed_mails WHERE person_id = ANY($1)", due)  # says which mailbox it was
    await conn.execute("DELETE FROM addresses_asked WHERE id = ANY($1)", due)
    return len(due)


async def forget_erasures(conn: Connection, region: str, kept: int, most: int) -> int:
    """The proof that somebody was erased goes with its receipts."""
    forgotten = await _forget(conn, "erasures", "person_id", region, kept, most)
    await conn.execute("DELETE FROM erasure_receipts WHERE person_id = ANY($1)", forgotten)
    return len(forgotten)


async def _forget(conn: Connection, table: Kind, key: str, region: str, kept: int, most: int) -> list[UUID]:
    oldest = f"SELECT id FROM ({GOES[table]}) goes WHERE at <= clock_now() ORDER BY at, id LIMIT $3"
    rows = await conn.fetch(f"DELETE FROM {table} WHERE {key} IN ({oldest}) RETURNING {key} AS id", region, kept, most)
    return [row["id"] for row in rows]


async def coming(conn: Connection, kind: Kind, region: str, kept: int, days: int, zone: str) -> list[dict[str, Any]]:
    """How many go on which day of the region's calendar; what should be gone already goes today."""
    rows = await conn.fetch(
        "SELECT (greatest(at, clock_now()) AT TIME ZONE $4)::date AS day, count(*)"
        f" FROM ({GOES[kind]}) goes WHERE at <= clock_now() + make_interval(days => $3) GROUP BY 1 ORDER BY 1",
        region,
        kept,
        days,
        zone,
    )
    return [dict(row) for row in rows]


async def not_ended(conn: Connection, region: str, months: int) -> list[str]:
    """Rounds that closed so long ago that their people would be gone, had anybody ended them."""
    rows = await conn.fetch(
        "SELECT slug FROM rounds WHERE region = $1 AND phase = 'closed' AND closes_at + make_interval(months => $2)"
        " <= clock_now() ORDER BY closes_at",
        region,
        months,
    )
    return [row["slug"] for row in rows]
