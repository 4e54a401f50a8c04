"""`python -m services.geo.gazetteer`: brings geo's map to what the packages and lists say, as the owner of the database."""

import argparse
import asyncio
import os
import sys

import asyncpg

from services.geo.gazetteer.load import load
from services.geo.gazetteer.places import UnresolvedError
from services.geo.gazetteer.sources import read_gazetteer

CONNECT_SECONDS = 10.0


async def run(url: str) -> str:
    gazetteer = read_gazetteer()
    conn = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    try:
        written = await load(conn, gazetteer)
    finally:
        await conn.close()
    found = f"{len(gazetteer.places)} places, {len(gazetteer.centres)} postcodes"
    return f"loaded {found}" if written else f"nothing to do: {found} are loaded already"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default=os.environ.get("MYBUDDY_OWNER_DATABASE_URL"), help="the owner role's URL")
    given = parser.parse_args()
    if not given.url:
        parser.error("give --url or MYBUDDY_OWNER_DATABASE_URL")
    try:
        sys.stdout.write(asyncio.run(run(given.url)) + "\n")
    except UnresolvedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
