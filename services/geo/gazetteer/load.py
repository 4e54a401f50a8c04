"""Fills the tables of the map, all at once and only when the content has changed."""

import hashlib
from collections.abc import Iterable

from services.geo.gazetteer.places import Gazetteer
from shared.runtime.db import Connection

_LOCK = 20211001000001
_COLUMNS = {
    "places": ("place_id", "name", "state", "region", "municipality", "postcode", "postcodes", "lat", "lon"),
    "postcodes": ("postcode", "place_id", "lat", "lon"),
    "place_postcodes": ("postcode", "place_id", "own"),
    "place_names": ("key", "place_id", "kind", "region"),
}

Rows = dict[str, list[tuple[object, ...]]]


async def load(conn: Connection, gazetteer: Gazetteer) -> bool:
    """True if something was written. Look-ups go on meanwhile and see the old map or the new one, never a mixture."""
    rows = _rows(gazetteer)
    digest = _digest(rows)
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if await conn.fetchval("SELECT digest FROM gazetteer_load") == digest:
            return False
        # DELETE and not TRUNCATE, which would make every look-up wait for the end of the load.
        for table in _COLUMNS:
            await conn.execute(f"DELETE FROM {table}")  # noqa: S608 - a name from the list above
        for table, columns in _COLUMNS.items():
            await conn.copy_records_to_table(table, columns=columns, records=rows[table])
            await conn.execute(f"ANALYZE {table}")
        await conn.execute(
            "INSERT INTO gazetteer_load (digest) VALUES ($1)"
            " ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, loaded_at = now()",
            digest,
        )
    return True


def _rows(gazetteer: Gazetteer) -> Rows:
    main = gazetteer.main_place()
    region = {place.place_id: place.region for place in gazetteer.places}
    return {
        "places": [
            (p.place_id, p.name, p.state, p.region, p.ags, _single(p.postcodes), len(p.postcodes), *p.centre)
            for p in gazetteer.places
        ],
        "postcodes": [(postcode, main[postcode], *gazetteer.centres[postcode]) for postcode in sorted(main)],
        "place_postcodes": [(one, p.place_id, one in p.postcodes) for p in gazetteer.places for one in (*p.postcodes, *p.also)],
        "place_names": [(key, place_id, int(kind), region[place_id]) for key, place_id, kind in sorted(gazetteer.names)],
    }


def _single(postcodes: tuple[str, ...]) -> str | None:
    return postcodes[0] if len(postcodes) == 1 else None


def _digest(rows: Rows) -> str:
    return hashlib.sha256("\n".join(_lines(rows)).encode()).hexdigest()


def _lines(rows: Rows) -> Iterable[str]:
    for table, columns in _COLUMNS.items():
        yield f"{table} {columns}"
        yield from map(repr, rows[table])
