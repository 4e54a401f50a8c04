"""Publishing: once, by the right people, at the right time; and what the round leaves behind."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from coordinator.desk import TOKEN, RefusedError
from shared.schemas.people_file import Row
from tests.integration.looking import metric
from tests.integration.moments import NOBODY
from tests.rounds import SLUG, Round, person, until

TURKISH, ARABIC = (("tr", "native"),), (("ar", "native"),)
# A party of two, for whom there is one local only; one local who takes two; and one who is left.
ALONE = [person(n, party="blumen", languages=ARABIC) for n in (10, 11)]
TWO = [person(1), person(2)]
PARTY = [person(n, party="sonne", languages=TURKISH) for n in (20, 21)]
BIG = person(101, "local", capacity=2)
LOCALS = [BIG, person(102, "local", languages=ARABIC), *(person(n, "local", languages=TURKISH) for n in (120, 121))]
EVENTS = "SELECT count(*) FROM outbox"
SENT = "SELECT count(*) FROM messages WHERE state = 'sent'"


async def _number(round_: Round, service: str, query: str, *values: Any) -> int:
    (row,) = await round_.fetch(service, query, *values)
    return int(row[0])


async def _refused(round_: Round, command: str = "publish") -> str:
    with pytest.raises(RefusedError) as refused:
        await round_.command(command, round_.region, SLUG)
    return str(refused.value)


async def _shows(round_: Round, row: Row, partners: list[Row]) -> bool:
    """Whether somebody's page names the address of each of these."""
    page = await round_.public.get(round_.links[row.id]["me"])
    return all(round_.address(partner) in page.text for partner in partners)


async def _solved(round_: Round, rows: list[Any]) -> None:
    await round_.signed_up(rows)
    await round_.close()
    await round_.solved()


async def test_a_party_and_a_local_who_takes_two_are_told_once_and_publishing_again_changes_nothing(round_: Round) -> None:
    people = [*ALONE, *TWO, *PARTY, *LOCALS]
    await _solved(round_, people)
    await round_.publish()
    await round_.told()

    ids = {round_.person_id(row): row.id for row in people}
    pairs = {(ids[newcomer], ids[local]) for newcomer, local in await round_.pairs()}
    assert {pair for pair in pairs if pair[1] == BIG.id} == {(row.id, BIG.id) for row in TWO}
    assert {newcomer for newcomer, _ in pairs} == {row.id for row in (*TWO, *PARTY)}
    assert {local for newcomer, local in pairs if newcomer in {row.id for row in PARTY}} == {row.id for row in LOCALS[2:]}

    (mail,) = await round_.results(BIG)
    assert mail["kind"] == "introduced"
    assert all(round_.address(row) in mail["text"] and round_.address(row) in mail["html"] for row in TWO)
    assert not any(round_.address(row) in mail["text"] for row in (*PARTY, *ALONE))
    await until("their page says the same", lambda: _shows(round_, BIG, TWO))
    assert not await _shows(round_, BIG, PARTY[:1])
    for row in (*ALONE, LOCALS[1]):
        assert [one["kind"] for one in await round_.results(row)] == ["unmatched"]

    before = [await _number(round_, service, EVENTS) for service in ("matching", "notification")]
    mails = await _number(round_, "notification", SENT)
    await round_.publish()
    await round_.told()
    assert [await _number(round_, service, EVENTS) for service in ("matching", "notification")] == before
    assert await _number(round_, "notification", SENT) == mails
    for row in people:
        assert len(await round_.results(row)) == 1


async def test_publishing_is_refused_with_a_sentence_until_there_is_a_plan(round_: Round) -> None:
    await round_.open()
    known = "SELECT id FROM rounds WHERE id = $1 AND region IS NOT NULL"
    await until("matching knows the round", lambda: round_.fetch("matching", known, round_.id))
    assert await _refused(round_) == "There is no plan to publish: the round is open."
    assert await _refused(round_, "repair") == "There is no plan to repair: the round is open."
    held = "INSERT INTO participants (round_id, person_id, version) VALUES ($1, $2, 1)"
    await round_.execute("matching", held, round_.id, NOBODY)
    await round_.close()

    async def closed() -> bool:
        return await round_.phase() == "closed"

    await until("matching has heard of the closing", closed)
    assert await _refused(round_) == "There is no plan to publish: the round is closed."
    await round_.execute("matching", "UPDATE rounds SET phase = 'solving' WHERE id = $1", round_.id)
    assert await _refused(round_) == "There is no plan to publish: the round is solving."
    assert not await round_.outcomes()


async def test_a_plan_without_a_fault_is_not_repaired(round_: Round) -> None:
    await _solved(round_, [person(1), person(101, "local")])
    assert await _refused(round_, "repair") == "Nothing to repair: every pair of the plan still has both its members."


@pytest.mark.parametrize("command", ["publish", "repair"])
async def test_only_a_coordinator_of_the_region_commands_its_plan(round_: Round, command: str) -> None:
    await round_.open()
    url = f"{round_.installation.services['matching'].url}/coordinator/rounds/{round_.region}/{SLUG}/{command}"
    elsewhere = Round(round_.installation, round_.mailbox_url, "region0" if round_.region != "region0" else "region1")
    async with elsewhere, httpx.AsyncClient(timeout=30) as client:
        token = elsewhere.environment[TOKEN]
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer nobody"}, 401),
            ({"Authorization": f"Bearer {token[:-8]}AAAAAAAA"}, 401),
            ({"Authorization": f"Bearer {token}"}, 403),
        ):
            answer = await client.post(url, headers=headers)
            assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)


async def test_two_who_publish_at_the_same_moment_have_one_effect(round_: Round) -> None:
    rows = [person(n) for n in range(3)] + [person(100 + n, "local") for n in range(2)]
    await _solved(round_, rows)
    await asyncio.gather(*(round_.publish() for _ in range(4)))
    await round_.told()

    for row in rows:
        assert len(await round_.results(row)) == 1
    said = "SELECT count(*) FROM outbox WHERE key = $1 AND convert_from(payload, 'UTF8') LIKE '%RoundPublished%'"
    assert await _number(round_, "matching", said, str(round_.id)) == 1
    assert await metric(round_.installation, "matching", f'mybuddy_pairs_published_total{{region="{round_.region}"}}') == 2
    waiting = {row["person_id"]: row["rounds"] for row in await round_.fetch("matching", "SELECT * FROM waiting")}
    outcomes = await round_.outcomes()
    assert {waiting.get(person_id, 0) for person_id, one in outcomes.items() if one[0] == "matched"} == {0}
    assert [waiting.get(person_id) for person_id, one in outcomes.items() if one[0] == "unmatched"] == [1]


async def test_waiting_grows_for_the_unmatched_and_ends_with_a_partner(round_: Round) -> None:
    """Somebody who waited is taken first, and then waits no more; who had never waited waits once."""
    rows = [person(1), person(2), person(101, "local")]
    await round_.signed_up(rows)
    waited = {round_.person_id(rows[1]): 2}
    for person_id, times in waited.items():
        await round_.execute("matching", "INSERT INTO waiting (person_id, rounds) VALUES ($1, $2)", person_id, times)
    await round_.close()
    await round_.solved()
    await round_.publish()
    ids = [round_.person_id(row) for row in rows]
    assert await round_.pairs() == {(ids[1], ids[2])}
    left = await round_.fetch("matching", "SELECT person_id, rounds FROM waiting WHERE person_id = ANY($1)", ids)
    assert [tuple(row) for row in left] == [(ids[0], 1)]
    await round_.told()


async def test_the_database_itself_refuses_a_second_pair_and_a_slot_too_many(round_: Round) -> None:
    await _solved(round_, [person(1), person(101, "local")])
    await round_.publish()
    await round_.told()
    ((newcomer, local),) = await round_.pairs()
    pair = "INSERT INTO pairs (id, round_id, newcomer, local, slot, why, state) VALUES ($1, $2, $3, $4, $5, '{}', 'asked')"
    with pytest.raises(asyncpg.UniqueViolationError, match="one_live_pair_per_newcomer"):
        await round_.execute("matching", pair, uuid4(), round_.id, newcomer, uuid4(), 1)
    with pytest.raises(asyncpg.UniqueViolationError, match="one_live_pair_per_slot"):
        await round_.execute("matching", pair, uuid4(), round_.id, uuid4(), local, 1)
    await round_.execute("matching", "UPDATE pairs SET state = 'ended' WHERE round_id = $1", round_.id)
    await round_.execute("matching", pair, uuid4(), round_.id, newcomer, local, 1)


async def test_a_party_that_loses_a_partner_does_not_hold_up_the_round(round_: Round) -> None:
    """There is nobody else for the one who is left, so the party goes without, and everyone else keeps their pair."""
    others = [person(1), person(101, "local")]
    await _solved(round_, [*PARTY, *LOCALS[2:], *others])
    before = await round_.fetch(
        "matching", "SELECT count(*) FROM proposals JOIN runs ON runs.id = run_id WHERE round_id = $1", round_.id
    )
    assert before[0][0] == 3
    await round_.press(LOCALS[2], "withdraw")
    await until("matching knows", lambda: round_.fetch("matching", "SELECT how FROM gone WHERE round_id = $1", round_.id))
    await round_.command("repair", round_.region, SLUG)
    await round_.solved()
    await round_.publish()
    await round_.told()

    outcomes = await round_.outcomes()
    assert await round_.pairs() == {(round_.person_id(others[0]), round_.person_id(others[1]))}
    assert {outcomes[round_.person_id(row)][0] for row in (*PARTY, LOCALS[3])} == {"unmatched"}
    assert outcomes[round_.person_id(LOCALS[2])][0] == "withdrawn"


async def test_the_end_of_a_round_deletes_what_was_kept_for_it(round_: Round) -> None:
    await _solved(round_, [person(1), person(2), person(101, "local")])
    await round_.publish()
    await round_.told()
    with_attributes: list[tuple[str, str]] = [("registration", "roster"), ("matching", "participants")]
    for service, table in with_attributes:
        assert await _number(
            round_, service, f"SELECT count(*) FROM {table} WHERE round_id = $1 AND attributes IS NOT NULL", round_.id
        )
    await round_.command("end", "--early", round_.region, SLUG)

    async def ended() -> bool:
        known = await round_.fetch("notification", "SELECT id FROM rounds WHERE id = $1 AND ended_at IS NOT NULL", round_.id)
        return await round_.phase() == "ended" and bool(known)

    await until("the services have heard of the end", ended)
    kept: list[tuple[str, str]] = [*with_attributes, ("matching", "gone"), ("matching", "roster_pages")]
    for service, table in kept:
        assert await _number(round_, service, f"SELECT count(*) FROM {table} WHERE round_id = $1", round_.id) == 0
    for table in ("proposals", "left_over"):
        plan = f"SELECT count(*) FROM {table} JOIN runs ON runs.id = run_id WHERE round_id = $1"
        assert await _number(round_, "matching", plan, round_.id) == 0
    (pair,) = await round_.fetch("matching", "SELECT why FROM pairs WHERE round_id = $1", round_.id)
    assert pair["why"] == "{}"
    assert await _refused(round_) == "There is no plan to publish: the round is ended."
