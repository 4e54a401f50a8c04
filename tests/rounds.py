"""A small round, driven from outside step by step: what the tests of whole rounds are told in."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal, Self
from uuid import UUID, uuid5

import asyncpg
import httpx

from coordinator.__main__ import run as coordinator
from coordinator.desk import TOKEN
from deploy.local.demo.door import Door
from deploy.local.demo.page import Page
from deploy.local.demo.people import typed
from deploy.local.demo.story import DURING
from deploy.local.installation import Installation
from services.registration.regions import round_id
from shared.schemas.people_file import Row

SLUG = "2021-autumn"
DEADLINE_SECONDS = 60.0
RESULTS = {"asked", "fell_through", "introduced", "unmatched", "pair_ended"}
LINK = re.compile(r"https?://\S+/(confirm|me)/[\w-]+")


def person(number: int, role: str = "newcomer", **other: Any) -> Row:
    """Somebody who suits everybody: speaks German, lives in Ludwigsburg, wishes nothing special."""
    given: dict[str, Any] = {
        "id": f"p{number}", "name": f"Person Number{number}", "email": f"p{number}@example.org", "role": role, "language": "de",
        "postcode": "71638", "place": "", "birth_year": 1980 + number % 20, "gender": "f" if number % 2 else "m", "wish": "any",
        "languages": (("de", "well"),), "hobbies": ("cooking",), "max_km": 20, "max_age_gap": None, "capacity": 1,
        "party": "", "group": "", "demo": "",
    }  # fmt: skip
    return Row(**(given | other))


def town(newcomers: int, locals_: int) -> list[Row]:
    return [person(n) for n in range(newcomers)] + [person(100 + n, "local") for n in range(locals_)]


def token_of(row: Row) -> str:
    """The form's token of a test's person, the same in every run, and with it their id."""
    return f"form-of-{row.id}-0123456789abcdef"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def until(what: str, true: Callable[[], Awaitable[object]], seconds: float = DEADLINE_SECONDS) -> Any:
    """Waits for a condition and returns what it answered. Fails with its name."""
    end = time.monotonic() + seconds
    while not (answer := await true()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(0.05)
    return answer


@dataclass
class Round:
    """The round of one region on an installation, whose services must be running when a step needs them."""

    installation: Installation
    mailbox_url: str
    region: str = "ludwigsburg"
    links: dict[str, dict[str, str]] = field(default_factory=dict)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        url = self.installation.services["registration"].url
        self.public = await self._open.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
        self.reader = await self._open.enter_async_context(httpx.AsyncClient(base_url=self.mailbox_url, timeout=30))
        self.door = Door(self.public, self.region)
        self.environment = self.installation.coordinator_environment()
        self.environment[TOKEN] = coordinator(["token", "--name", "Test", "--regions", self.region], self.environment)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def command(self, *arguments: str) -> Any:
        """A coordinator's command. Raises RefusedError."""
        return await asyncio.to_thread(coordinator, arguments, self.environment)

    @property
    def id(self) -> UUID:
        return round_id(self.region, SLUG)

    def person_id(self, row: Row) -> UUID:
        return uuid5(self.id, token_of(row))

    def address(self, row: Row) -> str:
        """Their own in each region of each installation, for all tests of a worker read one mailbox."""
        return row.email.replace("@", f".{self.region}.{self.installation.name}@")

    async def open(self) -> None:
        """By its date."""
        if not await self._is_open():
            self.installation.move_clock(moment(DURING))
        await until("the round is open", self._is_open)

    async def _is_open(self) -> bool:
        return bool(await self.fetch("registration", "SELECT id FROM rounds WHERE id = $1 AND phase = 'open'", self.id))

    async def post(self, row: Row, **other: Any) -> httpx.Response:
        """Sends somebody's form, with their own token."""
        form = {**typed(row), "email": [self.address(row)], "form_token": [token_of(row)], **other}
        return await self.public.post(f"/{row.language}/{self.region}", data=form)

    async def post_checked(self, row: Row, **other: Any) -> httpx.Response:
        """Sends it as the form does: shown once more, then what the page carries."""
        shown = await self.post(row, go=["check"], **other)
        if shown.status_code != httpx.codes.OK:
            return shown
        return await self.public.post(shown.request.url, data={**Page(shown.text).hidden, "go": "send"})

    async def helper(self, name: str = "Unterkunft Weststadt", group: str = "west") -> str:
        """The address of a helper's link, in German."""
        made = await self.command("helper", "make", self.region, "--name", name, "--group", group)
        return str(made["link"])

    async def post_helped(self, helper: str, row: Row, **other: Any) -> httpx.Response:
        """Signs up somebody without an address; the answer leads to their card."""
        form = {**typed(row), "email": [""], "release_email": [], "form_token": [token_of(row)], **other}
        return await self.public.post(f"{helper}/person", data=form)

    async def ask(self, kind: Literal["link", "notice"], row: Row) -> httpx.Response:
        """For the lost link, or to be told when the round opens."""
        return await self.public.post(f"/{row.language}/{self.region}/{kind}", data={"email": self.address(row)})

    async def sign_up(self, rows: Sequence[Row]) -> None:
        for answer in await asyncio.gather(*(self.post(row) for row in rows)):
            assert answer.status_code == 303, answer.text

    async def confirm(self, rows: Sequence[Row]) -> None:
        """Each follows the link of their mail; afterwards each has their personal link."""
        for row in rows:
            link = await until(f"a confirmation mail to {self.address(row)}", partial(self._link, row, "confirm"))
            self.links.setdefault(row.id, {})["me"] = await self.door.confirm(link)

    async def _link(self, row: Row, purpose: str) -> str | None:
        for mail in await self.mails(row):
            found = next((one for one in LINK.finditer(mail["text"]) if one.group(1) == purpose), None)
            if found:
                return found.group()
        return None

    async def mails(self, row: Row) -> list[dict[str, Any]]:
        """Somebody's mails, whole, in the order in which they came."""
        summaries = (await self.reader.get("/api/mails", params={"to": self.address(row)})).json()
        return [(await self.reader.get(f"/api/mails/{one['index']}")).json() for one in summaries]

    async def results(self, row: Row) -> list[dict[str, Any]]:
        """Of somebody's mails those that tell how the round ended for them, each with its `kind`."""
        rows = await self.fetch("notification", "SELECT id, kind FROM messages WHERE person_id = $1", self.person_id(row))
        kinds = {str(one["id"]): one["kind"] for one in rows}
        mails = [mail | {"kind": kinds.get(mail["message_id"].strip("<>").split("@")[0])} for mail in await self.mails(row)]
        return [mail for mail in mails if mail["kind"] in RESULTS]

    async def signed_up(self, rows: Sequence[Row]) -> None:
        """Open round, all of them in and confirmed."""
        await self.open()
        await self.sign_up(rows)
        await self.confirm(rows)

    async def close(self) -> dict[str, Any]:
        closed: dict[str, Any] = await self.command("close", self.region, SLUG)
        return closed

    async def phase(self) -> str:
        rows = await self.fetch("matching", "SELECT phase FROM rounds WHERE id = $1", self.id)
        return str(rows[0]["phase"]) if rows else "unknown"

    async def solved(self) -> None:
        async def is_solved() -> bool:
            return await self.phase() in {"solved", "published"}

        async def is_known() -> bool:
            shown = await self.fetch("registration", "SELECT progress FROM rounds WHERE id = $1", self.id)
            return shown[0]["progress"] is not None

        await until("the round is solved", is_solved)
        await until("registration has heard of it", is_known)

    async def publish(self) -> None:
        await self.command("publish", self.region, SLUG)

    async def told(self) -> None:
        """Everyone on the roster who is not gone was sent their result, and nothing waits."""
        await until("everyone is told", self._is_told)

    async def _is_told(self) -> bool:
        outcomes = await self.fetch(
            "matching", "SELECT person_id FROM outcomes WHERE round_id = $1 AND outcome <> 'withdrawn'", self.id
        )
        sent = await self.fetch(
            "notification",
            "SELECT person_id FROM messages WHERE round_id = $1 AND state = 'sent'"
            " AND kind IN ('asked', 'introduced', 'unmatched', 'pair_ended')",
            self.id,
        )
        waiting = await self.fetch("notification", "SELECT id FROM messages WHERE round_id = $1 AND state = 'queued'", self.id)
        return {row[0] for row in outcomes} <= {row[0] for row in sent} and not waiting

    async def press(self, row: Row, action: str) -> int:
        """A button on somebody's page."""
        return await self.door.press(self.links[row.id]["me"], action)

    async def outcomes(self) -> dict[UUID, tuple[str, str | None]]:
        """Person to outcome and reason."""
        rows = await self.fetch("matching", "SELECT person_id, outcome, reason FROM outcomes WHERE round_id = $1", self.id)
        return {row["person_id"]: (row["outcome"], row["reason"]) for row in rows}

    async def pairs(self) -> set[tuple[UUID, UUID]]:
        """(newcomer, local) of the live pairs."""
        rows = await self.fetch("matching", "SELECT newcomer, local FROM pairs WHERE round_id = $1 AND state <> 'ended'", self.id)
        return {(row["newcomer"], row["local"]) for row in rows}

    async def fetch(self, service: str, query: str, *values: Any) -> list[asyncpg.Record]:
        """Looks into a service's own database."""
        conn = await asyncpg.connect(self.installation.database_url(service, "owner"))
        try:
            return await conn.fetch(query, *values)
        finally:
            await conn.close()

    async def execute(self, service: str, query: str, *values: Any) -> None:
        conn = await asyncpg.connect(self.installation.database_url(service, "owner"))
        try:
            await conn.execute(query, *values)
        finally:
            await conn.close()
