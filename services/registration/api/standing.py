"""How it stands with somebody who cannot do now what they came for: the truth, and what they can do instead."""

from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from services.registration.api.context import context, region_or_404
from services.registration.api.pages import page
from services.registration.domain import life
from services.registration.handlers import returning
from services.registration.store import rounds
from services.registration.store.people import Person
from services.registration.store.rounds import Round
from shared.runtime import db

Wanted = Literal["confirm", "act"]


async def can_join(request: Request, person: Person) -> Round | None:
    """The open round into which this person can come back."""
    async with db.connection(context(request).pool) as conn:
        open_round = await rounds.open_round(conn, person.region)
    return open_round if open_round is not None and returning.can_return(person, open_round) else None


async def possible(request: Request, person: Person, round_: Round) -> list[life.Action]:
    """What this person can do at this moment."""
    return life.actions(person.state, round_.phase, can_return=await can_join(request, person) is not None)


async def standing(
    request: Request, language: str, holder: tuple[Person, Round], wanted: Wanted, me_url: str, status: int = 200
) -> Response:
    """`wanted`: to confirm, or to do one of the things that my page offers at times."""
    person, round_ = holder
    return page(
        request,
        "standing.html",
        language,
        region_or_404(request, person.region),
        status,
        wanted=wanted,
        state=person.state,
        phase=life.shown_phase(round_.phase, round_.progress),
        can_return="return" in await possible(request, person, round_),
        me_url=me_url,
        contact=await context(request).contact(person),
    )
