"""`python -m examples.make_ludwigsburg` writes ludwigsburg-2021.csv, the same bytes every time; `--check` compares only."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from examples.awkward import alter
from examples.draw import TINY, Draw, homes, person
from shared.schemas.people_file import Row, format_people

FILE = Path(__file__).with_name("ludwigsburg-2021.csv")
SEED = 20211015
NEWCOMERS = 268
LOCALS = 207


def make() -> list[Row]:
    draw = Draw(SEED)
    places = homes(NEWCOMERS + LOCALS)
    # The tiny villages go to the front, which is the newcomers' part.
    draw.random.shuffle(places)
    places.sort(key=lambda home: home[0] not in TINY)
    people = [person(draw, "newcomer" if i < NEWCOMERS else "local", *home) for i, home in enumerate(places)]
    draw.random.shuffle(people)
    return [replace(row, id=f"lb{number:03}") for number, row in enumerate(alter(draw, people), start=1)]


def counts(rows: Iterable[Row]) -> list[str]:
    rows = list(rows)
    tables: dict[str, Counter[Any]] = {
        "role": Counter(row.role for row in rows),
        "demo": Counter(row.demo or "(ordinary)" for row in rows),
        "gender": Counter(row.gender or "(none)" for row in rows),
        "wish": Counter(row.wish for row in rows),
        "page": Counter(row.language for row in rows),
        "capacity": Counter(row.capacity for row in rows),
        "spoken": Counter(tag for row in rows for tag, _ in row.languages),
        "place": Counter(row.place or "(none)" for row in rows),
    }
    return [f"people: {len(rows)}", *(f"{name}: {_table(table)}" for name, table in tables.items())]


def _table(table: "Counter[Any]") -> str:
    return ", ".join(f"{value} {number}" for value, number in table.most_common())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file is another")
    given = parser.parse_args()
    rows = make()
    text = format_people(rows)
    print("\n".join(counts(rows)))
    if not given.check:
        FILE.write_text(text, encoding="utf-8", newline="\n")
    elif FILE.read_bytes() != text.encode():
        sys.exit(f"{FILE.name} is not what this script makes: run it without --check")


if __name__ == "__main__":
    main()
