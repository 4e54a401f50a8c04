"""JSON text to a Job; whatever is wrong is named by record and field, never a traceback."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.matching.engine.instance import DEFAULT_LEVELS, PairIds, Quota
from services.matching.engine.people import GENDERS, LANGUAGE_LEVELS, Job, Person, Rules, Weights, Wishes

Check = Callable[[Any], Any]
REQUIRED = object()


class BadInputError(ValueError):
    """Input that cannot be solved; `str` is one line: record, field, what is wrong."""


def load(raw: bytes, what: str) -> Any:
    """Decoded JSON. Raises BadInputError for anything that is not UTF-8 JSON without NaN or infinity."""
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{what}: not valid JSON in UTF-8: {str(error)[:120]}") from None


def _once(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(fields)
    if len(found) < len(fields):
        raise ValueError(f"field {_twice(fields)[:60]!r} stands twice in one object")
    return found


def _twice(fields: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    return next(name for name, _ in fields if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def check_fields(raw: bytes) -> None:
    """Raises BadInputError where a field stands twice in an object; what is read is otherwise forgotten at once."""
    try:
        json.loads(raw, object_pairs_hook=lambda fields: _once(fields) and None)
    except ValueError as error:
        raise BadInputError(str(error)) from None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Complaints about one of several files name it."""
    try:
        yield
    except BadInputError as error:
        raise BadInputError(str(error) if str(error).startswith(str(path)) else f"{path}: {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def integer(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return check


def real(low: float, high: float) -> Check:
    def check(value: Any) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            raise ValueError(f"must be a number from {low} to {high}")
        return float(value)

    return check


def text(value: Any) -> str:
    if type(value) is not str or not value:
        raise ValueError("must be a text that is not empty")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("holds half a character")
    return value


def one_of(*choices: str) -> Check:
    def check(value: Any) -> str:
        if type(value) is not str or value not in choices:
            raise ValueError("must be one of " + ", ".join(choice or '""' for choice in choices))
        return value

    return check


def optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def listing(check: Check, *, unique: bool = True) -> Check:
    def check_all(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise ValueError("must be a list")
        items = tuple(check(item) for item in value)
        if unique and len(set(items)) != len(items):
            raise ValueError("names something twice")
        return items

    return check_all


def languages(value: Any) -> tuple[tuple[str, str], ...]:
    if type(value) is not dict:
        raise ValueError("must be an object of language and level")
    level = one_of(*LANGUAGE_LEVELS)
    return tuple(sorted((text(code), level(spoken)) for code, spoken in value.items()))


def hobbies(value: Any) -> tuple[str, ...]:
    return tuple(sorted(listing(text)(value)))


def pair(value: Any) -> PairIds:
    if type(value) is not list or len(value) != 2:
        raise ValueError("must be pairs [newcomer, local]")
    return text(value[0]), text(value[1])


def record(value: Any, fields: Mapping[str, tuple[Check, Any]], where: str) -> dict[str, Any]:
    """Checked fields with defaults. Raises BadInputError for the first unknown, missing or wrong field."""
    if type(value) is not dict:
        raise BadInputError(f"{where}: must be an object")
    if unknown := sorted(value.keys() - fields.keys()):
        raise BadInputError(f"{where}: field {unknown[0]!r} is unknown")
    checked: dict[str, Any] = {}
    for name, (check, default) in fields.items():
        if name not in value and default is REQUIRED:
            raise BadInputError(f"{where}: field {name!r} is missing")
        try:
            checked[name] = check(value[name]) if name in value else default
        except ValueError as error:
            raise BadInputError(f"{where}: field {name!r} {error}") from None
    return checked


def weights(value: Any) -> Weights:
    fields = {name: (integer(0, 1000), REQUIRED) for name in ("languages", "hobbies", "closeness", "age")}
    checked = Weights(**record(value, fields, "weights"))
    if checked.languages + checked.hobbies + checked.closeness + checked.age != 1000:
        raise ValueError("must add up to 1000")
    return checked


PERSON: Mapping[str, tuple[Check, Any]] = {
    "id": (text, REQUIRED),
    "role": (one_of("local", "newcomer"), REQUIRED),
    "lat": (optional(real(-90, 90)), None),
    "lon": (optional(real(-180, 180)), None),
    "birth_year": (integer(1900, 2200), REQUIRED),
    "gender": (one_of(*GENDERS), ""),
    "wish": (one_of("any", "same"), "any"),
    "languages": (languages, ()),
    "hobbies": (hobbies, ()),
    "max_km": (optional(integer(0, 20_100)), None),
    "max_age_gap": (optional(integer(0, 200)), None),
    "capacity": (integer(1, 100), 1),
    "party": (optional(text), None),
    "group": (optional(text), None),
    "waiting": (integer(0, 1000), 0),
}
RULES: Mapping[str, tuple[Check, Any]] = {
    "year": (integer(1900, 2200), REQUIRED),
    "max_km": (integer(0, 20_100), REQUIRED),
    "min_age": (integer(0, 120), 18),
    "max_age_gap": (optional(integer(0, 200)), None),
    "quality_floor": (integer(0, 1_000_000), 0),
    "levels": (listing(one_of(*DEFAULT_LEVELS)), DEFAULT_LEVELS),
    "weights": (weights, Weights()),
}
QUOTA: Mapping[str, tuple[Check, Any]] = {
    "name": (text, REQUIRED),
    "members": (listing(text), REQUIRED),
    "min": (integer(0, 1_000_000_000), 0),
    "max": (optional(integer(0, 1_000_000_000)), None),
}
PAIRS: tuple[Check, Any] = (listing(pair), ())
WISHES: Mapping[str, tuple[Check, Any]] = {
    "pins": PAIRS,
    "bans": PAIRS,
    "met": (listing(pair, unique=False), ()),
    "keep": PAIRS,
    "former": PAIRS,
    "quotas": (listing(lambda value: value, unique=False), ()),
}
JOB: Mapping[str, tuple[Check, Any]] = {
    "people": (listing(lambda value: value, unique=False), REQUIRED),
    "rules": (lambda value: value, REQUIRED),
    "wishes": (lambda value: {} if value is None else value, {}),
    "time_limit": (optional(real(0, 1_000_000)), None),
}


def person(value: Any, number: int) -> Person:
    name = value.get("id") if type(value) is dict else None
    where = f"people[{number}]" + (f" {name[:60]!r}" if type(name) is str else "")
    found = Person(**record(value, PERSON, where))
    if (found.lat is None) != (found.lon is None):
        raise BadInputError(f"{where}: fields 'lat' and 'lon' must be given together")
    return found


def quota(value: Any, number: int) -> Quota:
    found = record(value, QUOTA, f"quotas[{number}]")
    low, high = found.pop("min"), found.pop("max")
    if high is not None and low > high:
        raise BadInputError(f"quotas[{number}] {found['name'][:60]!r}: field 'min' is greater than 'max'")
    return Quota(found["name"], tuple(sorted(found["members"])), low, high)


def job(value: Any) -> Job:
    """A checked Job, everything in canonical order. Raises BadInputError; its text has at most three lines."""
    fields = record(value, JOB, "job")
    people = _people(fields["people"])
    rules = Rules(**record(fields["rules"], RULES, "rules"))
    found = record(fields["wishes"], WISHES, "wishes")
    quotas = tuple(quota(item, number) for number, item in enumerate(found.pop("quotas")))
    if len({item.name for item in quotas}) != len(quotas):
        raise BadInputError("wishes: field 'quotas' names one quota twice")
    pairs = {name: tuple(sorted(set(items))) for name, items in found.items()}
    named = tuple(sorted(quotas, key=lambda item: item.name))
    wishes = Wishes(pairs["pins"], pairs["bans"], named, pairs["met"], pairs["keep"], pairs["former"])
    _check_sides(people, wishes)
    return Job(people, rules, wishes, fields["time_limit"])


def _people(values: Iterable[Any]) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    roles: dict[str, str] = {}
    wrong: list[str] = []
    for number, value in enumerate(values):
        try:
            one = person(value, number)
            if one.id in found:
                raise BadInputError(f"people[{number}] {one.id[:60]!r}: field 'id' stands twice")
            if one.party is not None and roles.setdefault(one.party, one.role) != one.role:
                raise BadInputError(f"people[{number}] {one.id[:60]!r}: field 'party' has members of both sides")
            found[one.id] = one
        except BadInputError as error:
            wrong.append(str(error))
    if wrong:
        raise BadInputError("\n".join(wrong[:3]))
    return tuple(found[name] for name in sorted(found))


def _check_sides(people: tuple[Person, ...], wishes: Wishes) -> None:
    """A person named who is not here is no mistake (they left); one named on the wrong side is."""
    roles = {one.id: one.role for one in people}
    for field in ("pins", "bans", "met", "keep", "former"):
        for newcomer, local in getattr(wishes, field):
            if roles.get(newcomer) == "local" or roles.get(local) == "newcomer":
                raise BadInputError(f"wishes: field {field!r} has a pair the wrong way round: {newcomer!r}, {local!r}")
