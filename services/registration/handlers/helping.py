"""Signing up with a helper beside: the person goes away with a card, and needs no address."""

from typing import Literal

from services.registration.domain import cards
from services.registration.handlers import own_data
from services.registration.handlers.sign_up import SignUp, sign_up
from services.registration.store import helpers, people
from services.registration.store.helpers import Helper
from services.registration.store.people import Person
from shared.runtime.db import Connection

Result = Literal["card", "known", "not open"]


async def sign_up_helped(conn: Connection, form: SignUp, helper: Helper, adult_from: int = 0) -> Result:
    """`known`: their address gets a mail, as always. No card, or whoever knows an address could open the page of its owner.

    `adult_from`: see Region.adult_from.
    """
    if await sign_up(conn, form) == "not open":
        return "not open"
    found = await people.get(conn, form.person)
    if found is None or found.helper not in {None, helper.id}:
        return "known"
    await helpers.give_card(conn, found, helper.id)
    if not found.email:
        # Confirming proves an address. There is none, and the helper saw the person agree.
        await own_data.confirm(conn, found.id, adult_from)
    return "card"


async def open_card(conn: Connection, region: str, card: str, typed: str, keys: tuple[str, ...]) -> Person | None:
    """Whose card it is. None for a wrong code, and after too many of them for an hour also for the right one."""
    if not await helpers.may_guess(conn, region, card):
        return None
    found = await helpers.with_card(conn, region, card)
    # The code stands in no mail: a card stays good when the links of mails do not.
    generations = range(1, found.link_generation + 1) if found else ()
    if found is not None and any(cards.is_code(typed, found.id, generation, keys) for generation in generations):
        return found
    await helpers.guessed_wrong(conn, region, card)
    return None
