"""Asking registration, just before sending, whether and to whom. Nothing of the answer is stored."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.notification.domain import partners_in
from services.notification.store import Message
from shared.runtime.internal import bearer
from shared.web.catalogues import Address


class RegistrationAwayError(Exception):
    """Registration did not answer; the message waits."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Contact(_Part):
    """One way to reach a partner, released by them."""

    kind: Literal["email", "phone", "messenger"]
    value: str


class Partner(_Part):
    """What a person may know of their partner once they are introduced."""

    person: UUID
    first_name: str
    contacts: list[Contact]


class Asked(_Part):
    """What a person may know of somebody about whom they are asked: no name; `age_from` is the first year of a decade."""

    person: UUID
    age_from: int
    place: str


class Office(_Part):
    """Whom to ask."""

    name: str
    phone: str
    email: str


class Sender(_Part):
    """From whom the mail comes."""

    name: str
    email: str


class Round(_Part):
    """The round as the mail names it; `slug`: as commands name it."""

    slug: str = "ROUND"
    name: str
    closes_at: datetime
    zone: Annotated[str, AfterValidator(lambda zone: ZoneInfo(zone).key)]


class Links(_Part):
    """Personal links."""

    confirm: str | None
    me: str


class Recipient(_Part):
    """All that one mail needs to know of people and office."""

    name: str
    email: str
    language: str
    region: str = "REGION"
    region_name: str
    town: str = ""
    left_over: bool = False
    by_safety: bool = False
    still_theirs: bool = False
    meanwhile: list[str] = Field(default=[])
    address: Address = "du"
    office: Office
    sender: Sender
    round: Round
    links: Links
    partners: list[Partner | Asked]


class Later(_Part):
    """The mailbox has had enough for now."""

    seconds: float = Field(gt=0, le=86_400)


Verdict = Recipient | Later | Literal["gone", "hold"]
_WITHOUT: dict[str, Literal["gone", "hold"]] = {"gone": "gone", "hold": "hold"}


Question = dict[str, Any]
MOST_AT_ONCE = 20
GATHER_SECONDS = 0.02
"""For others to ask too: most of what a question costs is the way there."""


class Registration:
    """The one internal call of notification. What is asked while an answer is awaited is asked together, right after it."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self._client, self._headers = client, bearer(secret)
        self._waiting: list[tuple[Question, asyncio.Future[Any]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def recipient(self, message: Message) -> Verdict:
        """Raises RegistrationAwayError where there is no answer now."""
        about: dict[str, Any] = {"message": str(message.id), "kind": message.kind, "person": str(message.person_id)}
        about |= {name: message.payload.get(name) for name in ("pair", "step")} | {"round": str(message.round_id)}
        about |= {"ended": message.payload.get("ended", [])}
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((about | {"partners": partners_in(message.payload)}, answer))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        try:
            return _verdict(await answer)
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            raise RegistrationAwayError(type(error).__name__) from None

    async def _ask_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)
            asked, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            told = await self._told([question for question, _ in asked])
            for (_, answer), one in zip(asked, told, strict=True):
                if answer.done():  # whoever asked was told to end
                    continue
                if isinstance(one, BaseException):
                    answer.set_exception(one)
                else:
                    answer.set_result(one)

    async def _told(self, questions: Sequence[Question]) -> Sequence[Any]:
        """Where they cannot be answered together each is asked by itself: one that has no answer keeps none from the others."""
        if len(questions) > 1:
            try:
                answers = (await self._post("/internal/recipients", {"questions": questions}))["answers"]
                if len(answers) == len(questions):
                    return list(answers)
            except httpx.TransportError as error:
                return [error] * len(questions)
            except (httpx.HTTPError, ValueError, LookupError, TypeError):
                pass
        return await asyncio.gather(*(self._post("/internal/recipient", one) for one in questions), return_exceptions=True)

    async def _post(self, path: str, asked: Any) -> Any:
        answer = await self._client.post(path, json=asked, headers=self._headers)
        answer.raise_for_status()
        return answer.json()


def _verdict(told: Any) -> Verdict:
    if told["answer"] == "later":
        return Later.model_validate(told)
    return Recipient.model_validate(told) if told["answer"] == "send" else _WITHOUT[told["answer"]]
