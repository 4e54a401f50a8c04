"""The form as somebody meets it: on a phone, in their language, without JavaScript."""

import pytest
from playwright.async_api import Page

from tests.browser.site import fill_in
from tests.rounds import Round


def _address(round_: Round, language: str) -> str:
    return f"{str(round_.public.base_url).rstrip('/')}/{language}/{round_.region}"


@pytest.mark.parametrize("language", ["ar", "uk", "de"])
async def test_somebody_signs_up_topic_by_topic_on_a_phone_without_javascript(language: str, round_: Round, phone: Page) -> None:
    await round_.open()
    page = phone
    await page.goto(_address(round_, language))
    assert await page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    await fill_in(page, "ليلى", email=f"layla@{round_.region}.example.org")
    assert "71638" in await page.inner_text("main")
    await page.locator(".mend").nth(1).click()
    assert page.url.endswith("#t-you")
    await page.fill('input[name="name"]', "ليلى ن.")
    await page.click('button[value="check"]:visible')
    await page.click('button[value="send"]')

    assert page.url.endswith(f"/{language}/{round_.region}/sent")
    rows = await round_.fetch(
        "registration", "SELECT name, language, postcode, hobbies FROM people WHERE region = $1", round_.region
    )
    assert [tuple(row) for row in rows] == [("ليلى ن.", language, "71638", ["chess"])]


async def test_a_form_with_faults_comes_back_with_what_was_typed_and_the_sentence_beside_the_field(
    round_: Round, phone: Page
) -> None:
    await round_.open()
    page = phone
    await page.goto(_address(round_, "uk"))
    await fill_in(page, "ليلى", "20a5", email=f"layla@{round_.region}.example.org")

    assert await page.input_value('input[name="birth_year"]') == "20a5"
    assert await page.input_value('input[name="name"]') == "ليلى"
    field = page.locator('input[name="birth_year"]')
    assert await field.get_attribute("aria-invalid") == "true"
    described = str(await field.get_attribute("aria-describedby")).split()
    sentences = [await page.inner_text(f'[id="{one}"]') for one in described]
    assert any("рік" in sentence.lower() for sentence in sentences)


async def test_whoever_changes_the_language_on_the_way_stays_at_the_step_and_loses_nothing(round_: Round, phone: Page) -> None:
    await round_.open()
    page = phone
    await page.goto(f"{_address(round_, 'de')}#t-you")
    await page.fill('input[name="name"]', "ليلى")
    await page.click(".topic:visible summary")
    await page.click('.topic:visible button[lang="ar"]')
    assert (await page.get_attribute("html", "dir"), page.url) == ("rtl", f"{_address(round_, 'ar')}#t-you")
    assert await page.locator(".topic:visible").count() == 1
    assert await page.input_value('input[name="name"]:visible') == "ليلى"
    assert await page.locator(".foot a:visible").count() == 2, "whom one can ask stands below each step"


async def test_one_fault_is_one_step_and_mended_it_leads_on_to_the_check(round_: Round, phone: Page) -> None:
    await round_.open()
    page = phone
    await page.goto(_address(round_, "ar"))
    await fill_in(page, "ليلى", "20a5", email=f"layla@{round_.region}.example.org")
    assert await page.locator(".topic:visible").evaluate_all("all => all.map(one => one.id)") == ["t-you"]
    assert await page.locator(".faults:visible").count() == 1
    await page.click(".topic:visible summary")
    await page.click('.topic:visible button[lang="de"]')
    assert (await page.get_attribute("html", "lang"), await page.locator(".topic:visible").count()) == ("de", 1)
    await page.fill('input[name="birth_year"]', "1990")
    await page.click('button[value="check"]:not([lang]):visible')
    await page.click('button[value="send"]')
    assert page.url.endswith(f"/de/{round_.region}/sent")


async def test_several_faults_are_steps_one_after_the_other(round_: Round, phone: Page) -> None:
    await round_.open()
    page = phone
    await page.goto(_address(round_, "de"))
    await fill_in(page, "", "20a5", email="layla@")
    for step in ("t-you", "t-contact"):
        assert await page.locator(".topic:visible").evaluate_all("all => all.map(one => one.id)") == [step]
        await (
            page.locator(".topic:visible .way a").first.click() if step == "t-you" else page.fill('[name="email"]', "a@b.example")
        )
    await page.click('.faults a[href="#f-birth_year"]')
    assert await page.locator(".topic:visible").evaluate_all("all => all.map(one => one.id)") == ["t-you"]


async def test_a_form_that_another_sites_page_sends_is_refused(round_: Round, phone: Page) -> None:
    await round_.open()
    address = _address(round_, "ar")
    await phone.set_content(
        f'<form method="post" action="{address}/link"><input name="email" value="a@b.example"><button>x</button>'
    )
    async with phone.expect_navigation():
        await phone.click("button")
    assert (phone.url, await phone.get_attribute("html", "lang")) == (f"{address}/link", "ar")
    await phone.click("main a.button")
    assert await phone.locator('input[name="form_token"]').count() == 1
