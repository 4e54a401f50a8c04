"""A pair is asked before it is introduced: answers, silence, going, and the search for somebody else."""

from uuid import UUID, uuid4

import pytest

from deploy.local.databases import InstallationDatabases
from services.matching.handlers import plans as handlers
from services.matching.store import pairs
from services.matching.tests.asked import answers, days_pass, ends_with, looked_again, now_told, pair_of, published, told
from services.matching.tests.made import claimed, hear, said
from shared.runtime import db
from shared.schemas.answers import Answered, PairEnded
from shared.schemas.pairings import OutcomeAnnounced, PairChanged, ReminderDue
from shared.schemas.participants import Erased, Withdrawn
from shared.schemas.rounds import RoundEnded


async def waiting(pool: db.Pool) -> dict[UUID, int]:
    return {row["person_id"]: row["rounds"] for row in await pool.fetch("SELECT * FROM waiting")}


async def test_both_are_asked_with_a_deadline_and_nobody_stops_waiting_yet(pool: db.Pool) -> None:
    _, (newcomer,), (local,) = await published(pool, [(0, 0)], 1, [1])
    events = {event.person: event for event in await said(pool, OutcomeAnnounced)}
    (one,), (other,) = events[newcomer].pairs, events[local].pairs
    assert (one.standing, other.standing) == ("asked", "asked")
    assert one.answer_by is not None
    assert one.answer_by == other.answer_by


async def test_the_first_yes_is_told_to_whoever_said_it_alone_the_second_introduces_both(pool: db.Pool) -> None:
    _, (newcomer, _), (local,) = await published(pool, [(0, 0)], 2, [1])
    await pool.execute("INSERT INTO waiting VALUES ($1, 2)", newcomer)
    pair = await pair_of(pool, newcomer, local)
    await answers(pool, pair, yes=newcomer)
    (event,) = await said(pool, PairChanged)
    assert (event.person, event.change, event.pairs[0].standing) == (newcomer, "agreed", "agreed")
    assert (await now_told(pool, local)).pairs[0].standing == "asked"
    await answers(pool, pair, yes=local)
    for person in (newcomer, local):
        changed = (await told(pool, person))[-1]
        assert (changed.change, changed.pairs[0].standing, changed.pairs[0].answer_by) == ("introduced", "introduced", None)
    assert newcomer not in await waiting(pool)


async def test_said_twice_by_a_stranger_of_no_pair_or_of_one_that_is_over_an_answer_changes_nothing(pool: db.Pool) -> None:
    _, (newcomer, other), (local,) = await published(pool, [(0, 0)], 2, [1])
    pair = await pair_of(pool, newcomer, local)
    await answers(pool, pair, yes=newcomer)
    before = len(await said(pool, PairChanged))
    await hear(pool, Answered(pair=pair, person=other, answer="yes"), Answered(pair=uuid4(), person=local, answer="yes"))
    await answers(pool, pair, yes=newcomer)
    await hear(pool, PairEnded(pair=pair, person=local, reason="other"))  # nobody was introduced to anybody
    assert len(await said(pool, PairChanged)) == before
    await answers(pool, pair, no=local)
    before = len(await said(pool, PairChanged))
    await answers(pool, pair, yes=local, no=newcomer)
    assert len(await said(pool, PairChanged)) == before


async def test_after_a_no_a_free_person_is_asked_and_nobody_else_is_moved(pool: db.Pool) -> None:
    _, (refused, free, agreed), (local, other) = await published(pool, [(0, 0), (2, 1)], 3, [1, 1])
    await answers(pool, await pair_of(pool, agreed, other), yes=agreed)
    await answers(pool, await pair_of(pool, refused, local), no=refused)
    for person in (refused, local):
        event = await now_told(pool, person)
        assert (event.outcome, event.reason, event.pairs) == ("unmatched", "searching", [])
    before = {person: len(await told(pool, person)) for person in (agreed, other)}
    assert await looked_again(pool, (free, local)) == {refused, free, local}
    assert [pair.partner for pair in (await now_told(pool, local)).pairs] == [free]
    assert [pair.standing for pair in (await now_told(pool, free)).pairs] == ["asked"]
    assert (await now_told(pool, refused)).reason == "declined"
    assert before == {person: len(await told(pool, person)) for person in (agreed, other)}


async def test_whoever_was_refused_comes_first_next_time_whoever_refused_does_not(pool: db.Pool) -> None:
    _, (newcomer,), (local,) = await published(pool, [(0, 0)], 1, [1])
    await answers(pool, await pair_of(pool, newcomer, local), yes=newcomer, no=local)
    assert await waiting(pool) == {}
    await looked_again(pool)
    assert await waiting(pool) == {newcomer: 1}
    assert ((await now_told(pool, newcomer)).reason, (await now_told(pool, local)).reason) == ("not_this_time", "declined")


async def test_the_search_starts_once_and_again_for_whoever_came_while_it_ran(pool: db.Pool) -> None:
    _, new, old = await published(pool, [(0, 0), (1, 1)], 2, [1, 1])
    await answers(pool, await pair_of(pool, new[0], old[0]), no=new[0])
    run = await claimed(pool)
    assert run is not None
    await answers(pool, await pair_of(pool, new[1], old[1]), no=new[1])
    assert await claimed(pool) is None
    await ends_with(pool, run, {new[0], old[0]})
    assert (await now_told(pool, new[0])).reason == "declined"
    assert (await now_told(pool, new[1])).reason == "searching"
    assert await looked_again(pool, (new[0], old[1])) == {*new, *old}
    assert (await now_told(pool, old[1])).pairs[0].partner == new[0]


async def test_silence_ends_the_pair_and_whoever_kept_silent_is_not_asked_again(
    pool: db.Pool, database: InstallationDatabases
) -> None:
    round_id, (newcomer, free), (local,) = await published(pool, [(0, 0)], 2, [1])
    await answers(pool, await pair_of(pool, newcomer, local), yes=local)
    await days_pass(pool, database, round_id, 7.1)
    assert (await now_told(pool, newcomer)).reason == "no_answer"
    assert (await now_told(pool, local)).reason == "searching"
    assert await looked_again(pool, (free, local)) == {free, local}
    assert newcomer not in await waiting(pool)


async def test_an_answer_that_was_late_on_its_way_still_counts(pool: db.Pool, database: InstallationDatabases) -> None:
    round_id, (newcomer,), (local,) = await published(pool, [(0, 0)], 1, [1])
    await days_pass(pool, database, round_id, 7.01)
    await answers(pool, await pair_of(pool, newcomer, local), yes=newcomer)
    assert (await now_told(pool, newcomer)).pairs[0].standing == "agreed"


async def test_half_way_whoever_has_not_answered_is_reminded_once_of_all(pool: db.Pool, database: InstallationDatabases) -> None:
    round_id, (one, two), (local,) = await published(pool, [(0, 0), (1, 0)], 2, [2])
    await answers(pool, await pair_of(pool, one, local), yes=one)
    await days_pass(pool, database, round_id, 3.6)
    await days_pass(pool, database, round_id, 1)
    reminders = await said(pool, ReminderDue)
    assert {event.person for event in reminders} == {two, local}
    assert {(event.revision, len(event.pairs)) for event in reminders if event.person == local} == {(1, 2)}
    assert len([event for event in reminders if event.person == two]) == 1


async def test_nobody_is_asked_more_often_than_the_rules_allow(pool: db.Pool) -> None:
    _, new, (local,) = await published(pool, [(0, 0)], 4, [1], asked_again=2)
    for number in range(3):
        await answers(pool, await pair_of(pool, new[number], local), no=new[number])
        if number < 2:
            await looked_again(pool, (new[number + 1], local))
    assert (await now_told(pool, local)).reason == "not_this_time"
    assert (await waiting(pool))[local] == 1
    assert local not in await looked_again(pool)


@pytest.mark.parametrize("erased", [True, False])
async def test_who_goes_while_they_are_asked_leaves_a_partner_for_whom_somebody_else_is_looked(
    pool: db.Pool, erased: bool
) -> None:
    round_id, (goes, free), (local,) = await published(pool, [(0, 0)], 2, [1])
    await answers(pool, await pair_of(pool, goes, local), yes=goes)
    if erased:
        await hear(pool, Erased(person=goes, version=2, round=round_id, on_roster=True))
    else:
        await hear(pool, Withdrawn(person=goes, version=1, round=round_id))
    assert (await now_told(pool, local)).reason == "searching"
    assert await looked_again(pool, (free, local)) == {free, local}


async def test_a_local_with_another_pair_keeps_it_and_is_asked_about_somebody_new(pool: db.Pool) -> None:
    _, (one, two, free), (local,) = await published(pool, [(0, 0), (1, 0)], 3, [2])
    await answers(pool, await pair_of(pool, one, local), no=one)
    event = await now_told(pool, local)
    assert (event.outcome, [pair.partner for pair in event.pairs]) == ("matched", [two])
    await looked_again(pool, (free, local))
    assert {pair.partner for pair in (await now_told(pool, local)).pairs} == {two, free}


async def test_who_went_while_the_search_ran_is_not_asked_and_the_other_is_looked_for_again(pool: db.Pool) -> None:
    round_id, (refuses, free), (local,) = await published(pool, [(0, 0)], 2, [1])
    await answers(pool, await pair_of(pool, refuses, local), no=refuses)
    run = await claimed(pool)
    assert run is not None
    await hear(pool, Withdrawn(person=free, version=1, round=round_id))
    await ends_with(pool, run, {refuses, free, local}, (free, local))
    assert (await now_told(pool, local)).reason == "searching"
    assert await looked_again(pool) == {refuses, local}
    assert (await now_told(pool, local)).reason == "not_this_time"


async def test_two_who_were_asked_may_be_asked_in_a_later_round_unless_one_said_not_again(pool: db.Pool) -> None:
    round_id, new, (local,) = await published(pool, [(0, 0), (1, 0), (2, 0)], 3, [3])
    await answers(pool, await pair_of(pool, new[0], local), no=new[0])
    await answers(pool, await pair_of(pool, new[1], local), not_again=local)
    await answers(pool, await pair_of(pool, new[2], local), yes=new[2])
    await answers(pool, await pair_of(pool, new[2], local), yes=local)
    async with db.connection(pool) as conn:
        here = {(row["newcomer"], row["local"]) for row in await pairs.never_again(conn, round_id, here_too=True)}
        await conn.execute("UPDATE pairs SET round_id = gen_random_uuid()")  # the same people, a round later
        later = {(row["newcomer"], row["local"]) for row in await pairs.never_again(conn, round_id, here_too=False)}
    assert here == {(person, local) for person in new}
    assert later == {(new[1], local), (new[2], local)}


async def test_a_search_that_failed_is_tried_again_by_the_office(pool: db.Pool) -> None:
    round_id, (newcomer,), (local,) = await published(pool, [(0, 0)], 1, [1])
    await answers(pool, await pair_of(pool, newcomer, local), no=newcomer)
    assert await claimed(pool)
    await pool.execute("UPDATE runs SET state = 'failed' WHERE kind = 'again'")
    async with db.transaction(pool) as conn:
        assert (await handlers.repair(conn, round_id)).phase == "published"
    await looked_again(pool)
    assert (await now_told(pool, local)).reason == "not_this_time"


async def test_when_the_round_ends_whoever_is_still_asked_or_looked_for_hears_that_nothing_comes_of_it(pool: db.Pool) -> None:
    round_id, (agreed, refused), (local, other) = await published(pool, [(0, 0), (1, 1)], 2, [1, 1])
    await answers(pool, await pair_of(pool, agreed, local), yes=agreed)
    await answers(pool, await pair_of(pool, refused, other), no=refused)
    await hear(pool, RoundEnded(round=round_id))
    reasons = {person: (await now_told(pool, person)).reason for person in (agreed, local, refused, other)}
    assert reasons == {agreed: "not_this_time", local: "no_answer", refused: "declined", other: "not_this_time"}
    assert await claimed(pool) is None


async def test_a_pair_can_be_ended_when_its_round_is_long_over(pool: db.Pool) -> None:
    round_id, (newcomer,), (local,) = await published(pool, [(0, 0)], 1, [1], introduction="direct")
    await hear(pool, RoundEnded(round=round_id))
    await hear(pool, PairEnded(pair=await pair_of(pool, newcomer, local), person=local, reason="safety"))
    for person in (newcomer, local):
        event = await now_told(pool, person)
        assert (event.revision, event.outcome, event.reason) == (2, "unmatched", "pair_ended" if person == local else "pair_over")
