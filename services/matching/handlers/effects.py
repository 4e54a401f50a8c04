"""What follows for the two when something happened to their pair; domain.py's table says which effect follows when."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.matching.domain import FOLLOW_UPS, Effect, PairEvent, fell_through, unanswered
from services.matching.handlers import again
from services.matching.handlers.announcing import follow_up, remind, tell
from services.matching.metrics import PAIRS_INTRODUCED
from services.matching.store import following, outcomes, pairs
from services.matching.store.pairs import Pair
from services.matching.store.rounds import Round
from shared.runtime.db import Connection
from shared.runtime.metrics import known_region
from shared.schemas.codes import EndReason, Role

GO_AWAY: frozenset[EndReason] = frozenset({"no_time", "moved", "transferred"})
"""Whoever ends a pair for one of these looks for nobody else."""
BOTH: tuple[Role, Role] = ("newcomer", "local")


@dataclass(frozen=True)
class Happening:
    """An event of a pair as it stood before. `reason`: of whoever ends it."""

    round: Round
    pair: Pair
    event: PairEvent
    reason: EndReason | None = None

    @property
    def by(self) -> Role | None:
        """Whose doing it is; nobody's where time passes."""
        return next((role for role in BOTH if self.event.startswith(role)), None)


async def _note(conn: Connection, what: Happening) -> None:
    """Told to whoever said it alone: whether the other has agreed, nobody hears."""
    assert what.by is not None
    person = what.pair.person(what.by)
    await outcomes.put(conn, what.round.id, person, "matched")
    await tell(conn, what.round.id, person, what.pair.id, "agreed")


async def _remind(conn: Connection, what: Happening) -> None:
    await pairs.reminded(conn, what.pair.id)
    for role in unanswered(what.pair.state):
        await remind(conn, what.round.id, what.pair.person(role))


async def _introduce(conn: Connection, what: Happening) -> None:
    two = [what.pair.person(role) for role in BOTH]
    await outcomes.found_somebody(conn, what.round.id, two)
    PAIRS_INTRODUCED.labels(known_region(what.round.region)).inc()
    for person in two:
        await outcomes.put(conn, what.round.id, person, "matched")
        await tell(conn, what.round.id, person, what.pair.id, "introduced")


async def _look_again(conn: Connection, what: Happening) -> None:
    """Whoever still may be asked is looked for, and hears more soon; whoever may not hears now."""
    for role in BOTH:
        if what.event == f"{role}_goes":
            continue
        person, why = what.pair.person(role), fell_through(what.pair.state, what.event, role)
        if await pairs.live(conn, what.round.id, person):
            await outcomes.put(conn, what.round.id, person, "matched")
        elif await again.may_be_asked(conn, what.round, person):
            await outcomes.put(conn, what.round.id, person, "unmatched", "searching", otherwise=why)
        else:
            await again.give_up(conn, what.round.id, person, why)
        await tell(conn, what.round.id, person, what.pair.id, "ended")
    await again.wanted(conn, what.round)


async def _say_ended(conn: Connection, what: Happening) -> None:
    assert what.reason is not None
    assert what.by is not None
    await pairs.keep_reason(conn, what.pair.id, what.reason, what.pair.person(what.by))
    for role in BOTH:
        waits = role != what.by or what.reason not in GO_AWAY
        await _left(conn, what, what.pair.person(role), "pair_ended" if waits else "pair_over")


async def _say_gone(conn: Connection, what: Happening) -> None:
    role: Role = "local" if what.by == "newcomer" else "newcomer"
    await _left(conn, what, what.pair.person(role), "partner_gone")


async def _follow_up(conn: Connection, what: Happening) -> None:
    step = next(step for step in FOLLOW_UPS if step == what.event)
    for role in BOTH:
        person = what.pair.person(role)
        if await following.ask(conn, what.pair.id, person, step):
            await follow_up(conn, what.pair, person, step)


async def _left(
    conn: Connection, what: Happening, person: UUID, reason: Literal["partner_gone", "pair_ended", "pair_over"]
) -> None:
    """They come first next time if nobody is left to them, but for `pair_over`: whoever looks for nobody, or was reported."""
    reported = await pairs.was_reported(conn, what.round.id, person)
    if reported:
        await outcomes.waits_no_more(conn, person)
    if await pairs.live(conn, what.round.id, person):
        await outcomes.put(conn, what.round.id, person, "matched")
    elif reported or reason == "pair_over":
        await outcomes.put(conn, what.round.id, person, "unmatched", "pair_over")
    else:
        await outcomes.put(conn, what.round.id, person, "unmatched", reason)
        await outcomes.went_without(conn, what.round.id, [person])
    await tell(conn, what.round.id, person, what.pair.id, "ended")


EFFECTS: dict[Effect, Callable[[Connection, Happening], Awaitable[None]]] = {
    "note": _note,
    "remind": _remind,
    "introduce": _introduce,
    "look_again": _look_again,
    "say_ended": _say_ended,
    "say_gone": _say_gone,
    "follow_up": _follow_up,
}
