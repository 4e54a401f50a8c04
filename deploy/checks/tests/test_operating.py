"""What docs/operating.md tells an operator to type, where it can be run here."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.checks.compose import FILE
from deploy.local.sql import complete
from deploy.local.stack import Stack
from shared.runtime.migrate import migrate_with_rights

PAGE = (FILE.parent / "docs/operating.md").read_text(encoding="utf-8")
SQL = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


async def execute(url: str, statements: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        for statement in filter(None, map(str.strip, statements.split(";"))):
            await conn.execute(statement)
    finally:
        await conn.close()


def test_databases_elsewhere_are_made_as_the_page_says_and_migrated(tmp_path: Path) -> None:
    (made,) = SQL.findall(PAGE)
    with Stack.start(tmp_path, provider="local", parts=("postgres",)) as stack:
        admin = urlsplit(stack.postgres.admin_url)
        complete(execute(stack.postgres.admin_url, made.replace("…", "secret")))
        address = f"127.0.0.1:{admin.port}/geo?sslmode=disable"
        migrate_with_rights("geo", f"postgresql://geo_owner:secret@{address}", "geo_app")
        complete(execute(f"postgresql://geo_app:secret@{address}", "SELECT clock_now(); DELETE FROM outbox"))
