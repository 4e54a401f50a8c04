"""What was released stays readable: today's events against the frozen schemas and the golden examples."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from shared.schemas import freeze
from shared.schemas.envelope import Event, decode
from shared.schemas.topics import TOPICS

GOLDEN = sorted(freeze.EXAMPLES.glob("*.json"))


def read(value: bytes) -> list[Event]:
    """As each topic that carries it reads it."""
    envelope = decode(value)
    return [topic.read(envelope) for topic in TOPICS if envelope.type in {event.TYPE for event in topic.events}]


def test_todays_events_differ_from_the_released_ones_by_added_optional_fields_only() -> None:
    assert freeze.refusals(freeze.released(), freeze.schemas()) == []


def test_every_event_on_a_topic_is_frozen_and_has_an_example() -> None:
    assert set(freeze.released()) == {*freeze.events(), freeze.ENVELOPE}
    assert freeze.without_example() == []


def test_freezing_again_changes_nothing(tmp_path: Path) -> None:
    freeze.write(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    freeze.write(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert freeze.released(tmp_path) == freeze.schemas()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_example_is_read_as_it_was_written(path: Path) -> None:
    written = json.loads(path.read_text())
    read_back = read(path.read_bytes())
    assert read_back
    for event in read_back:
        assert event.model_dump(mode="json") | written["data"] == event.model_dump(mode="json")
        assert str(getattr(event, event.KEY)) == written["key"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_reader_ignores_what_it_does_not_know(path: Path) -> None:
    written = json.loads(path.read_text())
    assert read(json.dumps(_with_unknown(written)).encode()) == read(path.read_bytes())


@pytest.mark.parametrize("name", freeze.events())
def test_an_example_fills_every_field_its_event_has_today(name: str) -> None:
    written = json.loads((freeze.EXAMPLES / f"{name}.json").read_text())
    assert written["type"] == name
    assert _unfilled(freeze.schemas()[name], written["data"]) == []


def test_a_type_stands_on_each_topic_once_and_means_one_event_everywhere() -> None:
    for topic in TOPICS:
        types = [event.TYPE for event in topic.events]
        assert len(types) == len(set(types)), topic.name
    assert len({event for topic in TOPICS for event in topic.events}) == len(freeze.events())


def test_every_topic_has_one_name_and_every_event_its_key() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    for event in freeze.events().values():
        assert event.KEY in event.model_fields


def _with_unknown(value: Any) -> Any:
    """With a field nobody knows in every object but those whose keys are themselves data."""
    if isinstance(value, list):
        return [_with_unknown(part) for part in value]
    if not isinstance(value, dict):
        return value
    more = {name: copy.copy(part) if name == "languages" else _with_unknown(part) for name, part in value.items()}
    return more | {"added_later": {"anything": [1, None, "x"]}}


def _unfilled(schema: freeze.Schema, value: Any, path: str = "") -> list[str]:
    if "anyOf" in schema:
        schema = next(part for part in schema["anyOf"] if part.get("type") != "null")
    if "properties" in schema:
        fields = schema["properties"]
        return [gap for name in fields for gap in _unfilled(fields[name], value.get(name), f"{path}.{name}")]
    if schema["type"] == "array" and value:
        return _unfilled(schema["items"], value[0], f"{path}[]")
    return [path] if value is None or value in ([], {}) else []
