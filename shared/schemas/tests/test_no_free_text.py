"""Nothing on a topic can hold free text: every string has a form, in every schema, down to the keys of objects."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.schemas.freeze import ENVELOPE, Schema, schemas

FORMED = {"integer", "number", "boolean", "null"}


def free_text(schema: Schema, path: str = "") -> Iterator[str]:
    """The places at which anything at all could be said."""
    if "anyOf" in schema:
        for part in schema["anyOf"]:
            yield from free_text(part, path)
    elif schema.get("type") == "object":
        yield from _in_object(schema, path)
    elif schema.get("type") == "array":
        yield from free_text(schema.get("items", {}), f"{path}[]")
    elif schema.get("type") == "string":
        if not _has_form(schema):
            yield path
    elif schema.get("type") not in FORMED and "enum" not in schema and "const" not in schema:
        yield path


def _in_object(schema: Schema, path: str) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        yield from free_text(field, f"{path}.{name}")
    for pattern, value in schema.get("patternProperties", {}).items():
        if not _is_bound(pattern):
            yield f"{path} key"
        yield from free_text(value, f"{path}[]")
    # Without a form for its keys an object takes any; what a model does not list it drops when it reads and never writes.
    if schema.get("additionalProperties") or not {"properties", "patternProperties"} & set(schema):
        yield f"{path} key"


def _has_form(schema: Schema) -> bool:
    return "enum" in schema or "const" in schema or "format" in schema or _is_bound(schema.get("pattern", ""))


def _is_bound(pattern: str) -> bool:
    """From the first character to the last, a limited number of them, and no character at will."""
    loose = ("*", "+", ".*", "\\S", "\\w", ",}", "[^")
    return pattern.startswith("^") and pattern.endswith("$") and not any(part in pattern for part in loose)


@pytest.mark.parametrize("name", schemas())
def test_no_field_takes_free_text(name: str) -> None:
    expected = [".data key"] if name == ENVELOPE else []  # what is in there is the event's own schema
    assert list(free_text(schemas()[name])) == expected


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string"},
        {"type": "string", "minLength": 1, "maxLength": 5},
        {"type": "string", "pattern": "[0-9]"},
        {"type": "string", "pattern": "^.*$"},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"type": "string", "pattern": "^[^0-9]{5}$"},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array"},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "object"},
        {"type": "object", "properties": {"within": {"type": "string"}}},
        {"type": "object", "patternProperties": {"^.*$": {"type": "integer"}}},
        {"type": "object", "patternProperties": {"^[a-z]{2}$": {"type": "string"}}},
        {},
    ],
    ids=str,
)
def test_free_text_is_found_wherever_it_hides(field: dict[str, Any]) -> None:
    assert list(free_text({"type": "object", "properties": {"said": field}}))
