"""`make screenshots`: the form in German and in Arabic on a phone, from the running services, into docs/screens/."""

import asyncio
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import httpx
from playwright.async_api import Browser, async_playwright

from deploy.local.browser import find_browser
from deploy.local.demo.story import DURING, REGION
from deploy.local.errors import MissingPartError
from deploy.local.process import ROOT
from deploy.local.stack import Stack

FOLDER = ROOT / "docs" / "screens"
LANGUAGES = ("de", "ar")
PHONE = {"width": 360, "height": 780}


async def pictures(url: str) -> None:
    """Whole pages would be too long to look at: the first screen, as somebody sees it who opened the link."""
    browser = find_browser().path
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for language in LANGUAGES:
            await _picture(running, f"{url}/{language}/{REGION}", FOLDER / f"form-{language}.png")
        await running.close()


async def _picture(browser: Browser, url: str, file: Path) -> None:
    page = await browser.new_page(viewport={"width": PHONE["width"], "height": PHONE["height"]}, device_scale_factor=2)
    await page.goto(url)
    await page.screenshot(path=file)
    await page.close()
    print(f"{file.relative_to(ROOT)}")


def wait_until_open(url: str) -> None:
    end = time.monotonic() + 30
    while b'name="form_token"' not in httpx.get(f"{url}/de/{REGION}").content:
        if time.monotonic() > end:
            raise TimeoutError("the round did not open")
        time.sleep(0.1)


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as folder, Stack.start(Path(folder)) as stack:
            installation = stack.installation("pictures")
            for name in ("geo", "registration"):
                installation.start(name)
            installation.move_clock(datetime.fromisoformat(DURING))
            url = installation.services["registration"].url
            wait_until_open(url)
            asyncio.run(pictures(url))
    except MissingPartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
