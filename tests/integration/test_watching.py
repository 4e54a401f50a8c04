"""A stopped service and a stopped broker make the right alerts fire within two minutes, and they end when all runs again.

What fires is asked of a real Prometheus that has the rules of every installation.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial

import pytest

from deploy.local.kafka import Kafka
from deploy.local.stack import Stack
from deploy.local.watching import RULES, Prometheus
from tests.conftest import QUICK
from tests.rounds import Round, person, until

WITHIN_SECONDS = 120.0

pytestmark = pytest.mark.timeout(480)


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Parts that nobody else uses, to be stopped."""
    with Stack.start(tmp_path_factory.mktemp("watching"), provider="local") as started:
        yield started


@pytest.fixture(scope="module")
async def round_(own_stack: Stack) -> AsyncIterator[Round]:
    """Open for sign-up, everything running."""
    with own_stack.installation("watched", env=QUICK) as made:
        await asyncio.to_thread(made.start_all)
        async with Round(made, own_stack.mailbox.http_url) as round_:
            await round_.open()
            yield round_


@pytest.fixture(scope="module")
async def prometheus(own_stack: Stack, round_: Round) -> Prometheus:
    """It has seen all four services up."""
    started = await asyncio.to_thread(own_stack.watch, round_.installation)
    await until("all four are up", partial(_up, started.prometheus))
    return started.prometheus


async def test_stopped_parts_are_told_within_two_minutes_and_nothing_else_is(
    round_: Round, prometheus: Prometheus, own_stack: Stack
) -> None:
    services, kafka = round_.installation.services, own_stack.kafka
    assert isinstance(kafka, Kafka)
    await asyncio.to_thread(kafka.stop)
    await round_.sign_up([person(1)])
    await asyncio.to_thread(services["geo"].stop)
    await until("geo is missed", lambda: _is_told(prometheus, "ServiceDown", {"geo"}, "pending"), WITHIN_SECONDS)
    await asyncio.to_thread(services["notification"].stop)
    await _fires(prometheus, "ServiceDown", {"geo"})
    await _fires(prometheus, "ServiceDown", {"geo", "notification"})
    await _fires(prometheus, "OutboxNotDraining", {"registration"})

    await asyncio.to_thread(kafka.start)
    await asyncio.to_thread(services["geo"].start)
    await _fires(prometheus, "ServiceDown", {"notification"})
    await asyncio.to_thread(services["notification"].start)
    await _fires(prometheus, "ServiceDown", set())
    await _fires(prometheus, "OutboxNotDraining", set())


async def test_it_has_every_rule_and_each_can_be_evaluated(prometheus: Prometheus) -> None:
    rules = await asyncio.to_thread(prometheus.rules)
    assert len(rules) == RULES.read_text(encoding="utf-8").count("\n      - ")

    async def all_evaluated() -> bool:
        return all(rule["health"] != "unknown" for rule in await asyncio.to_thread(prometheus.rules))

    await until("each was evaluated", all_evaluated, WITHIN_SECONDS)
    wrong = [(rule["name"], rule["lastError"]) for rule in await asyncio.to_thread(prometheus.rules) if rule["health"] != "ok"]
    assert not wrong


async def _up(prometheus: Prometheus) -> bool:
    found = await asyncio.to_thread(prometheus.query, 'up{job="mybuddy"} == 1')
    return {one["metric"]["service"] for one in found} == {"registration", "geo", "matching", "notification"}


async def _fires(prometheus: Prometheus, alert: str, services: set[str]) -> None:
    """For these services and for no other."""
    try:
        what = f"{alert} fires for {services or 'nobody'}"
        await until(what, lambda: _is_told(prometheus, alert, services, "firing"), WITHIN_SECONDS)
    except AssertionError as late:
        raise AssertionError(f"{late}; {await asyncio.to_thread(prometheus.alerts)}") from late


async def _is_told(prometheus: Prometheus, alert: str, services: set[str], state: str) -> bool:
    alerts = await asyncio.to_thread(prometheus.alerts)
    told = [one for one in alerts if one["labels"]["alertname"] == alert and one["state"] == state]
    return {one["labels"]["service"] for one in told} == services
