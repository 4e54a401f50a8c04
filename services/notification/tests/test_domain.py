"""When to try again, and which text tells which outcome."""

from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain import LONGEST_PAUSE_SECONDS, MOST_ATTEMPTS, kind_of, partners_in, retry_pause


def test_the_pause_grows_from_two_seconds_to_an_hour_and_tries_last_two_days() -> None:
    pauses = [retry_pause(attempt) for attempt in range(1, MOST_ATTEMPTS)]
    assert (pauses[0], pauses[-1]) == (2, LONGEST_PAUSE_SECONDS)
    assert pauses == sorted(pauses)
    # A mail server may be full, or slow to trust us, for a weekend.
    assert sum(pauses) > 2 * 86_400


@given(st.integers(0, 10**9))
def test_no_number_of_tries_makes_it_longer(attempts: int) -> None:
    assert 0 < retry_pause(attempts) <= LONGEST_PAUSE_SECONDS


def test_whoever_withdrew_is_told_nothing_more() -> None:
    assert [kind_of(outcome) for outcome in ("matched", "unmatched", "withdrawn")] == ["introduced", "unmatched", None]


def test_partners_are_read_from_the_payload() -> None:
    assert partners_in({}) == partners_in({"pairs": []}) == []
    assert partners_in({"pairs": [{"partner": "a", "band": "under_2"}, {"partner": "b"}]}) == ["a", "b"]
