"""One cell of the people file: what may stand in it, by its column, and what is told where something else does."""

import re
from collections.abc import Callable, Iterable
from typing import Any, cast, get_args

from shared.schemas.codes import Gender, LanguageLevel, Role, Wish

MAX_CELL = 500  # characters; the longest honest cell, a list of hobbies, has about 200
DEMOS = ("", "unconfirmed", "leaves", "withdraws", "repeats", "declines", "silent")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
BROKEN = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class FieldError(ValueError):
    """What is wrong with a line; `field` is empty where the line as a whole is at fault."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def clean(field: str, value: str) -> None:
    if len(value) > MAX_CELL:
        raise FieldError(field, f"The cell is longer than {MAX_CELL} characters.")
    if BROKEN.search(value):
        raise FieldError(field, "The cell is not UTF-8.")
    if "\0" in value:
        raise FieldError(field, "The cell holds a NUL character.")
    if _CONTROL.search(value):
        raise FieldError(field, "The cell holds a control character.")


def shown(value: str) -> str:
    """The typed value for a message: cut, and safe to print."""
    cut = value if len(value) <= 40 else f"{value[:40]}…"
    return f"'{cut.encode('utf-8', errors='replace').decode()}'" if cut.isprintable() else ascii(cut)


def _matching(pattern: re.Pattern[str], wanted: str, *, default: str | None = None) -> Callable[[str, str], str]:
    def read(field: str, value: str) -> str:
        if not value and default is not None:
            return default
        if not pattern.fullmatch(value):
            raise FieldError(field, f"{shown(value)} is not {wanted}." if value else f"The {field} is missing.")
        return value

    return read


def _one_of(choices: tuple[str, ...], *, default: str | None = None) -> Callable[[str, str], str]:
    def read(field: str, value: str) -> str:
        if not value and default is not None:
            return default
        if value not in choices:
            named = ", ".join(choice for choice in choices if choice)
            raise FieldError(field, f"{shown(value)} is not one of: {named}." if value else f"The {field} is missing.")
        return value

    return read


def _number(low: int, high: int, *, default: int | None = None, required: bool = False) -> Callable[[str, str], object]:
    def read(field: str, value: str) -> int | None:
        if not value and not required:
            return default
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise FieldError(field, f"{shown(value)} is not a whole number." if value else f"The {field} is missing.")
        if not low <= int(value) <= high:
            raise FieldError(field, f"{shown(value)} is not between {low} and {high}.")
        return int(value)

    return read


def _languages(field: str, value: str) -> tuple[tuple[str, LanguageLevel], ...]:
    if not value:
        raise FieldError(field, "The languages are missing: at least one is needed, as in de:well.")
    found = tuple(_spoken(field, part) for part in value.split(";"))
    _once(field, [tag for tag, _ in found])
    return found


def _spoken(field: str, part: str) -> tuple[str, LanguageLevel]:
    tag, _, level = part.partition(":")
    if not _TAG.fullmatch(tag):
        raise FieldError(field, f"{shown(tag)} is not the code of a language, as de or fa-AF.")
    if level not in get_args(LanguageLevel):
        raise FieldError(field, f"{shown(part)} does not say how well: little, well or native.")
    return tag, cast("LanguageLevel", level)


def _hobbies(field: str, value: str) -> tuple[str, ...]:
    found = tuple(value.split(";")) if value else ()
    for hobby in found:
        if not _CODE.fullmatch(hobby):
            raise FieldError(field, f"{shown(hobby)} is not the code of a hobby, as cooking.")
    _once(field, found)
    return found


def _once(field: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise FieldError(field, f"{shown(name)} stands twice.")
        seen.add(name.casefold())


READERS: dict[str, Callable[[str, str], Any]] = {
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
