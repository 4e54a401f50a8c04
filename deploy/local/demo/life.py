"""What becomes of the pairs: both are asked, some say no, some nothing, somebody else is found, and the introduced are asked how
it goes. The installation's clock is moved from moment to moment, always to daytime.
"""

import re
from datetime import datetime
from functools import partial
from typing import Any

from deploy.local.demo.door import Door
from deploy.local.demo.mails import Mailbox
from deploy.local.demo.people import address
from deploy.local.demo.story import Story

# Also of those who were asked when the others were reminded, the time is over.
REMINDED, OVER = "2021-11-05T10:00+01:00", "2021-11-13T10:00+01:00"
FOLLOWED = {
    "five days": "2021-11-19T10:00+01:00",
    "four weeks": "2021-12-12T10:00+01:00",
    "three months": "2022-02-14T10:00+01:00",
}
SAYS_NO = re.compile("[05]$")  # whose id ends like this has not written, or met: a fifth of all


async def live(story: Story) -> None:
    """From the first question to the third month."""
    async with story.outside() as (door, mailbox):
        life = Life(story, door, mailbox)
        async with story.stage("asked, answered, looked again"):
            await life.everybody_answers()
        async with story.stage("silence, reminder, deadline"):
            await life.time_passes()
        for when, moment in FOLLOWED.items():
            async with story.stage(f"asked how it goes after {when}"):
                await life.is_followed_up(moment)


class Life:
    """Whoever gets a mail opens their page and answers what it asks."""

    def __init__(self, story: Story, door: Door, mailbox: Mailbox) -> None:
        self._story, self._door, self._mailbox = story, door, mailbox
        self._rows = {address(row): row for row in story.rows}
        self._answers = self._followed = 0

    async def everybody_answers(self) -> None:
        """Until only the silent have questions left, nobody is looked for any more and nobody has news they have not read."""

        async def settled() -> bool:
            news = await self._mailbox.recipients()
            await self._story.at_once(sorted(news & self._story.me.keys()), self._answer)
            shown, left = await self._story.show(), await self._left_to_the_silent()
            held = waiting(shown)  # after three mails in a day, what comes next is read tomorrow
            return not news and not _is_searched(shown) and _unanswered(shown) <= len(left) + held

        await self._story.until("all questions are answered", settled)
        self._say(await self._story.show())

    async def _left_to_the_silent(self) -> set[str]:
        """Pairs that wait for somebody who says nothing."""
        pages = [me for who, links in self._story.me.items() if self._rows[who].demo == "silent" for me in links]
        found = await self._story.at_once(pages, self._door.questions)
        return {one.rpartition("/")[2] for questions in found for one in questions}

    async def _answer(self, who: str) -> None:
        demo = self._rows[who].demo
        for me in self._story.me[who] if demo != "silent" else ():
            answered = await self._door.answer(me, "no" if demo == "declines" else "yes")
            self._answers += answered

    async def time_passes(self) -> None:
        """The silent are reminded, then their time is over; whoever they left alone is asked about somebody else."""
        unanswered = _unanswered(await self._story.show())
        self._story.installation.move_clock(datetime.fromisoformat(REMINDED))
        await self._story.until("whoever has not answered is reminded", self._reminded)
        shown = await self._story.show()
        self._story.say(f"Half the time is over: {sent(shown, 'reminder')} reminded of {unanswered} pairs.")
        await self.everybody_answers()
        shown = await self._story.show()
        ended = shown["matching"]["pairs"].get("ended", 0) + _unanswered(shown)
        self._story.installation.move_clock(datetime.fromisoformat(OVER))
        await self._story.until("the time to answer is over", partial(self._have_ended, ended))
        await self.everybody_answers()

    async def _reminded(self) -> bool:
        shown = await self._story.show()
        return not waiting(shown) and (sent(shown, "reminder") > 0 or not _unanswered(shown))

    async def _have_ended(self, pairs: int) -> bool:
        """Whoever is left alone may be asked about somebody else in the same moment."""
        now: int = (await self._story.show())["matching"]["pairs"].get("ended", 0)
        return now >= pairs

    async def is_followed_up(self, moment: str) -> None:
        self._story.installation.move_clock(datetime.fromisoformat(moment))
        self._followed += 2 * (await self._story.show())["matching"]["pairs"].get("introduced", 0)
        await self._story.until("the introduced are asked how it goes", self._asked)
        news = sorted(await self._mailbox.recipients() & self._story.me.keys())
        await self._story.at_once(news, self._tell)

    async def _asked(self) -> bool:
        shown = await self._story.show()
        return not waiting(shown) and sent(shown, "follow_up") >= self._followed

    async def _tell(self, who: str) -> None:
        for me in self._story.me[who]:
            await self._door.follow(me, "no" if SAYS_NO.search(self._rows[who].id) else "yes")

    def _say(self, shown: dict[str, Any]) -> None:
        pairs = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in shown["matching"]["pairs"].items())
        self._story.say(f"{self._answers} answers so far; pairs: {pairs}.")


def waiting(shown: dict[str, Any]) -> int:
    return sum(one["count"] for one in shown["messages"] if one["state"] == "queued")


def sent(shown: dict[str, Any], kind: str) -> int:
    return sum(one["count"] for one in shown["messages"] if one["kind"] == kind and one["state"] == "sent")


def _is_searched(shown: dict[str, Any]) -> bool:
    return "unmatched: searching" in shown["matching"]["outcomes"]


def _unanswered(shown: dict[str, Any]) -> int:
    states = shown["matching"]["pairs"]
    return sum(states.get(state, 0) for state in ("asked", "newcomer_agreed", "local_agreed"))
