"""Rounds as matching hears of them, and its copy of who is in."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import asyncpg

from shared.runtime.db import Connection

Phase = Literal["open", "closed", "solving", "solved", "published", "ended"]


@dataclass(frozen=True)
class Round:
    """What is known of a round so far."""

    id: UUID
    region: str | None
    slug: str | None
    rules: dict[str, Any] | None
    phase: Phase
    closing: int
    count: int | None
    digest: str | None


def _round(row: asyncpg.Record | None) -> Round | None:
    return Round(**{name: row[name] for name in Round.__dataclass_fields__}) if row else None


async def locked(conn: Connection, round_id: UUID) -> Round:
    """The round, for this transaction alone; made empty where it was never heard of."""
    await conn.execute("INSERT INTO rounds (id) VALUES ($1) ON CONFLICT DO NOTHING", round_id)
    found = _round(await conn.fetchrow("SELECT * FROM rounds WHERE id = $1 FOR UPDATE", round_id))
    assert found is not None
    return found


async def find(conn: Connection, region: str, slug: str) -> Round | None:
    return _round(await conn.fetchrow("SELECT * FROM rounds WHERE region = $1 AND slug = $2", region, slug))


async def rules(conn: Connection, round_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = await conn.fetchval("SELECT rules FROM rounds WHERE id = $1", round_id)
    return found


async def opened(conn: Connection, round_id: UUID, region: str, slug: str, rules: dict[str, Any]) -> None:
    await conn.execute("UPDATE rounds SET region = $2, slug = $3, rules = $4 WHERE id = $1", round_id, region, slug, rules)


async def closed(conn: Connection, round_id: UUID, closing: int, count: int, digest: str) -> None:
    await conn.execute(
        "UPDATE rounds SET phase = 'closed', closing = $2, count = $3, digest = $4, waiting_since = now(),"
        " closed_heard_at = now() WHERE id = $1",
        round_id,
        closing,
        count,
        digest,
    )


async def set_phase(conn: Connection, round_id: UUID, phase: Phase) -> None:
    await conn.execute("UPDATE rounds SET phase = $2 WHERE id = $1", round_id, phase)


async def barrier_candidates(conn: Connection) -> list[UUID]:
    """Closed rounds whose rules are known and which are not solved yet."""
    rows = await conn.fetch("SELECT id FROM rounds WHERE phase = 'closed' AND rules IS NOT NULL ORDER BY id")
    return [row["id"] for row in rows]


async def waited_longer(conn: Connection, round_id: UUID, seconds: float) -> bool:
    """True once each time the limit is over; then the wait begins anew."""
    over = await conn.fetchval(
        "UPDATE rounds SET waiting_since = now() WHERE id = $1 AND waiting_since < now() - make_interval(secs => $2)"
        " RETURNING true",
        round_id,
        seconds,
    )
    return bool(over)


async def present_count(conn: Connection, round_id: UUID) -> int:
    count: int = await conn.fetchval("SELECT count(*) FROM participants WHERE round_id = $1 AND NOT has_left", round_id)
    return count


async def present(conn: Connection, round_id: UUID) -> dict[UUID, int]:
    """Person to version of everyone who is in, as far as heard."""
    rows = await conn.fetch("SELECT person_id, version FROM participants WHERE round_id = $1 AND NOT has_left", round_id)
    return {row["person_id"]: row["version"] for row in rows}


async def keep_participant(
    conn: Connection, round_id: UUID, person: UUID, version: int, attributes: dict[str, Any] | None, *, has_left: bool = False
) -> None:
    """Keeps the highest version. The same version heard again may bring the attributes that a going did not have.

    Of a round that is over nothing is kept, however late it is heard.
    """
    await conn.execute(
        "INSERT INTO participants (round_id, person_id, version, attributes, has_left)"
        " SELECT $1, $2, $3::integer, $4::jsonb, $5::boolean"
        " WHERE NOT EXISTS (SELECT FROM rounds WHERE id = $1 AND phase = 'ended')"
        " ON CONFLICT (round_id, person_id) DO UPDATE SET version = $3, has_left = $5, attributes = $4"
        " WHERE participants.version < $3 OR (participants.version = $3 AND participants.attributes IS NULL AND NOT $5)",
        round_id,
        person,
        version,
        attributes,
        has_left,
    )


async def forget_attributes(conn: Connection, person: UUID) -> None:
    """Of somebody erased stays (id, version) only."""
    await conn.execute("UPDATE participants SET attributes = NULL WHERE person_id = $1", person)


async def add_gone(conn: Connection, round_id: UUID, person: UUID, version: int, how: Literal["withdrawn", "erased"]) -> None:
    """Gone with this version; whoever withdrew may still be erased, never the other way round."""
    await conn.execute(
        "INSERT INTO gone (round_id, person_id, version, how) SELECT $1, $2, $3::integer, $4::text"
        " WHERE NOT EXISTS (SELECT FROM rounds WHERE id = $1 AND phase = 'ended') ON CONFLICT (round_id, person_id)"
        " DO UPDATE SET version = greatest(gone.version, $3),"
        "   how = CASE WHEN gone.how = 'erased' THEN 'erased' ELSE $4 END",
        round_id,
        person,
        version,
        how,
    )


async def is_erased(conn: Connection, person: UUID) -> bool:
    return bool(await conn.fetchval("SELECT true FROM gone WHERE person_id = $1 AND how = 'erased' LIMIT 1", person))


async def gone(conn: Connection, round_id: UUID) -> list[UUID]:
    """Who is on the roster and gone."""
    rows = await conn.fetch(
        "SELECT g.person_id FROM gone g JOIN participants p USING (round_id, person_id)"
        " WHERE g.round_id = $1 AND g.version >= p.version AND NOT p.has_left ORDER BY 1",
        round_id,
    )
    return [row["person_id"] for row in rows]


async def keep_page(conn: Connection, round_id: UUID, closing: int, page: int, pages: int, lines: list[str]) -> None:
    await conn.execute(
        "INSERT INTO roster_pages (round_id, closing, page, pages, lines) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        round_id,
        closing,
        page,
        pages,
        lines,
    )


async def announced_roster(conn: Connection, round_id: UUID, closing: int) -> dict[UUID, int] | None:
    """Person to version as registration wrote them down; None until every page is there."""
    rows = await conn.fetch("SELECT pages, lines FROM roster_pages WHERE round_id = $1 AND closing = $2", round_id, closing)
    if not rows or len(rows) < rows[0]["pages"]:
        return None
    lines = [line.split(":") for row in rows for line in row["lines"]]
    return {UUID(person): int(version) for person, version in lines}


async def forget_round(conn: Connection, round_id: UUID) -> None:
    """The round is over: attributes, rosters and plans go. Pairs, outcomes and waiting stay, for the next round and for the end
    of a pair, but not of the erased.
    """
    await conn.execute(
        "DELETE FROM pairs USING gone WHERE pairs.round_id = $1 AND gone.round_id = $1 AND how = 'erased'"
        " AND person_id IN (newcomer, local)",
        round_id,
    )
    await conn.execute(
        "DELETE FROM outcomes USING gone WHERE outcomes.round_id = $1 AND gone.round_id = $1 AND how = 'erased'"
        " AND gone.person_id = outcomes.person_id",
        round_id,
    )
    await conn.execute("UPDATE outcomes SET suggestion = NULL WHERE round_id = $1", round_id)
    for table in ("participants", "gone", "roster_pages"):
        await conn.execute(f"DELETE FROM {table} WHERE round_id = $1", round_id)
    for table in ("proposals", "left_over"):
        await conn.execute(f"DELETE FROM {table} USING runs WHERE runs.id = run_id AND round_id = $1", round_id)
    await conn.execute("UPDATE pairs SET why = '{}' WHERE round_id = $1", round_id)
