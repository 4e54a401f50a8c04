"""New ids, and the trace that ties an event to the request or event that caused it."""

from contextvars import ContextVar
from uuid import UUID

import uuid_utils.compat

_trace: ContextVar[UUID | None] = ContextVar("trace", default=None)


def new_id() -> UUID:
    """A UUIDv7: unique, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def current_trace() -> UUID:
    """The trace of what is being handled; a new one where nothing set it."""
    trace = _trace.get()
    if trace is None:
        trace = new_id()
        _trace.set(trace)
    return trace


def follow_trace(trace: UUID) -> None:
    """From here on, in this task, whatever is said belongs to this trace."""
    _trace.set(trace)
