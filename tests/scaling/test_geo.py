"""Geo grows from one process to three, and one is killed, while people flow in: all comes out as with one process (P6, P7)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from deploy.local.installation import Installation
from deploy.local.stack import Stack
from shared.schemas.topics import LOCATED
from tests.faults import topics
from tests.faults.breaking import fetch, kill, start, value
from tests.rounds import until
from tests.scaling.flowing import Flow

pytestmark = pytest.mark.timeout(300)
BACKLOG = 300
BACK_SECONDS = 60.0  # a killed member's session lasts ten, and crowded machines are slow


@pytest.fixture(scope="module")
async def pair(stack: Stack) -> AsyncIterator[tuple[Installation, Installation]]:
    """Two that are told the same: one grows, the other stays as it is."""
    async with AsyncExitStack() as made:
        yield (
            made.enter_context(stack.installation("geo_grows", services=("geo",))),
            made.enter_context(stack.installation("geo_stays", services=("geo",))),
        )


async def test_with_one_two_and_three_processes_and_one_killed_everyone_is_located_once_and_as_by_one(
    pair: tuple[Installation, Installation],
) -> None:
    grows, stays = pair
    flow = Flow(pair)
    first, second, third = grows.services["geo"], grows.replica("geo"), grows.replica("geo")
    await asyncio.gather(start(first), start(stays.services["geo"]))
    async with flow.flowing():
        await start(second)
        await start(third)
        await flow.say(BACKLOG)
        await kill(second)
    for installation in pair:
        await until("all is handled", lambda one=installation: _is_handled(one, len(flow.said)), BACK_SECONDS)  # type: ignore[misc]

    assert await _said(grows) == await _said(stays)
    assert await _rows(grows) == await _rows(stays)
    located = {one.envelope["id"]: one.envelope for one in await topics.read(grows, LOCATED)}
    versions = [(one["key"], one["data"]["version"]) for one in located.values()]
    assert len(versions) == len(set(versions)) == len(flow.said)
    assert await topics.is_caught_up(grows)


async def _is_handled(installation: Installation, count: int) -> bool:
    """Also told: what is published stands on the topic."""
    done = await value(installation, "geo", "SELECT count(*) FROM inbox")
    return bool(done == count and not await value(installation, "geo", "SELECT count(*) FROM outbox WHERE published_at IS NULL"))


async def _said(installation: Installation) -> dict[str, list[tuple[str, Any]]]:
    """What geo said of each person, in its order, but for the ids and times of the events."""
    said: dict[str, list[tuple[str, Any]]] = {}
    for row in await fetch(installation, "geo", "SELECT key, payload FROM outbox ORDER BY id"):
        event = json.loads(row["payload"])
        said.setdefault(row["key"], []).append((event["type"], event["data"]))
    return said


async def _rows(installation: Installation) -> list[object]:
    """Which events were heard, and what was asked of coordinators."""
    heard = await fetch(installation, "geo", "SELECT event_id FROM inbox ORDER BY 1")
    asked = await fetch(installation, "geo", "SELECT person_id, version, postcode, reason FROM questions ORDER BY 1")
    dead = await fetch(installation, "geo", "SELECT reason FROM dead_letters")
    assert heard, "nothing was said"
    assert asked, "nobody lives in an unknown place"
    return [heard, asked, dead]
