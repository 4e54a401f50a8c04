"""Reads rendered HTML as a browser would: visible text, tags, attributes, and what stands inside links."""

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr"}
READ_ALOUD = ("title", "alt", "aria-label", "placeholder")


class Reading(HTMLParser):
    """What a page shows and holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.linked = ""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.crossed: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text += data
        if "a" in self._open:
            self.linked += data

    @property
    def said(self) -> str:
        """All that is read, also aloud."""
        return " ".join([self.text, *(words for name in READ_ALOUD for words in self.values(name))])

    @property
    def unclosed(self) -> list[str]:
        return self._open

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]

    def attributes(self, tag: str) -> dict[str, str]:
        return next(attributes for name, attributes in self.tags if name == tag)


def squeezed(text: str) -> str:
    return " ".join(text.split())
