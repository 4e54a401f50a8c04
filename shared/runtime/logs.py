"""Logs as JSON lines that hold no personal data: only fields from a list, and of an error its kind and place, never its words."""

import logging
import sys
import time
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

ALLOWED = frozenset(
    {
        "event", "level", "time", "service", "loop", "error", "where", "pause", "reason",
        "topic", "partition", "offset", "type", "consumer", "count", "seconds", "logger",
        "round", "run", "closing", "status", "route", "method", "address", "region", "kind", "language", "attempt", "stage",
    }
)  # fmt: skip
REPEAT_SECONDS = 10.0


def configure(service: str, level: str) -> None:
    """Sends our own and the libraries' logs to standard error in the one form."""
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _error_place,
        _allowed_only,
    ]
    structlog.contextvars.bind_contextvars(service=service)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    root = logging.getLogger()
    root.handlers = [_Libraries(service)]
    root.setLevel(logging.WARNING)


def _error_place(_: Any, __: str, fields: EventDict) -> EventDict:
    """Replaces an exception by its kind and where it came from: its message may quote what somebody typed."""
    if fields.pop("exc_info", None):
        fields["error"], fields["where"] = _describe(sys.exc_info()[1])
    return fields


def _describe(error: BaseException | None) -> tuple[str, list[str]]:
    frames = traceback.extract_tb(error.__traceback__) if error else []
    return type(error).__name__, [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]


def _allowed_only(_: Any, __: str, fields: EventDict) -> EventDict:
    return {name: value for name, value in fields.items() if name in ALLOWED}


class _Libraries(logging.Handler):
    """Libraries' warnings: the template without its values, each at most once in REPEAT_SECONDS."""

    def __init__(self, service: str) -> None:
        super().__init__(logging.WARNING)
        self._last: dict[tuple[str, str], float] = {}
        self._log = structlog.get_logger().bind(service=service)

    def emit(self, record: logging.LogRecord) -> None:
        key, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._last.get(key, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return
        self._last[key] = now
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1]:
            fields["error"], fields["where"] = _describe(record.exc_info[1])
        self._log.warning(str(record.msg)[:200], **fields)
