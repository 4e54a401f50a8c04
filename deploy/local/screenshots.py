"""`make screenshots`: the pages on a phone, in four scripts, from the running services, into docs/screens/."""

import asyncio
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import httpx
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, async_playwright

from deploy.local.browser import find_browser
from deploy.local.demo.door import Door
from deploy.local.demo.mails import Mailbox
from deploy.local.demo.story import DURING, REGION
from deploy.local.errors import MissingPartError
from deploy.local.process import ROOT
from deploy.local.stack import Stack

FOLDER = ROOT / "docs" / "screens"
LANGUAGES = ("de", "en", "ar", "uk")
TOPICS = ("place", "languages", "hobbies")
PHONE = {"width": 360, "height": 780}
DEADLINE_SECONDS = 30
# What somebody does on each topic's screen: fields to type into, lists to choose from, boxes to tick.
TYPED = {"you": {"name": "", "birth_year": "1990"}, "place": {"place": "71638"}, "contact": {"email": ""}}
CHOSEN = {"languages": {"language_1": "ar", "level_1": "native"}}
TICKED = {
    "role": ['[value="newcomer"]'],
    "hobbies": ['[value="cooking"]', '[value="chess"]'],
    "contact": ['[name="release_email"]'],
    "consent": ['[name="consent"]'],
}
NAMES = {"ar": "ليلى", "uk": "Лейла"}


async def pictures(url: str, mailbox_url: str) -> None:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=find_browser().path, args=["--no-sandbox"])
        for language in LANGUAGES:
            page = await running.new_page(viewport={"width": PHONE["width"], "height": PHONE["height"]})
            await _of_language(page, url, mailbox_url, language)
            await page.close()
        await running.close()


async def _of_language(page: Page, url: str, mailbox_url: str, language: str) -> None:
    """The way of somebody who signs up, a picture at each stop: what a phone shows of a page, not all of it."""
    start = f"{url}/{language}/{REGION}"
    await page.goto(start)
    await _keep(page, f"form-{language}")
    for topic in (*TICKED, *TYPED, *CHOSEN):
        await _fill_in(page, topic, f"{language}@example.org", NAMES.get(language, "Layla"))
    for topic in TOPICS:
        await _turn_to(page, topic)
        await _keep(page, f"{topic}-{language}")
    if language != "en":
        await _sign_up(page, url, mailbox_url, language)


async def _sign_up(page: Page, url: str, mailbox_url: str, language: str) -> None:
    await _turn_to(page, "consent")
    await page.click('button[value="check"]:visible')
    await _keep(page, f"check-{language}")
    await page.click('button[value="send"]')
    await page.goto(await _my_page(url, mailbox_url, f"{language}@example.org"))
    await _keep(page, f"me-{language}")
    await page.goto(f"{url}/{language}/{REGION}/privacy")
    await _keep(page, f"privacy-{language}")


async def _turn_to(page: Page, topic: str) -> None:
    await page.evaluate("topic => { location.hash = `t-${topic}`; document.activeElement.blur(); }", topic)


async def _fill_in(page: Page, topic: str, email: str, name: str) -> None:
    await _turn_to(page, topic)
    for field, text in TYPED.get(topic, {}).items():
        await page.fill(f'[name="{field}"]', text or {"name": name, "email": email}[field])
    for field, value in CHOSEN.get(topic, {}).items():
        await page.select_option(f'[name="{field}"]', value)
    for box in TICKED.get(topic, []):
        await page.check(f"input{box}:visible")


async def _my_page(url: str, mailbox_url: str, email: str) -> str:
    """By the link of their mail."""
    async with httpx.AsyncClient(base_url=mailbox_url) as reader, httpx.AsyncClient(base_url=url) as public:
        mailbox, end = Mailbox(reader), time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < end:
            async for mail in mailbox.new():
                if mail.to == email and mail.confirm:
                    return await Door(public, REGION).confirm(mail.confirm)
            await asyncio.sleep(0.1)
    raise TimeoutError(f"no mail came to {email}")


async def _keep(page: Page, name: str) -> None:
    file = FOLDER / f"{name}.png"
    try:
        await page.screenshot(path=file)
    except PlaywrightError:  # one time in a hundred Chromium has nothing to show yet
        await page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)} {file.stat().st_size // 1024} KB")


def wait_until_open(url: str) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while b'name="form_token"' not in httpx.get(f"{url}/de/{REGION}").content:
        if time.monotonic() > end:
            raise TimeoutError("the round did not open")
        time.sleep(0.1)


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as folder, Stack.start(Path(folder)) as stack:
            installation = stack.installation("pictures")
            for name in ("geo", "registration", "notification"):
                installation.start(name)
            installation.move_clock(datetime.fromisoformat(DURING))
            url = installation.services["registration"].url
            wait_until_open(url)
            asyncio.run(pictures(url, stack.mailbox.http_url))
    except MissingPartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
