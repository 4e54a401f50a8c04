"""`python -m shared.runtime.migrate SERVICE`: brings the service's database to the newest migration, with dbmate."""

import argparse
import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg

from shared.runtime import rights

ROOT = Path(__file__).parents[2]


def migrate(service: str, url: str) -> None:
    """Applies what is missing, as the owner of the database. Raises CalledProcessError where a migration fails."""
    folders = (ROOT / "shared/runtime/migrations", ROOT / "services" / service / "migrations")
    places = [part for folder in folders for part in ("--migrations-dir", str(folder))]
    command = [_dbmate(), "--no-dump-schema", "--wait", "--wait-timeout=30s", *places, "up"]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.DEVNULL)


def migrate_with_rights(service: str, url: str, app: str) -> None:
    """Also gives the role `app` what the service needs. Raises what asyncpg raises where the owner may not do that."""
    asyncio.run(rights.give_before(url, service, app))
    migrate(service, url)
    asyncio.run(rights.give_after(url, app))


def _dbmate() -> str:
    beside = Path(sys.executable).with_name("dbmate")
    return str(beside) if beside.exists() else "dbmate"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", choices=["registration", "geo", "matching", "notification"])
    parser.add_argument("--url", default=os.environ.get("MYBUDDY_OWNER_DATABASE_URL"), help="the owner role's URL")
    parser.add_argument("--app", metavar="ROLE", help="the service's own role: what it may do is set too")
    given = parser.parse_args()
    if not given.url:
        parser.error("give --url or MYBUDDY_OWNER_DATABASE_URL")
    try:
        migrate_with_rights(given.service, given.url, given.app) if given.app else migrate(given.service, given.url)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        sys.exit(f"{given.app} could not be given its rights in the database of {given.service}: {error}")


if __name__ == "__main__":
    main()
