"""The round after the one that was told: a stranger comes and goes, and whoever watches may try the same on a phone."""

import shutil
from datetime import datetime
from pathlib import Path

from deploy.local.demo.door import Door
from deploy.local.demo.life import sent, waiting
from deploy.local.demo.mails import Mailbox
from deploy.local.demo.story import REGION, TAKEN, Story
from deploy.local.process import ROOT
from shared.schemas.people_file import Row

NEXT = "2022-spring"
DURING = "2022-02-16T10:00+01:00"
ROUND = f"""
[[rounds]]
slug = "{NEXT}"
opens = 2022-02-15T00:00:00
closes = 2022-02-28T23:59:00

[rounds.name]
de = "Frühjahr 2022"
en = "Spring 2022"
ar = "ربيع 2022"
fa = "بهار 2022"
tr = "İlkbahar 2022"
uk = "Весна 2022"
"""
BESIDE = ("closes = 2021-10-31T23:59:00", "closes = 2022-02-15T12:00:00")
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
    """The regions as they are shipped; in Ludwigsburg both are asked before they are introduced, and there is one round more.
    Hannover's round, which nobody looks after here, closes at the very end: sooner, its plan would wait for somebody.
    """
    shutil.copytree(ROOT / "deploy" / "regions", folder)
    beside = folder / "hannover.toml"
    beside.write_text(beside.read_text(encoding="utf-8").replace(*BESIDE), encoding="utf-8")
    file = folder / "ludwigsburg.toml"
    text = file.read_text(encoding="utf-8").replace('introduction = "direct"', 'introduction = "agreed"')
    file.write_text(text + ROUND, encoding="utf-8")
    return folder


async def come_and_go(story: Story) -> None:
    """Whoever found nobody is in again by one press. Somebody signs up who reads no German, follows the link of the mail, and
    has everything erased again.
    """
    story.installation.move_clock(datetime.fromisoformat(DURING))
    async with story.outside() as (door, mailbox):
        await story.until("the next round is open by its date", door.is_open)
        async with story.stage("in again, who found nobody"):
            await _in_again(story, door, mailbox)
        async with story.stage("somebody signs up"):
            entered = await door.sign_up(STRANGER)
            if entered.status != TAKEN:
                raise RuntimeError(f"{STRANGER.name} was turned back: {entered.why}")
            me = await door.confirm(await _link(story, mailbox))
        async with story.stage("and is gone again"):
            await door.press(me, "erase")
            await story.until("my page is gone", lambda: _is_gone(door, me))


async def _in_again(story: Story, door: Door, mailbox: Mailbox) -> None:
    await mailbox.recipients()
    await story.until("whoever found nobody is written to", lambda: _is_written_to(story))
    written_to = sorted(await mailbox.recipients() & story.me.keys())
    pressed = await story.at_once([me for who in written_to for me in story.me[who]], lambda me: door.press(me, "return"))
    story.say(f"{pressed.count(TAKEN)} who found nobody are in the next round by one press each.")


async def _is_written_to(story: Story) -> bool:
    shown = await story.command("show", REGION, NEXT)
    return not waiting(shown) and sent(shown, "opens") > 0


async def _link(story: Story, mailbox: Mailbox) -> str:
    found: list[str] = []

    async def came() -> bool:
        found.extend([mail.confirm async for mail in mailbox.new() if mail.to == STRANGER.email and mail.confirm])
        return bool(found)

    await story.until("the confirmation mail", came)
    return found[0]


async def _is_gone(door: Door, me: str) -> bool:
    return not await door.exists(me)
