"""A running installation shows a round as its databases have it: what people did, who waits, what the plan is, who was told."""

import time

from tests.integration.looking import metric, metrics
from tests.rounds import Round, town, until


async def test_a_round_is_shown_by_the_service_that_owns_each_part_of_it(round_: Round) -> None:
    rows, here = town(3, 2), f'region="{round_.region}"'
    late = await metric(round_.installation, "notification", 'mybuddy_message_delay_seconds_count{urgency="round"}')
    await round_.signed_up(rows)
    taken = f'mybuddy_signup_steps_total{{language="de",{here},role="newcomer",step="taken"}}'
    assert await metric(round_.installation, "registration", taken) == 3
    assert await metric(round_.installation, "registration", taken.replace("taken", "confirmed")) == 3
    for role, count in (("newcomer", 3), ("local", 2)):
        await shown(round_, "registration", f'mybuddy_round_people{{{here},role="{role}",state="confirmed"}}', count)
        await shown(round_, "matching", f'mybuddy_round_people_located{{{here},role="{role}"}}', count)
    await round_.close()
    await round_.solved()
    await shown(round_, "matching", f"mybuddy_plan_pairs{{{here}}}", 2)
    await round_.publish()
    await round_.told()
    await shown(round_, "registration", f'mybuddy_rounds{{phase="published",{here}}}', 1)
    await shown(round_, "matching", f'mybuddy_pairs{{{here},state="introduced"}}', 2)
    told = await metric(round_.installation, "notification", 'mybuddy_message_delay_seconds_count{urgency="round"}')
    assert told - late == len(rows)
    phases = (await metrics(round_.installation))["registration"].splitlines()
    assert len([line for line in phases if line.startswith("mybuddy_round_phase_age_seconds{") and here in line]) == 1


async def test_every_service_shows_that_its_loops_live_and_has_connections(round_: Round) -> None:
    for service in round_.installation.services:
        line = 'mybuddy_loop_last_turn_timestamp_seconds{loop="plumbing gauges"}'
        assert time.time() - await metric(round_.installation, service, line) < 30
        assert await metric(round_.installation, service, "mybuddy_database_pool_connections_max") >= 8


async def shown(round_: Round, service: str, line: str, value: float) -> None:
    async def is_so() -> bool:
        return await metric(round_.installation, service, line) == value

    await until(f"{service} shows {line} {value:g}", is_so, seconds=45)
