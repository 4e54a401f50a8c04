"""What docs/operating.md tells an operator to type, where it can be run here."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from deploy.checks.compose import FILE
from deploy.local.sql import complete, execute
from deploy.local.stack import Stack
from shared.runtime.migrate import migrate_with_rights

PAGE = (FILE.parent / "docs/operating.md").read_text(encoding="utf-8")
SQL = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def statements(sql: str) -> list[str]:
    return [one.strip() for one in sql.split(";") if one.strip()]


def test_databases_elsewhere_are_made_as_the_page_says_and_migrated(tmp_path: Path) -> None:
    (made,) = SQL.findall(PAGE)
    with Stack.start(tmp_path, provider="local", parts=("postgres",)) as stack:
        admin = urlsplit(stack.postgres.admin_url)
        complete(execute(stack.postgres.admin_url, *statements(made.replace("…", "secret"))))
        address = f"127.0.0.1:{admin.port}/geo?sslmode=disable"
        migrate_with_rights("geo", f"postgresql://geo_owner:secret@{address}", "geo_app")
        complete(execute(f"postgresql://geo_app:secret@{address}", "SELECT clock_now()", "DELETE FROM outbox"))
