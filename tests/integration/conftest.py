"""Stories that several tests look at, told once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from deploy.local.installation import Installation
from deploy.local.stack import Stack
from tests.conftest import _regions
from tests.integration.moments import Stories
from tests.rounds import Round


@pytest.fixture(scope="session")
async def stories(shared_installation: Installation, stack: Stack) -> AsyncIterator[Stories]:
    async with AsyncExitStack() as opened:

        async def begin() -> Round:
            return await opened.enter_async_context(Round(shared_installation, stack.mailbox.http_url, next(_regions)))

        yield Stories(begin, stack.mailbox)
