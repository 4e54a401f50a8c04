"""What registration shows of its rounds, people and sign-ups: as it is now, and nothing of what is over."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from deploy.local.databases import InstallationDatabases
from services.registration.handlers import doubts, own_data
from services.registration.measuring import measure
from services.registration.metrics import Step
from services.registration.store import measures
from services.registration.store import rounds as store
from services.registration.tests.front import Front
from services.registration.tests.made import ROUND, closed, confirmed, draft, form, next_round, one, opened, signed_up
from shared.runtime import clock, db
from shared.runtime.tests.series import value, values

HERE = "ludwigsburg"


async def people(pool: db.Pool) -> dict[tuple[str, ...], float]:
    await measure(pool)
    return values("round_people")


async def test_people_of_the_round_are_counted_by_role_and_state(pool: db.Pool) -> None:
    await opened(pool)
    await confirmed(pool, one(1), one(2), one(3, role="local"))
    await signed_up(pool, one(4))
    (gone,) = await confirmed(pool, one(5))
    await signed_up(pool, one(6, name="Asdf Qwertz"))
    async with db.transaction(pool) as conn:
        await own_data.leave(conn, gone)
        assert await own_data.confirm(conn, one(6).person, 200) == "in_doubt"
    expected = {("newcomer", "confirmed"): 2, ("local", "confirmed"): 1, ("newcomer", "unconfirmed"): 1}
    expected |= {("newcomer", "in_doubt"): 1}
    assert await people(pool) == {(HERE, *labels): count for labels, count in expected.items()}
    await next_round(pool)
    assert await people(pool) == {}


async def test_of_a_region_one_phase_is_shown_and_not_those_it_has_left(pool: db.Pool, database: InstallationDatabases) -> None:
    async def shown() -> tuple[list[tuple[str, ...]], dict[tuple[str, ...], float]]:
        await measure(pool)
        return list(values("round_phase_age_seconds")), values("rounds")

    await draft(pool)
    assert await shown() == ([(HERE, "draft")], {(HERE, "draft"): 1})
    await opened(pool)
    assert await shown() == ([(HERE, "open")], {(HERE, "open"): 1})
    await closed(pool)
    assert await shown() == ([(HERE, "closed")], {(HERE, "closed"): 1})
    for progress in ("solved", "published"):
        async with db.transaction(pool) as conn:
            await store.set_progress(conn, ROUND, progress)
            now = await clock.now(conn)
        assert await shown() == ([(HERE, progress)], {(HERE, progress): 1})
    await asyncio.to_thread(database.move_clock, now + timedelta(hours=2))
    async with db.transaction(pool) as conn:
        await store.set_progress(conn, ROUND, "published")  # said twice it is the same
    assert await shown() == ([(HERE, "published")], {(HERE, "published"): 1})
    assert 7200 <= value("round_phase_age_seconds", region=HERE, phase="published") < 7260


async def test_a_draft_of_later_hides_no_round_that_has_begun(pool: db.Pool) -> None:
    await opened(pool)
    await next_round(pool)
    await measure(pool)
    assert values("rounds") == {(HERE, "open"): 1, (HERE, "ended"): 1}
    assert list(values("round_phase_age_seconds")) == [(HERE, "open")]
    await pool.execute("UPDATE rounds SET phase = 'draft', opens_at = clock_now() + interval '1 hour' WHERE phase = 'open'")
    await measure(pool)
    assert list(values("round_phase_age_seconds")) == [(HERE, "ended")]


async def test_when_the_open_round_closes_is_shown_while_it_is_open_in_real_time(pool: db.Pool) -> None:
    await opened(pool)
    await measure(pool)
    left = await pool.fetchval("SELECT extract(epoch FROM closes_at - clock_now())::float FROM rounds")
    real = await pool.fetchval("SELECT extract(epoch FROM now())::float")
    assert abs(value("round_closes_timestamp_seconds", region=HERE) - real - left) < 30
    await closed(pool)
    await measure(pool)
    assert values("round_closes_timestamp_seconds") == {}


async def test_a_round_that_did_not_open_is_shown_until_its_time_is_over_and_is_missed_then(pool: db.Pool) -> None:
    await draft(pool)
    await pool.execute(
        "UPDATE rounds SET opens_at = clock_now() - interval '1 hour', closes_at = clock_now() + interval '1 hour'"
    )
    await measure(pool)
    real = await pool.fetchval("SELECT extract(epoch FROM now())::float")
    assert abs(real - value("round_opens_timestamp_seconds", region=HERE) - 3600) < 30
    assert values("rounds_missed") == {(HERE,): 0}
    await pool.execute("UPDATE rounds SET closes_at = clock_now() - interval '1 minute'")
    await measure(pool)
    assert (values("round_opens_timestamp_seconds"), values("rounds_missed")) == ({}, {(HERE,): 1})


async def test_open_places_and_questions_are_counted_and_0_when_they_are_answered(pool: db.Pool) -> None:
    await opened(pool)
    (person,) = await confirmed(pool, one(1))
    await pool.execute("UPDATE people SET postcode = '', place_text = 'Dorf' WHERE id = $1", person)
    await pool.execute(
        "INSERT INTO asked (id, person_id, region, office, language, text, asked_at) SELECT gen_random_uuid(), $1, region, $1,"
        " 'de', 'Wann?', clock_now() - age FROM people, unnest($2::interval[]) age",
        person,
        [timedelta(hours=3), timedelta(hours=1)],
    )
    await measure(pool)
    assert (values("place_questions_open"), values("questions_open")) == ({(HERE,): 1}, {(HERE,): 2})
    assert 3 * 3600 <= value("questions_oldest_seconds", region=HERE) < 3 * 3600 + 60
    async with db.transaction(pool) as conn:
        await own_data.answer_place(conn, person, "71638")
    await pool.execute("UPDATE asked SET answer = 'Bald', answered_by = 'x', answered_at = clock_now()")
    await measure(pool)
    shown = (values("place_questions_open"), values("questions_open"), values("questions_oldest_seconds"))
    assert shown == ({(HERE,): 0}, {(HERE,): 0}, {(HERE,): 0})


@pytest.mark.parametrize("query", ["people", "open_places"])
async def test_people_are_counted_without_a_look_at_their_rows(pool: db.Pool, query: str) -> None:
    """A country has 200,000 of them, and the gauges are read again and again."""
    seen: list[str] = []

    class Explaining:
        async def fetch(self, sql: str) -> list[Any]:
            async with db.connection(pool) as conn:
                await conn.execute("SET enable_seqscan = off")
                seen.extend(row[0] for row in await conn.fetch(f"EXPLAIN {sql}"))
                await conn.execute("RESET enable_seqscan")
            return []

    await getattr(measures, query)(Explaining())
    (used,) = [line.split("using ")[1].split()[0] for line in seen if "on people" in line and "Bitmap" not in line]
    assert used == {"people": "people_counted", "open_places": "people_place_open"}[query]
    assert any("Index Only Scan using " + used in line for line in seen)


def steps(role: str = "newcomer") -> dict[str, float]:
    return {step: value("signup_steps_total", region=HERE, role=role, language="de", step=step) for step in get_args(Step)}


def since(before: dict[str, float], role: str = "newcomer") -> dict[str, float]:
    return {step: count - before[step] for step, count in steps(role).items() if count != before[step]}


async def test_each_step_of_a_sign_up_is_counted_once(front: Front) -> None:
    await opened(front.pool)
    before, nobody = steps(), steps("")
    assert (await front.client.get("/de/ludwigsburg")).status_code == 200
    assert (await front.client.head("/de/ludwigsburg")).status_code == 200
    assert since(nobody, "") == {"opened": 1}
    assert (await front.post(name="")).status_code == 422
    assert since(before) == {"mended": 1}
    assert (await front.post(go="check")).status_code == 200
    assert since(before) == {"mended": 1, "checked": 1}
    assert (await front.post()).status_code == 303
    assert since(before) == {"mended": 1, "checked": 1, "taken": 1}
    assert (await front.post(form_token="another-form-of-hers")).status_code == 303
    assert since(before) == {"mended": 1, "checked": 1, "taken": 1, "repeated": 1}
    (person,) = [row["id"] for row in await front.pool.fetch("SELECT id FROM people")]
    for _ in range(2):
        assert (await front.client.post(await front.link(person, "confirm"))).status_code == 200
    assert since(before) == {"mended": 1, "checked": 1, "taken": 1, "repeated": 1, "confirmed": 1}


async def test_who_waits_for_a_coordinator_is_counted_as_that_and_once_accepted_as_confirmed(pool: db.Pool) -> None:
    await opened(pool)
    await signed_up(pool, one(1))
    before = steps()
    async with db.transaction(pool) as conn:
        assert await own_data.confirm(conn, one(1).person, 200) == "in_doubt"
    assert since(before) == {"doubted": 1}
    async with db.transaction(pool) as conn:
        await doubts.decide(conn, one(1).person, "accepted", "known to us", "Test")
    assert since(before) == {"doubted": 1, "confirmed": 1}


async def test_a_role_that_nobody_has_is_none(front: Front) -> None:
    await opened(front.pool)
    before = steps("")
    assert (await front.client.post("/de/ludwigsburg", data=form(role="zykanari"))).status_code == 422
    assert since(before, "") == {"mended": 1}


async def test_a_round_that_is_only_followed_up_does_not_hide_how_the_new_one_stands(pool: db.Pool) -> None:
    await opened(pool)
    await confirmed(pool, one(1), one(2, role="local"))
    later = await next_round(pool)
    await pool.execute("UPDATE rounds SET phase = 'closed', ended_at = NULL WHERE id = $1", ROUND)
    assert await people(pool) == {}
    await confirmed(pool, replace(one(3), round_id=later))
    assert await people(pool) == {(HERE, "newcomer", "confirmed"): 1}
