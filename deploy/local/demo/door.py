"""The front door, used as a person uses it: open the form, send it, mend it, follow the links of one's mails."""

import re
from dataclasses import dataclass

import httpx

from deploy.local.demo.page import Page
from deploy.local.demo.people import typed
from shared.schemas.people_file import Row

TRIES = 3
NO_SUCH_PAGE, FAULTY = 404, 422
NONE_OF_THESE = "-"
ME = re.compile(r"/[a-z-]+/[a-z0-9-]+/me/[\w-]+")


@dataclass(frozen=True)
class Entered:
    """How a form ended: 303 taken, 422 with the fields that nobody can mend, 404 where there is no such page."""

    row: Row
    status: int
    faults: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        if self.status == NO_SUCH_PAGE:
            return f"the form does not exist in the language {self.row.language}"
        return "; ".join(self.faults) or f"the form was answered with {self.status}"


class Door:
    """One region's public pages."""

    def __init__(self, client: httpx.AsyncClient, region: str) -> None:
        self._client, self._region = client, region

    async def sign_up(self, row: Row) -> Entered:
        """Sends the form in the person's language, and once more with what the page asked for."""
        path = f"/{row.language}/{self._region}"
        page = Page((await self._client.get(path)).text)
        form = typed(row)
        for _ in range(TRIES):
            answer = await self._client.post(path, data={**form, **page.hidden})
            if answer.status_code != FAULTY:
                break
            page = Page(answer.text)
            asked = page.choices.get("place_id") or ("place_asked" in page.hidden and [NONE_OF_THESE])
            if not asked:
                break
            form["place_id"] = [asked[0]]
        return Entered(row, answer.status_code, tuple(page.faults) if answer.status_code == FAULTY else ())

    async def is_open(self) -> bool:
        return "form_token" in Page((await self._client.get(f"/de/{self._region}")).text).hidden

    async def exists(self, me: str) -> bool:
        """Whether a personal link leads anywhere."""
        return (await self._client.get(me)).status_code != NO_SUCH_PAGE

    async def confirm(self, link: str) -> str:
        """Opens the link, which changes nothing, then presses the button. Returns the personal address."""
        shown = await self._client.get(link)
        shown.raise_for_status()
        done = await self._client.post(link)
        done.raise_for_status()
        return next(link for link in Page(done.text).links if ME.search(link))

    async def questions(self, me: str) -> list[str]:
        """Where my page sends the answers to what it asks about somebody."""
        return [one for one in Page((await self._client.get(me)).text).forms if "/answer/" in one]

    async def answer(self, me: str, said: str) -> int:
        """Answers all of them; how many there were."""
        asked = await self.questions(me)
        for one in asked:
            await self._client.post(one, data={"answer": said})
        return len(asked)

    async def follow(self, me: str, said: str) -> None:
        """Whatever my page asks of how it goes, each on a page of its own."""
        for one in [form for form in Page((await self._client.get(me)).text).forms if "/follow/" in form]:
            question = Page((await self._client.get(one)).text)
            await self._client.post(one, data={**question.hidden, "answer": said})

    async def press(self, me: str, action: str) -> int:
        """A button on my page: leave, withdraw or erase."""
        (await self._client.get(f"{me}/{action}")).raise_for_status()
        return (await self._client.post(f"{me}/{action}")).status_code
