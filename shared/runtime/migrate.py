"""`python -m shared.runtime.migrate SERVICE`: brings the service's database to the newest migration, with dbmate."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def migrate(service: str, url: str) -> None:
    """Applies what is missing, as the owner of the database. Raises CalledProcessError where a migration fails."""
    folders = (ROOT / "shared/runtime/migrations", ROOT / "services" / service / "migrations")
    places = [part for folder in folders for part in ("--migrations-dir", str(folder))]
    command = [_dbmate(), "--no-dump-schema", "--wait", "--wait-timeout=30s", *places, "up"]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.DEVNULL)


def _dbmate() -> str:
    beside = Path(sys.executable).with_name("dbmate")
    return str(beside) if beside.exists() else "dbmate"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", choices=["registration", "geo", "matching", "notification"])
    parser.add_argument("--url", default=os.environ.get("MYBUDDY_OWNER_DATABASE_URL"), help="the owner role's URL")
    given = parser.parse_args()
    if not given.url:
        parser.error("give --url or MYBUDDY_OWNER_DATABASE_URL")
    try:
        migrate(given.service, given.url)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)


if __name__ == "__main__":
    main()
