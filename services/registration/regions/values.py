"""What a single setting may hold, and how a mistake in it is said: one sentence for whoever wrote the file."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator

from shared.web.languages import LANGUAGES

Way = tuple[str | int, ...]
"""The keys and numbers that lead to a setting."""

MOST_LETTERS = 500
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()/-]{2,30}")


class SettingError(ValueError):
    """Mistakes at or below a setting: the way on from there to each, and its sentence."""

    def __init__(self, *faults: tuple[Way, str]) -> None:
        super().__init__("; ".join(sentence for _, sentence in faults))
        self.faults = faults


def refuse(faults: Iterable[tuple[Way, str]]) -> None:
    """Raises SettingError if there is a fault among them."""
    if found := tuple(faults):
        raise SettingError(*found)


def guess(word: str, known: Iterable[str]) -> str:
    """A question to put behind a sentence where one of the known words may have been meant."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _block(value: str) -> str:
    if not value.strip() or _CONTROL.search(value):
        raise ValueError("must hold some text, without tabs or other signs that cannot be seen")
    if len(value) > MOST_LETTERS:
        raise ValueError(f"is longer than {MOST_LETTERS} letters")
    return value.strip()


def _line(value: str) -> str:
    if "\n" in value:
        raise ValueError("must be on one line")
    return _block(value)


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError(f'"{value}" is no e-mail address; write it like name@county.example')
    return value


def _phone(value: str) -> str:
    if not _PHONE.fullmatch(value):
        raise ValueError(f'"{value}" is no phone number; write it like +49 30 23125 123')
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{value}" is no time zone{guess(value, available_timezones())}') from None
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f'"{value}" is no language of our pages; they are: {", ".join(LANGUAGES)}')
    return value


def _named(value: Mapping[str, str]) -> Mapping[str, str]:
    if "de" not in value:
        raise ValueError("de is missing; there must be a German name, which stands where a language has none")
    return value


def _texts(value: Mapping[str, str]) -> Mapping[str, str]:
    if not value:
        raise ValueError("must hold a text for each language, or the block must go")
    return value


Block = Annotated[str, AfterValidator(_block)]
Line = Annotated[str, AfterValidator(_line)]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, AfterValidator(_phone)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Language = Annotated[str, AfterValidator(_language)]
Names = Annotated[Mapping[Language, Line], AfterValidator(_named)]
Texts = Annotated[Mapping[Language, Block], AfterValidator(_texts)]
