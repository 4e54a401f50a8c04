"""Signing up: one form is one sign-up, however often it is sent; the same person twice is a repeat; all others are two people."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from uuid import UUID, uuid5

from services.registration.domain.answers import Answers, repeat_key
from services.registration.handlers import outbox
from services.registration.handlers.speaking import signed_up
from services.registration.store import people, rounds
from services.registration.store.people import Person, Place
from shared.runtime.db import Connection
from shared.runtime.killpoints import killpoint
from shared.schemas.participants import LinkAsked

Result = Literal["accepted", "repeated", "not open"]


@dataclass(frozen=True)
class SignUp:
    """A form without a fault. Its token makes the person's id, so that the same form can never be two people."""

    round_id: UUID
    region: str
    form_token: str
    language: str
    answers: Answers
    place: Place
    consent_version: str = ""
    group: str | None = None

    @cached_property
    def person(self) -> UUID:
        return uuid5(self.round_id, self.form_token)


async def sign_up(conn: Connection, form: SignUp) -> Result:
    """Stores the sign-up and asks for the confirmation mail where there is an address, or finds that it is there already."""
    key = repeat_key(form.answers, form.person)
    stored_at = await people.insert(
        conn,
        form.person,
        form.region,
        form.round_id,
        form.language,
        form.answers,
        form.place,
        key,
        form.consent_version,
        form.group,
    )
    if stored_at is None:
        return await _again(conn, form, key)
    if form.answers.email:
        await outbox.append(conn, signed_up(form.person, form.region, form.round_id, form.language), at=stored_at)
    killpoint("R1")
    return "accepted"


async def _again(conn: Connection, form: SignUp, key: bytes) -> Result:
    round_ = await rounds.get(conn, form.round_id, "FOR SHARE")
    if round_.phase != "open":
        return "not open"
    if await people.was_taken(conn, round_.id, form.person):
        return "accepted"
    known = await people.find_repeat(conn, round_.region, key)
    if known is None:
        # They took back or erased the sign-up a moment ago; the form can be sent again.
        return "not open"
    if known.round_id == round_.id and known.state in {"unconfirmed", "in_doubt", "confirmed", "refused"}:
        await people.turned_away(conn, round_.id, form.person, "repeated", "same person")
        await outbox.append(conn, LinkAsked(person=known.id, round=round_.id, language=form.language))
        return "repeated"
    await _come_back(conn, form, round_, known)
    return "accepted"


async def _come_back(conn: Connection, form: SignUp, round_: rounds.Round, known: Person) -> None:
    """Somebody who left, or was in an earlier round, signs up again: the same person, to be confirmed once more."""
    await people.overwrite(conn, known.id, form.language, form.answers, form.place)
    await people.consent(conn, known.id, form.consent_version)
    await people.move(conn, known.id, round_.id, "unconfirmed", known.version)
    await outbox.append(conn, signed_up(known.id, round_.region, round_.id, form.language))


async def refuse(conn: Connection, round_id: UUID, form_token: str, reason: str) -> None:
    """Counts somebody who may not take part, without keeping anything of them."""
    await people.turned_away(conn, round_id, uuid5(round_id, form_token), "refused", reason)
