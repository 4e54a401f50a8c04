"""Every public page, as it is drawn: open to everybody, as wide as the phone, with buttons that a thumb hits."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from shared.web.languages import LANGUAGES
from tests.browser.site import DESKTOP, PHONE, Site

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Off in axe unless asked for, being new in WCAG 2.2; our 44 px, which are more, have a test of their own.
RULES = {"target-size": {"enabled": True}}
# The words and their order are the same at every width: there only what depends on the drawing is looked at again.
DRAWN = ["color-contrast", "scrollable-region-focusable", "link-in-text-block"]
# Links in running text are excepted, as in WCAG 2.5.8: lines would be torn apart.
MEASURE = """() => {
  const shown = one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 1;
  const name = one => one.tagName + " " + (one.name || one.id || "") + " " + (one.textContent || "").trim().slice(0, 40);
  const inText = one => one.tagName === "A" && getComputedStyle(one).display === "inline" && one.closest("p, li, dd");
  const target = one => (one.matches("[type=checkbox], [type=radio]") && one.closest("label")) || one;
  const all = [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")].filter(shown);
  const reached = all.filter(one => !one.closest(".unseen, .skip") && !inText(one));
  const pen = document.createElement("canvas").getContext("2d");
  const words = one => { pen.font = getComputedStyle(one).font; return pen.measureText(one.selectedOptions[0].text).width; };
  const arrow = 20, sides = one => { const style = getComputedStyle(one); return parseFloat(style.paddingLeft) * 2 + arrow; };
  const height = one => target(one).getBoundingClientRect().height;
  return {
    low: reached.filter(one => height(one) < 44).map(one => name(one) + " " + height(one)),
    cut: [...document.querySelectorAll(".button, .mend, .tongues a, label, legend")].filter(shown)
      .filter(one => !one.closest(".unseen") && one.scrollWidth > one.clientWidth && one.clientWidth > 0).map(name),
    clipped: reached.filter(one => one.tagName === "SELECT" && words(one) > one.clientWidth - sides(one)).map(one =>
      one.name + " " + one.selectedOptions[0].text),
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth
      ? [...document.querySelectorAll("main *")].filter(shown)
          .filter(one => { const box = one.getBoundingClientRect(); return box.right > innerWidth + 1 || box.left < -1; })
          .map(name).slice(0, 3).concat(["page"]) : [],
  };
}"""


async def _violations(page: Page, options: dict[str, Any]) -> set[str]:
    """What axe calls wrong, each with its element. A page that stands keeps the axe that was put into it."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(Axe().axe_script)
    found = await page.evaluate("options => axe.run(options)", options | {"resultTypes": ["violations"]})
    return {f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]}


@pytest.mark.parametrize("language", ["de", "ar", "uk"])
async def test_axe_finds_nothing_on_any_page(language: str, site: Site) -> None:
    found: dict[str, set[str]] = {}
    async for name, page in site.pages(language):
        await page.set_viewport_size(PHONE)
        found[name] = await _violations(page, {"runOnly": TAGS, "rules": RULES})
        await page.set_viewport_size(DESKTOP)
        found[name] |= await _violations(page, {"runOnly": DRAWN})
    await site.page.set_viewport_size(PHONE)
    assert not {name: broken for name, broken in found.items() if broken}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_fits_a_phone_with_buttons_for_thumbs(language: str, site: Site) -> None:
    found: dict[str, Any] = {}
    await site.page.set_viewport_size(PHONE)
    async for name, page in site.pages(language):
        measured = await page.evaluate(MEASURE)
        if any(measured.values()):
            found[name] = {kind: what for kind, what in measured.items() if what}
    assert not found
