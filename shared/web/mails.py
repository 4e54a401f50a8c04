"""`python -m shared.web.mails`: every mail in every shape and language, as text and HTML, with pages to see them side by side.

Of invented people, made from the sample mails; nothing is sent.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.web import sample_mails
from shared.web.catalogues import SOURCE
from shared.web.check import ROOT
from shared.web.languages import LANGUAGES
from shared.web.pages import Pages, environment
from shared.web.preview import CHOICES, reader


@dataclass(frozen=True)
class Mail:
    """One mail as it is read in one language."""

    choice: str
    subject: str
    text: str
    html: str

    @property
    def tag(self) -> str:
        return self.choice if self.choice in LANGUAGES else SOURCE

    @property
    def direction(self) -> str:
        return LANGUAGES[self.tag].direction


def shapes() -> Iterator[tuple[str, str, dict[str, object]]]:
    """Every shape of every kind, with a name such as introduced-2."""
    seen: Counter[str] = Counter()
    for kind, context in sample_mails.mails():
        seen[kind] += 1
        yield f"{kind}-{seen[kind]}", kind, context


def rendered(pages: Pages, choice: str, kind: str, context: dict[str, object]) -> Mail:
    language, address = reader(choice)
    text, html = (pages.render(f"{kind}.{form}", language, address, **context) for form in ("txt", "html"))
    return Mail(choice, pages.text(language, sample_mails.subject(kind, context), address), text, html)


def write(out: Path) -> Path:
    """Returns the page to begin with."""
    pages, templates = sample_mails.notification(), environment(Path(__file__).parent, html=True)
    names = []
    for name, kind, context in shapes():
        mails = [rendered(pages, choice, kind, context) for choice in CHOICES]
        for mail in mails:
            _write_one(out / mail.choice, name, mail)
        (out / f"{name}.html").write_text(templates.get_template("mails_beside.html").render(name=name, mails=mails), "utf-8")
        names.append(name)
    index = out / "index.html"
    index.write_text(templates.get_template("mails_index.html").render(names=names, choices=CHOICES), "utf-8")
    return index


def _write_one(folder: Path, name: str, mail: Mail) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(f"{mail.subject}\n\n{mail.text}", "utf-8")
    (folder / f"{name}.html").write_text(mail.html, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.web.mails", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "mails", help="the folder; build/mails where none is given")
    sys.stdout.write(f"{write(parser.parse_args(arguments).out)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
