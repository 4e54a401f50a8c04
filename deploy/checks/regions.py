"""`python -m deploy.checks.regions [folder]`: are the region files in order? Otherwise says what is wrong where.

Besides what registration refuses when it starts: whether the template's own words still stand there, and whether the map knows
the municipalities. The map is geo's, which registration knows nothing of; this command alone sees both.
"""

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz.process import extractOne

from services.geo.gazetteer.sources import read_municipalities, read_names
from services.registration.regions import RegionFilesError, Way, read_regions

FOLDER = Path(__file__).parents[1] / "regions"
TEMPLATE = FOLDER / "template.toml.example"
OWN = ("slug", "municipalities", "name", "sender", "office", "privacy")
"""What every region has of its own."""
OWN_OF_ROUNDS = ("slug", "opens", "closes", "name")
NEAR_ENOUGH = 75


def faults(given: Mapping[str, Any]) -> list[tuple[Way, str]]:
    return list(not_filled_in(given)) or list(not_on_the_map(given))


def not_filled_in(given: Mapping[str, Any]) -> Iterator[tuple[Way, str]]:
    template = tomllib.loads(TEMPLATE.read_text(encoding="utf-8"))
    for key in OWN:
        yield from _still_examples((key,), template[key], given.get(key, {}))
    for number, round_ in enumerate(given.get("rounds", [])):
        for key in OWN_OF_ROUNDS:
            yield from _still_examples(("rounds", number, key), template["rounds"][0][key], round_.get(key, {}))


def _still_examples(where: Way, example: Any, given: Any) -> Iterator[tuple[Way, str]]:
    examples = set(dict(_values(example)).values())
    for way, value in _values(given):
        if value in examples:
            yield (*where, *way), "this is still the template's example; write your own"


def not_on_the_map(given: Mapping[str, Any]) -> Iterator[tuple[Way, str]]:
    """Of a region whose municipalities the map lists, those; of another, all places in Germany."""
    known = {one.name for one in read_municipalities() if one.region == given["slug"]} or _everywhere()
    for number, name in enumerate(given["municipalities"]):
        if name not in known:
            near = extractOne(name, sorted(known), score_cutoff=NEAR_ENOUGH)
            yield ("municipalities", number), f'the map does not know "{name}"' + (f'; did you mean "{near[0]}"?' if near else "")


@cache
def _everywhere() -> frozenset[str]:
    return frozenset(read_names())


def _values(part: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Each single value below a setting, with the way on to it."""
    if isinstance(part, dict | list):
        for key, below in part.items() if isinstance(part, dict) else enumerate(part):
            yield from _values(below, (*way, key))
    else:
        yield way, part


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.checks.regions", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    try:
        found = len(read_regions(parser.parse_args().folder, faults))
    except RegionFilesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{found} region files are in order\n" if found > 1 else "1 region file is in order\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
