"""The main job: one round from the coordinator's first command to everybody's result, with the time of each stage."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from coordinator.__main__ import run as coordinator
from coordinator.desk import TOKEN, RefusedError
from deploy.local.demo.door import Door, Entered
from deploy.local.demo.mails import Mailbox
from deploy.local.demo.people import address
from deploy.local.installation import Installation
from shared.schemas.people_file import Row

REGION, ROUND = "ludwigsburg", "2021-autumn"
CLIENTS = 16
DEADLINE_SECONDS = 180.0
PAUSE_SECONDS = 0.3
TAKEN = 303
TOLD = {"beim Bahnhof links": "71638"}  # what somebody of the example answers when they are asked where they live
# In daytime: at night notification would send no result before the morning.
BEFORE, DURING, AFTER = ("2021-10-14T18:00+02:00", "2021-10-16T10:00+02:00", "2021-11-01T10:00+01:00")
Say = Callable[[str], None]


@dataclass
class Story:
    """Whoever tells it keeps what only people know: their links, and how they behave."""

    installation: Installation
    rows: list[Row]
    mailbox_url: str
    say: Say
    stages: dict[str, float] = field(default_factory=dict)
    me: dict[str, list[str]] = field(default_factory=dict)
    turned_back: list[Entered] = field(default_factory=list)
    published: dict[str, Any] = field(default_factory=dict)

    async def tell(self) -> None:
        async with self.outside() as (door, mailbox):
            await self._sign_up(door)
            await self._confirm(door, mailbox)
            await self._leave(door)
            await self._settle_place()
            await self._settle_doubts()
            await self._close()
            await self._solve(door)
            await self._publish()

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[tuple[Door, Mailbox]]:
        """What people see of us: the form, and their mails from the first on."""
        limits = httpx.Limits(max_connections=CLIENTS)
        url = self.installation.services["registration"].url
        async with (
            httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as public,
            httpx.AsyncClient(base_url=self.mailbox_url, timeout=30) as reader,
        ):
            yield Door(public, REGION), Mailbox(reader)

    async def command(self, *arguments: str) -> Any:
        """A coordinator's command, with a signed token."""
        return await asyncio.to_thread(coordinator, arguments, self.environment)

    @property
    def environment(self) -> dict[str, str]:
        given = self.installation.coordinator_environment()
        if TOKEN not in given:
            token = coordinator(["token", "--name", "Demo coordinator", "--regions", REGION], given)
            given[TOKEN] = token
        return given

    async def show(self) -> dict[str, Any]:
        shown: dict[str, Any] = await self.command("show", REGION, ROUND, "--all")
        return shown

    @asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[None]:
        started = time.monotonic()
        yield
        self.stages[name] = time.monotonic() - started
        self.say(f"{name}: {self.stages[name]:.1f} s")

    async def _sign_up(self, door: Door) -> None:
        self.installation.move_clock(datetime.fromisoformat(BEFORE))
        await self.until("the round is drafted", self._drafted)
        opened = await self.command("open", REGION, ROUND)
        self.say(f"The coordinator opened {REGION}/{ROUND} ({opened['opens_at'][:10]} to {opened['closes_at'][:10]}).")
        self.installation.move_clock(datetime.fromisoformat(DURING))
        first = [row for row in self.rows if row.demo != "repeats"]
        again = [row for row in self.rows if row.demo == "repeats"]
        async with self.stage("sign up"):
            entered = [*await self.at_once(first, door.sign_up), *await self.at_once(again, door.sign_up)]
        self.turned_back = [one for one in entered if one.status != TAKEN]
        for one in self.turned_back:
            self.say(f"Turned back: {one.row.id}: {one.why}")

    async def _drafted(self) -> bool:
        try:
            await self.command("show", REGION, ROUND)
        except RefusedError:
            return False
        return True

    async def _confirm(self, door: Door, mailbox: Mailbox) -> None:
        """Everyone follows the link of their mail, but for those who do not."""
        silent = {address(row) for row in self.rows if row.demo == "unconfirmed"}
        expected = sum(row.demo != "repeats" for row in self.rows) - len(self.turned_back)
        found = 0

        async def follow() -> bool:
            nonlocal found
            mails = [mail async for mail in mailbox.new() if mail.confirm]
            found += len(mails)
            mine = [mail for mail in mails if mail.to.casefold() not in silent]
            for mail, me in zip(mine, await self.at_once(mine, lambda m: door.confirm(m.confirm or "")), strict=True):
                self.me.setdefault(mail.to.casefold(), []).append(me)  # a family may have one address
            return found >= expected

        async with self.stage("confirm"):
            await self.until(f"{expected} confirmation mails", follow)

    async def _leave(self, door: Door) -> None:
        await self.at_once(self._links_of("leaves"), lambda me: door.press(me, "leave"))

    def _links_of(self, demo: str) -> list[str]:
        """Personal links of those who behave so and have one: whoever was turned back at the door has none."""
        return [me for row in self.rows if row.demo == demo for me in self.me.get(address(row), ())]

    async def _settle_place(self) -> None:
        """A coordinator sees who could not be placed, and answers where somebody told them what is meant."""
        await self.until("geo has caught up", self._drained)
        questions = await self.command("questions", REGION, ROUND)
        for one in questions:
            self.say(f"Open question for the coordinator: where is “{one['typed']}”? ({one['reason']})")
        for one in questions:
            if postcode := TOLD.get(one["typed"]):
                await self.command("place", REGION, one["person"], postcode)
                self.say(f"The coordinator asked and answered: “{one['typed']}” is {postcode}.")

    async def _settle_doubts(self) -> None:
        """A coordinator looks at every entry in doubt; invented people are all who they say they are."""
        for one in await self.command("doubts", REGION, ROUND):
            if one["kind"] != "place":
                await self.command("accept", REGION, one["person"], "--reason", "an invented person")
                self.say(f"The coordinator looked at “{one['name']}” ({one['kind']}) and accepted the entry.")

    async def _drained(self) -> bool:
        """Nothing waits in registration's outbox, and geo has nothing left to handle."""
        shown = await self.show()
        confirmed = shown["registration"]["people"].get("confirmed", 0)
        present = (shown["matching"] or {}).get("present", 0)
        return bool(confirmed == present)

    async def _close(self) -> None:
        async with self.stage("close"):
            self.installation.move_clock(datetime.fromisoformat(AFTER))
            await self.until("the round has closed by its date", self._closed)
        closed = await self.command("close", REGION, ROUND)
        self.say(f"Closed by its date, closing {closed['closing']}: {closed['count']} people, digest {closed['digest'][:12]}…")

    async def _closed(self) -> bool:
        return bool((await self.show())["registration"]["phase"] == "closed")

    async def _solve(self, door: Door) -> None:
        """Some withdraw once the plan is there: it cannot be published before it is repaired."""
        async with self.stage("solve"):
            await self.until("the plan is solved", self._solved)
        leaving = self._links_of("withdraws")
        await self.at_once(leaving, lambda me: door.press(me, "withdraw"))
        await self.until("matching knows who withdrew", lambda: self._gone(len(leaving)))
        try:
            await self.command("publish", REGION, ROUND)
        except RefusedError as refused:
            self.say(f"Publishing was refused: {refused}")
            async with self.stage("repair"):
                await self.command("repair", REGION, ROUND)
                await self.until("the plan is repaired", self._solved)

    async def _solved(self) -> bool:
        matching = (await self.show())["matching"] or {}
        if (matching.get("run") or {}).get("state") in {"failed", "infeasible"}:
            raise RuntimeError(f"the plan could not be solved: {matching['run']}")
        return bool(matching.get("phase") == "solved")

    async def _gone(self, count: int) -> bool:
        return bool((await self.show())["matching"]["gone"] >= count)

    async def _publish(self) -> None:
        async with self.stage("publish and tell everyone"):
            await self.command("publish", REGION, ROUND)
            await self.until("the last mail is handed over", self._told)

    async def _told(self) -> bool:
        shown = self.published = await self.show()
        expected = shown["registration"]["count"] - shown["matching"]["gone"]
        waiting = sum(one["count"] for one in shown["messages"] if one["state"] == "queued")
        results = sum(one["count"] for one in shown["messages"] if one["kind"] in {"asked", "introduced", "unmatched"})
        return bool(waiting == 0 and results >= expected)

    async def at_once(self, items: Iterable[Any], work: Callable[[Any], Awaitable[Any]]) -> list[Any]:
        """At most CLIENTS at the same time; results in the order of the items."""
        free = asyncio.Semaphore(CLIENTS)

        async def one(item: Any) -> Any:
            async with free:
                return await work(item)

        return list(await asyncio.gather(*(one(item) for item in items)))

    async def until(self, what: str, true: Callable[[], Awaitable[bool]]) -> None:
        """Waits for a condition. Raises TimeoutError naming it."""
        end = time.monotonic() + DEADLINE_SECONDS
        while not await true():
            if time.monotonic() > end:
                raise TimeoutError(f"not within {DEADLINE_SECONDS:g} s: {what}")
            await asyncio.sleep(PAUSE_SECONDS)
