"""Plain rules of sending: which text tells which outcome, and when to try again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.schemas.codes import MessageKind, OutcomeKind, PairStanding

State = Literal["queued", "sent", "dropped", "superseded", "failed", "bounced"]
Change = Literal["announced", "agreed", "introduced", "repaired", "ended"]
Opening = Literal["", "again", "free"]

UNDELIVERED: tuple[State, ...] = ("failed", "bounced")
UNSENT: tuple[State, ...] = ("queued", *UNDELIVERED)
MOST_ATTEMPTS = 60
HOLD_SECONDS = 3.0
BUSY_SECONDS = 0.3
MOMENT_SECONDS = 5.0
"""Pauses up to this are no wait of their own: a message that is put back for a moment counts as due all the while."""
LONGEST_PAUSE_SECONDS = 3600.0
# Of a region's day: nobody is woken by what they did not ask for at that moment.
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
# Danger waits for nothing: no night, no pace, no other mails of that day.
URGENT: frozenset[MessageKind] = frozenset({"office_alerted"})
ASKED_FOR: frozenset[MessageKind] = frozenset({"confirm", "welcome", "link", "new_address", "old_address"})
# Of these anybody who knows an address, or holds a link, may cause as many as they like.
BY_ANYBODY: frozenset[MessageKind] = frozenset({"confirm", "link", "old_address"})


def retry_pause(attempts: int) -> float:
    """Seconds until the next try: growing from two seconds to an hour, so that a server may defer for two days."""
    return min(2.0 ** min(attempts, 20), LONGEST_PAUSE_SECONDS)


def quiet_seconds(kind: MessageKind, now: datetime, zone: str) -> float:
    """How long a message waits for the morning of its region; 0 where it may be sent now."""
    local = now.astimezone(ZoneInfo(zone))
    if kind in ASKED_FOR | URGENT or QUIET_UNTIL <= local.time() < QUIET_FROM:
        return 0.0
    morning = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    # Both in UTC: in the night of the change of clocks an hour is missing, or there twice.
    return (datetime.combine(morning, QUIET_UNTIL, local.tzinfo).astimezone(UTC) - now).total_seconds()


def most_by_anybody(most: int) -> int:
    """Of the mails of a day: one stays free for news, whatever a stranger types."""
    return max(1, most - 1)


def domain_of(address: str) -> str:
    """Where a mail goes; nothing of an address that has none."""
    _, at, domain = address.rpartition("@")
    return domain.casefold() if at else ""


@dataclass(frozen=True)
class Heard:
    """How a round stands for somebody, and what changed it; `pair`: the one that changed."""

    change: Change
    outcome: OutcomeKind
    reason: str | None = None
    standings: tuple[PairStanding, ...] = ()
    pair: UUID | None = None


@dataclass(frozen=True)
class Told:
    """What somebody was told of a round: the kinds of mails that were sent, in their order, and which pair they named; and what
    was written and did not arrive, for that a newer mail has to say too.
    """

    sent: tuple[MessageKind, ...] = ()
    named: Collection[UUID | None] = ()
    unsent: Collection[MessageKind] = ()


FELL_THROUGH = frozenset({"not_this_time", "declined", "no_answer"})
NEWS: dict[Change, frozenset[MessageKind]] = {
    "announced": frozenset({"introduced", "asked"}),
    "introduced": frozenset({"introduced"}),
    "agreed": frozenset(),
    "ended": frozenset(),
}
# The partners of which pairs a mail shows; no pairs in any other. The first that is due says what those after it would say.
SHOWS: dict[MessageKind, PairStanding] = {
    "pair_ended": "introduced",
    "introduced": "introduced",
    "asked": "asked",
    "reminder": "asked",
}


def kind_of(heard: Heard, told: Told) -> MessageKind | None:
    """The mail that tells it, in place of all that is unsent; None where there is nothing to tell now."""
    if heard.outcome == "withdrawn":
        return None  # whoever withdrew is told nothing more
    if "pair_ended" in told.unsent or (heard.change == "ended" and was_named(heard.pair, told)):
        return "pair_ended"
    if heard.outcome == "unmatched":
        return _without_pairs(heard.reason)
    due = _news(heard, told) | set(told.unsent)
    return next((kind for kind, standing in SHOWS.items() if kind in due and standing in heard.standings), None)


def was_named(pair: UUID | None, told: Told) -> bool:
    """Whether this person got to know the other one by mail; None stands for all pairs."""
    return pair in told.named or None in told.named


def _without_pairs(reason: str | None) -> MessageKind | None:
    if reason == "searching":
        return None
    return "fell_through" if reason in FELL_THROUGH else "unmatched"


def _news(heard: Heard, told: Told) -> set[MessageKind]:
    """To somebody who heard of nothing yet all is news; a new pair is asked, or introduced where nobody is asked."""
    if heard.change == "repaired":
        return {"asked" if "asked" in heard.standings else "introduced"}
    return set(NEWS[heard.change if told.sent or told.unsent else "announced"])


def is_reminded(standings: Collection[PairStanding], told: Told) -> bool:
    """Not where the question itself has not arrived."""
    return "asked" in standings and bool(told.sent) and not told.unsent


def opening(told: Told) -> Opening:
    """How a question begins: another one did not work out, or somebody has become free for who had nobody."""
    openings: dict[MessageKind, Opening] = {"asked": "again", "reminder": "again", "unmatched": "free", "fell_through": "free"}
    return next((openings[kind] for kind in reversed(told.sent) if kind in openings), "")


def partners_in(payload: dict[str, Any]) -> list[str]:
    """Ids of the partners a message speaks of."""
    return [pair["partner"] for pair in payload.get("pairs", [])]
