"""Waiting for a condition with a deadline, instead of sleeping."""

import socket
import time
from collections.abc import Callable


def until(condition: Callable[[], object], what: str, deadline: float = 15) -> None:
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, f"after {deadline:g} s still not so: {what}"
        time.sleep(0.01)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
