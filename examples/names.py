"""Invented names by where people come from, from names.csv: as their bearer writes them, and in Latin for an address."""

import csv
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("names.csv")


@dataclass(frozen=True, slots=True)
class Name:
    """One given or family name."""

    own: str
    latin: str


def _read(kind: str) -> dict[str, list[Name]]:
    found: dict[str, list[Name]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["kind"] == kind:
                found.setdefault(line["culture"], []).append(Name(line["own"], line["latin"]))
    return found


WOMEN, MEN, FAMILIES = _read("woman"), _read("man"), _read("family")
