"""Translations: PO files read at process start, looked up by key, filled in without ever interpreting a value."""

import gettext
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import structlog
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from shared.web.languages import LANGUAGES

log = structlog.get_logger()

SHARED = Path(__file__).parent
SOURCE = "de"
FORMAL = "de-formal"  # German as "Sie": where it says the same as the other, it has no text of its own
Address = Literal["du", "sie"]
PROVENANCES = ("human", "reviewed", "machine")
# Only a bare name in braces: no attribute, no index, no format, so nothing typed or translated can reach into a value.
PLACEHOLDER = re.compile(r"\{([a-z][a-z_]*)\}")


class MissingKeyError(KeyError):
    """A text that an offered language does not have."""


@dataclass(frozen=True)
class Entry:
    """One translated text: its forms (one, or one per plural form) and who made it."""

    forms: tuple[str, ...]
    provenance: str


@dataclass(frozen=True)
class Catalogue:
    """All texts of one language that a service uses."""

    language: str
    entries: Mapping[str, Entry]
    plural: Callable[[int], int]


def catalogue_of(language: str, address: Address) -> str:
    """The name of the catalogue for a reader of this language, where a region addresses people so."""
    return FORMAL if (language, address) == (SOURCE, "sie") else language


def po_path(folder: Path, language: str, domain: str) -> Path:
    return folder / "locale" / language.replace("-", "_") / "LC_MESSAGES" / f"{domain}.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def load(domain: str, folder: Path, names: Sequence[str] = (*LANGUAGES, FORMAL)) -> dict[str, Catalogue]:
    """The service's texts over the shared ones, by the catalogues' names."""
    return {name: _formal(domain, folder) if name == FORMAL else _one(domain, folder, name) for name in names}


def _formal(domain: str, folder: Path) -> Catalogue:
    german, formal = _one(domain, folder, SOURCE), _one(domain, folder, FORMAL)
    return replace(german, entries={**german.entries, **formal.entries})


def _one(domain: str, folder: Path, name: str) -> Catalogue:
    shared, own = read(po_path(SHARED, name, "shared")), read(po_path(folder, name, domain))
    return Catalogue(name, _entries(shared) | _entries(own), gettext.c2py(shared.plural_expr))


def _entries(catalog: Catalog) -> dict[str, Entry]:
    found = {}
    for message in catalog:
        key = key_of(message.id)
        forms = forms_of(message.string)
        if key and all(forms) and not message.fuzzy:
            found[key] = Entry(forms, provenance_of(message.user_comments))
    return found


def key_of(message_id: str | Sequence[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def forms_of(string: str | Sequence[str] | None) -> tuple[str, ...]:
    if string is None or isinstance(string, str):
        return (string or "",)
    return tuple(string)


def provenance_of(comments: Sequence[str]) -> str:
    """The one word of the translator comment that says who made the text; empty where there is none, or more than one."""
    found = [comment.strip() for comment in comments if comment.strip() in PROVENANCES]
    return found[0] if len(found) == 1 else ""


class Catalogues:
    """Looks up texts. Strict (tests, checks): a missing key raises. Else: German, and an error in the log."""

    def __init__(self, by_language: Mapping[str, Catalogue], *, strict: bool = False) -> None:
        self._by_language = by_language
        self._strict = strict

    def known(self, language: str, key: str) -> bool:
        return any(key in self._by_language[one].entries for one in (language, SOURCE))

    def provenance(self, language: str, key: str) -> str:
        entry = self._by_language[language].entries.get(key)
        return entry.provenance if entry else ""

    def message(self, language: str, key: str, n: int | None = None) -> str:
        """The text as it stands in the catalogue, in the plural form of `n`."""
        catalogue = self._by_language[language]
        entry = catalogue.entries.get(key)
        if entry is None:
            return self._missing(language, key, n)
        form = 0 if n is None or len(entry.forms) == 1 else catalogue.plural(n)
        return entry.forms[form]

    def _missing(self, language: str, key: str, n: int | None) -> str:
        if self._strict:
            raise MissingKeyError(f"{language}: {key}")
        log.error("missing translation", language=language, key=key)
        return self.message(SOURCE, key, n) if language != SOURCE else key


def fill(message: str, params: Mapping[str, object]) -> str:
    """Plain text with its placeholders filled in, once: what a value says is never looked at again."""
    return PLACEHOLDER.sub(lambda match: str(params[match[1]]), message)


def fill_html(message: str, params: Mapping[str, object]) -> Markup:
    """The same for HTML: the text and every value are escaped, except values that are markup already."""
    filled = PLACEHOLDER.sub(lambda match: str(escape(params[match[1]])), str(escape(message)))
    return Markup(filled)  # noqa: S704 - every part went through escape
