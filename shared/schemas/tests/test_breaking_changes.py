"""Each kind of change that an older or a newer release could not read is refused with a sentence of its own."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from shared.schemas.freeze import Schema, breaking_changes, refusals, schemas

RELEASED: Schema = {
    "title": "Moved.v1",
    "x-key": "person",
    "x-topics": {"moves": 12},
    "type": "object",
    "required": ["person", "role", "why"],
    "properties": {
        "person": {"type": "string", "format": "uuid"},
        "role": {"type": "string", "enum": ["local", "newcomer"]},
        "postcode": {"type": "string", "pattern": "^[0-9]{5}$", "default": "00000"},
        "gap": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 120}, {"type": "null"}], "default": None},
        "why": {"type": "array", "maxItems": 10, "items": {"type": "object", "required": ["band"], "properties": {
            "band": {"type": "string", "enum": ["near", "far"]}, "hobby": {"type": "string", "pattern": "^[a-z]+$"}}}},
    },
}  # fmt: skip


def changed(change: Callable[[Any], object]) -> list[str]:
    today = deepcopy(RELEASED)
    change(today)
    return breaking_changes(RELEASED, today)


def test_nothing_changed() -> None:
    assert changed(lambda today: None) == []


@pytest.mark.parametrize(
    "place",
    [lambda today: today, lambda today: today["properties"]["why"]["items"]],
    ids=["in the event", "in an object within"],
)
def test_an_added_optional_field_is_fine(place: Callable[[Any], Any]) -> None:
    assert changed(lambda today: place(today)["properties"].update(more={"type": "boolean", "default": False})) == []


def test_an_added_topic_is_fine() -> None:
    assert changed(lambda today: today["x-topics"].update(elsewhere=12)) == []


REFUSED: dict[str, tuple[Callable[[Any], object], str]] = {
    "removed field": (
        lambda today: today["properties"].pop("postcode"),
        "Moved.v1: the field postcode is gone",
    ),
    "renamed field": (
        lambda today: today["properties"].update(plz=today["properties"].pop("postcode")),
        "Moved.v1: the field postcode is gone",
    ),
    "new required field": (
        lambda today: (today["properties"].update(more={"type": "boolean"}), today["required"].append("more")),
        "Moved.v1: the new field more is required: only optional ones may be added",
    ),
    "optional field made required": (
        lambda today: today["required"].append("postcode"),
        "Moved.v1: the field postcode became required",
    ),
    "required field made optional": (
        lambda today: today["required"].remove("role"),
        "Moved.v1: the field role is no longer required",
    ),
    "other type": (
        lambda today: today["properties"]["role"].update(type="integer"),
        'Moved.v1: the field role changed: type was "string" and is now "integer"',
    ),
    "other pattern": (
        lambda today: today["properties"]["postcode"].update(pattern="^[1-9]{5}$"),
        'Moved.v1: the field postcode changed: pattern was "^[0-9]{5}$" and is now "^[1-9]{5}$"',
    ),
    "pattern taken away": (
        lambda today: today["properties"]["postcode"].pop("pattern"),
        'Moved.v1: the field postcode changed: pattern was "^[0-9]{5}$" and is now absent',
    ),
    "other format": (
        lambda today: today["properties"]["person"].update(format="email"),
        'Moved.v1: the field person changed: format was "uuid" and is now "email"',
    ),
    "fewer values": (
        lambda today: today["properties"]["role"]["enum"].remove("local"),
        'Moved.v1: the field role changed: enum was ["local", "newcomer"] and is now ["newcomer"]',
    ),
    "more values, which an older reader refuses": (
        lambda today: today["properties"]["role"]["enum"].append("guest"),
        'Moved.v1: the field role changed: enum was ["local", "newcomer"] and is now ["local", "newcomer", "guest"]',
    ),
    "narrower range": (
        lambda today: today["properties"]["gap"]["anyOf"][0].update(maximum=99),
        "Moved.v1: the field gap changed: maximum was 120 and is now 99",
    ),
    "no longer null": (
        lambda today: today["properties"]["gap"]["anyOf"].pop(),
        "Moved.v1: the field gap changed: anyOf was",
    ),
    "other default": (
        lambda today: today["properties"]["postcode"].update(default="11111"),
        'Moved.v1: the field postcode changed: default was "00000" and is now "11111"',
    ),
    "shorter list": (
        lambda today: today["properties"]["why"].update(maxItems=3),
        "Moved.v1: the field why changed: maxItems was 10 and is now 3",
    ),
    "field within a list": (
        lambda today: today["properties"]["why"]["items"]["properties"].pop("hobby"),
        "Moved.v1: the field why[].hobby is gone",
    ),
    "required field within a list": (
        lambda today: today["properties"]["why"]["items"]["required"].append("hobby"),
        "Moved.v1: the field why[].hobby became required",
    ),
    "other type name": (lambda today: today.update(title="Moved.v2"), "Moved.v1: its type is now Moved.v2"),
    "other key": (
        lambda today: today.update({"x-key": "round"}),
        "Moved.v1: its key was person and is now round: what must stay in order would not",
    ),
    "other number of partitions": (
        lambda today: today["x-topics"].update(moves=24),
        "Moved.v1: its topic moves had 12 partitions and now has 24: keys would move",
    ),
    "taken off a topic": (lambda today: today["x-topics"].clear(), "Moved.v1: it is no longer on the topic moves"),
}


@pytest.mark.parametrize(("change", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(change: Callable[[Any], object], sentence: str) -> None:
    (told,) = changed(change)
    assert told.startswith(sentence)


def test_an_event_that_is_no_longer_on_any_topic() -> None:
    assert refusals({"Moved.v1": RELEASED}, {}) == ["Moved.v1 is gone: whoever reads what is still on the topic needs it"]


def test_a_new_event_or_version_is_fine() -> None:
    assert refusals({}, {"Moved.v2": RELEASED}) == []


@pytest.mark.parametrize("name", ["RoundOpened.v1", "OutcomeAnnounced.v1", "Confirmed.v1"])
def test_every_change_of_a_real_field_is_noticed(name: str) -> None:
    released = schemas()[name]
    for field in released["properties"]:
        today = deepcopy(released)
        today["properties"][field] = {"type": "string", "format": "ipv4"}
        assert any(f"the field {field}" in told for told in breaking_changes(released, today)), field
