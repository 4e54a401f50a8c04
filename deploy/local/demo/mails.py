"""Reading mails as their recipients do, through the mailbox's address."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

CONFIRM = re.compile(r"https?://\S+/confirm/[\w-]+")


@dataclass(frozen=True)
class Mail:
    """One mail, and the confirmation link it carries, if it does."""

    to: str
    language: str
    confirm: str | None


class Mailbox:
    """Gives out each mail once, in the order in which they came."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._seen = 0

    async def new(self) -> AsyncIterator[Mail]:
        summaries = (await self._client.get("/api/mails", params={"since": self._seen})).json()
        for summary in summaries:
            self._seen = max(self._seen, summary["index"])
            details = (await self._client.get(f"/api/mails/{summary['index']}")).json()
            link = CONFIRM.search(details["text"])
            yield Mail(summary["to"], summary["language"], link.group() if link else None)

    async def recipients(self) -> set[str]:
        """Who got a mail since the last look."""
        summaries = (await self._client.get("/api/mails", params={"since": self._seen})).json()
        self._seen = max([self._seen, *(summary["index"] for summary in summaries)])
        return {summary["to"].casefold() for summary in summaries}
