"""Entries in doubt for these tests, and what has become of them."""

from typing import Any
from uuid import UUID

from services.registration.domain.doubts import Decision, Kind
from services.registration.handlers import doubts as handlers
from services.registration.handlers import own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.handlers.recipients import recipient
from services.registration.handlers.sign_up import SignUp
from services.registration.store import doubts, people, rounds
from services.registration.store.people import Person
from services.registration.tests.made import (
    HERE,
    ROUND,
    answers,
    one,
    signed_up,
)
from shared.runtime import db
from shared.schemas.codes import MessageKind

ANNA = {"name": "Anna Müller"}
LINK = {"name": "www.evil.example"}
ADULT = 18


async def confirm(pool: db.Pool, form: SignUp) -> str:
    await signed_up(pool, form)
    async with db.transaction(pool) as conn:
        return await own_data.confirm(conn, form.person, ADULT)


async def in_doubt(pool: db.Pool, number: int = 1, **other: Any) -> UUID:
    form = one(number, **(other or LINK))
    assert await confirm(pool, form) == "in_doubt"
    return form.person


async def decide(pool: db.Pool, person: UUID, decision: Decision, kind: Kind | None = None) -> tuple[str, list[Kind]]:
    async with db.transaction(pool) as conn:
        return await handlers.decide(conn, person, decision, "known to us", "Test", kind)


async def change(pool: db.Pool, person: UUID, **other: Any) -> str | None:
    async with db.transaction(pool) as conn:
        return await own_data.change(conn, person, "de", answers(**other), HERE, ADULT)


async def stored(pool: db.Pool, person: UUID) -> Person:
    async with db.connection(pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found


async def kinds(pool: db.Pool, person: UUID) -> list[Kind]:
    async with db.connection(pool) as conn:
        return await doubts.pending(conn, person, ROUND)


async def counted(pool: db.Pool) -> dict[str, int]:
    async with db.connection(pool) as conn:
        return await rounds.counts(conn, ROUND)


async def roster(pool: db.Pool) -> dict[UUID, int]:
    async with db.connection(pool) as conn:
        return dict(await rounds.roster(conn, ROUND))


async def wanted(pool: db.Pool, kind: MessageKind, person: UUID) -> str:
    async with db.connection(pool) as conn:
        return (await recipient(conn, kind, person, [])).answer


async def reopened(pool: db.Pool) -> None:
    async with db.transaction(pool) as conn:
        await round_handlers.reopen(conn, ROUND)
