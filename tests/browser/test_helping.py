"""One device, many people: whoever comes next finds nothing of the one before, whichever way they go back."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright, expect

from coordinator.__main__ import run as coordinator
from coordinator.desk import TOKEN
from deploy.local.browser import find_browser
from tests.browser.site import fill_in
from tests.rounds import Round, until

FIRST = ("ليلى", "0171 7654321")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=find_browser().path, args=["--no-sandbox"])
        yield running
        await running.close()


def _link(round_: Round) -> str:
    """Made as a coordinator makes it, at the address where this test's registration listens."""
    token = coordinator(["token", "--name", "Test", "--regions", round_.region], round_.environment)
    arguments = ["helper", "make", round_.region, "--name", "Unterkunft Weststadt", "--group", "west"]
    made = coordinator(arguments, round_.environment | {TOKEN: token})
    path = made["link"].split(f"/de/{round_.region}/", 1)[1]
    return f"{str(round_.public.base_url).rstrip('/')}/de/{round_.region}/{path}"


async def _words(page: Page) -> str:
    """All that the page holds, with what stands in its fields, once it is there."""
    words: str = await until("the page is there", lambda: _read(page))
    return words


async def _read(page: Page) -> str:
    fields = "[...document.querySelectorAll('input,select')].map(f => f.value + (f.checked ? ' ticked ' + f.name : '')).join(' ')"
    try:
        await page.wait_for_load_state()
        return f"{await page.content()} {await page.evaluate(fields)} {page.url}"
    except Error:
        return ""  # on its way to the next page


async def _back(page: Page) -> None:
    """Where the browser asks whether a form shall be sent again, it is."""
    try:
        await page.go_back()
    except Error:
        await until("the page before is asked for once more", lambda: _reloaded(page))


async def _reloaded(page: Page) -> bool:
    try:
        await page.reload()
    except Error:
        return False  # the browser is still busy with saying that it will not by itself
    return True


async def test_two_people_on_one_device_and_nothing_of_the_first_is_left_for_the_second(round_: Round, browser: Browser) -> None:
    await round_.open()
    context = await browser.new_context(viewport={"width": 800, "height": 900})
    page = await context.new_page()
    start = _link(round_)
    await page.goto(start)
    await page.click('main a[hreflang="ar"]')
    await fill_in(page, FIRST[0], phone=FIRST[1])
    await page.click('button[value="send"]')
    card = page.url
    (row,) = await round_.fetch("registration", "SELECT card, state FROM people WHERE region = $1", round_.region)
    assert row["state"] == "confirmed"
    code = (await page.locator(".card dd").last.inner_text()).strip()
    assert len(code) == 6
    await expect(page.locator(".card")).to_contain_text(row["card"])

    await page.click("main form button")
    await page.wait_for_url(start)
    assert await context.cookies() == []
    await expect(page.locator("main")).to_contain_text(row["card"])  # in the list, with no name
    await page.click('main a[hreflang="uk"]')
    seen = [await _words(page)]
    for _ in range(6):
        await _back(page)
        seen.append(await _words(page))
    await page.goto(card)
    seen.append(await _words(page))
    secrets = (*FIRST, code, "ticked consent", "ticked hobbies")
    assert [(number, secret) for number, words in enumerate(seen) for secret in secrets if secret in words] == []

    await page.goto(start)
    await page.click('main a[hreflang="uk"]')
    await fill_in(page, "Оля", phone="0171 1112223")
    await page.click('button[value="send"]')
    assert not [secret for secret in FIRST if secret in await _words(page)]
    rows = await round_.fetch("registration", "SELECT language FROM people WHERE region = $1", round_.region)
    assert sorted(row["language"] for row in rows) == ["ar", "uk"]
