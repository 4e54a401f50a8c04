"""The round closes over exactly the people it announced, whatever was lost on the way (P3, P8)."""

from uuid import UUID

from shared.schemas.people_file import Row
from tests.faults.breaking import losing
from tests.rounds import Round, person, town, until


async def test_people_whose_events_were_lost_are_named_said_again_and_then_the_round_is_solved(round_: Round) -> None:
    stays, withdraws, erases, *others = rows = town(3, 3)
    await round_.open()
    await round_.sign_up(rows)
    async with losing(round_, "geo", *((round_.person_id(row), "Located") for row in (stays, withdraws, erases))):
        await round_.confirm(rows)
        await _heard_of(round_, others)
        await round_.close()
        await round_.press(withdraws, "withdraw")
        await round_.press(erases, "erase")
        await until("the round is said to be incomplete", lambda: _said(round_, "RoundIncomplete"))
        assert await round_.phase() == "closed"
        assert not await round_.fetch("matching", "SELECT id FROM runs WHERE round_id = $1", round_.id)
    await round_.solved()

    assert await _runs(round_) == ["solved"]
    assert await _in_plan(round_) == {round_.person_id(row) for row in (stays, *others)}
    await round_.publish()
    outcomes = await round_.outcomes()
    assert set(outcomes) == {round_.person_id(row) for row in rows}
    assert {outcomes[round_.person_id(row)] for row in (withdraws, erases)} == {("withdrawn", None)}


async def test_people_whose_leaving_was_lost_are_named_and_do_not_keep_the_round_from_being_solved(round_: Round) -> None:
    leaves, comes_back, erases, *others = rows = town(4, 3)
    await round_.signed_up(rows)
    await _heard_of(round_, rows)
    gone = [round_.person_id(row) for row in (leaves, comes_back, erases)]
    async with losing(round_, "geo", (gone[0], "Left"), (gone[1], "Left"), (gone[2], "Erased")):
        await round_.press(leaves, "leave")
        await round_.press(comes_back, "leave")
        await round_.press(erases, "erase")
        await round_.post(comes_back, form_token=["a-new-form-of-somebody-known"])
        await until("the losses", lambda: _lost(round_, gone))
    await round_.close()
    await round_.solved()

    assert await _runs(round_) == ["solved"]
    assert await _in_plan(round_) == {round_.person_id(row) for row in others}


async def test_a_round_reopened_and_closed_again_is_solved_over_its_second_roster(round_: Round) -> None:
    stays, leaves, returns, erases, late, *others = rows = town(5, 3)
    joins = person(50)
    held = round_.person_id(late)
    await round_.open()
    await round_.sign_up(rows)
    async with losing(round_, "geo", (held, "Located"), (round_.person_id(erases), "Erased")):
        await round_.confirm(rows)
        first = await round_.close()
        await round_.press(returns, "withdraw")
        await round_.press(erases, "erase")
        await round_.command("reopen", round_.region, "2021-autumn")
        await round_.press(leaves, "leave")
        await round_.post(returns, form_token=["a-new-form-of-somebody-known"])
        await round_.sign_up([joins])
        await round_.confirm([joins])
        await _confirm_again(round_, returns)
        second = await round_.close()
    await round_.solved()

    expected = {round_.person_id(row) for row in (stays, returns, late, joins, *others)}
    assert (first["closing"], first["count"]) == (1, len(rows))
    assert (second["closing"], second["count"]) == (2, len(expected))
    assert await _in_plan(round_) == expected
    await round_.publish()
    assert set(await round_.outcomes()) == expected


async def _heard_of(round_: Round, rows: list[Row]) -> None:
    async def all_heard() -> bool:
        found = await round_.fetch("matching", "SELECT person_id FROM participants WHERE round_id = $1", round_.id)
        return {row[0] for row in found} >= {round_.person_id(row) for row in rows}

    await until("matching has heard of them", all_heard)


async def _said(round_: Round, name: str) -> bool:
    rows = await round_.fetch("matching", "SELECT payload FROM outbox WHERE key = $1", str(round_.id))
    return any(f'"{name}.v1"' in row["payload"].decode() for row in rows)


async def _lost(round_: Round, people: list[UUID]) -> bool:
    """What geo said of their going stands in its outbox, marked as said though it never was."""
    rows = await round_.fetch(
        "geo",
        "SELECT DISTINCT key FROM outbox WHERE key = ANY($1) AND created_at = published_at"
        " AND convert_from(payload, 'UTF8')::jsonb ->> 'type' IN ('Left.v1', 'Erased.v1')",
        [str(one) for one in people],
    )
    return len(rows) == len(people)


async def _runs(round_: Round) -> list[str]:
    rows = await round_.fetch("matching", "SELECT state FROM runs WHERE round_id = $1 ORDER BY number", round_.id)
    return [row["state"] for row in rows]


async def _in_plan(round_: Round) -> set[UUID]:
    """Everyone the solver dealt with in the newest plan, paired or left over."""
    rows = await round_.fetch(
        "matching",
        "WITH newest AS (SELECT id FROM runs WHERE round_id = $1 AND state = 'solved' ORDER BY number DESC LIMIT 1)"
        " SELECT unnest(ARRAY[newcomer, local]) AS person FROM proposals JOIN newest ON newest.id = run_id"
        " UNION SELECT person_id FROM left_over JOIN newest ON newest.id = run_id",
        round_.id,
    )
    return {row["person"] for row in rows}


async def _confirm_again(round_: Round, row: Row) -> None:
    """Whoever comes back follows the link of the mail that came for it; it is the same link."""
    person_id = round_.person_id(row)

    async def is_asked() -> bool:
        rows = await round_.fetch(
            "notification",
            "SELECT id FROM messages WHERE person_id = $1 AND kind = 'confirm' AND state = 'sent'",
            person_id,
        )
        return len(rows) == 2

    await until("a second confirmation mail", is_asked)
    await round_.confirm([row])
