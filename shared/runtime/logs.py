"""Logs as JSON lines that hold no personal data: only fields from a list, and of an error its kind and place, never its words."""

import logging
import sys
import threading
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
    """Sends our own logs, the libraries', warnings and what a thread or the process dies of to standard error in the one form."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _said_by(service),
            _error_place,
            _allowed_only,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = lambda _, error, __: _died(error)
    threading.excepthook = lambda about: _died(about.exc_value)


def _died(error: BaseException | None) -> None:
    structlog.get_logger().critical("died", exc_info=error)


def _said_by(service: str) -> Processor:
    """Not from the context, which new threads do not inherit."""

    def add(_: Any, __: str, fields: EventDict) -> EventDict:
        return {**fields, "service": service}

    return add


def _error_place(_: Any, __: str, fields: EventDict) -> EventDict:
    """Replaces an exception by its kind and where it came from: its message may quote what somebody typed."""
    given = fields.pop("exc_info", None)
    if given:
        fields["error"], fields["where"] = _describe(given if isinstance(given, BaseException) else sys.exc_info()[1])
    return fields


def _describe(error: BaseException | None) -> tuple[str, list[str]]:
    frames = traceback.extract_tb(error.__traceback__) if error else []
    return type(error).__name__, [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]


def _allowed_only(_: Any, __: str, fields: EventDict) -> EventDict:
    return {name: value for name, value in fields.items() if name in ALLOWED}


class _Libraries(logging.Handler):
    """Libraries' warnings: where each was said, at most once in REPEAT_SECONDS, and its template without the values.

    A message without values is not shown: it may have been put together before, with what somebody typed in it.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last: dict[tuple[str, ...], float] = {}
        self._log = structlog.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"logger": record.name, "where": [f"{record.pathname}:{record.lineno} {record.funcName}"]}
        if record.exc_info and record.exc_info[1]:
            fields["error"], fields["where"] = _describe(record.exc_info[1])
        place, now = (record.name, *fields["where"]), time.monotonic()
        if now - self._last.get(place, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return
        self._last[place] = now
        self._log.warning(str(record.msg)[:200] if record.args else "said by a library", **fields)
