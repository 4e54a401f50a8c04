"""The mails in their order, kept in a file over restarts, and how the server is told to behave."""

import asyncio
import base64
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from deploy.local.mailbox.mail import Mail, Summary

Accept = Literal["ok", "defer", "reject", "hang-after-data", "drop-after-data"]


@dataclass(frozen=True)
class Behaviour:
    """What happens to a mail; `only_to` limits it to one address, the others are accepted.

    After `hang-after-data` and `drop-after-data` the mail is kept, but the sender is not told; with `keep` false it is lost.
    """

    accept: Accept = "ok"
    only_to: str | None = None
    keep: bool = True

    def towards(self, recipients: list[str]) -> Accept:
        concerned = self.only_to is None or self.only_to.lower() in (recipient.lower() for recipient in recipients)
        return self.accept if concerned else "ok"


def read_behaviour(data: object) -> Behaviour:
    """From JSON. Raises ValueError naming what is wrong."""
    if not isinstance(data, dict) or not data.keys() <= {"accept", "only_to", "keep"}:
        raise ValueError("give an object with accept, and if you like only_to and keep")
    behaviour = Behaviour(**data)
    if behaviour.accept not in get_args(Accept):
        raise ValueError(f"accept must be one of {', '.join(get_args(Accept))}")
    return behaviour


class Box:
    """Indexes begin at 1 and are not used again after a deletion."""

    def __init__(self, file: Path | None = None) -> None:
        self.mails: dict[int, Mail] = {}
        self.next_index = 1
        self.behaviour = Behaviour()
        self.behaviour_changed = asyncio.Event()
        self._file = file
        if file is not None and file.exists():
            self._load(file)

    def add(self, sender: str, recipients: list[str], raw: bytes) -> Mail:
        mail = Mail(self.next_index, sender, recipients, raw)
        self.mails[mail.index] = mail
        self.next_index += 1
        if self._file is not None:
            with self._file.open("a") as file:
                file.write(_line(mail) + "\n")
        return mail

    def behave(self, behaviour: Behaviour) -> None:
        """Senders that are being kept waiting are answered."""
        self.behaviour = behaviour
        self.behaviour_changed.set()
        self.behaviour_changed = asyncio.Event()

    def summaries(self, to: str | None = None, since: int = 0) -> list[Summary]:
        """Those after index `since`, oldest first."""
        found = [mail for index, mail in self.mails.items() if index > since]
        mine = [mail for mail in found if to is None or to.lower() in (one.lower() for one in mail.recipients)]
        return [mail.summary for mail in mine]

    def clear(self) -> int:
        count = len(self.mails)
        self.mails.clear()
        if self._file is not None:
            self._file.write_text(json.dumps({"next_index": self.next_index}) + "\n")
        return count

    def _load(self, file: Path) -> None:
        for line in file.read_text().splitlines():
            row = json.loads(line)
            if "next_index" in row:
                self.next_index = row["next_index"]
                continue
            received = datetime.fromisoformat(row["received"])
            raw = base64.b64decode(row["raw"])
            self.mails[row["index"]] = Mail(row["index"], row["sender"], row["recipients"], raw, received)
            self.next_index = row["index"] + 1


def _line(mail: Mail) -> str:
    return json.dumps(
        {
            "index": mail.index,
            "sender": mail.sender,
            "recipients": mail.recipients,
            "received": mail.received.isoformat(),
            "raw": base64.b64encode(mail.raw).decode(),
        }
    )
