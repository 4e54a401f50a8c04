"""How long a run may still take, and whom it tells how far it is."""

import time
from collections.abc import Callable
from typing import Any

Progress = Callable[[dict[str, Any]], None]


class OutOfTimeError(Exception):
    """The time limit has passed; whoever catches it answers with what there is."""


class Watch:
    """`limit` in seconds from now, None for as long as it takes."""

    def __init__(self, limit: float | None = None, progress: Progress | None = None) -> None:
        self.begun = time.perf_counter()
        self._limit = limit
        self._progress = progress
        self._stage: dict[str, Any] = {}

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.begun

    @property
    def left(self) -> float | None:
        """Seconds left, at least a tenth, so that whoever begins can come to something."""
        return None if self._limit is None else max(0.1, self._limit - self.seconds)

    @property
    def over(self) -> bool:
        return self._limit is not None and self.seconds >= self._limit

    def check(self) -> None:
        """Raises OutOfTimeError."""
        if self.over:
            raise OutOfTimeError

    def say(self, step: str, **facts: Any) -> None:
        if self._progress is not None:
            self._progress({"step": step, **facts, "seconds": round(self.seconds, 3)})
