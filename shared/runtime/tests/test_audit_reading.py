"""Lines of the audit stay as they are until their time is over; the service itself can do nothing about them."""

from datetime import UTC, datetime

import asyncpg
import pytest

from deploy.local.databases import InstallationDatabases
from shared.runtime import audit_chain, db
from shared.runtime.audit import first_fault
from shared.runtime.audit_chain import record
from shared.runtime.audit_reading import BATCH, forget_due
from shared.runtime.coordinators import Coordinator

WHO = Coordinator("A. Coordinator", "coordinator", ("ludwigsburg", "hannover"))


async def write(pool: db.Pool, *regions: str) -> None:
    for region in regions:
        async with db.transaction(pool) as conn:
            await record(conn, WHO, region, "plan.show", round="r")


async def years(pool: db.Pool, region: str) -> list[str]:
    async with db.connection(pool) as conn:
        lines = await audit_chain.after(conn, region, 0)
    assert first_fault(lines) is None
    return [line["at"][:4] for line in lines]


@pytest.mark.parametrize("statement", ["UPDATE audit SET name = 'B'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_the_service_itself_can_neither_change_nor_delete_a_line(pool: db.Pool, statement: str) -> None:
    await write(pool, "ludwigsburg")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)
    assert len(await years(pool, "ludwigsburg")) == 1


async def test_lines_past_their_time_go_in_every_region_and_the_newest_of_each_stays(
    pool: db.Pool, database: InstallationDatabases
) -> None:
    assert await forget_due(pool, 24) == 0
    for year in (2021, 2023, 2024):
        database.move_clock(datetime(year, 5, 1, tzinfo=UTC))
        await write(pool, "ludwigsburg", "hannover")
    assert await forget_due(pool, 24) == 2
    assert await years(pool, "ludwigsburg") == await years(pool, "hannover") == ["2023", "2024"]
    database.move_clock(datetime(2040, 5, 1, tzinfo=UTC))
    assert await forget_due(pool, 24) == 2
    assert await years(pool, "ludwigsburg") == await years(pool, "hannover") == ["2024"]


async def test_many_lines_go_a_little_at_a_time(pool: db.Pool, database: InstallationDatabases) -> None:
    database.move_clock(datetime(2021, 5, 1, tzinfo=UTC))
    async with db.transaction(pool) as conn:
        for _ in range(BATCH + 3):
            await record(conn, WHO, "ludwigsburg", "plan.show")
    database.move_clock(datetime(2024, 5, 1, tzinfo=UTC))
    assert [await forget_due(pool, 24) for _ in range(3)] == [BATCH, 2, 0]
