"""Reading a page as a browser does: the fields its form holds, and the sentences beside them."""

import re
from html.parser import HTMLParser

TAGS = re.compile(r"<(?:a|input)\s[^>]*>")


class Page(HTMLParser):
    """`hidden`: fields the page brings; `choices`: values of radio buttons by name; `links`: where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.links: list[str] = []
        # Only the tags that matter are parsed: a form is long, and most of it is options.
        for tag in TAGS.findall(html):
            self.feed(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag != "input" or "name" not in given:
            return
        if given.get("type") == "hidden":
            self.hidden[given["name"]] = given.get("value", "")
        if given.get("type") == "radio":
            self.choices.setdefault(given["name"], []).append(given.get("value", ""))
