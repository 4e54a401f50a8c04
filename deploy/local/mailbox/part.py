"""The mailbox as a part of the stack: starts it, asks it, breaks it."""

import json
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from deploy.local import phone
from deploy.local.environment import base_environment
from deploy.local.errors import ProcessError
from deploy.local.mailbox.box import Accept
from deploy.local.one_process import OneProcess
from deploy.local.ports import free_port
from deploy.local.process import Process, Processes, Spec

START_SECONDS = 30.0


@dataclass
class Mailbox(OneProcess):
    """Ports and mails stay the same over restarts."""

    smtp_port: int
    http_port: int

    @property
    def smtp_url(self) -> str:
        return f"smtp://127.0.0.1:{self.smtp_port}"

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def describe(self) -> str:
        return f"Mailbox at {self.http_url} ({self.smtp_url})"

    def mails(self, to: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Summaries of those after index `since`, oldest first."""
        query = {"since": str(since)} | ({"to": to} if to else {})
        found: list[dict[str, Any]] = self._call(f"/api/mails?{urlencode(query)}")
        return found

    def mail(self, index: int) -> dict[str, Any]:
        details: dict[str, Any] = self._call(f"/api/mails/{index}")
        return details

    def wait_for(self, to: str | None = None, count: int = 1, since: int = 0, deadline: float = 30) -> list[dict[str, Any]]:
        """At least `count` mails, within `deadline` seconds."""
        end = time.monotonic() + deadline
        while len(found := self.mails(to, since)) < count:
            if time.monotonic() > end:
                raise ProcessError(f"{len(found)} of {count} mails to {to or 'anybody'} came within {deadline:g} s")
            time.sleep(0.02)
        return found

    def clear(self) -> None:
        self._call("/api/mails", method="DELETE")

    def behave(self, accept: Accept = "ok", only_to: str | None = None, *, keep: bool = True) -> None:
        """See `box.Behaviour`; without arguments back to normal."""
        data = json.dumps({"accept": accept, "only_to": only_to, "keep": keep}).encode()
        self._call("/api/behaviour", method="POST", data=data)

    def _call(self, path: str, method: str = "GET", data: bytes | None = None) -> Any:
        request = urllib.request.Request(self.http_url + path, data, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def start(self, *, wait: bool = True) -> None:
        self.process.start()
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.process.running or time.monotonic() > end:
                raise ProcessError(f"the mailbox did not start{self.process.log_tail()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            self.mails(since=1 << 60)
        except (OSError, urllib.error.URLError):
            return False
        return True


def launch(processes: Processes, data: Path, smtp_port: int | None = None, http_port: int | None = None) -> Mailbox:
    """Started, not yet ready: see `wait_ready`."""
    smtp, http = smtp_port or free_port(), http_port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    ports = ["--smtp-port", str(smtp), "--http-port", str(http), "--http-host", phone.listen()]
    argv = [sys.executable, "-m", "deploy.local.mailbox", *ports, "--file", str(data / "mails.jsonl")]
    mailbox = Mailbox(Process(processes, Spec("mailbox", argv, env=base_environment(processes.scratch))), smtp, http)
    mailbox.start(wait=False)
    return mailbox
