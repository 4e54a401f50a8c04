"""Every public page of a region, one after the other in one browser window."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import Page, ViewportSize

from deploy.local.demo.people import typed
from shared.schemas.people_file import Row
from tests.rounds import Round, token_of

PHONE: ViewportSize = {"width": 360, "height": 780}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
TOPICS = ("start", "role", "you", "place", "languages", "hobbies", "buddy", "contact", "consent")
PLAIN = ("sent", "privacy", "link", "link/sent", "notice", "confirm/unknown", "nowhere/at-all", "done/changed", "done/erased")
SEND = """fields => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: location.pathname});
  for (const [name, value] of fields)
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  document.body.append(form);
  form.submit();
}"""


@dataclass
class Site:
    """A region with an open round, somebody who is in it, and the window in which the pages are looked at."""

    round: Round
    row: Row
    page: Page

    async def pages(self, language: str) -> AsyncIterator[tuple[str, Page]]:
        """Each page by name, shown in `page`."""
        for topic in TOPICS:
            yield await self._at(f"{self._start(language)}#t-{topic}")
        for rest in PLAIN:
            yield await self._at(f"{self._start(language)}/{rest}")
        start = self._start(language)
        yield await self._sent(start, "faults", {"name": [self.row.name], "place": ["Hemmingen"], "form_token": ["f" * 20]})
        yield await self._sent(start, "check", {**typed(self.row), "form_token": [token_of(self.row)], "go": ["check"]})
        mine = self.round.links[self.row.id]["me"].replace(f"/{self.row.language}/", f"/{language}/", 1)
        # With a question on my page and a fault on the page to ask.
        for question in ("Wann?\nUnd wo?", ""):
            yield await self._sent(f"{mine}/ask", "asked", {"question": [question], "form_token": ["q" * 20]})
        for action in ("", "/change", "/ask", "/address", "/leave", "/erase"):
            yield await self._at(mine + action)

    def _start(self, language: str) -> str:
        return f"{str(self.round.public.base_url).rstrip('/')}/{language}/{self.round.region}"

    async def _at(self, url: str) -> tuple[str, Page]:
        await self.page.goto(url)
        return url.rpartition(self.round.region)[2], self.page

    async def _sent(self, url: str, name: str, fields: dict[str, list[str]]) -> tuple[str, Page]:
        await self.page.goto(url)
        async with self.page.expect_navigation():
            await self.page.evaluate(SEND, [[name, value] for name, values in fields.items() for value in values])
        return name, self.page


async def next_topic(page: Page) -> None:
    await page.locator(".topic:visible .way a").first.click()


async def fill_in(page: Page, name: str, birth_year: str = "1990", *, email: str = "", phone: str = "") -> None:
    """Topic by topic to the page that shows everything once more; Enter leads nowhere before."""
    await next_topic(page)
    await page.check('input[name="role"][value="newcomer"]')
    await next_topic(page)
    await page.fill('input[name="name"]', name)
    await page.fill('input[name="birth_year"]', birth_year)
    await page.press('input[name="birth_year"]', "Enter")
    await next_topic(page)
    await page.fill('input[name="place"]', "71638")
    await next_topic(page)
    await page.select_option('select[name="language_1"]', "ar")
    await page.select_option('select[name="level_1"]', "native")
    await next_topic(page)
    await page.check('input[name="hobbies"][value="chess"]')
    await next_topic(page)
    await next_topic(page)
    if phone:
        await page.fill('input[name="phone"]', phone)
    if email:
        await page.fill('input[name="email"]', email)
        await page.check('input[name="release_email"]')
    await next_topic(page)
    await page.check('input[name="consent"]')
    await page.click('button[value="check"]:visible')
