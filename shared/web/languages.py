"""The languages pages are written in, the languages people can say they speak, and how the reader's language is chosen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import langcodes
from babel import Locale
from langcodes.tag_parser import LanguageTagError


@dataclass(frozen=True)
class Language:
    """A language of the pages: its BCP 47 tag, its own name for itself, and its direction."""

    tag: str
    autonym: str
    rtl: bool = False

    @property
    def direction(self) -> str:
        return "rtl" if self.rtl else "ltr"


LANGUAGES: dict[str, Language] = {
    language.tag: language
    for language in (
        Language("de", "Deutsch"),
        Language("en", "English"),
        Language("ar", "العربية", rtl=True),
        Language("fa", "فارسی", rtl=True),
        Language("tr", "Türkçe"),
        Language("uk", "Українська"),
    )
}

SPOKEN_COMMON = ("de", "en", "ar", "fa", "fa-AF", "tr", "uk", "ru", "ku", "ckb", "ps", "ur", "ti", "am", "so", "fr")
_OTHERS = """
    az bg bm bn bs cs el es ff ha he hi hr hu hy ig it ja ka kk ko ky lg ln mk mn ne nl om pa pl pt ro rom rw si sk sq sr st su
    sw syr ta tg th tk tl uz vi wo yo zh zu
"""
SPOKEN_OTHERS = tuple(_OTHERS.split())
SPOKEN = SPOKEN_COMMON + SPOKEN_OTHERS

# English dates are read by people in Germany: day before month.
_DATE_LOCALES = {"en": "en_GB"}
_ALIASES = {"prs": "fa-AF", "ku-arab": "ckb", "kmr": "ku", "sdh": "ckb"}
# langcodes counts up to 25 as "understands it"; beyond lie guesses such as English for Somali.
_FARTHEST = 25
_MOST_WISHES = 12
_WISH = re.compile(r"\s*([A-Za-z0-9-]{2,35})\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{1,3})?))?\s*")
# Babel brings no collation; code points put Persian, Turkish and Ukrainian letters in the wrong place.
_ALPHABETS = {
    "fa": "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
    "tr": "abcçdefgğhıijklmnoöpqrsştuüvwxyz",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}


@lru_cache(maxsize=64)
def locale(tag: str) -> Locale:
    """Babel's locale of a language of the pages."""
    return Locale.parse(_DATE_LOCALES.get(tag, tag.replace("-", "_")))


def negotiate(cookie: str | None, accept_language: str | None, offered: Sequence[str], default: str) -> str:
    """The offered language that suits best: what was chosen before, then what the browser asks for, then the default."""
    if cookie in offered:
        return str(cookie)
    for wish in _wishes(accept_language or ""):
        found = _closest(wish, tuple(offered))
        if found:
            return found
    return default


def _wishes(accept_language: str) -> list[str]:
    """The tags of the header, most wanted first; what is not a tag is passed over."""
    weighted: list[tuple[float, str]] = []
    for part in accept_language[:500].split(",")[:_MOST_WISHES]:
        match = _WISH.fullmatch(part)
        if match and float(match[2] or 1) > 0:
            weighted.append((-float(match[2] or 1), match[1]))
    return [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]


@lru_cache(maxsize=1024)
def _closest(wish: str, offered: tuple[str, ...]) -> str | None:
    wanted = _ALIASES.get(wish.lower(), wish)
    try:
        # Iranians and Afghans read each other's Persian: a Dari reader gets Dari where it is offered, else Persian.
        found, _ = langcodes.closest_match(wanted, offered, max_distance=_FARTHEST)
    except LanguageTagError:
        return None
    return found if found in offered else None


def other_language(reader: str, shared: Sequence[str]) -> str | None:
    """In which language of the pages, beside the reader's, two people may speak first: the one they share best that is not the
    reader's. Where they share the reader's alone, none; where none of theirs has texts, German, which both live with.
    """
    written = [_page_language(code) for code in shared]
    others = [tag for tag in written if tag not in {None, reader}]
    if others:
        return others[0]
    return None if reader in written or reader == "de" else "de"


def _page_language(spoken: str) -> str | None:
    """Who speaks a variety reads the language it belongs to where it has no texts of its own: Dari, Persian."""
    base = spoken.partition("-")[0]
    return next((tag for tag in (spoken, base) if tag in LANGUAGES), None)


def cldr_name(code: str, reader: str) -> str:
    """The name of a spoken language in the reader's language; the code itself where CLDR knows none."""
    names = locale(reader).languages
    return str(names.get(code.replace("-", "_")) or names.get(code.split("-", maxsplit=1)[0]) or code)


def alphabetical(word: str, reader: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts words as the reader's alphabet does."""
    alphabet = _ALPHABETS.get(reader, "")
    folded = word.replace("I", "ı").replace("İ", "i").lower() if reader == "tr" else word.casefold()
    return tuple((alphabet.find(sign) if sign in alphabet else len(alphabet), sign) for sign in folded)
