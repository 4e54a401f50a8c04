"""What people do with their own data: confirm, change, leave, withdraw, erase, at every moment of a round."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from services.registration.domain.answers import Answers
from services.registration.domain.life import Phase
from services.registration.handlers import addresses, looking, outbox
from services.registration.handlers.holding import locked as _locked
from services.registration.handlers.speaking import attributes
from services.registration.metrics import count_step
from services.registration.store import addresses as asked
from services.registration.store import doubts, erasures, notices, people, rounds
from services.registration.store.people import Person, Place
from shared.runtime.db import Connection
from shared.runtime.outbox import blank, blank_on
from shared.schemas.participants import Changed, Confirmed, Erased, Left, Withdrawn
from shared.schemas.topics import ANSWERS

ChangeResult = Literal["changed", "changed_in_doubt", "changed_next_round", "mailed", "enough_addresses"]
ConfirmResult = Literal["confirmed", "in_doubt", "not open", "out", "gone"]


async def confirm(conn: Connection, person: UUID, adult_from: int = 0) -> ConfirmResult:
    """From now on the person counts, or waits for a coordinator. Confirming twice changes nothing. `out`: whoever stepped out
    or was refused is not brought back by an old mail; they come back from their page.

    `adult_from`: see Region.adult_from.
    """
    locked = await _locked(conn, person)
    if locked is None:
        return "gone"
    found, round_ = locked
    if found.state in {"paused", "left", "withdrawn", "refused"}:
        return "out"
    if found.state in {"confirmed", "in_doubt"}:
        return "in_doubt" if found.state == "in_doubt" else "confirmed"
    if round_.phase != "open":
        return "not open"
    if await looking.is_in_doubt(conn, found, round_, adult_from):
        await people.move(conn, person, round_.id, "in_doubt", found.version)
        count_step("doubted", found.region, found.role, found.language)
        return "in_doubt"
    await say_confirmed(conn, found)
    return "confirmed"


async def say_confirmed(conn: Connection, found: Person) -> None:
    """The first version that counts in their round: nothing about them is open any more."""
    version = found.version + 1
    await people.move(conn, found.id, found.round_id, "confirmed", version)
    await outbox.append(conn, Confirmed(**attributes(found, version)))
    count_step("confirmed", found.region, found.role, found.language)


async def change(
    conn: Connection, person: UUID, language: str, answers: Answers, place: Place, adult_from: int = 0
) -> ChangeResult | None:
    """Before confirming: overwritten. Open: a new version. After close: kept for the next round. None for somebody gone.
    `changed_in_doubt`: the office looks first, and until then they do not count.

    `mailed`: with another address, at which a mail has to be opened now. `enough_addresses`: nothing is changed.
    `adult_from`: see Region.adult_from.
    """
    locked = await _locked(conn, person)
    if locked is None:
        return None
    found, round_ = locked
    if await addresses.is_enough(conn, found, answers.email):
        return "enough_addresses"
    email = addresses.staying(found, answers.email)
    await people.overwrite(conn, person, language, replace(_still_in_party(found, answers), email=email), place)
    mailed = await addresses.take(conn, found, answers.email, language, round_)
    await _look_again(conn, found, round_, adult_from)
    if round_.phase == "open" and found.state == "confirmed":
        await say_changed(conn, person)
    elif round_.phase == "open" and found.state == "unconfirmed" and not email:
        await confirm(conn, person, adult_from)  # there is no address any more that could be proved
    if mailed:
        return "mailed"
    if round_.phase != "open":
        return "changed_next_round"
    now = await people.get(conn, person)
    return "changed_in_doubt" if now and now.state == "in_doubt" else "changed"


async def prove(conn: Connection, asking: UUID, adult_from: int = 0) -> Person | None:
    """The button in the mail to the new address: it is theirs from now on. Pressed twice it changes nothing more. None where
    another address took its place, or it was dropped. `adult_from`: see Region.adult_from.
    """
    glimpse = await asked.of_asking(conn, asking)
    locked = await _locked(conn, glimpse.id) if glimpse else None
    if locked is None or locked[0].new_email_id != asking:
        return None
    found, round_ = locked
    if found.new_email:
        await asked.use(conn, found.id, asking)
        await addresses.renew_links(conn, found)
        await _look_again(conn, found, round_, adult_from)
        await _proved(conn, found, round_, adult_from)
    return await people.get(conn, found.id)


async def _proved(conn: Connection, found: Person, round_: rounds.Round, adult_from: int) -> None:
    """Whoever still had to confirm has done so; the address may show that somebody is in the round already."""
    if round_.phase != "open":
        return
    if found.state == "unconfirmed":
        await confirm(conn, found.id, adult_from)
    elif found.state == "confirmed" and await doubts.pending(conn, found.id, round_.id):
        await say_changed(conn, found.id)


async def _look_again(conn: Connection, before: Person, round_: rounds.Round, adult_from: int) -> None:
    now = await people.get(conn, before.id)
    if now is not None:
        await looking.look_again(conn, before, now, round_, adult_from)


def _still_in_party(found: Person, answers: Answers) -> Answers:
    """The page cannot show the party's word, which is not kept: an empty field means that nothing changes."""
    if answers.party or not found.party or found.role != answers.role:
        return answers
    return replace(answers, party=found.party, capacity=1)


async def answer_place(conn: Connection, person: UUID, postcode: str) -> Phase | None:
    """A coordinator found out where somebody lives. Returns the round's phase: after close it counts for the next one."""
    locked = await _locked(conn, person)
    if locked is None:
        return None
    found, round_ = locked
    await people.set_place(conn, person, postcode)
    if round_.phase == "open" and found.state == "confirmed":
        await say_changed(conn, person)
    return round_.phase


async def settle_place(conn: Connection, person: UUID, taken: Place, known: Place) -> None:
    """Geo knows now where somebody lives who signed up while it was away. A postcode is what geo hears of anyway."""
    locked = await _locked(conn, person)
    if locked is None or not await people.settle_place(conn, person, taken, known):
        return
    found, round_ = locked
    is_new = (known.postcode, known.place_id) != (taken.postcode, taken.place_id)
    if is_new and round_.phase == "open" and found.state == "confirmed":
        await say_changed(conn, person)


async def say_changed(conn: Connection, person: UUID) -> None:
    """A new version of somebody confirmed, for the round that is open; off the roster where the change is in doubt."""
    now = await people.get(conn, person)
    if now is None:
        return
    version = now.version + 1
    if await doubts.pending(conn, person, now.round_id):
        await people.move(conn, person, now.round_id, "in_doubt", version)
        await outbox.append(conn, Left(person=person, version=version, round=now.round_id))
        return
    await people.move(conn, person, now.round_id, now.state, version)
    await outbox.append(conn, Changed(**attributes(now, version)))


async def leave(conn: Connection, person: UUID) -> Literal["left", "withdrawn"] | None:
    """Before close: off the roster. After close: gone from the round. None where there is nothing to leave."""
    locked = await _locked(conn, person)
    if locked is None:
        return None
    found, round_ = locked
    if round_.phase == "open":
        return await _leave_open(conn, found)
    if round_.phase == "closed" and found.state == "confirmed":
        return await _withdraw(conn, found)
    return "withdrawn" if found.state == "withdrawn" else None


async def _leave_open(conn: Connection, found: Person, counted: Literal["left", "unconfirmed"] = "left") -> Literal["left"]:
    if found.state == "unconfirmed" and found.version == 0:
        await people.turned_away(conn, found.round_id, found.id, counted, "unconfirmed")
        await people.delete(conn, found.id)
    if found.state in {"unconfirmed", "in_doubt", "confirmed", "paused"}:
        await people.move(conn, found.id, found.round_id, "left", found.version + 1)
        await outbox.append(conn, Left(person=found.id, version=found.version + 1, round=found.round_id))
    return "left"


async def expire(conn: Connection, person: UUID) -> bool:
    """Not confirmed in time: goes as if they had left, whatever became of the round, and still counts as not confirmed."""
    locked = await _locked(conn, person)
    if locked is None or locked[0].state != "unconfirmed":
        return False
    await _leave_open(conn, locked[0], "unconfirmed")
    return True


async def _withdraw(conn: Connection, found: Person) -> Literal["withdrawn"] | None:
    version = await rounds.mark_withdrawn(conn, found.round_id, found.id)
    if version is None:
        return None
    await people.move(conn, found.id, found.round_id, "withdrawn", found.version)
    await outbox.append(conn, Withdrawn(person=found.id, version=version, round=found.round_id))
    return "withdrawn"


async def erase(conn: Connection, person: UUID) -> bool:
    """Everything about the person goes here now, and elsewhere when the event arrives. False for somebody not there."""
    locked = await _locked(conn, person)
    if locked is None:
        return False
    found, round_ = locked
    theirs = {found.email, *(one.old_email for one in await asked.of_person(conn, person))} - {""}
    rosters = await rounds.erase_from_rosters(conn, person)
    on_roster = round_.id in rosters
    version = rosters.setdefault(round_.id, found.version + 1)
    await people.delete(conn, person)
    await erasures.record(conn, person, round_.id, version, on_roster=on_roster, confirmed=found.version > 0)
    await erasures.add_receipt(conn, person, "registration")
    for key in (person, *await notices.forget_addresses(conn, found.region, theirs)):
        await blank(conn, key)
    await blank_on(conn, ANSWERS.name, person)
    for one, last in rosters.items():
        await outbox.append(conn, Erased(person=person, version=last, round=one, on_roster=on_roster or one != round_.id))
    return True
