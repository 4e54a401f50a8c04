"""The end of a published pair: because somebody went, or because one of the two says so."""

from typing import Literal
from uuid import UUID

from services.matching.handlers import outbox
from services.matching.handlers.announcing import outcome_of
from services.matching.metrics import PAIRS_ENDED
from services.matching.store import plans, rounds
from services.matching.store.plans import Pair
from shared.runtime.db import Connection
from shared.schemas.answers import PairEnded
from shared.schemas.codes import EndReason
from shared.schemas.pairings import PairChanged

GO_AWAY: frozenset[EndReason] = frozenset({"no_time", "moved", "transferred"})
"""Whoever ends a pair for one of these looks for nobody else."""


async def on_pair_ended(conn: Connection, event: PairEnded) -> None:
    """Said twice, too late, or by somebody else it changes nothing. Both are told, the other one never why."""
    pair = await plans.pair(conn, event.pair)
    if pair is None:
        return
    round_ = await rounds.locked(conn, pair.round_id)
    if not await plans.end_pair(conn, pair.id, event.reason, event.person):
        return
    PAIRS_ENDED.labels(round_.region or "", event.reason).inc()
    for person in (pair.newcomer, pair.local):
        waits = person != event.person or event.reason not in GO_AWAY
        await tell_ended(conn, pair, person, "pair_ended", waits=waits)


async def end_with(conn: Connection, pair: Pair, gone: UUID) -> None:
    """Somebody left the round: the partner hears kindly that it ended, never why."""
    await plans.end_pair(conn, pair.id)
    await tell_ended(conn, pair, pair.local if gone == pair.newcomer else pair.newcomer, "partner_gone", waits=True)


async def tell_ended(
    conn: Connection, pair: Pair, person: UUID, reason: Literal["partner_gone", "pair_ended"], *, waits: bool
) -> None:
    """`waits`: they come first next time, if nobody is left to them."""
    if await plans.live_pairs(conn, pair.round_id, person):
        revision = await plans.set_outcome(conn, pair.round_id, person, "matched")
    else:
        revision = await plans.set_outcome(conn, pair.round_id, person, "unmatched", reason)
        if waits:
            await plans.add_waiting(conn, [person])
    told = await outcome_of(conn, pair.round_id, person, revision)
    await outbox.append(conn, PairChanged(**told, pair=pair.id, change="ended"))
