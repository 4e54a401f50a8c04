"""Demo and dev stay up for whoever looks at them. Meanwhile a typed line stops a part or starts it again: `stop geo`."""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from deploy.local.errors import MissingPartError, ProcessError
from deploy.local.installation import Installation
from deploy.local.stack import Stack

LOOK_SECONDS = 1.0
HOW = "`stop geo` and Enter stops a part, `start geo` starts it again"


class Part(Protocol):
    """A service, Kafka, PostgreSQL or the mailbox."""

    @property
    def running(self) -> bool: ...
    @property
    def log(self) -> Path: ...
    def stop(self) -> int: ...
    def start(self) -> None: ...


def parts_of(stack: Stack, installation: Installation) -> dict[str, Part]:
    """By the names by which they are stopped; what somebody else runs is not among them."""
    servers = {"kafka": stack.kafka, "postgres": stack.postgres}
    ours: dict[str, Part] = {name: part for name, part in servers.items() if part.local}
    return {**installation.services, **ours, "mailbox": stack.mailbox}


class Typed:
    """Whole lines from where people type; `ended` once nobody can type there any more."""

    def __init__(self, source: int = 0) -> None:
        self.ended = False
        self._source, self._unread = source, b""
        self._poll = select.poll()
        self._poll.register(source, select.POLLIN)

    def lines(self, seconds: float) -> list[str]:
        """Waits so long at most."""
        if self.ended:
            time.sleep(seconds)
            return []
        events = self._poll.poll(seconds * 1000)
        return self._read(events[0][1], seconds) if events else []

    def _read(self, event: int, seconds: float) -> list[str]:
        try:
            data = os.read(self._source, 4096)
        except OSError:
            if event & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                self.ended = True
            else:  # in the background of a terminal: what is typed is for somebody else
                time.sleep(seconds)
            return []
        self.ended = not data
        *whole, self._unread = (self._unread + data).split(b"\n")
        return [line.decode(errors="replace") for line in whole]


class Staying:
    """Does what is typed, and names a part that has ended by itself once."""

    def __init__(self, parts: Mapping[str, Part], say: Callable[[str], None]) -> None:
        self._parts, self._say = parts, say
        self._down: set[str] = set()

    def look(self) -> None:
        for name, part in self._parts.items():
            if name not in self._down and not part.running:
                self._down.add(name)
                self._say(f"{name} has ended: see {part.log}")

    def obey(self, line: str) -> None:
        """`stop NAME` or `start NAME`; whoever types something else is told so."""
        verb, _, name = " ".join(line.split()).partition(" ")
        if verb not in {"stop", "start"} or name not in self._parts:
            if line.strip():
                self._say(f"Type `stop` or `start` and one of: {', '.join(self._parts)}.")
            return
        try:
            (self._stop if verb == "stop" else self._start)(name)
        except (MissingPartError, ProcessError) as error:
            self._say(str(error))

    def _stop(self, name: str) -> None:
        self._down.add(name)
        self._parts[name].stop()
        self._say(f"{name} is stopped.")

    def _start(self, name: str) -> None:
        if self._parts[name].running:
            self._say(f"{name} runs already.")
            return
        self._parts[name].start()
        self._down.discard(name)
        self._say(f"{name} runs again.")


def stay(parts: Mapping[str, Part], *, while_typed: bool) -> None:
    """Until Ctrl-C or SIGTERM; with `while_typed` also until there is nobody to type any more."""
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)  # in the background of a terminal it would stop us
    typed, staying = Typed(), Staying(parts, lambda text: print(text, file=sys.stderr, flush=True))
    try:
        while not (while_typed and typed.ended):
            staying.look()
            for line in typed.lines(LOOK_SECONDS):
                staying.obey(line)
    except KeyboardInterrupt:
        return
