"""The audit's lines: added at the end of their region's chain, read in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.runtime.audit import BEGINNING, Line, moment
from shared.runtime.db import Connection

PAGE = 1000


async def newest_hash(conn: Connection, region: str) -> str:
    """What the next line follows. Nobody else adds one to this region's chain until the transaction ends."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('audit'), hashtext($1))", region)
    found: str | None = await conn.fetchval("SELECT hash FROM audit WHERE region = $1 ORDER BY id DESC LIMIT 1", region)
    return found or BEGINNING


async def add(conn: Connection, lines: Sequence[Line]) -> None:
    columns = ("region", "name", "role", "action", "person", "detail", "previous", "hash")
    await conn.executemany(
        f"INSERT INTO audit (at, {', '.join(columns)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [(datetime.fromisoformat(line["at"]), *(line[name] for name in columns)) for line in lines],
    )


async def after(conn: Connection, region: str, line: int) -> list[dict[str, Any]]:
    """The next PAGE lines, in their JSON form."""
    rows = await conn.fetch("SELECT * FROM audit WHERE region = $1 AND id > $2 ORDER BY id LIMIT $3", region, line, PAGE)
    return [dict(row) | {"at": moment(row["at"]), "person": _said(row["person"])} for row in rows]


def _said(person: UUID | None) -> str | None:
    return str(person) if person else None
