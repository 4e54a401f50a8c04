"""Writes down who looked at whom and who did what, in the transaction of the look or the act: neither is there alone.

Of every service that shows people to coordinators, each with a table `audit` of its own: each region's lines are a chain.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.runtime import clock
from shared.runtime.audit import BEGINNING, Line, hash_of, moment
from shared.runtime.coordinators import Coordinator
from shared.runtime.db import Connection

PAGE = 1000
LAST_LINE = 2**63 - 1


async def record(
    conn: Connection, who: Coordinator, region: str, action: str, people: Sequence[UUID] = (), **detail: str | int
) -> None:
    """One line for each of the people, or one about nobody. The last thing in a transaction, for the region's chain waits.

    `detail`: codes and numbers, never what somebody typed nor where they live.
    """
    at = moment(await clock.now(conn))
    about = {"region": region, "at": at, "name": who.name, "role": who.role, "action": action, "detail": detail}
    previous, lines = await _newest_hash(conn, region), []
    for person in people or (None,):
        line = about | {"person": str(person) if person else None, "previous": previous}
        previous = hash_of(line)
        lines.append(line | {"hash": previous})
    await _add(conn, lines)


async def after(conn: Connection, region: str, line: int) -> list[dict[str, Any]]:
    """The next PAGE lines, in their JSON form."""
    rows = await conn.fetch("SELECT * FROM audit WHERE region = $1 AND id > $2 ORDER BY id LIMIT $3", region, line, PAGE)
    return [dict(row) | {"at": moment(row["at"]), "person": _said(row["person"])} for row in rows]


async def regions(conn: Connection) -> list[str]:
    """Those with a line, by steps through the index: they are few, and the lines are many."""
    rows = await conn.fetch(
        "WITH RECURSIVE found AS (SELECT min(region) AS region FROM audit UNION ALL"
        " SELECT (SELECT min(region) FROM audit WHERE region > found.region) FROM found WHERE found.region IS NOT NULL)"
        " SELECT region FROM found WHERE region IS NOT NULL"
    )
    return [row["region"] for row in rows]


async def forget(conn: Connection, region: str, months: int, most: int) -> int:
    """Lines past their time, the oldest first: only the database's own function may, and what is left is still a chain."""
    count: int = await conn.fetchval("SELECT forget_audit($1, $2, $3)", region, months, most)
    return count


async def _newest_hash(conn: Connection, region: str) -> str:
    """What the next line follows. Nobody else adds one to this region's chain until the transaction ends."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('audit'), hashtext($1))", region)
    found: str | None = await conn.fetchval("SELECT hash FROM audit WHERE region = $1 ORDER BY id DESC LIMIT 1", region)
    return found or BEGINNING


async def _add(conn: Connection, lines: Sequence[Line]) -> None:
    columns = ("region", "name", "role", "action", "person", "detail", "previous", "hash")
    await conn.executemany(
        f"INSERT INTO audit (at, {', '.join(columns)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",  # noqa: S608 - our own names
        [(datetime.fromisoformat(line["at"]), *(line[name] for name in columns)) for line in lines],
    )


def _said(person: UUID | None) -> str | None:
    return str(person) if person else None
