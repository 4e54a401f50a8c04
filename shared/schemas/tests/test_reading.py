"""Whatever comes off a topic is one well-formed event or refused with a reason that quotes nothing of it."""

import json
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.schemas import freeze
from shared.schemas.envelope import MAX_BYTES, InvalidEventError, decode, encode
from shared.schemas.tests.event_strategies import events_of
from shared.schemas.topics import LOCATED, PARTICIPANTS, TOPICS, Topic

CANARY = "Musterfrau"
IDS = {"event_id": UUID(int=1), "trace": UUID(int=2)}
GOOD = json.loads((freeze.EXAMPLES / "Confirmed.v1.json").read_text())
QUICK = settings(max_examples=50, deadline=None)
A_FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANY_JSON = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=10)


def reason_of(topic: Topic, value: bytes) -> str:
    """Empty where it is read. Nothing but InvalidEventError may be raised."""
    try:
        topic.read(decode(value))
    except InvalidEventError as error:
        return error.reason
    return ""


def refused(value: bytes | None) -> str:
    """The reason; fails where the value is accepted or anything else is raised."""
    with pytest.raises(InvalidEventError) as caught:
        PARTICIPANTS.read(decode(value))
    assert caught.value.reason == str(caught.value)
    return caught.value.reason


def altered(**fields: Any) -> bytes:
    """A good event but for these fields of its data."""
    return json.dumps(GOOD | {"data": GOOD["data"] | fields}).encode()


@pytest.mark.parametrize("name", freeze.events())
@given(data=st.data())
@A_FEW
def test_what_is_written_is_read_again(name: str, data: st.DataObject) -> None:
    event = freeze.events()[name].model_validate(data.draw(events_of(name)))
    topic = next(topic for topic in TOPICS if type(event) in topic.events)
    time = datetime(2021, 10, 3, 12, tzinfo=UTC)
    envelope = decode(encode(event, time=time, source=topic.producers[0], **IDS))
    assert topic.read(envelope) == event
    assert (envelope.id, envelope.trace, envelope.time) == (IDS["event_id"], IDS["trace"], time)
    assert envelope.key == getattr(event, event.KEY)


@given(st.binary(max_size=400))
@QUICK
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    assert CANARY not in refused(value)


@given(ANY_JSON)
@QUICK
def test_any_json_is_read_or_refused(value: Any) -> None:
    refused(json.dumps(value).encode())


@given(field=st.sampled_from(sorted(GOOD)), value=ANY_JSON)
@QUICK
def test_any_value_in_any_field_of_the_envelope_is_read_or_refused(field: str, value: Any) -> None:
    reason = reason_of(PARTICIPANTS, json.dumps(GOOD | {field: value}).encode())
    assert reason.startswith((f"envelope: {field} ", "Confirmed.v1: ", "not a JSON number")) or not reason


@given(field=st.sampled_from(sorted(GOOD["data"])), value=ANY_JSON)
@QUICK
def test_any_value_in_any_field_of_an_event_is_read_or_refused(field: str, value: Any) -> None:
    reason = reason_of(PARTICIPANTS, altered(**{field: value}))
    assert reason.startswith((f"Confirmed.v1: {field} ", "not a JSON number")) or not reason


HOSTILE: dict[str, tuple[bytes | None, str]] = {
    "null": (None, "null value"),
    "nothing": (b"", "not JSON"),
    "not UTF-8": (b"\xff\xfe{}", "not UTF-8"),
    "not JSON": (b"{'id': 1}", "not JSON"),
    "two values": (b"{} {}", "not JSON"),
    "with a byte order mark": (b"\xef\xbb\xbf{}", "not JSON"),
    "a number": (b"1", "envelope: value model_type"),
    "a list": (b"[]", "envelope: value model_type"),
    "NaN": (b'{"id": NaN}', "not a JSON number"),
    "Infinity": (b'{"id": -Infinity}', "not a JSON number"),
    "a key twice": (b'{"id": 1, "id": 2}', "a key stands twice"),
    "a key twice, deep inside": (b'{"data": [{"a": 1, "a": 1}]}', "a key stands twice"),
    "10,000 lists": (b"[" * 10_000 + b"]" * 10_000, "nested too deep"),
    "100,000 objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deep"),
    "2 MB": (b'{"a": "' + b"x" * 2_000_000 + b'"}', "too large"),
    "an int of 5,000 digits": (b"1" + b"0" * 5_000, "not JSON"),
    "a lone surrogate as a key": (b'{"\\ud800": 1}', "envelope: id missing"),
}


@pytest.mark.parametrize(("value", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_refused(value: bytes | None, reason: str) -> None:
    assert refused(value) == reason


FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "lone surrogate in a code": ({"region": "\ud800"}, "Confirmed.v1: region string_unicode"),
    "lone surrogate in an id": ({"person": "\udfff"}, "Confirmed.v1: person"),
    "lone surrogate in a key": ({"languages": {"\ud800": "well"}}, "Confirmed.v1: languages"),
    "huge int": ({"version": -(10**4_000)}, "Confirmed.v1: version"),
    "Boolean for a number": ({"capacity": "yes"}, "Confirmed.v1: capacity int_parsing"),
    "newline at the end of a code": ({"region": "ludwigsburg\n"}, "Confirmed.v1: region string_pattern_mismatch"),
    "digits of another script": ({"postcode": "٧١٦٣٤"}, "Confirmed.v1: postcode string_pattern_mismatch"),
    "NUL": ({"group": "a\x00"}, "Confirmed.v1: group string_pattern_mismatch"),
    "null": ({"role": None}, "Confirmed.v1: role literal_error"),
    "a list for an object": ({"languages": []}, "Confirmed.v1: languages dict_type"),
}


@pytest.mark.parametrize(("fields", "reason"), FIELDS.values(), ids=FIELDS.keys())
def test_a_field_of_the_wrong_form_is_named(fields: dict[str, Any], reason: str) -> None:
    assert refused(altered(**fields)).startswith(reason)


def test_a_number_too_large_for_any_float_is_no_coordinate() -> None:
    value = (freeze.EXAMPLES / "Located.v1.json").read_bytes().replace(b"48.8974", b"1e400")
    with pytest.raises(InvalidEventError, match=r"^Located\.v1: lat "):
        LOCATED.read(decode(value))


def test_wrong_version_and_type() -> None:
    for other in ("Confirmed.v2", "RoundClosed.v1", "Nonsense.v1"):
        assert refused(json.dumps(GOOD | {"type": other}).encode()) == "unknown type or version"


SHAPES = ["text", "key", "list", "deep"]


@pytest.mark.parametrize("field", sorted(GOOD["data"]))
@pytest.mark.parametrize(
    "said", [CANARY, {CANARY: CANARY}, [CANARY], {CANARY: {CANARY: [CANARY]}}], ids=["text", "key", "list", "deep"]
)
def test_a_reason_never_quotes_the_value(field: str, said: Any) -> None:
    assert CANARY not in refused(altered(**{field: said}))


@pytest.mark.parametrize("field", sorted(set(GOOD) - {"data"}))
def test_a_reason_never_quotes_the_envelope(field: str) -> None:
    assert CANARY not in refused(json.dumps(GOOD | {field: CANARY}).encode())
    assert CANARY not in refused(json.dumps(GOOD | {field: {CANARY: 1}}).encode())


def test_an_event_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    room = MAX_BYTES - len(json.dumps(GOOD | {"more": ""}).encode())
    assert decode(json.dumps(GOOD | {"more": "x" * room}).encode()).type == "Confirmed.v1"
    assert refused(json.dumps(GOOD | {"more": "x" * (room + 1)}).encode()) == "too large"


def test_depth_is_refused_however_deep_the_reader_itself_stands() -> None:
    value = b'{"data":' + b"[" * 900 + b"]" * 900 + b"}"

    def deeper(levels: int) -> str:
        return deeper(levels - 1) if levels else refused(value)

    assert deeper(sys.getrecursionlimit() // 2) in {"nested too deep", "envelope: id missing"}
