"""Rounds that several tests look at, each told once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from deploy.local.installation import Installation
from deploy.local.stack import Stack
from tests.conftest import _regions
from tests.integration.moments import NewRound, Stories
from tests.rounds import Round


@pytest.fixture(scope="session")
async def new_round(shared_installation: Installation, stack: Stack) -> AsyncIterator[NewRound]:
    """Rounds of regions that no other test uses, open to all tests until the last one."""
    async with AsyncExitStack() as opened:

        async def new() -> Round:
            return await opened.enter_async_context(Round(shared_installation, stack.mailbox.http_url, next(_regions)))

        yield new


@pytest.fixture(scope="session")
def stories(new_round: NewRound, stack: Stack) -> Stories:
    return Stories(new_round, stack.mailbox)
