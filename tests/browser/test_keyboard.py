"""The whole way with a keyboard alone, and without JavaScript; and how much comes over the wire before somebody can begin."""

from playwright.async_api import Page, Response

from tests.rounds import Round

MOST_TABS = 60
MOST_BYTES, MOST_REQUESTS = 60 * 1024, 10


async def _tab_to(page: Page, selector: str) -> None:
    """Tab by Tab, as somebody does who cannot use a mouse."""
    wanted = page.locator(f"{selector}:focus")
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await wanted.count():
            return
    raise AssertionError(f"no Tab leads to {selector}")


async def _press(page: Page, selector: str, key: str = "Enter") -> None:
    await _tab_to(page, selector)
    await page.keyboard.press(key)


async def _type(page: Page, selector: str, text: str) -> None:
    await _tab_to(page, selector)
    await page.keyboard.type(text)


async def _fill_in(page: Page, round_: Round, email: str) -> None:
    """From the first page to the one that shows everything once more."""
    await page.goto(f"{str(round_.public.base_url).rstrip('/')}/de/{round_.region}")
    await _press(page, 'a[href="#t-role"]')
    await _press(page, '[name="role"]', "Space")
    await _press(page, 'a[href="#t-you"]')
    await _type(page, '[name="name"]', "Anna")
    await _type(page, '[name="birth_year"]', "1990")
    await _press(page, 'a[href="#t-place"]')
    await _type(page, '[name="place"]', "71638")
    await _press(page, 'a[href="#t-languages"]')
    await _type(page, '[name="language_1"]', "Arab")
    await _type(page, '[name="level_1"]', "Mutter")
    await _press(page, 'a[href="#t-hobbies"]')
    await _press(page, '[name="hobbies"][value="chess"]', "Space")
    await _press(page, 'a[href="#t-buddy"]')
    await _press(page, 'a[href="#t-contact"]')
    await _type(page, '[name="email"]', email)
    await _press(page, '[name="release_email"]', "Space")
    await _press(page, 'a[href="#t-consent"]')
    await _press(page, '[name="consent"]', "Space")
    async with page.expect_navigation():
        await _press(page, 'button[value="check"]')


async def test_somebody_signs_up_without_a_mouse(round_: Round, phone: Page) -> None:
    await round_.open()
    await _fill_in(phone, round_, f"anna@{round_.region}.example.org")
    async with phone.expect_navigation():
        await _press(phone, 'button[value="send"]')
    assert phone.url.endswith(f"/de/{round_.region}/sent")
    query = "SELECT role, postcode, hobbies, languages->>'ar' FROM people WHERE region = $1"
    rows = await round_.fetch("registration", query, round_.region)
    assert [tuple(row) for row in rows] == [("local", "71638", ["chess"], "native")]


async def test_focus_goes_to_what_is_wrong_and_from_there_to_the_field(round_: Round, phone: Page) -> None:
    await round_.open()
    await _fill_in(phone, round_, "anna@")
    assert await phone.locator("#faults:focus").count() == 1
    await phone.keyboard.press("Tab")
    await phone.keyboard.press("Enter")
    await phone.keyboard.press("Shift+Tab")
    await phone.keyboard.press("Tab")
    assert await phone.locator('[name="email"]:focus').count() == 1


async def test_the_first_page_comes_with_little_and_from_one_place(round_: Round, phone: Page) -> None:
    """Small enough as it is: nothing is compressed, so the length of an answer tells nothing about what stands in it."""
    await round_.open()
    answers: list[Response] = []
    phone.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it takes no built-in function
    await phone.goto(f"{str(round_.public.base_url).rstrip('/')}/ar/{round_.region}", wait_until="networkidle")

    loaded = [answer for answer in answers if not answer.url.startswith("data:")]
    sizes = [await answer.request.sizes() for answer in loaded]
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) <= MOST_BYTES
    assert len(loaded) <= MOST_REQUESTS
    assert {answer.url.split("/")[2] for answer in loaded} == {str(round_.public.base_url).split("/")[2]}
