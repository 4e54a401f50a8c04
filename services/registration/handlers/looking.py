"""Looking at an entry when it is confirmed or changed: is there anything that somebody at the office should see first?"""

from uuid import UUID

from services.registration.domain.doubts import FACTS, Kind, is_doubtful_name, is_same
from services.registration.store import doubts, reported
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime.db import Connection


async def is_in_doubt(conn: Connection, person: Person, round_: Round, adult_from: int) -> bool:
    """Somebody confirms: True where a coordinator has to look first."""
    await _look(conn, person, round_, adult_from, list(FACTS))
    return bool(await doubts.pending(conn, person.id, round_.id))


async def look_again(conn: Connection, before: Person, now: Person, round_: Round, adult_from: int) -> None:
    """Somebody changed their entry: what the change touches is looked at, whatever was decided of it before.

    A doubt that nobody has decided stays, or it would be enough to type another year. Whoever has yet to confirm is looked
    at afresh then.
    """
    if before.state in {"unconfirmed", "left", "withdrawn"}:
        await doubts.forget(conn, now.id, round_.id)
        return
    touched = [kind for kind, facts in FACTS.items() if any(getattr(before, fact) != getattr(now, fact) for fact in facts)]
    if touched:
        await doubts.forget_accepted(conn, now.id, round_.id, touched)
        await _look(conn, now, round_, adult_from, touched)


async def _look(conn: Connection, person: Person, round_: Round, adult_from: int, kinds: list[Kind]) -> None:
    if "name" in kinds and is_doubtful_name(person.name):
        await doubts.add(conn, person.id, round_.id, "name", None)
    if "under_age" in kinds and round_.rules["year"] - person.birth_year < adult_from:
        await doubts.add(conn, person.id, round_.id, "under_age", None)
    if "duplicate" in kinds and (other := await _same_person(conn, person)):
        await doubts.add(conn, person.id, round_.id, "duplicate", other)
    if "reported" in kinds and await reported.is_reported(conn, person.id):
        await doubts.add(conn, person.id, round_.id, "reported", None)


async def _same_person(conn: Connection, person: Person) -> UUID | None:
    await doubts.one_at_a_time(conn, person.round_id)
    found = await doubts.candidates(conn, person)
    return next((row["id"] for row in found if is_same(row["name"], person.name)), None)
