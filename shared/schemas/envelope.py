"""The envelope every event travels in, and strict reading of what comes off a topic."""

import json
from datetime import datetime
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.schemas.codes import ServiceName

MAX_BYTES = 1_000_000
"""An event larger than this is not ours: the largest we write, a roster page of 5,000 lines, has 250 kB."""


class Event(BaseModel):
    """Base of all events: frozen, and a reader ignores the fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    """Name and version, as "Confirmed.v1"."""
    KEY: ClassVar[str]
    """The field whose value is the partition key: what must stay in order shares it."""


class Envelope(BaseModel):
    """Who says what, when, and because of which request (trace)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    type: str = Field(pattern=r"^[A-Z][A-Za-z]{0,39}\.v[1-9][0-9]{0,3}$")
    time: AwareDatetime
    source: ServiceName
    trace: UUID
    key: UUID
    data: dict[str, Any]


class InvalidEventError(ValueError):
    """What was read can never be handled; `reason` is short and quotes nothing of the value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(event: Event, *, event_id: UUID, time: datetime, source: ServiceName, trace: UUID) -> bytes:
    """The event as the bytes of one Kafka value."""
    envelope = Envelope(
        id=event_id,
        type=event.TYPE,
        time=time,
        source=source,
        trace=trace,
        key=getattr(event, event.KEY),
        data=event.model_dump(mode="json"),
    )
    return envelope.model_dump_json().encode()


def decode(value: bytes | None) -> Envelope:
    """Reads a Kafka value. Raises InvalidEventError for anything but one well-formed envelope."""
    if value is None:
        raise InvalidEventError("null value")
    if len(value) > MAX_BYTES:
        raise InvalidEventError("too large")
    try:
        return Envelope.model_validate(_strict_json(value))
    except ValidationError as error:
        raise InvalidEventError(f"envelope: {_where(error)}") from None


def read_data(envelope: Envelope, event: type[Event]) -> Event:
    """The event inside the envelope. Raises InvalidEventError where a field is missing or of the wrong form."""
    try:
        return event.model_validate(envelope.data)
    except ValidationError as error:
        raise InvalidEventError(f"{event.TYPE}: {_where(error)}") from None


def _strict_json(value: bytes) -> Any:
    try:
        return json.loads(value.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except InvalidEventError:
        raise
    except UnicodeDecodeError:
        raise InvalidEventError("not UTF-8") from None
    except RecursionError:
        raise InvalidEventError("nested too deep") from None
    except ValueError:
        raise InvalidEventError("not JSON") from None


def _refuse_constant(_: str) -> NoReturn:
    raise InvalidEventError("not a JSON number")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidEventError("a key stands twice")
    return found


def _where(error: ValidationError) -> str:
    """Field and kind of the first fault; never the value, which may be somebody's."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # Only the outermost name is surely a field of ours: further in it may be a key of what was read.
    field = first["loc"][0] if first["loc"] else "value"
    return f"{field} {first['type']}"
