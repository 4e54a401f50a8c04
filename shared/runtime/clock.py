"""Now, as the whole installation agrees on it: the database's time plus the shift of a demo or test."""

from datetime import datetime

from shared.runtime.db import Connection


async def now(conn: Connection) -> datetime:
    """The present moment in UTC; within one transaction always the same."""
    moment: datetime = await conn.fetchval("SELECT clock_now()")
    return moment
