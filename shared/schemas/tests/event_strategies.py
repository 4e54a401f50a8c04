"""Values that fit a frozen schema: what an event may say, for tests that try many."""

import functools
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from shared.schemas.freeze import Schema, schemas

MANY = 3
FORMATS: dict[str, st.SearchStrategy[Any]] = {
    "uuid": st.uuids().map(str),
    "date-time": st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(datetime.isoformat),  # noqa: DTZ001
}


@functools.cache
def events_of(name: str) -> st.SearchStrategy[Any]:
    """The data of an event of this type."""
    return values(schemas()[name])


def values(schema: Schema) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of(*(values(part) for part in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    match schema["type"]:
        case "string":
            return FORMATS[schema["format"]] if "format" in schema else st.from_regex(schema["pattern"][:-1] + r"\Z")
        case "integer":
            return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31))
        case "number":
            return st.floats(schema["minimum"], schema["maximum"])
        case "array":
            return st.lists(values(schema["items"]), max_size=MANY)
        case "object":
            return _objects(schema)
        case kind:
            return {"boolean": st.booleans(), "null": st.none()}[kind]


def _objects(schema: Schema) -> st.SearchStrategy[Any]:
    if "patternProperties" in schema:
        ((pattern, value),) = schema["patternProperties"].items()
        return st.dictionaries(
            st.from_regex(pattern[:-1] + r"\Z"), values(value), min_size=schema["minProperties"], max_size=MANY
        )
    fields = {name: values(field) for name, field in schema["properties"].items()}
    needed = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(needed, optional=fields)
