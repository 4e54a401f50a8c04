"""The round after the one that was told: a stranger comes and goes, and whoever watches may try the same on a phone."""

import shutil
from datetime import datetime
from pathlib import Path

from deploy.local.demo.door import Door
from deploy.local.demo.mails import Mailbox
from deploy.local.demo.story import TAKEN, Story
from deploy.local.process import ROOT
from shared.schemas.people_file import Row

DURING = "2021-11-16T10:00+01:00"
ROUND = """
[[rounds]]
slug = "2021-winter"
opens = 2021-11-15T00:00:00
closes = 2021-11-30T23:59:00

[rounds.name]
de = "Winter 2021"
en = "Winter 2021"
ar = "شتاء 2021"
fa = "زمستان 2021"
tr = "Kış 2021"
uk = "Зима 2021"
"""
STRANGER = Row(
    id="stranger",
    name="Олена",
    email="olena@example.org",
    role="newcomer",
    language="uk",
    postcode="71672",
    place="Marbach am Neckar",
    birth_year=1991,
    gender="f",
    wish="any",
    languages=(("uk", "native"), ("en", "little")),
    hobbies=("music", "cooking"),
    max_km=15,
    max_age_gap=None,
    capacity=1,
    party="",
    group="",
    demo="",
)


def regions(folder: Path) -> Path:
    """The regions as they are shipped, and one round more for Ludwigsburg."""
    shutil.copytree(ROOT / "deploy" / "regions", folder)
    with (folder / "ludwigsburg.toml").open("a", encoding="utf-8") as file:
        file.write(ROUND)
    return folder


async def come_and_go(story: Story) -> None:
    """Somebody signs up who reads no German, follows the link of the mail, and has everything erased again."""
    story.installation.move_clock(datetime.fromisoformat(DURING))
    async with story.outside() as (door, mailbox):
        await story.until("the next round is open by its date", door.is_open)
        async with story.stage("somebody signs up"):
            entered = await door.sign_up(STRANGER)
            if entered.status != TAKEN:
                raise RuntimeError(f"{STRANGER.name} was turned back: {entered.why}")
            me = await door.confirm(await _link(story, mailbox))
        async with story.stage("and is gone again"):
            await door.press(me, "erase")
            await story.until("my page is gone", lambda: _is_gone(door, me))


async def _link(story: Story, mailbox: Mailbox) -> str:
    found: list[str] = []

    async def came() -> bool:
        found.extend([mail.confirm async for mail in mailbox.new() if mail.to == STRANGER.email and mail.confirm])
        return bool(found)

    await story.until("the confirmation mail", came)
    return found[0]


async def _is_gone(door: Door, me: str) -> bool:
    return not await door.exists(me)
