"""Which keys of the catalogues templates and code ask for, read from their syntax trees."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from jinja2 import nodes

from shared.web.pages import environment

IN_TEMPLATES = frozenset({"_", "ngettext", "german", "known", "is_machine", "say_in"})
IN_CODE = frozenset({"say", "say_number", "say_german", "text", "message", "known", "provenance"})
# A key, or one with a part that is known only when it runs ("error.*"); it begins with a word of its own.
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_*]+)*")
PATTERN = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_.*]*")


@dataclass(frozen=True)
class Use:
    """A key or pattern, where it stands, and whether it asks for a plural (None where that cannot be seen)."""

    key: str
    where: str
    plural: bool | None = None

    @property
    def is_pattern(self) -> bool:
        return "*" in self.key

    def names(self, key: str) -> bool:
        return fnmatchcase(key, self.key)


def in_templates(folder: Path) -> Iterator[Use]:
    jinja = environment(folder, html=True)
    for path in sorted((folder / "templates").rglob("*")):
        if path.is_file() and path.suffix != ".css":
            yield from _in_template(jinja.parse(path.read_text(encoding="utf-8")), f"{folder.name}/{path.name}")


def _in_template(tree: nodes.Template, where: str) -> Iterator[Use]:
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in IN_TEMPLATES and call.args:
            first = call.args[0]
            if isinstance(first, nodes.Const) and isinstance(first.value, str):
                yield Use(first.value, f"{where}:{call.lineno}", call.node.name == "ngettext")
    for joined in tree.find_all(nodes.Concat):
        key = _joined(str(part.value) if isinstance(part, nodes.Const) else None for part in joined.nodes)
        if PATTERN.fullmatch(key):
            yield Use(key, f"{where}:{joined.lineno}")


def in_code(folder: Path) -> Iterator[Use]:
    for path in sorted(folder.rglob("*.py")):
        if "tests" not in path.parts:
            yield from _in_module(ast.parse(path.read_text(encoding="utf-8")), f"{folder.name}/{path.name}")


def _in_module(tree: ast.Module, where: str) -> Iterator[Use]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _called(call) in IN_CODE:
            for key in filter(None, map(_key_of, call.args)):
                yield Use(key, f"{where}:{call.lineno}")


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _key_of(argument: ast.expr) -> str | None:
    if isinstance(argument, ast.JoinedStr):
        key = _joined(str(part.value) if isinstance(part, ast.Constant) else None for part in argument.values)
        return key if PATTERN.fullmatch(key) else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and PATTERN.fullmatch(argument.value):
        return argument.value
    return None


def _joined(parts: Iterable[str | None]) -> str:
    return "".join("*" if part is None else part for part in parts)


def constants(folder: Path) -> set[str]:
    """Every string in the code: a key that stands in a table counts as used."""
    found: set[str] = set()
    for path in (path for path in folder.rglob("*.py") if "tests" not in path.parts):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found
