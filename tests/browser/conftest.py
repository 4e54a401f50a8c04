"""One browser for all tests here, and one round that nobody changes, for tests that only look at its pages."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from deploy.local.browser import find_browser
from deploy.local.installation import Installation
from deploy.local.stack import Stack
from tests.browser.site import PHONE, Site
from tests.rounds import Round, person

WIDEST_NAME = "W" * 80
LOOKED_AT = "region79"  # the last one: tests take theirs from the first on


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=find_browser().path, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """Without JavaScript, as all our pages must work."""
    context = await browser.new_context(viewport=PHONE, java_script_enabled=False)
    yield await context.new_page()
    await context.close()


@pytest.fixture(scope="session")
async def site(shared_installation: Installation, stack: Stack, browser: Browser) -> AsyncIterator[Site]:
    """All pages of a region with an open round, and those of somebody whose name is as wide as can be."""
    async with Round(shared_installation, stack.mailbox.http_url, LOOKED_AT) as round_:
        row = person(1, name=WIDEST_NAME)
        await round_.signed_up([row])
        # Only axe and the measuring need JavaScript; the policy of our pages forbids it.
        context = await browser.new_context(viewport=PHONE, bypass_csp=True)
        yield Site(round_, row, await context.new_page())
        await context.close()
