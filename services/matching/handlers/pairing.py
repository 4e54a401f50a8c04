"""How a proposal of a plan becomes a published pair."""

from datetime import datetime, timedelta
from uuid import uuid5

from services.matching.store.pairs import Pair
from services.matching.store.plans import Proposal
from services.matching.store.rounds import Round


def pair_of(round_: Round, one: Proposal, slot: int, now: datetime) -> Pair:
    """Asked first where the round's rules want that. The pair's id follows from who they are, so that publishing the same
    plan again makes the same ids.
    """
    assert round_.rules is not None
    pair_id = uuid5(round_.id, f"{one.newcomer}:{one.local}")
    if round_.rules["introduction"] == "direct":
        return Pair(pair_id, round_.id, one.newcomer, one.local, slot, one.why, "introduced")
    answer_by = now + timedelta(days=round_.rules["answer_days"])
    return Pair(pair_id, round_.id, one.newcomer, one.local, slot, one.why, "asked", answer_by)
