"""What notification may know at the moment of sending: whether to send, to whom, and what the partner released."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.registration.store import people
from services.registration.store.people import Person
from shared.runtime.db import Connection
from shared.schemas.codes import MessageKind


@dataclass(frozen=True)
class Verdict:
    """`send` with the recipient and partners; `gone`: drop the message; `hold`: a partner is gone, news is on its way."""

    answer: Literal["send", "gone", "hold"]
    recipient: Person | None = None
    partners: tuple[Person, ...] = ()


async def recipient(conn: Connection, kind: MessageKind, person: UUID, partners: list[UUID]) -> Verdict:
    """Decides on this very moment's state: whoever withdrew a second ago gets nothing and is named to nobody.

    Who has no address has a card instead of mails.
    """
    found = await people.get(conn, person)
    if found is None or not found.email or not _wanted(kind, found):
        return Verdict("gone")
    others = [await people.get(conn, partner) for partner in partners]
    present = tuple(other for other in others if other is not None and other.state == "confirmed")
    if len(present) < len(partners):
        return Verdict("hold")
    return Verdict("send", found, present)


def _wanted(kind: MessageKind, found: Person) -> bool:
    if kind == "confirm":
        return found.state == "unconfirmed"
    if kind == "link":
        return True  # asked for by themselves, whatever became of them
    if kind == "opens":
        return found.state == "paused"
    return found.state == "confirmed"
