"""Fixtures of tests that cross services.

Most tests share one running installation, each with a region of its own; a test that breaks services has its own.
"""

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.demo.story import DURING
from deploy.local.installation import Installation
from deploy.local.stack import Stack
from tests.rounds import Round, moment

REGION_FILE = Path(__file__).parents[1] / "deploy" / "regions" / "ludwigsburg.toml"
MOST_REGIONS, MOST_ASKING = 80, 4
# Whole lives are told within one day of the clock, with all their mails.
QUICK = {"MYBUDDY_INCOMPLETE_SECONDS": "2", "MYBUDDY_MAILS_PER_DAY": "100"}
_numbers = itertools.count(1)


@pytest.fixture
def installation(stack: Stack) -> Iterator[Installation]:
    """Four databases, topics and services that are not started yet, for this test alone."""
    with stack.installation(f"t{next(_numbers)}", env=QUICK) as made:
        yield made


@pytest.fixture
async def own_round(installation: Installation, stack: Stack) -> AsyncIterator[Round]:
    """A round whose services this test may kill; all are running."""
    installation.start_all()
    async with Round(installation, stack.mailbox.http_url) as made:
        yield made


@pytest.fixture(scope="session")
def shared_installation(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Running services with a region for each test that asks for one; nobody may kill them or move their clock."""
    folder = tmp_path_factory.mktemp("regions")
    pattern = REGION_FILE.read_text(encoding="utf-8")
    shutil.copy(REGION_FILE.with_name("logo.svg"), folder)
    for number in range(MOST_REGIONS):
        text = pattern.replace('slug = "ludwigsburg"', f'slug = "region{number}"')
        (folder / f"region{number}.toml").write_text(text, encoding="utf-8")
    for number in range(MOST_ASKING):
        text = pattern.replace('slug = "ludwigsburg"', f'slug = "asking{number}"')
        text = text.replace('introduction = "direct"', 'introduction = "agreed"')
        (folder / f"asking{number}.toml").write_text(text, encoding="utf-8")
    with stack.installation("shared", env=QUICK, regions=folder) as made:
        made.move_clock(moment(DURING))
        made.start_all()
        yield made


_regions = (f"region{number}" for number in range(MOST_REGIONS))
_asking = (f"asking{number}" for number in range(MOST_ASKING))


@pytest.fixture
async def asking_round(shared_installation: Installation, stack: Stack) -> AsyncIterator[Round]:
    """One of a region in which both of a pair are asked before they are introduced."""
    async with Round(shared_installation, stack.mailbox.http_url, next(_asking)) as made:
        yield made


@pytest.fixture
async def round_(shared_installation: Installation, stack: Stack) -> AsyncIterator[Round]:
    """The round of a region that no other test uses; it opens by its date."""
    async with Round(shared_installation, stack.mailbox.http_url, next(_regions)) as made:
        yield made
