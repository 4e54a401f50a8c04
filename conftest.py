"""The one stack of a test run: real Kafka, real PostgreSQL and a mailbox, started when the first test asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Stack

RUN_DIR = Path(__file__).parent / "build" / "tests"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Parts come from the environment, a Docker engine, or this machine, in this order; a missing one fails the run."""
    with Stack.start(RUN_DIR) as running:
        yield running
