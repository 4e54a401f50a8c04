"""Rounds in which people change, leave and erase at every moment, each told once for all tests that look at them."""

import asyncio
import html
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

from coordinator.desk import RefusedError
from deploy.local.demo.people import typed
from deploy.local.mailbox.part import Mailbox
from shared.schemas.people_file import Row
from shared.web.pages import Pages
from tests.rounds import SLUG, Round, person, until

NewRound = Callable[[], Awaitable[Round]]
SERVICES = Path(__file__).parents[2] / "services"
ACTIONS = ("change", "leave", "erase")
BEFORE_CLOSE, AFTER_CLOSE = ("unconfirmed", "open"), ("closed", "solved", "introduced", "unsent", "handed")
MOMENTS = (*BEFORE_CLOSE, *AFTER_CLOSE)
STORIES = {"whole": ("unconfirmed", "open", "closed", "solved", "introduced"), "unsent": ("unsent",), "handed": ("handed",)}
# One for each pair, so that nobody can be matched with anybody else.
LANGUAGES = (
    *("tr", "uk", "fa", "ar", "ti", "so", "ps", "ku", "ru", "pl", "ro"),
    *("it", "es", "fr", "pt", "el", "hr", "sr", "bg", "hu", "cs"),
)
NOBODY = UUID(int=1)
KINDS = ("confirm", "welcome", "link", "introduced", "unmatched", "pair_ended", "refused", "not_checked")


@cache
def pages(service: str) -> Pages:
    return Pages(service, SERVICES / service)


def says(key: str, **params: object) -> str:
    """A sentence of the German page."""
    return pages("registration").text("de", key, **params)


def language_of(moment: str, action: str) -> str:
    return LANGUAGES[3 * MOMENTS.index(moment) + ACTIONS.index(action)]


def actor(moment: str, action: str) -> Row:
    """A newcomer who does this at this moment."""
    return _person("ada", moment, action, role="newcomer", hobbies=("sewing",))


def partner(moment: str, action: str) -> Row:
    """The one local they can be matched with."""
    return _person("ben", moment, action, role="local", hobbies=("sewing",))


def _person(first_name: str, moment: str, action: str, **given: Any) -> Row:
    who = f"{first_name}-{moment}-{action}"
    name = f"{first_name.title()}{moment}{action} Canary"
    return person(0, id=who, name=name, email=f"{who}@example.org", languages=((language_of(moment, action), "native"),), **given)


BYSTANDERS = (person(1), person(2, "local"))


def phone(row: Row) -> str:
    return f"+49 171 {crc32(row.id.encode()) % 10**8:08}"


def contact(row: Row) -> dict[str, list[str]]:
    return {"phone": [phone(row)], "release_phone": ["yes"]}


def changed(row: Row) -> Row:
    """With the same address: another one is a story of its own (services/registration/tests/test_addresses.py)."""
    return replace(row, hobbies=("chess",), max_km=25)


def people(moments: Sequence[str]) -> list[Row]:
    pairs = [(actor(moment, action), partner(moment, action)) for moment in moments for action in ACTIONS]
    return [*BYSTANDERS, *(row for pair in pairs for row in pair)]


@dataclass(frozen=True)
class Page:
    """What somebody read."""

    status: int
    text: str


@dataclass(frozen=True)
class Seen:
    """My page before, the question, the answer to the button, and my page after."""

    before: Page
    asked: Page
    status: int
    done: Page
    after: Page


@dataclass
class Story:
    """One round with its people. `refused`: what publishing said while the plan was broken."""

    round_: Round
    mailbox: Mailbox
    moments: tuple[str, ...]
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    plans: list[set[tuple[UUID, UUID]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def tell(self) -> "Story":
        await self.round_.open()
        everyone = people(self.moments)
        for answer in await asyncio.gather(*(self.round_.post(row, **contact(row)) for row in everyone)):
            assert answer.status_code == 303, answer.text
        late = [actor("unconfirmed", action) for action in ACTIONS] if "unconfirmed" in self.moments else []
        await asyncio.gather(*(self.round_.confirm([row]) for row in everyone if row not in late))
        for row in late:
            (mail,) = await until(f"a mail to {row.id}", partial(self.round_.mails, row))
            self.round_.links[row.id] = {"me": dict(mail["headers"])["List-Unsubscribe"].strip("<>")}
        await {"whole": self._whole, "unsent": self._unsent, "handed": self._handed}[self.name]()
        await self._settled()
        return self

    @property
    def name(self) -> str:
        return next(name for name, moments in STORIES.items() if moments == self.moments)

    async def _whole(self) -> None:
        await self._act("unconfirmed")
        await self.round_.confirm([actor("unconfirmed", "change")])
        await self._act("open")
        await self._hold_solving()
        await self.round_.close()
        await self._act("closed")
        await self._gone(2)
        await self._let_solve()
        await self.round_.solved()
        self.plans.append(await self.plan())
        await self._act("solved")
        await self._gone(4)
        self.refused.append(await self.refusal("publish"))
        await self.round_.command("repair", self.round_.region, SLUG)
        await self.round_.solved()
        self.plans.append(await self.plan())
        await self.round_.publish()
        await self.round_.told()
        await self._act("introduced")
        await self._partners_told("introduced", "pair_ended")

    async def _unsent(self) -> None:
        """Published, and the mail server takes nothing yet."""
        await self.round_.close()
        await self.round_.solved()
        self.mailbox.behave("defer")
        try:
            await self.round_.publish()
            await self._messages(len(people(self.moments)), "kind = 'introduced' AND attempts > 0")
            await self._act("unsent")
            await self._messages(2, "state = 'superseded'")
        finally:
            self.mailbox.behave()
        await self.round_.execute("notification", "UPDATE messages SET due_at = now() WHERE round_id = $1", self.round_.id)
        await self.round_.told()

    async def _handed(self) -> None:
        """Every mail is at the mail server, which has not answered yet."""
        await self.round_.close()
        await self.round_.solved()
        self.mailbox.behave("hang-after-data")
        try:
            await self.round_.publish()
            for row in people(self.moments):
                await until(f"the result of {row.id} is under way", partial(self._has, row, "introduced"))
            await self._act("handed")
        finally:
            self.mailbox.behave()
        await self._partners_told("handed", "pair_ended")

    async def _act(self, moment: str) -> None:
        done = await asyncio.gather(*(self._do(moment, action) for action in ACTIONS))
        self.seen |= {(moment, action): seen for action, seen in zip(ACTIONS, done, strict=True)}

    async def _do(self, moment: str, action: str) -> Seen:
        row = actor(moment, action)
        me = self.round_.links[row.id]["me"]
        button = f"{me}/withdraw" if action == "leave" and moment in AFTER_CLOSE else f"{me}/{action}"
        before, asked = await self._read(me), await self._read(button)
        form = {**typed(changed(row)), "email": [self.round_.address(changed(row))], **contact(row)}
        answer = await self.round_.public.post(button, data=form if action == "change" else None)
        return Seen(before, asked, answer.status_code, await self._read(answer.headers["location"]), await self._read(me))

    async def _read(self, url: str) -> Page:
        answer = await self.round_.public.get(url)
        return Page(answer.status_code, html.unescape(answer.text))

    async def _hold_solving(self) -> None:
        """Somebody who is on no roster: the barrier stays shut for this round alone."""
        query = "INSERT INTO participants (round_id, person_id, version) VALUES ($1, $2, 1)"
        await self.round_.execute("matching", query, self.round_.id, NOBODY)

    async def _let_solve(self) -> None:
        await self.round_.execute("matching", "DELETE FROM participants WHERE person_id = $1", NOBODY)

    async def _gone(self, count: int) -> None:
        query = "SELECT person_id FROM gone JOIN participants USING (round_id, person_id) WHERE round_id = $1 AND NOT has_left"
        await self._count(f"matching knows of {count} gone", "matching", query, count)

    async def _messages(self, count: int, where: str) -> None:
        query = f"SELECT id FROM messages WHERE round_id = $1 AND {where}"
        await self._count(f"{count} messages where {where}", "notification", query, count)

    async def _count(self, what: str, service: str, query: str, count: int) -> None:
        async def reached() -> bool:
            return len(await self.round_.fetch(service, query, self.round_.id)) >= count

        await until(what, reached)

    async def _has(self, row: Row, kind: str) -> bool:
        return kind in await self.mails(row)

    async def _partners_told(self, moment: str, kind: str) -> None:
        for action in ("leave", "erase"):
            await until(f"{kind} to {moment} {action}", partial(self._has, partner(moment, action), kind))

    async def _settled(self) -> None:
        """Every receipt is there and no mail waits."""
        for moment in self.moments:
            await until(f"receipts of {moment}", partial(self._has_receipts, actor(moment, "erase")))
        await self.round_.told()

    async def _has_receipts(self, row: Row) -> bool:
        return len(await self.receipts(row)) == 4

    async def receipts(self, row: Row) -> list[str]:
        found: list[str] = await self.round_.command("receipts", self.round_.region, str(self.round_.person_id(row)))
        return found

    async def refusal(self, command: str) -> str:
        """The sentence with which a command on the plan is refused."""
        try:
            await self.round_.command(command, self.round_.region, SLUG)
        except RefusedError as refused:
            return str(refused)
        raise AssertionError(f"{command} was not refused")

    async def plan(self) -> set[tuple[UUID, UUID]]:
        """(newcomer, local) of the newest plan."""
        rows = await self.round_.fetch(
            "matching",
            "SELECT newcomer, local FROM proposals WHERE run_id ="
            " (SELECT id FROM runs WHERE round_id = $1 AND state = 'solved' ORDER BY number DESC LIMIT 1)",
            self.round_.id,
        )
        return {(row["newcomer"], row["local"]) for row in rows}

    def pair(self, moment: str, action: str) -> tuple[UUID, UUID]:
        return self.round_.person_id(actor(moment, action)), self.round_.person_id(partner(moment, action))

    async def mails(self, row: Row) -> list[str]:
        """Kinds of all mails to somebody, by their subjects, in order; also of those whose messages are forgotten."""
        subjects = {pages("notification").text("de", f"mail.{kind}.subject"): kind for kind in KINDS}
        return [subjects[mail["subject"]] for mail in await self.round_.mails(row)]

    async def one(self, service: str, query: str, row: Row) -> Any:
        """The one row of somebody in this round, or None. In the query $1 is the person, $2 the round."""
        rows = await self.round_.fetch(service, query, self.round_.person_id(row), self.round_.id)
        return rows[0] if rows else None

    async def said(self, service: str, row: Row) -> list[tuple[str, dict[str, Any]]]:
        """What a service's outbox holds of somebody: type and data of each event; of a blanked one nothing."""
        query = "SELECT payload FROM outbox WHERE key = $1 ORDER BY id"
        rows = await self.round_.fetch(service, query, str(self.round_.person_id(row)))
        events = [json.loads(found["payload"]) for found in rows if found["payload"] is not None]
        return [(event["type"], event["data"]) for event in events]


class Stories:
    """Tells each story when a test first asks for it."""

    def __init__(self, new_round: NewRound, mailbox: Mailbox) -> None:
        self._new_round, self._mailbox = new_round, mailbox
        self._told: dict[str, asyncio.Future[Story]] = {}

    async def of(self, moment: str) -> Story:
        name = next(name for name, moments in STORIES.items() if moment in moments)
        if name not in self._told:
            self._told[name] = asyncio.ensure_future(self._tell(name))
        return await self._told[name]

    async def _tell(self, name: str) -> Story:
        """Told once also where it fails: the other tests then fail at once."""
        return await Story(await self._new_round(), self._mailbox, STORIES[name]).tell()
