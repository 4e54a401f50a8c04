"""Plain rules of sending: which text tells which outcome, and when to try again."""

from typing import Any, Literal

Kind = Literal[
    "confirm",
    "welcome",
    "link",
    "introduced",
    "unmatched",
    "pair_ended",
    "opens",
    "refused",
    "not_checked",
    "answered",
    "office_asked",
]
State = Literal["queued", "sent", "dropped", "superseded", "failed", "bounced"]

MOST_ATTEMPTS = 60
HOLD_SECONDS = 3.0
BUSY_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 3600.0


def retry_pause(attempts: int) -> float:
    """Seconds until the next try: growing from two seconds to an hour, so that a server may defer for two days."""
    return min(2.0 ** min(attempts, 20), LONGEST_PAUSE_SECONDS)


def kind_of(outcome: str) -> Kind | None:
    """Whoever withdrew is told nothing more."""
    kinds: dict[str, Kind] = {"matched": "introduced", "unmatched": "unmatched"}
    return kinds.get(outcome)


def partners_in(payload: dict[str, Any]) -> list[str]:
    """Ids of the partners a message speaks of."""
    return [pair["partner"] for pair in payload.get("pairs", [])]
