"""Fixtures of tests that cross services: an installation of its own for each, so that none sees another's events."""

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.installation import Installation
from deploy.local.stack import Stack
from tests.rounds import Round

_numbers = itertools.count(1)
QUICK = {"MYBUDDY_INCOMPLETE_SECONDS": "2"}


@pytest.fixture
def installation(stack: Stack) -> Iterator[Installation]:
    """Four databases, topics and services that are not started yet; the mailbox is empty."""
    with stack.installation(f"t{next(_numbers)}", env=QUICK) as made:
        yield made


@pytest.fixture
async def round_(installation: Installation, stack: Stack) -> AsyncIterator[Round]:
    """A round on running services, not opened yet."""
    installation.start_all()
    async with Round(installation, stack.mailbox.http_url) as made:
        await made.reader.delete("/api/mails")
        yield made
