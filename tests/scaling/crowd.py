"""People who sign up at a steady rate, each with a browser: form, mail, link; and one who looks at pages all the time.

What goes wrong for any of them is kept: an answer of 400 and more, a connection that breaks, a mail that does not come. Nobody
tries anything twice.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from deploy.local.demo.people import typed
from tests.rounds import LINK, person, token_of, until

PATH = "/de/ludwigsburg"
LOOK_SECONDS, MAIL_SECONDS = 0.1, 90.0


@dataclass
class Crowd:
    """`site`: where the pages are; `domain`: by which their mails are known."""

    site: str
    mailbox: str
    domain: str
    a_second: float
    accepted: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    looked: int = 0
    _links: dict[str, str] = field(default_factory=dict)
    _visits: set["asyncio.Task[None]"] = field(default_factory=set)

    @asynccontextmanager
    async def coming(self) -> AsyncIterator[None]:
        """Nobody new comes afterwards; those who came go on until they have confirmed."""
        async with httpx.AsyncClient(base_url=self.mailbox, timeout=30) as post:
            reading = asyncio.create_task(self._read_mails(post))
            tasks = [asyncio.create_task(work()) for work in (self._come, self._look)]
            try:
                yield
                assert not any(task.done() for task in tasks), "the crowd has gone"
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*self._visits)
            finally:
                for task in (*tasks, reading, *self._visits):
                    task.cancel()

    async def _come(self) -> None:
        begun = time.monotonic()
        number = 0
        while True:
            number += 1
            task = asyncio.create_task(self._visit(number))
            self._visits.add(task)
            await asyncio.sleep(max(0.0, begun + number / self.a_second - time.monotonic()))

    async def _visit(self, number: int) -> None:
        row = person(number, "local" if number % 2 else "newcomer")
        to = f"p{number}@{self.domain}"
        async with self._browser() as browser:
            await self._ask(browser, "GET", PATH)
            sent = await self._ask(browser, "POST", PATH, {**typed(row), "email": [to], "form_token": [token_of(row)]})
            if sent is None or sent.status_code != httpx.codes.SEE_OTHER:
                return
            self.accepted.append(to)
            await self._ask(browser, "GET", sent.headers["location"])
            try:
                await until(f"a mail to {to}", partial(self._has_mail, to), MAIL_SECONDS)
            except AssertionError as late:
                self.wrong.append(str(late))
                return
            await self._ask(browser, "GET", self._links[to])
            done = await self._ask(browser, "POST", self._links[to])
            if done is not None and done.is_success:
                self.confirmed.append(to)

    async def _look(self) -> None:
        """One connection, always in use: what a proxy keeps open, and what is hardest to end."""
        async with self._browser() as browser:
            while True:
                await self._ask(browser, "GET", PATH)
                self.looked += 1
                await asyncio.sleep(LOOK_SECONDS)

    def _browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.site, timeout=10, transport=httpx.AsyncHTTPTransport(verify=False))

    async def _ask(
        self, browser: httpx.AsyncClient, method: str, path: str, form: dict[str, Any] | None = None
    ) -> httpx.Response | None:
        try:
            answer = await browser.request(method, path, data=form)
        except httpx.TransportError as error:
            self.wrong.append(f"{method} {path}: {type(error).__name__} {error}")
            return None
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            self.wrong.append(f"{method} {path}: {answer.status_code}")
        return answer

    async def _has_mail(self, to: str) -> bool:
        return to in self._links

    async def _read_mails(self, post: httpx.AsyncClient) -> None:
        seen = 0
        while True:
            for mail in (await post.get("/api/mails", params={"since": seen})).json():
                seen = max(seen, mail["index"])
                if mail["to"].endswith(self.domain) and mail["to"] not in self._links:
                    text = (await post.get(f"/api/mails/{mail['index']}")).json()["text"]
                    self._links[mail["to"]] = next(one.group() for one in LINK.finditer(text) if one.group(1) == "confirm")
            await asyncio.sleep(LOOK_SECONDS)
