"""When to try again, and which text tells which outcome."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain import (
    LONGEST_PAUSE_SECONDS,
    MOST_ATTEMPTS,
    Heard,
    Told,
    is_reminded,
    kind_of,
    opening,
    partners_in,
    retry_pause,
)
from shared.schemas.codes import MessageKind

PAIR = uuid4()


def test_the_pause_grows_from_two_seconds_to_an_hour_and_tries_last_two_days() -> None:
    pauses = [retry_pause(attempt) for attempt in range(1, MOST_ATTEMPTS)]
    assert (pauses[0], pauses[-1]) == (2, LONGEST_PAUSE_SECONDS)
    assert pauses == sorted(pauses)
    # A mail server may be full, or slow to trust us, for a weekend.
    assert sum(pauses) > 2 * 86_400


@given(st.integers(0, 10**9))
def test_no_number_of_tries_makes_it_longer(attempts: int) -> None:
    assert 0 < retry_pause(attempts) <= LONGEST_PAUSE_SECONDS


SENT, ASKED_TOLD = Told(sent=("introduced",), named=[PAIR]), Told(sent=("asked",))
DIRECT = {
    "the result is here": (Heard("announced", "matched", None, ("introduced",)), Told(), "introduced"),
    "nobody": (Heard("announced", "unmatched", "no_partner"), Told(), "unmatched"),
    "withdrew": (Heard("announced", "withdrawn"), Told(), None),
    "withdrew later": (Heard("ended", "withdrawn", pair=PAIR), SENT, None),
    "ended before the mail": (Heard("ended", "unmatched", "pair_ended", pair=PAIR), Told(unsent=["introduced"]), "unmatched"),
    "ended after the mail": (Heard("ended", "unmatched", "pair_ended", pair=PAIR), SENT, "pair_ended"),
    "ended, another stays": (Heard("ended", "matched", None, ("introduced",), PAIR), SENT, "pair_ended"),
    "one of two ended before the mail": (
        Heard("ended", "matched", None, ("introduced",), PAIR),
        Told(unsent=["introduced"]),
        "introduced",
    ),
    "ended after a mail of an older release": (
        Heard("ended", "unmatched", "pair_ended", pair=PAIR),
        Told(sent=("introduced",), named=[None]),
        "pair_ended",
    ),
    "told late, and nothing before": (Heard("ended", "matched", None, ("introduced",), PAIR), Told(), "introduced"),
    "somebody new, introduced at once": (
        Heard("repaired", "matched", None, ("introduced",)),
        Told(sent=("unmatched",)),
        "introduced",
    ),
}
QUESTIONS = {
    "asked": (Heard("announced", "matched", None, ("asked",)), Told(), "asked"),
    "asked about two": (Heard("announced", "matched", None, ("asked", "asked")), Told(), "asked"),
    "said yes": (Heard("agreed", "matched", None, ("agreed",), PAIR), ASKED_TOLD, None),
    "said yes before the mail": (Heard("agreed", "matched", None, ("agreed",), PAIR), Told(unsent=["asked"]), None),
    "said yes to one before the mail": (
        Heard("agreed", "matched", None, ("agreed", "asked"), PAIR),
        Told(unsent=["asked"]),
        "asked",
    ),
    "said yes to one before the reminder": (
        Heard("agreed", "matched", None, ("agreed", "asked"), PAIR),
        Told(sent=("asked",), unsent=["reminder"]),
        "reminder",
    ),
    "said yes before the reminder": (
        Heard("agreed", "matched", None, ("agreed",), PAIR),
        Told(sent=("asked",), unsent=["reminder"]),
        None,
    ),
    "both said yes": (Heard("introduced", "matched", None, ("introduced",), PAIR), ASKED_TOLD, "introduced"),
    "both said yes before any mail": (
        Heard("introduced", "matched", None, ("introduced",), PAIR),
        Told(unsent=["asked"]),
        "introduced",
    ),
    "introduced, and another question is open": (
        Heard("introduced", "matched", None, ("asked", "introduced"), PAIR),
        Told(unsent=["asked"]),
        "introduced",
    ),
    "said yes to the second before the introduction was sent": (
        Heard("agreed", "matched", None, ("introduced", "agreed"), PAIR),
        Told(sent=("asked",), unsent=["introduced"]),
        "introduced",
    ),
}
REPAIRS = {
    "looking for somebody else": (Heard("ended", "unmatched", "searching", pair=PAIR), ASKED_TOLD, None),
    "looking, and the question was never sent": (
        Heard("ended", "unmatched", "searching", pair=PAIR),
        Told(unsent=["asked"]),
        None,
    ),
    "one of several fell through": (Heard("ended", "matched", None, ("introduced",), PAIR), Told(sent=("introduced",)), None),
    "one of several fell through, the other's introduction waits": (
        Heard("ended", "matched", None, ("introduced",), PAIR),
        Told(sent=("asked",), unsent=["introduced"]),
        "introduced",
    ),
    "one of two questions fell through before the mail": (
        Heard("ended", "matched", None, ("asked",), PAIR),
        Told(unsent=["asked"]),
        "asked",
    ),
    "somebody new": (Heard("repaired", "matched", None, ("asked",), PAIR), ASKED_TOLD, "asked"),
    "somebody new beside a buddy": (
        Heard("repaired", "matched", None, ("introduced", "asked"), PAIR),
        Told(sent=("asked", "introduced"), named=[uuid4()]),
        "asked",
    ),
    "somebody new, and an introduction waits": (
        Heard("repaired", "matched", None, ("introduced", "asked"), PAIR),
        Told(sent=("asked",), unsent=["introduced"]),
        "introduced",
    ),
    "somebody has become free": (
        Heard("repaired", "matched", None, ("asked",), PAIR),
        Told(sent=("unmatched",)),
        "asked",
    ),
    "an end is told before all else": (
        Heard("introduced", "matched", None, ("introduced",), PAIR),
        Told(sent=("introduced",), named=[uuid4()], unsent=["pair_ended"]),
        "pair_ended",
    ),
    **{
        reason: (Heard("repaired", "unmatched", reason, pair=PAIR), ASKED_TOLD, "fell_through")
        for reason in ("not_this_time", "declined", "no_answer")
    },
}


@pytest.mark.parametrize(
    ("heard", "told", "kind"), [*DIRECT.values(), *QUESTIONS.values(), *REPAIRS.values()], ids=[*DIRECT, *QUESTIONS, *REPAIRS]
)
def test_which_mail_tells_what_was_heard(heard: Heard, told: Told, kind: MessageKind | None) -> None:
    assert kind_of(heard, told) == kind


@pytest.mark.parametrize(
    ("sent", "begins"),
    [
        ((), ""),
        (("introduced",), ""),
        (("asked",), "again"),
        (("asked", "reminder"), "again"),
        (("asked", "introduced"), "again"),
        (("unmatched",), "free"),
        (("asked", "fell_through"), "free"),
        (("unmatched", "asked"), "again"),
    ],
    ids=str,
)
def test_a_question_begins_with_what_was_told_last(sent: tuple[MessageKind, ...], begins: str) -> None:
    assert opening(Told(sent=sent)) == begins


@pytest.mark.parametrize(
    ("told", "due"),
    [(ASKED_TOLD, True), (Told(unsent=["asked"]), False), (Told(sent=("asked",), unsent=["introduced"]), False), (Told(), False)],
)
def test_whoever_was_not_asked_yet_is_not_reminded(told: Told, due: bool) -> None:
    assert is_reminded(["asked"], told) == due
    assert not is_reminded(["agreed", "introduced"], told)


def test_partners_are_read_from_the_payload() -> None:
    assert partners_in({}) == partners_in({"pairs": []}) == []
    assert partners_in({"pairs": [{"partner": "a", "band": "under_2"}, {"partner": "b"}]}) == ["a", "b"]
