"""What happens to a published pair: domain.py's table says what comes of it, effects.py does it."""

from datetime import timedelta
from uuid import UUID

from services.matching.domain import ANSWERS, ENDS, GOES, LIVES, newest_due, next_due, unanswered
from services.matching.handlers.effects import EFFECTS, Happening
from services.matching.metrics import ANSWERED, FOLLOWED_UP, PAIRS_ENDED
from services.matching.store import following, outcomes, pairs, rounds
from services.matching.store.pairs import Pair
from services.matching.store.rounds import Round
from shared.runtime.db import Connection
from shared.runtime.metrics import known_region
from shared.schemas.answers import Answered, FollowUpAnswered, PairEnded
from shared.schemas.codes import Role


async def on_answered(conn: Connection, event: Answered) -> None:
    """Said twice, too late, or by somebody else it changes nothing."""
    for round_, pair, role in await _of(conn, event.pair, event.person):
        if await happens(conn, Happening(round_, pair, ANSWERS[role, event.answer])):
            await pairs.keep_saying(conn, pair.id, role, event.answer)
            ANSWERED.labels(known_region(round_.region), event.answer).inc()


async def on_pair_ended(conn: Connection, event: PairEnded) -> None:
    """Said twice, too late, or by somebody else it changes nothing. Both are told, the other one never why."""
    for round_, pair, role in await _of(conn, event.pair, event.person):
        if await happens(conn, Happening(round_, pair, ENDS[role], event.reason)):
            PAIRS_ENDED.labels(known_region(round_.region), event.reason).inc()


async def on_follow_up_answered(conn: Connection, event: FollowUpAnswered) -> None:
    """Whoever has not met their buddy after four weeks comes first next time. Of a pair that is over it changes nothing."""
    for round_, pair, _ in await _of(conn, event.pair, event.person):
        if not await following.keep_answer(conn, pair.id, event.person, event.step, event.answer):
            continue
        FOLLOWED_UP.labels(known_region(round_.region), event.step, event.answer).inc()
        if (event.step, event.answer) == ("week_4", "no") and not await pairs.was_reported(conn, round_.id, event.person):
            await outcomes.went_without(conn, round_.id, [event.person])


async def time_is_over(conn: Connection, round_: Round, pair: Pair) -> None:
    for role in unanswered(pair.state):
        await pairs.keep_saying(conn, pair.id, role, "nothing")
    await happens(conn, Happening(round_, pair, "deadline"))


async def give_up_asking(conn: Connection, round_: Round) -> None:
    for pair in await pairs.unanswered(conn, round_.id):
        await happens(conn, Happening(round_, pair, "deadline"))


async def half_time(conn: Connection, round_: Round, pair: Pair) -> None:
    await happens(conn, Happening(round_, pair, "half_time"))


async def time_to_follow_up(conn: Connection, round_: Round, pair: Pair, age: timedelta) -> None:
    """`age`: how long ago the two were introduced."""
    if step := newest_due(age):
        await following.wait_for_next(conn, pair.id, next_due(age))
        await happens(conn, Happening(round_, pair, step))


async def goes(conn: Connection, round_: Round, person: UUID) -> None:
    """Somebody left the round: their partners hear kindly that it is over, never why."""
    for pair in await pairs.live(conn, round_.id, person):
        await happens(conn, Happening(round_, pair, GOES[pair.role_of(person)]))


async def happens(conn: Connection, what: Happening) -> bool:
    """False where the event means nothing to a pair in this state."""
    step = LIVES.get((what.pair.state, what.event))
    if step is None:
        return False
    state, effect = step
    await pairs.set_state(conn, what.pair.id, state)
    await EFFECTS[effect](conn, what)
    return True


async def _of(conn: Connection, pair_id: UUID, person: UUID) -> list[tuple[Round, Pair, Role]]:
    """The pair as it stands while nothing else happens in its round, and who this person is in it; empty for a stranger."""
    glimpse = await pairs.get(conn, pair_id)
    if glimpse is None or person not in {glimpse.newcomer, glimpse.local}:
        return []
    round_ = await rounds.locked(conn, glimpse.round_id)
    pair = await pairs.get(conn, pair_id)
    return [(round_, pair, pair.role_of(person))] if pair and round_.phase in {"published", "ended"} else []
