"""`python -m shared.web.check`: everything that can be wrong with the translations, as a list; exit 1 if there is any."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from weblate_language_data.languages import LANGUAGES as PLURALS

from shared.web import formal, usage
from shared.web.catalogues import FORMAL, PLACEHOLDER, SHARED, SOURCE, forms_of, key_of, po_path, provenance_of, read
from shared.web.languages import LANGUAGES

ROOT = SHARED.parents[1]
OPENERS = dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c") | dict.fromkeys("\u2066\u2067\u2068", "\u2069")
Catalogs = Mapping[str, Catalog]


def folders(root: Path = ROOT) -> dict[str, Path]:
    """Every domain with its folder: the shared one and one per service that has texts."""
    services = {path.parent.name: path.parent for path in sorted(root.glob("services/*/locale"))}
    return {"shared": root / "shared" / "web", **services}


def problems(root: Path = ROOT) -> list[str]:
    """All of them, each in one line with its file or key."""
    found: list[str] = []
    keys: dict[str, dict[str, bool]] = {}
    for domain, folder in folders(root).items():
        missing = [name for name in (*LANGUAGES, FORMAL) if not po_path(folder, name, domain).is_file()]
        if missing:
            found += [f"{domain}: no catalogue for {name}" for name in missing]
            continue
        catalogs = {language: read(po_path(folder, language, domain)) for language in LANGUAGES}
        found += [f"{domain}: {problem}" for problem in in_catalogs(catalogs)]
        overlay = read(po_path(folder, FORMAL, domain))
        found += [f"{domain}: {FORMAL}: {problem}" for problem in in_overlay(catalogs[SOURCE], overlay)]
        keys[domain] = {key: message.pluralizable for key, message in by_key(catalogs[SOURCE]).items()}
    return found + list(_in_use(root, keys))


def in_catalogs(catalogs: Catalogs) -> Iterator[str]:
    """What is wrong inside the catalogues of one domain; German says which keys and placeholders there are."""
    source = by_key(catalogs[SOURCE])
    for language, catalog in catalogs.items():
        yield from (f"{language}: {key}: missing" for key in source.keys() - by_key(catalog).keys())
        yield from (f"{language}: {problem}" for problem in _in_catalog(language, catalog, source))


def in_overlay(german: Catalog, overlay: Catalog) -> Iterator[str]:
    """What is wrong with the texts that German as "Sie" has of its own, and which of them it lacks."""
    yield from _in_catalog(SOURCE, overlay, by_key(german))
    yield from formal.in_overlay(by_key(german), by_key(overlay))


def _in_catalog(language: str, catalog: Catalog, source: Mapping[str, Message]) -> Iterator[str]:
    yield from _in_header(language, catalog)
    own = by_key(catalog)
    yield from (f"{key}: not in {SOURCE}" for key in own.keys() - source.keys())
    yield from (f"{key_of(old)}: obsolete" for old in catalog.obsolete)
    for key in own.keys() & source.keys():
        yield from (f"{key}: {problem}" for problem in in_message(own[key], source[key], catalog.num_plurals))


def messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def by_key(catalog: Catalog) -> dict[str, Message]:
    return {key_of(message.id): message for message in messages(catalog)}


def _in_header(language: str, catalog: Catalog) -> Iterator[str]:
    if str(catalog.locale_identifier) != language.replace("-", "_"):
        yield f"header says language {catalog.locale_identifier}"
    count, formula = plural_of(language)
    if (catalog.num_plurals, catalog.plural_expr.strip("() ")) != (count, formula.strip("() ")):
        yield f"plural header is not nplurals={count}; plural={formula};"


def plural_of(language: str) -> tuple[int, str]:
    """The CLDR rule: number of forms and formula. A variety follows its language where it has no rule of its own."""
    rules = {code: (count, formula) for code, _, count, formula in PLURALS}
    return rules.get(language.replace("-", "_")) or rules[language.split("-", maxsplit=1)[0]]


def in_message(message: Message, source: Message, plurals: int) -> Iterator[str]:
    forms = forms_of(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if not provenance_of(message.user_comments):
        yield "no provenance: one comment `# human`, `# reviewed` or `# machine`"
    if message.pluralizable != source.pluralizable or len(forms) != (plurals if message.pluralizable else 1):
        yield f"{len(forms)} forms"
    if not all(form.strip() for form in forms):
        yield "empty"
        return
    wanted = set(PLACEHOLDER.findall("".join(forms_of(source.string))))
    for form in forms:
        yield from in_form(form, wanted, plural=message.pluralizable)


def in_form(form: str, wanted: set[str], *, plural: bool) -> Iterator[str]:
    # "One buddy", "two buddies" may be words: only the number itself may be left out.
    optional = {"n"} if plural else set()
    found = set(PLACEHOLDER.findall(form))
    if not wanted - optional <= found <= wanted | optional:
        yield f"placeholders {sorted(found)}, wanted {sorted(wanted)}"
    if re.search(r"[{}]", PLACEHOLDER.sub("", form)):
        yield "a brace outside a placeholder"
    if not _bidi_closed(form):
        yield "a bidi control left open"


def _bidi_closed(form: str) -> bool:
    waiting: list[str] = []
    for sign in form:
        if sign in OPENERS:
            waiting.append(OPENERS[sign])
        elif sign in OPENERS.values() and (not waiting or waiting.pop() != sign):
            return False
    return not waiting


def _in_use(root: Path, keys: Mapping[str, Mapping[str, bool]]) -> Iterator[str]:
    uses = {domain: [*usage.in_templates(folder), *usage.in_code(folder)] for domain, folder in folders(root).items()}
    shared = keys.get("shared", {})
    for domain, found in uses.items():
        known = dict(shared) | dict(keys.get(domain, {}))
        yield from (f"{domain}: {problem}" for problem in _unknown(found, known))
        if domain != "shared":
            yield from (f"{domain}: {key}: also in shared" for key in sorted(shared.keys() & keys.get(domain, {}).keys()))
    for domain, own in keys.items():
        asked = [use for other, found in uses.items() if domain in {"shared", other} for use in found]
        written = usage.constants(folders(root)[domain])
        unused = (key for key in own if key not in written and not any(use.names(key) for use in asked))
        yield from (f"{domain}: {key}: unused" for key in unused)


def _unknown(uses: list[usage.Use], known: Mapping[str, bool]) -> Iterator[str]:
    for use in uses:
        if use.is_pattern:
            if not any(use.names(key) for key in known):
                yield f"{use.where}: nothing is called {use.key}"
        elif use.key not in known:
            yield f"{use.where}: no text {use.key}"
        elif use.plural not in {None, known[use.key]}:
            yield f"{use.where}: {use.key} is {'a plural' if known[use.key] else 'no plural'}"


def counts() -> str:
    """How many texts there are by language and provenance, for the desk and the log."""
    found: Counter[tuple[str, str]] = Counter()
    for domain, folder in folders().items():
        for name in (*LANGUAGES, FORMAL):
            catalog = read(po_path(folder, name, domain))
            found.update((name, provenance_of(one.user_comments)) for one in messages(catalog))
    return ", ".join(f"{name} {count} {provenance}" for (name, provenance), count in sorted(found.items()))


def main() -> int:
    found = problems()
    sys.stdout.writelines(f"{problem}\n" for problem in found)
    sys.stdout.write(f"{len(found)} problems\n" if found else f"translations are in order: {counts()}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
