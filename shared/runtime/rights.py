"""What the two roles of a service's database may do: the owner migrates, the app role reads and writes, nobody else enters.

All of it the owner may say itself, so that an installation needs an administrator only for the roles and the empty database.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

EXTENSIONS = {"geo": ("pg_trgm", "unaccent")}
# Written by migrations and by the clock command alone.
READ_ONLY = ("schema_migrations", "clock")
GRANTS = ("SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE ON SEQUENCES", "EXECUTE ON FUNCTIONS")
CONNECT_SECONDS = 15


def on_database(database: str, app: str) -> list[str]:
    """Who may enter; a copy of a database does not have these rights."""
    return [f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC', f'GRANT CONNECT ON DATABASE "{database}" TO "{app}"']


def before_migrations(service: str, owner: str, app: str) -> list[str]:
    """What the tables that are made later are made with."""
    return [
        *(f"CREATE EXTENSION IF NOT EXISTS {extension}" for extension in EXTENSIONS.get(service, ())),
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f'GRANT USAGE ON SCHEMA public TO "{app}"',
        *(f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" GRANT {grant} TO "{app}"' for grant in GRANTS),
    ]


def after_migrations(app: str) -> list[str]:
    return [_read_only(table, app) for table in READ_ONLY]


async def give_before(url: str, service: str, app: str) -> None:
    """As the owner of the database; giving the rights again changes nothing."""
    async with _connected(url) as conn:
        database, owner = await conn.fetchval("SELECT (current_database()::text, current_user::text)")
        for statement in on_database(database, app) + before_migrations(service, owner, app):
            await conn.execute(statement)


async def give_after(url: str, app: str) -> None:
    async with _connected(url) as conn:
        for statement in after_migrations(app):
            await conn.execute(statement)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    conn = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        yield conn
    finally:
        await conn.close()


def _read_only(table: str, app: str) -> str:
    revoke = f'REVOKE INSERT, UPDATE, DELETE ON public.{table} FROM "{app}"'
    return f"DO $$ BEGIN IF to_regclass('public.{table}') IS NOT NULL THEN {revoke}; END IF; END $$"
