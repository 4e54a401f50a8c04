"""Somebody asks the office something, and the office answers. Events say that it happened; the words stay here."""

from typing import Literal
from uuid import UUID, uuid5

from services.registration.domain.asking import MOST_WAITING
from services.registration.handlers import outbox
from services.registration.handlers.holding import locked
from services.registration.store import asked as store
from services.registration.store.asked import Asked
from shared.runtime.db import Connection
from shared.schemas.participants import AnswerGiven, OfficeAsked

# A mailbox is told at most so often; notification sends nobody more than three mails a day, so more would only pile up.
PAUSE_HOURS, MOST_A_DAY = 1, 3


class AlreadyAnsweredError(ValueError):
    """The question has its answer; the person may have read it."""


async def ask(
    conn: Connection, person: UUID, form_token: str, language: str, text: str, office: UUID
) -> Literal["asked", "enough", "gone"]:
    """The same form sent twice is one question. `enough`: so many wait for an answer that this one is not taken."""
    held = await locked(conn, person)
    if held is None:
        return "gone"
    question = uuid5(person, form_token)
    if await store.get(conn, question):
        return "asked"
    if await store.waiting(conn, person) >= MOST_WAITING:
        return "enough"
    await store.add(conn, question, person, held[0].region, office, language, text)
    return "asked"


async def answer(conn: Connection, region: str, question: UUID, text: str, by: str) -> Asked | None:
    """None where the region has no such question. Raises AlreadyAnsweredError."""
    found = await store.get(conn, question)
    if found is None or found.region != region:
        return None
    held = await locked(conn, found.person_id)
    if held is None:
        return None
    if not await store.answer(conn, question, text, by):
        raise AlreadyAnsweredError("This question is already answered.")
    person = held[0]
    await outbox.append(conn, AnswerGiven(person=person.id, round=person.round_id, question=question, language=person.language))
    return await store.get(conn, question)


async def tell_offices(conn: Connection) -> int:
    """Says of each mailbox with something new to read that it has. Returns of how many."""
    due = await store.offices_to_tell(conn, PAUSE_HOURS, MOST_A_DAY)
    await outbox.append(conn, *(OfficeAsked(office=row["office"], region=row["region"], round=row["round_id"]) for row in due))
    return len(due)
