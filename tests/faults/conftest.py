"""A round in which nothing happened: what a disturbed one is measured by."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from tests.conftest import QUICK
from tests.faults.breaking import caught_up, start
from tests.faults.people import everyone
from tests.rounds import Round

_doors = itertools.count(1)


@pytest.fixture(scope="session")
async def calm_round(stack: Stack) -> AsyncIterator[Round]:
    """Finished, everyone told; its services go on running."""
    with stack.installation("calm", env=QUICK) as made:
        await asyncio.to_thread(made.start_all)
        async with Round(made, stack.mailbox.http_url) as round_:
            await round_.signed_up(everyone("calm"))
            await round_.close()
            await round_.solved()
            await round_.publish()
            await round_.told()
            await caught_up(made)
            yield round_


@pytest.fixture(scope="module")
async def front_door(stack: Stack) -> AsyncIterator[Round]:
    """Sign-up and its mails before the round opens; geo and matching are not running, which sign-up does not need."""
    with stack.installation(f"door{next(_doors)}", env=QUICK) as made:
        await asyncio.gather(start(made.services["registration"]), start(made.services["notification"]))
        async with Round(made, stack.mailbox.http_url) as round_:
            yield round_


@pytest.fixture(scope="module")
async def door(front_door: Round) -> Round:
    """The same with the round open."""
    await front_door.open()
    return front_door
