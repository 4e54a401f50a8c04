"""Somebody gives another address, and what is told of it."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from services.registration.handlers.helping import sign_up_helped
from services.registration.store import helpers
from services.registration.tests.front import NOTIFICATION, Front, Shown
from services.registration.tests.made import form, one
from shared.runtime import db
from shared.schemas.participants import AddressGiven

OLD, NEW, LATER = "p1@example.org", "new@example.org", "later@example.org"


async def change(front: Front, person: UUID, email: str = NEW, **other: Any) -> httpx.Response:
    given: dict[str, Any] = {"name": "Person 1", "email": email} | other
    return await front.client.post(f"{await front.link(person)}/change", data=form(**given))


async def addresses(front: Front, person: UUID) -> tuple[str, str]:
    """The one that counts, and the one that waits."""
    (row,) = await front.pool.fetch("SELECT email, new_email FROM people WHERE id = $1", person)
    return row["email"], row["new_email"]


async def press(front: Front, link: str) -> tuple[int, str]:
    answer = await front.client.post(link)
    return answer.status_code, Shown(answer.text).text


async def told(front: Front, kind: str, person: UUID, message: UUID | None = None, *partners: UUID) -> dict[str, Any]:
    question = {"kind": kind, "person": str(person), "message": str(message or uuid4()), "partners": [*map(str, partners)]}
    answer: dict[str, Any] = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    return answer


async def at_new(front: Front, asked: AddressGiven) -> dict[str, Any]:
    return await told(front, "new_address", asked.asking)


async def at_old(front: Front, asked: AddressGiven) -> dict[str, Any]:
    return await told(front, "old_address", asked.person, asked.asking)


async def carded(front: Front, email: str = "") -> UUID:
    """Somebody who had a helper beside."""
    async with db.transaction(front.pool) as conn:
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
        assert await sign_up_helped(conn, one(1, email=email, release_email=bool(email)), helper) == "card"
    return one(1).person
