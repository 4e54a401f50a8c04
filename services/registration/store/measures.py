"""What is counted for the gauges, every few seconds: small answers, and questions that indexes answer."""

import asyncpg

from shared.runtime.db import Connection

SHOWN_PHASE = "CASE WHEN phase = 'closed' THEN coalesce(progress, phase) ELSE phase END"
"""As domain/life.py shows it to people."""


async def people(conn: Connection) -> list[asyncpg.Record]:
    """Of the round of each region that opened last and has not ended, who is in or may still be. One that is only followed up
    beside it would hide how the new one stands.
    """
    return await conn.fetch(
        "SELECT region, role, state, count FROM (SELECT DISTINCT ON (region) region, id FROM rounds"
        "   WHERE phase IN ('open', 'closed') ORDER BY region, opens_at DESC) newest"
        " JOIN LATERAL (SELECT role, state, count(*) FROM people"
        "   WHERE round_id = newest.id AND state IN ('unconfirmed', 'in_doubt', 'confirmed', 'paused') GROUP BY role, state"
        " ) counted ON true"
    )


async def phases(conn: Connection) -> list[asyncpg.Record]:
    """How many rounds are in each phase."""
    return await conn.fetch(f"SELECT region, {SHOWN_PHASE} AS phase, count(*) FROM rounds GROUP BY 1, 2")


async def newest(conn: Connection) -> list[asyncpg.Record]:
    """Of each region the round that began last, or where none has begun the next: since how many seconds it is in its phase."""
    return await conn.fetch(
        f"SELECT DISTINCT ON (region) region, {SHOWN_PHASE} AS phase,"
        " extract(epoch FROM clock_now() - phase_since)::float AS age"
        " FROM rounds ORDER BY region, phase = 'draft',"
        " CASE phase WHEN 'draft' THEN opens_at - clock_now() ELSE clock_now() - opens_at END"
    )


async def closings(conn: Connection) -> list[asyncpg.Record]:
    """When open rounds close, as it will be in real time where nobody moves the clock again."""
    return await conn.fetch(
        "SELECT region, extract(epoch FROM now() + (closes_at - clock_now()))::float AS at FROM rounds WHERE phase = 'open'"
    )


async def openings(conn: Connection) -> list[asyncpg.Record]:
    """When the next round of a region opens or should have opened, in real time as above; one that is over opens no more."""
    return await conn.fetch(
        "SELECT region, extract(epoch FROM now() + (min(opens_at) - clock_now()))::float AS at FROM rounds"
        " WHERE phase = 'draft' AND closes_at > clock_now() GROUP BY region"
    )


async def missed(conn: Connection) -> list[asyncpg.Record]:
    """Rounds whose time went by without anybody opening them; 0 for all other regions."""
    return await conn.fetch(
        "SELECT region, count(*) FILTER (WHERE phase = 'draft' AND closes_at <= clock_now()) FROM rounds GROUP BY region"
    )


async def open_places(conn: Connection) -> list[asyncpg.Record]:
    """People who count and whose place nobody understood yet; 0 for all other regions."""
    return await conn.fetch(
        "SELECT rounds.region, count(people.round_id) FROM rounds LEFT JOIN people ON round_id = rounds.id"
        " AND phase <> 'ended' AND state = 'confirmed' AND postcode = '' AND place_id = '' GROUP BY rounds.region"
    )


async def open_questions(conn: Connection) -> list[asyncpg.Record]:
    """Questions to the office that wait for an answer, and for how many seconds the oldest does; 0 for all other regions."""
    return await conn.fetch(
        "SELECT region, count(asked_at), coalesce(extract(epoch FROM clock_now() - min(asked_at)), 0)::float AS oldest"
        " FROM (SELECT DISTINCT region FROM rounds) known LEFT JOIN LATERAL"
        " (SELECT asked_at FROM asked WHERE asked.region = known.region AND answered_at IS NULL) waiting ON true GROUP BY region"
    )


async def without_receipts(conn: Connection, services: int, seconds: int) -> int:
    """Erasures that fewer services than these have answered although they had the time."""
    count: int = await conn.fetchval(
        "SELECT count(*) FROM erasures WHERE erased_at + make_interval(secs => $2) <= clock_now()"
        " AND (SELECT count(*) FROM erasure_receipts r WHERE r.person_id = erasures.person_id) < $1",
        services,
        seconds,
    )
    return count
