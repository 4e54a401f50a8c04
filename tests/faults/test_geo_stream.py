"""Geo stopped, killed and rebalanced under a stream of people, its database there or away: none lost, none doubled (P1, P10)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4, uuid5

import httpx
import pytest

from deploy.local.installation import Installation
from deploy.local.service import Service
from deploy.local.stack import Stack
from shared.schemas.topics import LOCATED
from tests.faults import topics
from tests.faults.breaking import database_away, dies, doomed, fetch, kill, second, start, stop
from tests.faults.people import confirmed
from tests.rounds import until

PEOPLE, BACK_SECONDS = 300, 15.0
Fault = Callable[[Service, Callable[[Service], Awaitable[None]]], Awaitable[None]]


@pytest.fixture(scope="module")
async def alone(stack: Stack) -> AsyncIterator[Installation]:
    """Geo and the topics; the test speaks for registration."""
    with stack.installation("geo_alone", services=("geo",)) as made:
        await start(made.services["geo"])
        yield made


async def _terminated(geo: Service, begin: Callable[[Service], Awaitable[None]]) -> None:
    await stop(geo)
    await begin(geo)


async def _killed(geo: Service, begin: Callable[[Service], Awaitable[None]]) -> None:
    await kill(geo)
    await begin(geo)


async def _rebalanced(geo: Service, begin: Callable[[Service], Awaitable[None]]) -> None:
    """A second process comes and goes."""
    async with second(geo) as other:
        await begin(other)
        await stop(other)


@pytest.mark.parametrize("fault", [_terminated, _rebalanced])
async def test_whatever_happens_to_geo_everyone_is_located_exactly_once(alone: Installation, fault: Fault) -> None:
    round_ = uuid4()
    await _say(alone, round_, range(100))
    await asyncio.gather(fault(alone.services["geo"], start), _say(alone, round_, range(100, PEOPLE)))
    await until("everyone is located", lambda: _all_located(alone, round_), BACK_SECONDS)
    await _each_once(alone, round_)


@pytest.mark.parametrize("fault", [_terminated, _killed, _rebalanced])
async def test_whatever_happens_to_geo_while_its_database_is_away_everyone_is_located_exactly_once(
    alone: Installation, stack: Stack, fault: Fault
) -> None:
    round_ = uuid4()
    await _say(alone, round_, range(100))
    async with database_away(stack.postgres.admin_url, alone, "geo"):
        await asyncio.gather(fault(alone.services["geo"], _alive), _say(alone, round_, range(100, PEOPLE)))
    await until("everyone is located", lambda: _all_located(alone, round_), BACK_SECONDS)
    await _each_once(alone, round_)


async def test_a_batch_cut_off_before_its_commit_is_handled_once(alone: Installation) -> None:
    round_, geo = uuid4(), alone.services["geo"]
    await doomed(geo, "E2")
    await _say(alone, round_, range(PEOPLE))
    await dies(geo)
    await start(geo)
    await until("everyone is located", lambda: _all_located(alone, round_), BACK_SECONDS)
    await _each_once(alone, round_)


async def _say(alone: Installation, round_: UUID, numbers: range) -> None:
    await topics.say(alone, [confirmed(round_, number) for number in numbers])


async def _alive(service: Service) -> None:
    """Started; it cannot be ready while its database is away."""
    await asyncio.to_thread(service.start, wait=False)

    async def answers() -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{service.url}/healthz")).status_code == 200
        except httpx.TransportError:
            return False

    await until("it answers", answers)


def _everyone(round_: UUID) -> list[str]:
    return [str(uuid5(round_, str(number))) for number in range(PEOPLE)]


async def _all_located(alone: Installation, round_: UUID) -> bool:
    try:
        done = await fetch(
            alone,
            "geo",
            "SELECT DISTINCT key FROM outbox WHERE key = ANY($1) AND published_at IS NOT NULL",
            _everyone(round_),
        )
    except OSError:
        return False
    return len(done) == PEOPLE


async def _each_once(alone: Installation, round_: UUID) -> None:
    """In geo's outbox, and on the topic, where the same event may stand twice, but no two of one version of a person."""
    once = dict.fromkeys(_everyone(round_), 1)
    rows = await fetch(alone, "geo", "SELECT key, count(*) FROM outbox WHERE key = ANY($1) GROUP BY key", list(once))
    assert {row["key"]: row["count"] for row in rows} == once
    events = {one.envelope["id"]: one.envelope for one in await topics.read(alone, LOCATED)}
    assert Counter(one["key"] for one in events.values() if one["key"] in once) == once
    assert {one["data"]["version"] for one in events.values() if one["key"] in once} == {1}
