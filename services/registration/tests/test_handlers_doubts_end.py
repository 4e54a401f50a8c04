"""How an entry in doubt ends without a decision: its owner goes, or the round closes before anybody looked."""

import asyncio
from dataclasses import replace

import pytest

from services.registration.handlers import doubts as handlers
from services.registration.handlers import own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.handlers.sign_up import sign_up
from services.registration.regions import round_id
from services.registration.store import doubts
from services.registration.tests.doubting import (
    ADULT,
    ANNA,
    LINK,
    change,
    counted,
    decide,
    in_doubt,
    reopened,
    roster,
    stored,
    wanted,
)
from services.registration.tests.made import (
    LUDWIGSBURG,
    ROUND,
    closed,
    confirmed,
    everything,
    one,
    opened,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import Confirmed, Erased, Left, NotChecked
from shared.schemas.rounds import RoundClosed, roster_digest


@pytest.fixture(autouse=True)
async def _open(pool: db.Pool) -> None:
    await opened(pool)


# Gone


async def test_who_is_in_doubt_may_leave_and_come_back_and_is_still_in_doubt(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    async with db.transaction(pool) as conn:
        assert await own_data.leave(conn, person) == "left"
    assert [event.version for event in await said(pool, Left)] == [1]
    with pytest.raises(handlers.NothingToDecideError):
        await decide(pool, person, "accepted")
    async with db.transaction(pool) as conn:
        assert await sign_up(conn, replace(one(1, **LINK), form_token="another-form-of-one")) == "accepted"
        assert await own_data.confirm(conn, person, ADULT) == "in_doubt"
    assert await decide(pool, person, "accepted") == ("confirmed", [])
    assert [event.version for event in await said(pool, Confirmed)] == [2]


@pytest.mark.parametrize("when", ["open", "closed"])
async def test_of_somebody_erased_in_doubt_nothing_is_left(pool: db.Pool, when: str) -> None:
    (other,) = await confirmed(pool, one(1, **ANNA))
    person = await in_doubt(pool, 2, **ANNA)
    if when == "closed":
        await closed(pool)
    async with db.transaction(pool) as conn:
        assert await own_data.erase(conn, person)
    assert await pool.fetchval("SELECT count(*) FROM doubts") == 0
    assert [(event.version, event.on_roster) for event in await said(pool, Erased)] == [(1, False)]
    assert await counted(pool) == {"confirmed": 1, "erased": 1}
    assert (await stored(pool, other)).state == "confirmed"


async def test_a_duplicate_of_somebody_erased_still_waits_and_names_nobody(pool: db.Pool) -> None:
    (other,) = await confirmed(pool, one(1, **ANNA))
    person = await in_doubt(pool, 2, **ANNA)
    async with db.transaction(pool) as conn:
        await own_data.erase(conn, other)
        (row,) = await doubts.waiting(conn, ROUND)
    assert (row["entry"].id, row["other"]) == (person, None)
    assert await decide(pool, person, "accepted") == ("confirmed", [])


# Closed


async def test_undecided_at_close_is_not_checked_and_count_and_digest_are_of_the_others(pool: db.Pool) -> None:
    (counts,) = await confirmed(pool, one(1))
    waits = await in_doubt(pool, 2)
    refused = await in_doubt(pool, 3, name="www.spam.com")
    await decide(pool, refused, "refused")
    await signed_up(pool, one(4))
    await asyncio.gather(*(closed(pool) for _ in range(4)))
    (event,) = await said(pool, NotChecked)
    assert (event.person, event.round, event.region, event.closing, event.language) == (waits, ROUND, "ludwigsburg", 1, "de")
    (told,) = await said(pool, RoundClosed)
    assert (told.count, told.digest) == (1, roster_digest({counts: 1}.items()))
    assert await roster(pool) == {counts: 1}
    assert await counted(pool) == {"confirmed": 1, "not_checked": 1, "refused by the office": 1, "unconfirmed": 1}
    assert [await wanted(pool, kind, waits) for kind in ("not_checked", "unmatched")] == ["send", "gone"]


async def test_after_close_a_decision_is_refused_with_a_clear_sentence(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    await closed(pool)
    before = await everything(pool)
    for decision in ("accepted", "refused"):
        with pytest.raises(handlers.NothingToDecideError, match="The round is closed: it is too late to decide"):
            await decide(pool, person, decision)
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, person) == "not open"
        assert await own_data.leave(conn, person) is None
    assert await everything(pool) == before


async def test_deciding_while_the_round_closes_is_wholly_before_or_wholly_after(pool: db.Pool) -> None:
    crowd = [await in_doubt(pool, number, name=f"www.evil{number}.com") for number in range(8)]
    deciding = [decide(pool, person, "accepted") for person in crowd]
    await asyncio.gather(*deciding[:3], closed(pool), *deciding[3:], return_exceptions=True)
    accepted = {event.person for event in await said(pool, Confirmed)}
    assert set(await roster(pool)) == accepted
    assert {event.person for event in await said(pool, NotChecked)} == set(crowd) - accepted


async def test_a_reopened_round_gives_time_to_check_and_its_next_closing_tells_again(pool: db.Pool) -> None:
    first, second = await in_doubt(pool, 1), await in_doubt(pool, 2, name="www.spam.com")
    await closed(pool)
    await reopened(pool)
    assert [(await stored(pool, person)).state for person in (first, second)] == ["in_doubt"] * 2
    assert await wanted(pool, "not_checked", first) == "gone"
    await decide(pool, first, "accepted")
    await closed(pool)
    assert await roster(pool) == {first: 1}
    assert [(e.person, e.closing) for e in await said(pool, NotChecked)][-1] == (second, 2)


async def test_what_was_changed_into_doubt_after_close_is_looked_at_when_the_round_is_reopened(pool: db.Pool) -> None:
    (person,) = await confirmed(pool, one(1))
    await closed(pool)
    assert await change(pool, person, email="p1@example.org", name="fuck you") == "changed_next_round"
    assert (await stored(pool, person)).state == "confirmed"
    await reopened(pool)
    assert (await stored(pool, person)).state == "in_doubt"
    assert [event.version for event in await said(pool, Left)] == [2]


async def test_who_was_not_checked_comes_back_for_the_next_round_and_is_looked_at_afresh(pool: db.Pool) -> None:
    person = await in_doubt(pool)
    await closed(pool)
    async with db.transaction(pool) as conn:
        await round_handlers.end(conn, ROUND)
    assert await pool.fetchval("SELECT count(*) FROM doubts") == 0
    spring = LUDWIGSBURG.rounds[0].model_copy(update={"slug": "2022-spring"})
    next_round = round_id("ludwigsburg", "2022-spring")
    async with db.transaction(pool) as conn:
        await round_handlers.draft(conn, LUDWIGSBURG.model_copy(update={"rounds": [spring]}))
        await round_handlers.open_(conn, next_round)
        assert await sign_up(conn, replace(one(1, **LINK), round_id=next_round)) == "accepted"
        assert await own_data.confirm(conn, person, ADULT) == "in_doubt"
        assert await handlers.decide(conn, person, "accepted", "known to us", "Test") == ("confirmed", [])
    assert [(event.person, event.round) for event in await said(pool, Confirmed)] == [(person, next_round)]
