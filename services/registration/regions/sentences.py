"""What is wrong with a region file, said to whoever wrote it: where, and in one plain sentence."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from services.registration.regions.model import Region
from services.registration.regions.values import SettingError, Way, guess

_SENTENCES = {
    "string_type": "must be text between quotation marks",
    "int_type": "must be a whole number, without quotation marks",
    "bool_type": "must be true or false, without quotation marks",
    "datetime_type": "must be a day and time like 2021-10-15T00:00:00, without quotation marks",
    "timezone_naive": "must be a day and time like 2021-10-15T00:00:00, with no zone behind it",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_pattern_mismatch": "must be of at most 64 small letters a to z, digits, - and _",
    "list_type": "must be a list in square brackets",
    "literal_error": "must be {expected}",
    "too_short": "must name at least one",
}
_BLOCK_ERRORS = frozenset({"model_type", "mapping_type", "dict_type"})
_WHERE_TOML_STOPS = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL)
_BENT = re.compile("[„“”‚‘’«»]")


def of_settings(error: ValidationError) -> Iterator[tuple[Way, str]]:
    """The way to each mistake, and what is wrong there."""
    for one in error.errors(include_url=False):
        way: Way = tuple(part for part in one["loc"] if part != "[key]")
        own = one.get("ctx", {}).get("error")
        if isinstance(own, SettingError):
            yield from (((*way, *on), sentence) for on, sentence in own.faults)
        elif one["loc"][-1:] == ("[key]",):
            yield way, f"{own}{_home(str(way[-1]))}"
        else:
            yield way, str(own) if own else _sentence(one["type"], way, one)


def of_toml(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """The line where reading stopped, and why."""
    found = _WHERE_TOML_STOPS.fullmatch(str(error))
    what, line = (found["what"], found["line"]) if found else (str(error), None)
    rows = text.rstrip().split("\n")
    number = int(line) if line else len(rows)
    if "overwrite" in what or "twice" in what or "mutate" in what:
        return number, "this setting or block stands in the file twice"
    if "Invalid date" in what:
        return number, "there is no such day or time"
    row = rows[number - 1] if number <= len(rows) else ""
    if _BENT.search(row.partition("#")[0]):
        return number, 'this cannot be read: quotation marks must be straight ones, like "this"'
    return number, f"this cannot be read ({what}); is a quotation mark, bracket, comma or = missing here or just above?"


def named(way: Way) -> str:
    """As it is called: rules.weights. Of several blocks the line says which is meant."""
    return ".".join(_names(way))


def _sentence(kind: str, way: Way, one: Mapping[str, Any]) -> str:
    if kind == "missing":
        return f"is missing{_to_write(way)}"
    if kind == "extra_forbidden":
        return f"there is no such setting here{_meant(way)}"
    if kind in _BLOCK_ERRORS or (kind == "list_type" and isinstance(one["input"], dict)):
        return f"must be a block of its own that begins with {_head(way, listed=kind == 'list_type')}"
    if kind not in _SENTENCES:
        return str(one["msg"])
    sentence = _SENTENCES[kind].format_map(one.get("ctx", {})).replace("'", '"')
    return sentence if isinstance(one["input"], list | dict) else f"{sentence}, not {_written(one['input'])}"


def _written(value: Any) -> str:
    """As it stands in the file, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value if len(value) < 60 else value[:60] + "…"}"'
    return str(value)


def _to_write(way: Way) -> str:
    return f"; write a block that begins with {_head(way)}" if _names(way) in _BLOCKS else _belongs(_names(way[:-1]))


def _meant(way: Way) -> str:
    """Where an unknown setting belongs, or what it may be misspelled for: there first, then elsewhere."""
    word = str(way[-1])
    everywhere = {key for keys in TABLES.values() for key in keys}
    return _home(word) or guess(word, TABLES[_names(way[:-1])]) or guess(word, everywhere)


def _home(word: str) -> str:
    """Where a setting belongs that exists in one block only."""
    homes = [table for table, keys in TABLES.items() if word in keys]
    return _belongs(homes[0]) if len(homes) == 1 else ""


def _belongs(table: tuple[str, ...]) -> str:
    return f"; it belongs below [{'.'.join(table)}]" if table else "; it belongs at the top, before the first line with a [ ]"


def _head(way: Way, *, listed: bool = False) -> str:
    """How a block begins; one of several stands in two brackets."""
    return f"[[{named(way)}]]" if listed or isinstance(way[-1], int) else f"[{named(way)}]"


def _names(way: Way) -> tuple[str, ...]:
    return tuple(part for part in way if isinstance(part, str))


def _tables(model: type[BaseModel], way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    """The blocks of a file and the settings each may hold."""
    yield way, frozenset(model.model_fields)
    for name, field in model.model_fields.items():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _tables(part, (*way, name))


TABLES = dict(_tables(Region))
_BLOCKS = {*TABLES, ("name",), ("rounds", "name")}
