"""Rounds and the rosters they closed with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from services.registration.domain.life import Phase
from shared.runtime.db import Connection

Lock = Literal["FOR SHARE", "FOR UPDATE", ""]
ATTRIBUTES = (
    *("region", "role", "postcode", "place_id", "birth_year", "gender", "wish", "languages", "hobbies"),
    *("max_km", "max_age_gap", "capacity", "party", "group"),
)
FROZEN = "jsonb_build_object({})".format(", ".join(f"'{name}', people.\"{name}\"" for name in ATTRIBUTES))


@dataclass(frozen=True)
class Round:
    """A round as it stands."""

    id: UUID
    region: str
    slug: str
    phase: Phase
    progress: str | None
    opens_at: datetime
    closes_at: datetime
    rules: dict[str, Any]
    closing: int
    roster_count: int | None
    roster_digest: str | None
    ended_at: datetime | None
    phase_since: datetime


def _round(row: asyncpg.Record | None) -> Round | None:
    return Round(**dict(row)) if row else None


async def get(conn: Connection, round_id: UUID, lock: Lock = "") -> Round:
    """Every change of a person takes a shared lock on their round, closing an exclusive one. Raises LookupError."""
    found = _round(await conn.fetchrow(f"SELECT * FROM rounds WHERE id = $1 {lock}", round_id))
    if found is None:
        raise LookupError(f"no round {round_id}")
    return found


async def find(conn: Connection, region: str, slug: str) -> Round | None:
    return _round(await conn.fetchrow("SELECT * FROM rounds WHERE region = $1 AND slug = $2", region, slug))


async def open_round(conn: Connection, region: str, lock: Lock = "") -> Round | None:
    return _round(await conn.fetchrow(f"SELECT * FROM rounds WHERE region = $1 AND phase = 'open' {lock}", region))


async def next_round(conn: Connection, region: str) -> Round | None:
    """The next one that has not begun, by date."""
    return _round(
        await conn.fetchrow(
            "SELECT * FROM rounds WHERE region = $1 AND phase = 'draft' AND closes_at > clock_now() ORDER BY opens_at LIMIT 1",
            region,
        )
    )


async def insert_draft(
    conn: Connection, round_id: UUID, region: str, slug: str, opens_at: datetime, closes_at: datetime, rules: dict[str, Any]
) -> None:
    """A draft follows its region file until it opens; from then on nothing changes it."""
    await conn.execute(
        "INSERT INTO rounds (id, region, slug, opens_at, closes_at, rules) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (id) DO UPDATE SET opens_at = $4, closes_at = $5, rules = $6 WHERE rounds.phase = 'draft'",
        round_id,
        region,
        slug,
        opens_at,
        closes_at,
        rules,
    )


async def drop_drafts(conn: Connection, region: str, kept: list[str]) -> None:
    """Of rounds that stand in the region file no more; nobody can have signed up for a draft."""
    await conn.execute("DELETE FROM rounds WHERE region = $1 AND phase = 'draft' AND slug <> ALL($2)", region, kept)


async def due(conn: Connection) -> list[tuple[UUID, Phase]]:
    """Rounds whose date has come, with the phase they should enter."""
    rows = await conn.fetch(
        "SELECT id, CASE phase WHEN 'draft' THEN 'open' ELSE 'closed' END AS phase FROM rounds"
        " WHERE (phase = 'draft' AND opens_at <= clock_now() AND closes_at > clock_now())"
        "    OR (phase = 'open' AND closes_at <= clock_now())"
    )
    return [(row["id"], row["phase"]) for row in rows]


async def set_phase(conn: Connection, round_id: UUID, phase: Phase) -> None:
    await conn.execute(
        "UPDATE rounds SET phase = $2, progress = NULL, phase_since = clock_now(),"
        " ended_at = CASE WHEN $2 = 'ended' THEN clock_now() END WHERE id = $1",
        round_id,
        phase,
    )


async def set_progress(conn: Connection, round_id: UUID, progress: str, closing: int | None = None) -> None:
    """What matching said, of this closing; a round published once stays so whatever comes late."""
    await conn.execute(
        "UPDATE rounds SET progress = $2, phase_since = CASE progress WHEN $2 THEN phase_since ELSE clock_now() END"
        " WHERE id = $1 AND progress IS DISTINCT FROM 'published'"
        " AND ($3::integer IS NULL OR (closing = $3 AND phase = 'closed'))",
        round_id,
        progress,
        closing,
    )


async def close(conn: Connection, round_id: UUID, closing: int, count: int, digest: str) -> None:
    await conn.execute(
        "UPDATE rounds SET phase = 'closed', phase_since = clock_now(), closing = $2, roster_count = $3, roster_digest = $4"
        " WHERE id = $1",
        round_id,
        closing,
        count,
        digest,
    )


async def freeze_roster(conn: Connection, round_id: UUID) -> list[tuple[UUID, int]]:
    """Copies everyone confirmed into the roster. Returns (person, version) of each."""
    await conn.execute("DELETE FROM roster WHERE round_id = $1", round_id)
    rows = await conn.fetch(
        f"INSERT INTO roster (round_id, person_id, version, attributes) SELECT round_id, id, version, {FROZEN}"
        " FROM people WHERE round_id = $1 AND state = 'confirmed' RETURNING person_id, version",
        round_id,
    )
    return [(row["person_id"], row["version"]) for row in rows]


async def roster(conn: Connection, round_id: UUID) -> list[tuple[UUID, int]]:
    """(person, version) in the order of the digest's lines."""
    rows = await conn.fetch("SELECT person_id, version FROM roster WHERE round_id = $1 ORDER BY person_id", round_id)
    return [(row["person_id"], row["version"]) for row in rows]


async def roster_entries(conn: Connection, round_id: UUID, people: list[UUID]) -> list[asyncpg.Record]:
    return await conn.fetch(
        "SELECT person_id, version, attributes, gone FROM roster WHERE round_id = $1 AND person_id = ANY($2)", round_id, people
    )


async def gone_from_roster(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    return await conn.fetch("SELECT person_id, version, gone FROM roster WHERE round_id = $1 AND gone IS NOT NULL", round_id)


async def mark_withdrawn(conn: Connection, round_id: UUID, person: UUID) -> int | None:
    """Returns the version on the roster, or None for somebody who is not on it."""
    version: int | None = await conn.fetchval(
        "UPDATE roster SET gone = 'withdrawn' WHERE round_id = $1 AND person_id = $2 RETURNING version", round_id, person
    )
    return version


async def erase_from_rosters(conn: Connection, person: UUID) -> dict[UUID, int]:
    """Of all rounds that have not ended. Returns each with the version on its roster."""
    rows = await conn.fetch(
        "UPDATE roster SET gone = 'erased', attributes = NULL WHERE person_id = $1 RETURNING round_id, version", person
    )
    return {row["round_id"]: row["version"] for row in rows}


async def changed_since_close(conn: Connection, round_id: UUID) -> list[UUID]:
    """Who changed something that the roster does not have."""
    rows = await conn.fetch(
        "SELECT person_id FROM roster JOIN people ON people.id = roster.person_id AND people.round_id = roster.round_id"
        f" WHERE roster.round_id = $1 AND gone IS NULL AND attributes <> {FROZEN} ORDER BY person_id",
        round_id,
    )
    return [row["person_id"] for row in rows]


async def forget_roster(conn: Connection, round_id: UUID) -> None:
    await conn.execute("DELETE FROM roster WHERE round_id = $1", round_id)


async def counts(conn: Connection, round_id: UUID) -> dict[str, int]:
    """People by what became of them, for the coordinator; each person or attempt is counted once.

    `refused` were turned away at the form, `refused by the office` after somebody had looked.
    """
    rows = await conn.fetch(
        "SELECT CASE state WHEN 'refused' THEN 'refused by the office' ELSE state END AS what, count(*) FROM people"
        "   WHERE round_id = $1 GROUP BY state"
        " UNION ALL SELECT CASE WHEN on_roster THEN 'erased after close' ELSE 'erased' END, count(*) FROM erasures"
        "   WHERE round_id = $1 GROUP BY on_roster"
        " UNION ALL SELECT result, count(*) FROM turned_away WHERE round_id = $1"
        "   AND NOT EXISTS (SELECT FROM people WHERE id = attempt)"
        "   AND NOT EXISTS (SELECT FROM erasures WHERE person_id = attempt) GROUP BY result",
        round_id,
    )
    found: dict[str, int] = {}
    for row in rows:
        found[row["what"]] = found.get(row["what"], 0) + row["count"]
    return found
