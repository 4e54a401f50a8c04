"""Reading a page as a browser does: the fields its form holds, and the sentences beside them."""

import re
from html import unescape
from html.parser import HTMLParser

TAGS = re.compile(r"<(?:a|input|form)\s[^>]*>")
FAULT = re.compile(r'<a href="#f-(\w+)">(.*?)</a>', re.DOTALL)
INVISIBLE = re.compile("[\u2066-\u2069]")


class Page(HTMLParser):
    """`hidden`: fields the page brings; `choices`: values of radio buttons by name; `links`: where its links lead, `forms` its
    forms; `faults`: the fields at fault, each with the sentence about it.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.links: list[str] = []
        self.forms: list[str] = []
        self.faults = [f"{field}: {_plain(sentence)}" for field, sentence in FAULT.findall(html)]
        # Only the tags that matter are parsed: a form is long, and most of it is options.
        for tag in TAGS.findall(html):
            self.feed(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append(given.get("action", ""))
        if tag != "input" or "name" not in given:
            return
        if given.get("type") == "hidden":
            self.hidden[given["name"]] = given.get("value", "")
        if given.get("type") == "radio":
            self.choices.setdefault(given["name"], []).append(given.get("value", ""))


def _plain(sentence: str) -> str:
    return " ".join(INVISIBLE.sub("", unescape(re.sub(r"<[^>]+>", "", sentence))).split())
