"""On which line of a TOML file each key and each element of a list stands; tomllib does not tell."""

import re
import tomllib
from collections.abc import Iterator

from services.registration.regions.values import Way

_TOKEN = re.compile(
    r'''
    (?P<text>"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))? | \'\'\'.*?\'\'\'(?:'{1,2}(?!'))? | "(?:\\.|[^"\\])*" | '[^']*')
  | (?P<sign>[\[\]{}=,.\n])
  | (?P<bare>[^\s\[\]{}=,.\#"']+)
  | \#[^\n]* | [ \t\r]+
    ''',
    re.VERBOSE | re.DOTALL,
)


def lines(text: str) -> dict[Way, int]:
    """The line, counted from 1, of every way that leads to something in the text, which tomllib must have accepted."""
    return _Walk(text).lines


class _Walk:
    """Goes through the text once, token by token."""

    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), ("", 0)]
        self._at = 0
        self._blocks: dict[Way, int] = {}  # how many [[…]] of a name there were
        self.lines: dict[Way, int] = {(): 1}
        table: Way = ()
        while self._next():
            if self._next() == "[":
                table = self._header()
            elif self._next() == "\n":
                self._at += 1
            else:
                self._pair(table)

    def _next(self) -> str:
        return self._tokens[self._at][0]

    def _take(self) -> tuple[str, int]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _header(self) -> Way:
        """[table] or [[block]]; the names before the last lead through the last block of each."""
        self._take()
        if is_block := self._next() == "[":
            self._take()
        *before, (name, line) = self._keys()
        self._at += 2 if is_block else 1
        table = (*self._within((), before), name)
        self.lines.setdefault(table, line)
        if not is_block:
            return table
        self._blocks[table] = number = self._blocks.get(table, -1) + 1
        self.lines[*table, number] = line
        return (*table, number)

    def _within(self, table: Way, keys: list[tuple[str, int]]) -> Way:
        for key, line in keys:
            table = (*table, key)
            self.lines.setdefault(table, line)
            if table in self._blocks:
                table = (*table, self._blocks[table])
        return table

    def _pair(self, table: Way) -> None:
        *before, (name, line) = self._keys()
        way = (*self._within(table, before), name)
        self.lines[way] = line
        self._take()  # =
        self._value(way)

    def _keys(self) -> list[tuple[str, int]]:
        """A key with its dots: each part with its line."""
        found = [self._take()]
        while self._next() == ".":
            self._take()
            found.append(self._take())
        return [(_plain(token), line) for token, line in found]

    def _value(self, way: Way) -> None:
        if self._next() in {"[", "{"}:
            self._inside(way, "]" if self._take()[0] == "[" else "}")
        else:
            while self._next() not in {"", "\n", ",", "]", "}"}:
                self._take()

    def _inside(self, way: Way, end: str) -> None:
        """What stands in [ ] or { }, to its end."""
        number = 0
        while self._next() != end:
            if self._next() in {",", "\n"}:
                self._take()
            elif end == "}":
                self._pair(way)
            else:
                self.lines[*way, number] = self._tokens[self._at][1]
                self._value((*way, number))
                number += 1
        self._take()


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for found in _TOKEN.finditer(text):
        if found.lastgroup:
            yield found[0], line
        line += found[0].count("\n")


def _plain(key: str) -> str:
    """A key without its quotation marks."""
    return next(iter(tomllib.loads(f"{key} = 0")))
