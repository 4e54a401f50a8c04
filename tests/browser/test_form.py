"""The form as somebody meets it: on a phone, in their language, without JavaScript."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from deploy.local.browser import find_browser
from tests.rounds import Round

WIDTH = 360


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=find_browser().path, args=["--no-sandbox"])
        yield running
        await running.close()


def _address(round_: Round, language: str) -> str:
    return f"{str(round_.public.base_url).rstrip('/')}/{language}/{round_.region}"


async def _phone(browser: Browser) -> Page:
    context = await browser.new_context(viewport={"width": WIDTH, "height": 780}, java_script_enabled=False)
    return await context.new_page()


async def _fill_in(page: Page, email: str) -> None:
    await page.check('input[name="role"][value="newcomer"]', force=True)
    await page.fill('input[name="name"]', "ليلى")
    await page.fill('input[name="birth_year"]', "1990")
    await page.fill('input[name="place"]', "71638")
    await page.select_option('select[name="language_1"]', "ar")
    await page.select_option('select[name="level_1"]', "native")
    await page.fill('input[name="email"]', email)
    await page.check('input[name="release_email"]', force=True)
    await page.check('input[name="consent"]', force=True)


async def test_somebody_signs_up_in_arabic_on_a_phone_without_javascript(round_: Round, browser: Browser) -> None:
    await round_.open()
    page = await _phone(browser)
    await page.goto(_address(round_, "ar"))
    assert await page.get_attribute("html", "dir") == "rtl"
    await _fill_in(page, f"layla@{round_.region}.example.org")
    await page.click('form button[type="submit"]')

    assert page.url.endswith(f"/ar/{round_.region}/sent")
    rows = await round_.fetch("registration", "SELECT name, language FROM people WHERE region = $1", round_.region)
    assert [tuple(row) for row in rows] == [("ليلى", "ar")]


async def test_a_form_with_faults_comes_back_with_what_was_typed_and_the_sentence_beside_the_field(
    round_: Round, browser: Browser
) -> None:
    await round_.open()
    page = await _phone(browser)
    await page.goto(_address(round_, "uk"))
    await _fill_in(page, f"layla@{round_.region}.example.org")
    await page.fill('input[name="birth_year"]', "20a5")
    await page.click('form button[type="submit"]')

    assert await page.input_value('input[name="birth_year"]') == "20a5"
    assert await page.input_value('input[name="name"]') == "ليلى"
    field = page.locator('input[name="birth_year"]')
    assert await field.get_attribute("aria-invalid") == "true"
    described = str(await field.get_attribute("aria-describedby")).split()
    sentences = [await page.inner_text(f'[id="{one}"]') for one in described]
    assert any("рік" in sentence.lower() for sentence in sentences)


@pytest.mark.parametrize("language", ["de", "ar", "uk"])
async def test_nothing_is_wider_than_a_phone(language: str, round_: Round, browser: Browser) -> None:
    await round_.open()
    page = await browser.new_page(viewport={"width": WIDTH, "height": 780})
    await page.goto(_address(round_, language))

    assert await page.evaluate("document.documentElement.scrollWidth") <= WIDTH
