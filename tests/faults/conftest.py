"""A round in which nothing happened: what a disturbed one is measured by."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from tests.conftest import QUICK
from tests.faults.breaking import caught_up
from tests.faults.people import everyone
from tests.rounds import Round


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
