"""Renders the pages and mails of a service: its own templates over the shared ones, in the reader's language."""

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from shared.web import isolation
from shared.web.catalogues import SHARED, Address, Catalogues, load
from shared.web.languages import LANGUAGES
from shared.web.speaker import Speaker


def style_source() -> str:
    """What a Content-Security-Policy names to allow the one inline stylesheet and no other."""
    # Jinja2 drops the last line break of a file.
    style = (SHARED / "templates" / "style.css").read_text(encoding="utf-8").removesuffix("\n").encode()
    return f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"


class Pages:
    """One service's pages. `folder` holds its `templates` and `locale`; read once, here."""

    def __init__(self, domain: str, folder: Path, *, strict: bool = False, catalogues: type[Catalogues] = Catalogues) -> None:
        self._catalogues = catalogues(load(domain, folder), strict=strict)
        # Two environments, so that a mail's body is written once and rendered both escaped and plain.
        self._html, self._plain = environment(folder, html=True), environment(folder, html=False)
        self._speakers: dict[tuple[str, Address, bool], Speaker] = {}

    def render(self, template: str, language: str, address: Address = "du", /, **context: object) -> str:
        """The page or mail; escaped unless its name ends in .txt. A name the context lacks raises."""
        html = not template.endswith(".txt")
        given = {"language": language, "direction": LANGUAGES[language].direction, **context}
        jinja = self._html if html else self._plain
        made = jinja.get_template(template).render(**given, **self._speaker(language, address, html=html).names)
        # What people typed is on one line each, so all that this shortens are gaps our own templates leave.
        return made if html else re.sub(r"\n{3,}", "\n\n", made)

    def text(self, language: str, key: str, address: Address = "du", /, **params: object) -> str:
        """One text as plain text, for a subject or a JSON answer."""
        return self._speaker(language, address, html=False).say(key, **params)

    def _speaker(self, language: str, address: Address, *, html: bool) -> Speaker:
        """One for all pages and mails of a language, so that what is the same in each is said once."""
        which = language, address, html
        if which not in self._speakers:
            self._speakers[which] = Speaker(self._catalogues, language, address, html=html)
        return self._speakers[which]


def environment(folder: Path, *, html: bool) -> Environment:
    """Jinja2 as all pages use it."""
    found = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder / "templates"), FileSystemLoader(SHARED / "templates")]),
        autoescape=html,  # noqa: S701 - off for plain-text mails only
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    isolate = isolation.isolated_html if html else isolation.isolated
    found.filters["bdi"] = isolate
    found.filters["inert"] = lambda value: isolate(isolation.without_links(value))
    found.filters["mailto"] = isolation.mailto
    found.filters["tel"] = isolation.tel
    return found
