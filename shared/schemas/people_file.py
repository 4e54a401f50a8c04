"""Reads and writes the people file: one person a line, CSV in UTF-8; its columns are told in examples/README.md.

A line that cannot be read is named with its number, the field and the reason; the others go on.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.schemas.codes import Gender, LanguageLevel, Role, Wish
from shared.schemas.people_cells import BROKEN, READERS, FieldError, clean, shown

MAX_LINE = 100_000
"""Characters looked at. A line this long has too many fields or a cell that is too long, whatever follows."""
MAX_PARTY = 4


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
        except FieldError as error:
            return [], [BadRow(1, error.field, error.reason)]
        people = _People()
        for number, line in lines:
            try:
                rows.append(people.add(number, _read_row(columns, _cells(line))))
            except FieldError as error:
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
    """Numbered lines without their ends; broken bytes become surrogates, which `clean` names. Empty lines go."""
    for number, raw in enumerate(file, start=1):
        text = raw.decode("utf-8", errors="surrogateescape").rstrip("\r\n")
        line = text.removeprefix("\ufeff") if number == 1 else text
        if line or number == 1:
            yield number, line


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line[:MAX_LINE]], strict=len(line) <= MAX_LINE), [])
    except csv.Error:
        raise FieldError("", "A quotation mark is not closed or stands in the wrong place.") from None


def _read_header(line: str) -> list[str]:
    if not line:
        raise FieldError("", "The first line is empty: it must name the columns.")
    if BROKEN.search(line) or "\0" in line:
        raise FieldError("header", "The file is not UTF-8.")
    found = _cells(line)
    if len(found) == 1 and ";" in line:
        raise FieldError("header", "The columns are separated by semicolons: commas are needed.")
    complaints = (
        ("is missing", [name for name in COLUMNS if name not in found]),
        ("is not known", [name for name in found if name not in COLUMNS]),
        ("stands twice", [name for name in COLUMNS if found.count(name) > 1]),
    )
    for complaint, names in complaints:
        if names:
            raise FieldError("header", f"In the header the column {', '.join(map(shown, names[:18]))} {complaint}.")
    return found


def _read_row(columns: list[str], cells: list[str]) -> Row:
    cell = dict(zip(columns, cells, strict=False))
    for name, value in cell.items():
        clean(name, value)
    if len(cells) != len(columns):
        raise FieldError("", f"The line has {len(cells)} fields instead of {len(columns)}.")
    row = Row(**{name: READERS[name](name, cell[name]) for name in COLUMNS})
    if row.role == "newcomer" and row.capacity > 1:
        raise FieldError("capacity", "A newcomer has one buddy, so the capacity is 1.")
    if row.party and row.capacity > 1:
        raise FieldError("capacity", "Who signs up in a party has one buddy, so the capacity is 1.")
    return row


class _People:
    """What has to be right across lines: an id stands once, a party has one role and at most four people."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._parties: dict[str, list[Row]] = {}

    def add(self, line: int, row: Row) -> Row:
        if row.id in self._lines:
            raise FieldError("id", f"The id {shown(row.id)} stands in line {self._lines[row.id]} already.")
        if row.party:
            self._join(row)
        self._lines[row.id] = line
        return row

    def _join(self, row: Row) -> None:
        party = self._parties.setdefault(row.party, [])
        if party and party[0].role != row.role:
            raise FieldError("party", f"The party {shown(row.party)} mixes locals and newcomers.")
        if len(party) == MAX_PARTY:
            raise FieldError("party", f"The party {shown(row.party)} has more than {MAX_PARTY} people.")
        party.append(row)
