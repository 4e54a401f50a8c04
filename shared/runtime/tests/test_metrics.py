"""Labels come from closed sets, gauges show what is and nothing that was, and the plumbing says how it is."""

import time

import pytest
from prometheus_client import REGISTRY, Gauge

from shared.runtime import db
from shared.runtime.inbox import handle_batch
from shared.runtime.measuring import plumbing
from shared.runtime.metrics import DEPENDENCY_RETRIES, Few, known, show
from shared.runtime.tests.events import TOPIC, listening, records
from shared.runtime.tests.series import series, value, values
from shared.runtime.tests.waiting import retrying, running, until


@pytest.mark.parametrize("sent", ["", "post", "POST ", "Zykanari", "\0"])
def test_what_is_none_of_ours_is_one_word(sent: str) -> None:
    assert (known("POST", {"POST"}), known(sent, {"POST"}), known(sent, {"POST"}, "")) == ("POST", "other", "")


def test_of_values_without_a_list_the_first_are_known_and_stay_so() -> None:
    few = Few(3)
    assert [few(name) for name in ("a", "b", "a", None, "", "c", "d", "a", "e")] == [
        *("a", "b", "a", "other", "other", "c", "other", "a", "other"),
    ]


def test_a_series_that_is_over_is_not_shown() -> None:
    gauge = Gauge("mybuddy_of_this_test", "Of this test.", ["region", "phase"])
    try:
        show(gauge, [(("here", "open"), 1), (("there", "draft"), 2), (("there", "draft"), 3)])
        assert values("of_this_test") == {("here", "open"): 1, ("there", "draft"): 5}
        show(gauge, [(("here", "closed"), 1)])
        assert values("of_this_test") == {("here", "closed"): 1}
    finally:
        REGISTRY.unregister(gauge)


def test_a_loop_shows_when_it_lived_last_and_never_that_it_was_fifty_years_ago() -> None:
    loop = retrying()
    made = value("loop_last_turn_timestamp_seconds", loop="test")
    assert time.time() - 5 < made <= time.time()
    loop.beat()
    assert value("loop_last_turn_timestamp_seconds", loop="test") > made


def test_no_counter_shows_beside_itself_when_it_began() -> None:
    DEPENDENCY_RETRIES.labels("test").inc(0)
    assert 'mybuddy_dependency_retries_total{loop="test"}' in series()
    assert not [one for one in series() if "_created" in one]


async def test_the_gauges_tell_what_could_not_be_understood_until_it_is_taken_away(pool: db.Pool) -> None:
    await handle_batch(pool, listening(), records(b"no event", b"nor this"))

    async def kept() -> bool:
        return values("dead_letters_kept") == {(TOPIC,): 2}

    async def none() -> bool:
        return values("dead_letters_kept") == {}

    async with running(plumbing(pool)):
        await until("dead letters are counted", kept)
    await pool.execute("DELETE FROM dead_letters")
    async with running(plumbing(pool)):
        await until("they are counted no more", none)


async def test_connections_are_counted_at_the_moment_of_asking(pool: db.Pool) -> None:
    plumbing(pool)
    assert value("database_pool_connections_max") == pool.get_max_size()
    before = value("database_pool_connections", state="used")
    async with db.connection(pool), db.connection(pool):
        assert value("database_pool_connections", state="used") == before + 2
    assert value("database_pool_connections", state="used") == before
    assert value("database_pool_connections", state="idle") >= 2
