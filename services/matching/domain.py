"""The life of a published pair: one table says what each event makes of each state, and what follows from it."""

from datetime import timedelta
from typing import Literal

from shared.schemas.codes import Answer, FollowUpStep, PairStanding, Role

PairState = Literal["asked", "newcomer_agreed", "local_agreed", "introduced", "ended"]
PairEvent = Literal[
    "newcomer_says_yes",
    "local_says_yes",
    "newcomer_says_no",
    "local_says_no",
    "half_time",
    "deadline",
    "newcomer_goes",
    "local_goes",
    "newcomer_ends",
    "local_ends",
    "day_5",
    "week_4",
    "month_3",
]
Effect = Literal["note", "remind", "introduce", "look_again", "say_ended", "say_gone", "follow_up"]
Step = tuple[PairState, Effect]

LIVES: dict[tuple[PairState, PairEvent], Step] = {
    ("asked", "newcomer_says_yes"): ("newcomer_agreed", "note"),
    ("asked", "local_says_yes"): ("local_agreed", "note"),
    ("asked", "half_time"): ("asked", "remind"),
    ("asked", "newcomer_says_no"): ("ended", "look_again"),
    ("asked", "local_says_no"): ("ended", "look_again"),
    ("asked", "deadline"): ("ended", "look_again"),
    ("asked", "newcomer_goes"): ("ended", "look_again"),
    ("asked", "local_goes"): ("ended", "look_again"),
    ("newcomer_agreed", "local_says_yes"): ("introduced", "introduce"),
    ("newcomer_agreed", "half_time"): ("newcomer_agreed", "remind"),
    ("newcomer_agreed", "newcomer_says_no"): ("ended", "look_again"),
    ("newcomer_agreed", "local_says_no"): ("ended", "look_again"),
    ("newcomer_agreed", "deadline"): ("ended", "look_again"),
    ("newcomer_agreed", "newcomer_goes"): ("ended", "look_again"),
    ("newcomer_agreed", "local_goes"): ("ended", "look_again"),
    ("local_agreed", "newcomer_says_yes"): ("introduced", "introduce"),
    ("local_agreed", "half_time"): ("local_agreed", "remind"),
    ("local_agreed", "newcomer_says_no"): ("ended", "look_again"),
    ("local_agreed", "local_says_no"): ("ended", "look_again"),
    ("local_agreed", "deadline"): ("ended", "look_again"),
    ("local_agreed", "newcomer_goes"): ("ended", "look_again"),
    ("local_agreed", "local_goes"): ("ended", "look_again"),
    ("introduced", "day_5"): ("introduced", "follow_up"),
    ("introduced", "week_4"): ("introduced", "follow_up"),
    ("introduced", "month_3"): ("introduced", "follow_up"),
    ("introduced", "newcomer_ends"): ("ended", "say_ended"),
    ("introduced", "local_ends"): ("ended", "say_ended"),
    ("introduced", "newcomer_goes"): ("ended", "say_gone"),
    ("introduced", "local_goes"): ("ended", "say_gone"),
}
"""Whatever does not stand here changes nothing: said twice, too late, of a pair that is over."""

ANSWERS: dict[tuple[Role, Answer], PairEvent] = {
    ("newcomer", "yes"): "newcomer_says_yes",
    ("newcomer", "no"): "newcomer_says_no",
    ("newcomer", "not_again"): "newcomer_says_no",
    ("local", "yes"): "local_says_yes",
    ("local", "no"): "local_says_no",
    ("local", "not_again"): "local_says_no",
}
GOES: dict[Role, PairEvent] = {"newcomer": "newcomer_goes", "local": "local_goes"}
ENDS: dict[Role, PairEvent] = {"newcomer": "newcomer_ends", "local": "local_ends"}

FOLLOW_UPS: dict[FollowUpStep, timedelta] = {
    "day_5": timedelta(days=5),
    "week_4": timedelta(weeks=4),
    "month_3": timedelta(weeks=13),
}
"""When both are asked how it goes, after they were introduced; in this order."""

FellThrough = Literal["not_this_time", "declined", "no_answer"]
"""What somebody hears for whom nobody else is found: the other did not go on, or they themselves did not."""


def standing(state: PairState, role: Role) -> PairStanding:
    """How far a pair is for one of the two, who never hears whether the other has agreed."""
    if state == "introduced":
        return "introduced"
    return "agreed" if state == f"{role}_agreed" else "asked"


def unanswered(state: PairState) -> tuple[Role, ...]:
    """Whose answer a pair waits for."""
    waits: dict[PairState, tuple[Role, ...]] = {
        "asked": ("newcomer", "local"),
        "newcomer_agreed": ("local",),
        "local_agreed": ("newcomer",),
    }
    return waits.get(state, ())


def fell_through(state: PairState, event: PairEvent, role: Role) -> FellThrough:
    """Why a pair that was only asked is over, as one of the two may hear it."""
    if event == f"{role}_says_no":
        return "declined"
    return "no_answer" if event == "deadline" and role in unanswered(state) else "not_this_time"


def newest_due(age: timedelta) -> FollowUpStep | None:
    """What is asked of a pair so long after it was introduced: where several steps have come, the newest alone."""
    return next((step for step, after in reversed(FOLLOW_UPS.items()) if age >= after), None)


def next_due(age: timedelta) -> timedelta | None:
    """So long after it was introduced a pair is asked next; never again after the last step."""
    return next((after for after in FOLLOW_UPS.values() if age < after), None)
