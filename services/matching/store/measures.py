"""What is counted for the gauges, every few seconds: small answers, and questions that indexes answer."""

import asyncpg

from shared.runtime.db import Connection

HEARD_OF = "region IS NOT NULL AND phase <> 'ended'"
"""Rounds of which only a part has arrived have no region yet."""


async def located(conn: Connection) -> list[asyncpg.Record]:
    """People with coordinates, by role, of each region's round that is open, or closed where none is."""
    return await conn.fetch(
        "SELECT region, located_role AS role, count FROM"
        " (SELECT DISTINCT ON (region) id, region FROM rounds WHERE region IS NOT NULL AND phase IN ('open', 'closed')"
        "  ORDER BY region, phase = 'closed', slug DESC) newest"
        " JOIN LATERAL (SELECT located_role, count(*) FROM participants WHERE round_id = newest.id AND NOT has_left"
        "  AND located_role IS NOT NULL GROUP BY located_role) counted ON true"
    )


async def barriers(conn: Connection) -> list[asyncpg.Record]:
    """Rounds from closing to publishing: how many people are announced and here, and for how many seconds it is shut so far."""
    return await conn.fetch(
        "SELECT region, coalesce(count, 0) AS expected,"
        " (SELECT count(*) FROM participants WHERE round_id = rounds.id AND NOT has_left) AS present"
        f" FROM rounds WHERE {HEARD_OF} AND phase IN ('closed', 'solving', 'solved')"
    )


async def shut(conn: Connection) -> list[asyncpg.Record]:
    """For how many seconds each region waits for people of a closed round; 0 where the set is whole, or none is closed."""
    return await conn.fetch(
        "SELECT region, coalesce(max(extract(epoch FROM now() - closed_heard_at)) FILTER (WHERE phase = 'closed'), 0)::float"
        f" AS waiting FROM rounds WHERE {HEARD_OF} GROUP BY region"
    )


async def queue(conn: Connection) -> asyncpg.Record:
    """Runs that are not finished, for how many seconds the oldest one waits that nobody has taken, and those that failed for
    good: no later one of the same closing has a plan.
    """
    (row,) = await conn.fetch(
        "SELECT count(*) AS waiting,"
        " coalesce(max(extract(epoch FROM now() - created_at)) FILTER (WHERE state = 'queued'), 0)::float AS oldest,"
        " (SELECT count(*) FROM runs failed JOIN rounds ON rounds.id = round_id WHERE state = 'failed'"
        "   AND phase NOT IN ('open', 'ended') AND rounds.closing = failed.closing AND NOT EXISTS (SELECT FROM runs later"
        "   WHERE later.round_id = failed.round_id AND later.number > failed.number AND later.state = 'solved')) AS failed"
        " FROM runs WHERE state IN ('queued', 'running')"
    )
    return row


async def newest_plans(conn: Connection) -> list[asyncpg.Record]:
    """The newest finished run of each region, with its proof; what only looks again for a few people is none."""
    return await conn.fetch(
        "SELECT DISTINCT ON (region) runs.id, region, proof FROM runs JOIN rounds ON rounds.id = round_id"
        f" WHERE {HEARD_OF} AND state IN ('solved', 'infeasible') AND kind <> 'again' ORDER BY region, runs.created_at DESC"
    )


async def pairs(conn: Connection) -> list[asyncpg.Record]:
    """Published pairs of rounds that have not ended, by state."""
    return await conn.fetch(
        "SELECT region, state, counted.count FROM rounds JOIN LATERAL (SELECT state, count(*) FROM pairs"
        f" WHERE round_id = rounds.id GROUP BY state) counted ON true WHERE {HEARD_OF}"
    )
