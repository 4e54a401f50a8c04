"""Somebody gives another address: nothing is sent there before it is proved, and the old one is told."""

from uuid import UUID

from services.registration.handlers import outbox
from services.registration.handlers.holding import locked
from services.registration.handlers.speaking import signed_up
from services.registration.store import addresses as store
from services.registration.store import people
from services.registration.store.addresses import is_same
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime.db import Connection
from shared.runtime.ids import new_id
from shared.schemas.participants import AddressGiven, LinkAsked

# Each is a mail to somebody who perhaps never asked for one; and notification sends nobody more than three mails a day.
MOST_A_DAY = 3


async def is_enough(conn: Connection, found: Person, given: str) -> bool:
    """Whether this is another address than any that is known of them, and they gave too many today."""
    known = not given or is_same(given, found.email) or is_same(given, found.new_email)
    return not known and await store.lately(conn, found.id) >= MOST_A_DAY


def staying(found: Person, given: str) -> str:
    """The address that counts at once. One that is proved stays until another is; who had a helper beside needs none."""
    if not given or is_same(given, found.email):
        return given
    if found.confirmed_at is not None:
        return found.email
    return "" if found.helper is not None else given


async def take(conn: Connection, found: Person, given: str, language: str, round_: Round) -> bool:
    """What follows from the address in a form, said by whoever was `found`. True where a mail has to be opened now."""
    if given and is_same(given, found.new_email):
        return True
    await store.drop(conn, found.id)
    if is_same(given, found.email):
        return False
    if staying(found, given) != given:
        await _ask(conn, found, given, language)
        return True
    if found.confirmed_at is not None:
        await _ask(conn, found, "", language)
    elif given:
        await _correct(conn, found, language, round_)
    return bool(given)


async def _ask(conn: Connection, found: Person, given: str, language: str) -> None:
    """The new address waits. Where it is none at all, there is only the old one to tell."""
    asking = new_id()
    await store.add(conn, asking, found.id, found.email if found.confirmed_at else "")
    if given:
        await store.wait(conn, found.id, asking, given)
    await outbox.append(conn, AddressGiven(person=found.id, round=found.round_id, language=language, asking=asking))


async def _correct(conn: Connection, found: Person, language: str, round_: Round) -> None:
    """Nobody ever proved the one before: whoever reads its mails has no link any more that holds."""
    await store.add(conn, new_id(), found.id, "")
    await people.new_links(conn, found.id)
    if round_.phase == "open":
        await outbox.append(conn, signed_up(found.id, found.region, round_.id, language))


async def renew_links(conn: Connection, before: Person) -> None:
    """Whoever reads the mails of the address before has no link any more that holds; the new one hears the new link.

    Who had none has no such mails, and keeps the link that is drawn on their card. Who still has to confirm is welcomed.
    """
    if not before.email:
        return
    await people.new_links(conn, before.id)
    if before.state != "unconfirmed":
        await outbox.append(conn, LinkAsked(person=before.id, round=before.round_id, language=before.language))


async def drop(conn: Connection, person: UUID) -> bool:
    """The new address is not wanted any more. False for somebody who is not there."""
    held = await locked(conn, person)
    if held is not None:
        await store.drop(conn, person)
    return held is not None
