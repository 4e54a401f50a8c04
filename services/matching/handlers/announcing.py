"""How a person's outcome is put into an event: all their pairs, each as they see it."""

from typing import Any, Literal
from uuid import UUID

from services.matching.domain import standing
from services.matching.handlers import outbox
from services.matching.store import outcomes, pairs, rounds
from services.matching.store.outcomes import Outcome
from services.matching.store.pairs import Pair
from shared.runtime.db import Connection
from shared.schemas.codes import FollowUpStep, Role
from shared.schemas.pairings import FollowUpDue, PairChanged, PairWhy, ReminderDue, Suggestion


async def tell(
    conn: Connection, round_id: UUID, person: UUID, pair: UUID, change: Literal["agreed", "introduced", "repaired", "ended"]
) -> None:
    """How it stands for somebody after one of their pairs changed."""
    found = await pairs.live(conn, round_id, person)
    await outbox.append(conn, PairChanged(**await _outcome(conn, round_id, person, found), pair=pair, change=change))


async def remind(conn: Connection, round_id: UUID, person: UUID) -> None:
    """Of all they have not answered; the outcome is as it was, so that said twice it is one mail."""
    found = [pair for pair in await pairs.live(conn, round_id, person) if standing(pair.state, pair.role_of(person)) == "asked"]
    await outbox.append(conn, ReminderDue(**await _outcome(conn, round_id, person, found)))


async def follow_up(conn: Connection, pair: Pair, person: UUID, step: FollowUpStep) -> None:
    partner = pair.local if person == pair.newcomer else pair.newcomer
    await outbox.append(conn, FollowUpDue(person=person, round=pair.round_id, pair=pair.id, partner=partner, step=step))


async def _outcome(conn: Connection, round_id: UUID, person: UUID, shown: list[Pair]) -> dict[str, Any]:
    """The fields of Outcome as they stand now, read back from what was stored."""
    writes_first = (await rounds.rules(conn, round_id))["who_writes_first"]
    stored, revision = await outcomes.get(conn, round_id, person)
    return outcome_fields(round_id, person, revision, stored, shown, writes_first)


def outcome_fields(
    round_id: UUID, person: UUID, revision: int, stored: Outcome, shown: list[Pair], writes_first: Role
) -> dict[str, Any]:
    return {
        "person": person,
        "round": round_id,
        "revision": revision,
        "outcome": stored.outcome,
        "reason": stored.reason,
        "suggestion": Suggestion(**stored.suggestion) if stored.suggestion else None,
        "pairs": [seen_by(person, pair, writes_first) for pair in shown],
    }


def seen_by(person: UUID, pair: Pair, writes_first: Role) -> PairWhy:
    """The pair from this person's side."""
    role = pair.role_of(person)
    how_far = standing(pair.state, role)
    return PairWhy(
        pair=pair.id,
        partner=pair.newcomer if role == "local" else pair.local,
        languages=pair.why.get("languages", []),
        hobbies=pair.why.get("hobbies", []),
        band=pair.why.get("band", "over_20"),
        writes_first=role == writes_first,
        standing=how_far,
        answer_by=None if how_far == "introduced" else pair.answer_by,
    )
