"""Who may still be asked about somebody in a published round, and how many more."""

from uuid import UUID

import asyncpg

from shared.runtime.db import Connection

# Nobody stands in more pairs than they offered, is asked about more than `again` others beyond that, or again in this round
# after they kept silent or a pair of theirs that had been introduced ended. A pair counts for its two alike.
ASKABLE = """
WITH stands AS (
    SELECT person_id, count(*) FILTER (WHERE state <> 'ended') AS live, count(*) AS asked,
           bool_or(said IS NOT DISTINCT FROM 'nothing') AS silent,
           bool_or(state = 'ended' AND introduced_at IS NOT NULL) AS parted
    FROM pairs, LATERAL (VALUES (newcomer, newcomer_said), (local, local_said)) AS two (person_id, said)
    WHERE round_id = $1 GROUP BY person_id
), offers AS (
    SELECT person_id, attributes, version,
           CASE WHEN attributes ->> 'role' = 'newcomer' OR attributes ->> 'party' IS NOT NULL THEN 1
                ELSE (attributes ->> 'capacity')::integer END AS capacity
    FROM participants WHERE round_id = $1 AND NOT has_left AND attributes IS NOT NULL
), askable AS (
    SELECT person_id, attributes, capacity - coalesce(live, 0) AS places, capacity + $2::integer - coalesce(asked, 0) AS questions
    FROM offers LEFT JOIN stands USING (person_id)
    WHERE NOT coalesce(silent OR parted, false)
      AND NOT EXISTS (SELECT FROM gone g WHERE g.round_id = $1 AND g.person_id = offers.person_id AND g.version >= offers.version)
)
"""


async def people(conn: Connection, round_id: UUID, asked_again: int) -> list[asyncpg.Record]:
    """How many more pairs each could have, and how often they went without: whose pair fell through by no doing of theirs
    counts as once more.
    """
    return await conn.fetch(
        f"{ASKABLE} SELECT a.person_id, a.attributes, least(places, questions) AS capacity,"
        "   coalesce(w.rounds, 0) + coalesce(o.otherwise = 'not_this_time' AND NOT o.counted, false)::integer AS waiting"
        " FROM askable a JOIN outcomes o ON o.round_id = $1 AND o.person_id = a.person_id"
        " LEFT JOIN waiting w ON w.person_id = a.person_id"
        " WHERE places > 0 AND questions > 0 ORDER BY person_id",
        round_id,
        asked_again,
    )


async def among(conn: Connection, round_id: UUID, asked_again: int, wanted: list[UUID]) -> set[UUID]:
    """Who of these may still be asked."""
    rows = await conn.fetch(
        f"{ASKABLE} SELECT person_id FROM askable WHERE person_id = ANY($3) AND places > 0 AND questions > 0",
        round_id,
        asked_again,
        wanted,
    )
    return {row["person_id"] for row in rows}


async def free_slots(conn: Connection, round_id: UUID, local: UUID) -> list[int]:
    """Numbers under which no live pair of this local stands, the smallest first; enough for any capacity."""
    rows = await conn.fetch(
        "SELECT slot FROM generate_series(1, 10) AS slot EXCEPT"
        " SELECT slot FROM pairs WHERE round_id = $1 AND local = $2 AND state <> 'ended' ORDER BY 1",
        round_id,
        local,
    )
    return [row["slot"] for row in rows]
