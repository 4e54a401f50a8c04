"""`python -m shared.web.preview [language]`: every text of a language where people meet it, with its key and who made it.

For translators: made from the PO files alone, in one HTML file to be opened in a browser.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup, escape

from shared.web import sample_mails, sample_personal, samples
from shared.web.catalogues import FORMAL, SOURCE, Address, Catalogues, load
from shared.web.check import ROOT, folders
from shared.web.isolation import visible
from shared.web.languages import LANGUAGES
from shared.web.pages import Pages, environment

CHOICES = (*LANGUAGES, FORMAL)
# Of the private use area, so that no text holds them: around a text stand its key and itself.
BEGIN, KEY, END = "\ue000", "\ue001", "\ue002"
OPENED = re.compile(f"{BEGIN}([^{KEY}]*){KEY}")
MARKS = re.compile(f"{BEGIN}[^{KEY}]*{KEY}|{END}")
# Where no element may stand: inside of a tag, and in what a browser shows as plain words.
UNMARKED = re.compile(r"<(title|option|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
# Ids would be double on one page, and a link to an id is of no use here.
LEFT_OUT = re.compile(r' (?:id|for|autofocus|aria-describedby|aria-labelledby|href|action|formaction)(?:="[^"]*")?(?=[ >])')


class Marked(Catalogues):
    """Gives every text out with its key around it."""

    def message(self, language: str, key: str, n: int | None = None) -> str:
        return f"{BEGIN}{language} {key}{KEY}{super().message(language, key, n)}{END}"


def shown(language: str) -> Iterator[tuple[str, str]]:
    """Every page, mail and text in every state: what it is, and as it was rendered, with its marks."""
    speaks = reader(language)
    pages = {domain: Pages(domain, folder, strict=True, catalogues=Marked) for domain, folder in folders().items()}
    for template, context in samples.pages():
        yield template, pages["registration"].render(template, *speaks, **context)
    for kind, context in sample_mails.mails():
        subject = escape(pages["notification"].text(speaks[0], sample_mails.subject(kind, context), speaks[1]))
        yield f"mail {kind}", f"<body><h1>{subject}</h1>{pages['notification'].render(f'{kind}.html', *speaks, **context)}"
    for template, context in sample_personal.texts():
        yield template, f"<body><pre>{escape(pages['registration'].render(template, *speaks, **context))}</pre>"


def reader(choice: str) -> tuple[str, Address]:
    """The language, and how it speaks to people."""
    return (SOURCE, "sie") if choice == FORMAL else (choice, "du")


def keys_in(rendered: str) -> list[str]:
    """The keys of the texts that stand there, each once, in their order."""
    return list(dict.fromkeys(mark.split(" ", 1)[1] for mark in OPENED.findall(rendered)))


def preview(language: str) -> str:
    """The whole page. A state in which no text is new is left out: there are many of my page."""
    seen: set[str] = set()
    articles = []
    texts = load_all(language)
    for name, rendered in shown(language):
        keys = keys_in(rendered)
        if set(keys) <= seen:
            continue
        new = [key for key in keys if key not in seen]
        seen.update(keys)
        articles.append({"name": name, "body": body(rendered, texts), "hidden": [key for key in new if is_hidden(key, rendered)]})
    one = LANGUAGES[reader(language)[0]]
    page = environment(Path(__file__).parent, html=True).get_template("preview.html")
    return page.render(language=one, articles=articles, texts=texts, german=load_all(SOURCE), visible=visible)


def load_all(language: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every key of every service: who made the text, and its forms."""
    found = {}
    for domain, folder in folders().items():
        entries = load(domain, folder, [language])[language].entries
        found.update({key: (entry.provenance, entry.forms) for key, entry in entries.items()})
    return found


def body(rendered: str, texts: dict[str, tuple[str, tuple[str, ...]]]) -> Markup:
    """What stands in the page's body, each text in an element that says its key and who made it."""
    inside = re.sub(
        r"^.*?<body[^>]*>|</body>.*$|<!doctype[^>]*>|</?(?:html|head|body|meta)\b[^>]*>|<title>.*?</title>",
        "",
        rendered,
        flags=re.DOTALL,
    )

    def opened(mark: re.Match[str]) -> str:
        key = mark[1].split(" ", 1)[1]
        made_by = texts[key][0] if key in texts else ""
        return f'<span class="said {made_by}" title="{escape(key)} · {made_by}">'

    def marked(text: str) -> str:
        return OPENED.sub(opened, text).replace(END, "</span>")

    made, at = [], 0
    for kept in UNMARKED.finditer(inside):
        made += [marked(inside[at : kept.start()]), LEFT_OUT.sub("", MARKS.sub("", kept[0]))]
        at = kept.end()
    return Markup("".join([*made, marked(inside[at:])]))  # noqa: S704 - our own templates escaped it


def is_hidden(key: str, rendered: str) -> bool:
    """Whether a text stands only where it cannot be pointed at: read aloud, in a list to choose from, or as a title."""
    return f" {key}{KEY}" not in UNMARKED.sub("", rendered)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.web.preview", description=__doc__)
    parser.add_argument("language", nargs="?", choices=CHOICES, help="one language; all of them where none is given")
    parser.add_argument("--out", type=Path, help="the file; build/preview/<language>.html where none is given")
    given = parser.parse_args(arguments)
    if given.out and not given.language:
        parser.error("--out needs one language")
    for language in [given.language] if given.language else CHOICES:
        out: Path = given.out or ROOT / "build" / "preview" / f"{language}.html"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(preview(language), encoding="utf-8")
        sys.stdout.write(f"{out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
