"""Loading: once, whole, and without making anybody wait."""

import asyncio
import sys
from dataclasses import replace
from typing import Any

import asyncpg

from services.geo.gazetteer.load import load
from services.geo.gazetteer.lookup import Located, locate
from services.geo.gazetteer.places import Gazetteer


async def test_the_same_content_is_loaded_once(conn: Any, gazetteer: Gazetteer) -> None:
    before = await conn.fetchrow("SELECT * FROM gazetteer_load")
    assert await load(conn, gazetteer) is False
    assert await conn.fetchrow("SELECT * FROM gazetteer_load") == before


async def test_a_change_replaces_all_while_look_ups_go_on(conn: Any, owner_url: str, gazetteer: Gazetteer) -> None:
    other = await asyncpg.connect(owner_url, timeout=10)
    smaller = replace(gazetteer, names=frozenset(list(gazetteer.names)[:10]))
    transaction = conn.transaction()
    await transaction.start()
    try:
        assert await load(conn, smaller) is True
        assert await conn.fetchval("SELECT count(*) FROM place_names") == 10
        assert await other.fetchval("SELECT count(*) FROM place_names", timeout=5) == len(gazetteer.names)
        assert isinstance(await locate(other, "71282", ""), Located)
    finally:
        await transaction.rollback()
        await other.close()


async def test_the_command_says_what_it_did(conn: Any, owner_url: str) -> None:
    command = [sys.executable, "-m", "services.geo.gazetteer", "--url", owner_url]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert out.decode().startswith("nothing to do: ")
