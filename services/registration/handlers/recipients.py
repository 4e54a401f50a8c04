"""What notification may know at the moment of sending: whether to send, to whom, and what the partner released."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from services.registration.domain import mailbox
from services.registration.handlers.returning import can_return
from services.registration.metrics import MAILS_LATER
from services.registration.store import addresses, limits, people, rounds
from services.registration.store.people import Person
from shared.runtime.db import Connection
from shared.schemas.codes import MessageKind


@dataclass(frozen=True)
class Verdict:
    """`send` with the recipient and partners; `gone`: drop the message; `hold`: a partner is gone, news is on its way.

    `later`: the mailbox has had enough for now, ask again after so many seconds. `still_theirs`: of an address that somebody
    gave another for, whether it is the one that counts.
    """

    answer: Literal["send", "gone", "hold", "later"]
    recipient: Person | None = None
    partners: tuple[Person, ...] = ()
    seconds: float | None = None
    still_theirs: bool = False


LATER = Verdict("later", seconds=mailbox.LATER_SECONDS)


async def recipient(conn: Connection, kind: MessageKind, person: UUID, partners: list[UUID]) -> Verdict:
    """Decides on this very moment's state: whoever withdrew a second ago gets nothing and is named to nobody.

    Who has no address has a card instead of mails.
    """
    found = await people.get(conn, person)
    if found is None or not found.email or not await _wanted(conn, kind, found):
        return Verdict("gone")
    others = [await people.get(conn, partner) for partner in partners]
    present = tuple(other for other in others if other is not None and other.state == "confirmed")
    if len(present) < len(partners):
        return Verdict("hold")
    return Verdict("send", found, present)


async def spared(conn: Connection, message: UUID, found: Person, key: str) -> Verdict | None:
    """Whether the mailbox is spared this message to somebody who has not confirmed. None: it may be sent.

    What waits is sent when others of the mailbox confirm, or tomorrow; after the close it is no use.
    """
    if found.state != "unconfirmed" or await has_room(conn, message, found.id, found.email, key):
        return None
    MAILS_LATER.labels(found.region).inc()
    is_open = (await rounds.get(conn, found.round_id)).phase == "open"
    return LATER if is_open else Verdict("gone")


async def has_room(conn: Connection, message: UUID, person: UUID, email: str, key: str) -> bool:
    """A mailbox where nobody confirms is spared: whoever types other people's addresses shall not reach them often."""
    address = mailbox.hashed(email, key)
    return await limits.allow_unconfirmed(conn, message, address, person, mailbox.MOST_UNCONFIRMED)


async def prover(conn: Connection, message: UUID | None, asking: UUID, key: str) -> Verdict:
    """Whose new address waits to be proved. A mailbox where nobody does is spared, as with sign-ups."""
    found = await addresses.of_asking(conn, asking)
    if found is None or not found.new_email:
        return Verdict("gone")
    if message is not None and not await has_room(conn, message, asking, found.new_email, key):
        MAILS_LATER.labels(found.region).inc()
        return LATER
    return Verdict("send", replace(found, email=found.new_email))


async def former(conn: Connection, asking: UUID | None, person: UUID) -> Verdict:
    """Whoever gave another address, at the one they had then; whatever became of the other since."""
    asked, found = await addresses.get(conn, asking) if asking else None, await people.get(conn, person)
    if asked is None or found is None or asked.person_id != person or not asked.old_email:
        return Verdict("gone")
    still_theirs = addresses.is_same(found.email, asked.old_email)
    return Verdict("send", replace(found, email=asked.old_email), still_theirs=still_theirs)


async def _wanted(conn: Connection, kind: MessageKind, found: Person) -> bool:
    if kind == "confirm":
        return found.state == "unconfirmed"
    if kind in {"link", "answered"}:
        return True  # asked for by themselves, whatever became of them
    if kind == "opens":
        return found.state in {"paused", "confirmed"} and await _may_come_back(conn, found)
    if kind in {"refused", "not_checked"}:
        return found.state == kind
    return found.state == "confirmed"


async def _may_come_back(conn: Connection, found: Person) -> bool:
    """False where the round has closed meanwhile, or they are in it already."""
    open_round = await rounds.open_round(conn, found.region)
    return open_round is not None and can_return(found, open_round)
