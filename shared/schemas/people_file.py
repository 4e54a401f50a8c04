"""Reads and writes the people file: one person a line, CSV in UTF-8; its columns are told in examples/README.md.

A line that cannot be read is named with its number, the field and the reason; the others go on.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from shared.schemas.codes import Gender, LanguageLevel, Role, Wish

MAX_CELL = 500  # characters; the longest honest cell, a list of hobbies, has about 200
MAX_LINE = 100_000
"""Characters looked at. A line this long has too many fields or a cell that is too long, whatever follows."""
MAX_PARTY = 4
DEMOS = ("", "unconfirmed", "leaves", "withdraws", "repeats", "declines", "silent")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_BROKEN = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the file. `id`, `name`, `email` and `demo` say nothing about who suits whom.

    `max_km` is None where the person leaves what the form suggests, `max_age_gap` where age does not matter to them.
    """

    id: str
    name: str
    email: str
    role: Role
    language: str
    postcode: str
    place: str
    birth_year: int
    gender: Gender
    wish: Wish
    languages: tuple[tuple[str, LanguageLevel], ...]
    hobbies: tuple[str, ...]
    max_km: int | None
    max_age_gap: int | None
    capacity: int
    party: str
    group: str
    demo: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a line was left out; `field` is empty where the line as a whole is at fault."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.field else f"line {self.line}"
        return f"{where}: {self.reason}"


class _FieldError(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


COLUMNS = tuple(Row.__dataclass_fields__)


def read_people(path: Path) -> tuple[list[Row], list[BadRow]]:
    """Every good line as a Row, every other line as a BadRow; with a bad header only that one BadRow.

    A line break always ends a person: an unclosed quote spoils its own line only. Raises OSError where the file cannot
    be opened.
    """
    rows: list[Row] = []
    bad: list[BadRow] = []
    with path.open("rb") as file:
        lines = _lines(file)
        _, header = next(lines, (1, ""))
        try:
            columns = _read_header(header)
        except _FieldError as error:
            return [], [BadRow(1, error.field, error.reason)]
        people = _People()
        for number, line in lines:
            try:
                rows.append(people.add(number, _read_row(columns, _cells(line))))
            except _FieldError as error:
                bad.append(BadRow(number, error.field, error.reason))
    return rows, bad


def format_people(rows: Iterable[Row]) -> str:
    """The file's text; reading it gives the same rows back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(getattr(row, column)) for column in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(":".join(part) if isinstance(part, tuple) else str(part) for part in value)
    return str(value)


def _lines(file: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends; broken bytes become surrogates, which `_clean` names. Empty lines go."""
    for number, raw in enumerate(file, start=1):
        text = raw.decode("utf-8", errors="surrogateescape").rstrip("\r\n")
        line = text.removeprefix("\ufeff") if number == 1 else text
        if line or number == 1:
            yield number, line


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line[:MAX_LINE]], strict=len(line) <= MAX_LINE), [])
    except csv.Error:
        raise _FieldError("", "A quotation mark is not closed or stands in the wrong place.") from None


def _read_header(line: str) -> list[str]:
    if not line:
        raise _FieldError("", "The first line is empty: it must name the columns.")
    if _BROKEN.search(line) or "\0" in line:
        raise _FieldError("header", "The file is not UTF-8.")
    found = _cells(line)
    if len(found) == 1 and ";" in line:
        raise _FieldError("header", "The columns are separated by semicolons: commas are needed.")
    complaints = (
        ("is missing", [name for name in COLUMNS if name not in found]),
        ("is not known", [name for name in found if name not in COLUMNS]),
        ("stands twice", [name for name in COLUMNS if found.count(name) > 1]),
    )
    for complaint, names in complaints:
        if names:
            raise _FieldError("header", f"In the header the column {', '.join(map(_shown, names[:18]))} {complaint}.")
    return found


def _read_row(columns: list[str], cells: list[str]) -> Row:
    cell = dict(zip(columns, cells, strict=False))
    for name, value in cell.items():
        _clean(name, value)
    if len(cells) != len(columns):
        raise _FieldError("", f"The line has {len(cells)} fields instead of {len(columns)}.")
    row = Row(**{name: _READERS[name](name, cell[name]) for name in COLUMNS})
    if row.role == "newcomer" and row.capacity > 1:
        raise _FieldError("capacity", "A newcomer has one buddy, so the capacity is 1.")
    if row.party and row.capacity > 1:
        raise _FieldError("capacity", "Who signs up in a party has one buddy, so the capacity is 1.")
    return row


def _clean(field: str, value: str) -> None:
    if len(value) > MAX_CELL:
        raise _FieldError(field, f"The cell is longer than {MAX_CELL} characters.")
    if _BROKEN.search(value):
        raise _FieldError(field, "The cell is not UTF-8.")
    if "\0" in value:
        raise _FieldError(field, "The cell holds a NUL character.")
    if _CONTROL.search(value):
        raise _FieldError(field, "The cell holds a control character.")


class _People:
    """What has to be right across lines: an id stands once, a party has one role and at most four people."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._parties: dict[str, list[Row]] = {}

    def add(self, line: int, row: Row) -> Row:
        if row.id in self._lines:
            raise _FieldError("id", f"The id {_shown(row.id)} stands in line {self._lines[row.id]} already.")
        if row.party:
            self._join(row)
        self._lines[row.id] = line
        return row

    def _join(self, row: Row) -> None:
        party = self._parties.setdefault(row.party, [])
        if party and party[0].role != row.role:
            raise _FieldError("party", f"The party {_shown(row.party)} mixes locals and newcomers.")
        if len(party) == MAX_PARTY:
            raise _FieldError("party", f"The party {_shown(row.party)} has more than {MAX_PARTY} people.")
        party.append(row)


def _shown(value: str) -> str:
    """The typed value for a message: cut, and safe to print."""
    cut = value if len(value) <= 40 else f"{value[:40]}…"
    return f"'{cut.encode('utf-8', errors='replace').decode()}'" if cut.isprintable() else ascii(cut)


def _matching(pattern: re.Pattern[str], wanted: str, *, default: str | None = None) -> Callable[[str, str], str]:
    def read(field: str, value: str) -> str:
        if not value and default is not None:
            return default
        if not pattern.fullmatch(value):
            raise _FieldError(field, f"{_shown(value)} is not {wanted}." if value else f"The {field} is missing.")
        return value

    return read


def _one_of(choices: tuple[str, ...], *, default: str | None = None) -> Callable[[str, str], str]:
    def read(field: str, value: str) -> str:
        if not value and default is not None:
            return default
        if value not in choices:
            named = ", ".join(choice for choice in choices if choice)
            raise _FieldError(field, f"{_shown(value)} is not one of: {named}." if value else f"The {field} is missing.")
        return value

    return read


def _number(low: int, high: int, *, default: int | None = None, required: bool = False) -> Callable[[str, str], object]:
    def read(field: str, value: str) -> int | None:
        if not value and not required:
            return default
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise _FieldError(field, f"{_shown(value)} is not a whole number." if value else f"The {field} is missing.")
        if not low <= int(value) <= high:
            raise _FieldError(field, f"{_shown(value)} is not between {low} and {high}.")
        return int(value)

    return read


def _languages(field: str, value: str) -> tuple[tuple[str, LanguageLevel], ...]:
    if not value:
        raise _FieldError(field, "The languages are missing: at least one is needed, as in de:well.")
    found = tuple(_spoken(field, part) for part in value.split(";"))
    _once(field, [tag for tag, _ in found])
    return found


def _spoken(field: str, part: str) -> tuple[str, LanguageLevel]:
    tag, _, level = part.partition(":")
    if not _TAG.fullmatch(tag):
        raise _FieldError(field, f"{_shown(tag)} is not the code of a language, as de or fa-AF.")
    if level not in get_args(LanguageLevel):
        raise _FieldError(field, f"{_shown(part)} does not say how well: little, well or native.")
    return tag, cast("LanguageLevel", level)


def _hobbies(field: str, value: str) -> tuple[str, ...]:
    found = tuple(value.split(";")) if value else ()
    for hobby in found:
        if not _CODE.fullmatch(hobby):
            raise _FieldError(field, f"{_shown(hobby)} is not the code of a hobby, as cooking.")
    _once(field, found)
    return found


def _once(field: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise _FieldError(field, f"{_shown(name)} stands twice.")
        seen.add(name.casefold())


_READERS: dict[str, Callable[[str, str], Any]] = {
    "id": _matching(_ID, "an id of letters, digits, dots and dashes"),
    "name": lambda _, value: value,
    "email": _matching(_EMAIL, "an e-mail address", default=""),
    "role": _one_of(get_args(Role)),
    "language": _matching(_TAG, "the code of a language, as de or fa-AF", default="de"),
    "postcode": _matching(re.compile(r"[0-9]{5}"), "a postcode of five digits", default=""),
    "place": lambda _, value: value,
    "birth_year": _number(1900, 2100, required=True),
    "gender": _one_of(get_args(Gender), default=""),
    "wish": _one_of(get_args(Wish), default="any"),
    "languages": _languages,
    "hobbies": _hobbies,
    "max_km": _number(1, 200),
    "max_age_gap": _number(1, 99),
    "capacity": _number(1, 3, default=1),
    "party": _matching(_CODE, "a word of small letters and digits", default=""),
    "group": _matching(_CODE, "a word of small letters and digits", default=""),
    "demo": _one_of(DEMOS),
}
