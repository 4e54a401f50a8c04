"""How a person's outcome is put into an event: all their pairs, each as they see it."""

from typing import Any
from uuid import UUID

from services.matching.store import plans, rounds
from services.matching.store.plans import Pair
from shared.runtime.db import Connection
from shared.schemas.codes import Role
from shared.schemas.pairings import PairWhy, Suggestion


async def outcome_of(conn: Connection, round_id: UUID, person: UUID, revision: int) -> dict[str, Any]:
    """The fields of Outcome as they stand now, read back from what was stored."""
    writes_first = (await rounds.rules(conn, round_id))["who_writes_first"]
    pairs = await plans.live_pairs(conn, round_id, person)
    stored = await plans.outcome(conn, round_id, person)
    return outcome_fields(round_id, person, revision, stored, pairs, writes_first)


def outcome_fields(
    round_id: UUID, person: UUID, revision: int, stored: plans.Outcome, pairs: list[Pair], writes_first: Role
) -> dict[str, Any]:
    return {
        "person": person,
        "round": round_id,
        "revision": revision,
        "outcome": stored.outcome,
        "reason": stored.reason,
        "suggestion": Suggestion(**stored.suggestion) if stored.suggestion else None,
        "pairs": [seen_by(person, pair, writes_first) for pair in pairs],
    }


def seen_by(person: UUID, pair: Pair, writes_first: Role) -> PairWhy:
    """The pair from this person's side."""
    role: Role = "local" if person == pair.local else "newcomer"
    return PairWhy(
        pair=pair.id,
        partner=pair.newcomer if role == "local" else pair.local,
        languages=pair.why.get("languages", []),
        hobbies=pair.why.get("hobbies", []),
        band=pair.why.get("band", "over_20"),
        writes_first=role == writes_first,
    )
