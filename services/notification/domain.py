"""Plain rules of sending: which text tells which outcome, and when to try again."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from shared.schemas.codes import MessageKind

State = Literal["queued", "sent", "dropped", "superseded", "failed", "bounced"]

UNDELIVERED: tuple[State, ...] = ("failed", "bounced")
MOST_ATTEMPTS = 60
HOLD_SECONDS = 3.0
BUSY_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 3600.0
# Of a region's day: nobody is woken by what they did not ask for at that moment.
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
ASKED_FOR: frozenset[MessageKind] = frozenset({"confirm", "welcome", "link", "new_address", "old_address"})


def retry_pause(attempts: int) -> float:
    """Seconds until the next try: growing from two seconds to an hour, so that a server may defer for two days."""
    return min(2.0 ** min(attempts, 20), LONGEST_PAUSE_SECONDS)


def quiet_seconds(kind: MessageKind, now: datetime, zone: str) -> float:
    """How long a message waits for the morning of its region; 0 where it may be sent now."""
    local = now.astimezone(ZoneInfo(zone))
    if kind in ASKED_FOR or QUIET_UNTIL <= local.time() < QUIET_FROM:
        return 0.0
    morning = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    # Both in UTC: in the night of the change of clocks an hour is missing, or there twice.
    return (datetime.combine(morning, QUIET_UNTIL, local.tzinfo).astimezone(UTC) - now).total_seconds()


def domain_of(address: str) -> str:
    """Where a mail goes; nothing of an address that has none."""
    _, at, domain = address.rpartition("@")
    return domain.casefold() if at else ""


def kind_of(outcome: str) -> MessageKind | None:
    """Whoever withdrew is told nothing more."""
    kinds: dict[str, MessageKind] = {"matched": "introduced", "unmatched": "unmatched"}
    return kinds.get(outcome)


def partners_in(payload: dict[str, Any]) -> list[str]:
    """Ids of the partners a message speaks of."""
    return [pair["partner"] for pair in payload.get("pairs", [])]
