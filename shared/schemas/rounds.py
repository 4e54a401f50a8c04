"""Topic `rounds`: a round opens with frozen rules, closes with the count and digest of exactly who is in, and ends."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.schemas.codes import Code, Count, Digest, Kilometres, LanguageTag
from shared.schemas.envelope import Event

LevelName = Literal["pairs", "waiting", "below_floor", "fit"]
RosterLine = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9]{1,9}$")]
PAGE_LINES = 5_000


def roster_line(person: UUID, version: int) -> str:
    return f"{person}:{version}"


def roster_digest(roster: Iterable[tuple[UUID, int]]) -> str:
    r"""SHA-256 of the sorted lines `uuid:version\\n`: the same for the same people and versions, whatever the order."""
    lines = sorted(roster_line(person, version) for person, version in roster)
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


class Weights(BaseModel):
    """How much each part of the fit counts; they add up to 1000."""

    model_config = ConfigDict(frozen=True)

    languages: Count = 350
    hobbies: Count = 250
    closeness: Count = 250
    age: Count = 150


class Rules(BaseModel):
    """The rules of a round, frozen when it opens; no other service reads a region file.

    `introduction`: at once, or when both agreed within `answer_days`; beyond what somebody offers they are asked about at most
    `asked_again` others.
    """

    model_config = ConfigDict(frozen=True)

    year: int = Field(ge=2000, le=2100)
    min_age: int = Field(ge=0, le=120)
    max_km: Kilometres
    max_age_gap: int | None = Field(default=None, ge=0, le=120)
    quality_floor: int = Field(ge=0, le=1000)
    levels: list[LevelName]
    weights: Weights
    languages: list[LanguageTag]
    introduction: Literal["direct", "agreed"] = "direct"
    answer_days: int = Field(default=7, ge=1, le=60)
    asked_again: int = Field(default=2, ge=0, le=10)
    who_writes_first: Literal["local", "newcomer"] = "local"


class RoundOpened(Event):
    """Sign-up has begun."""

    TYPE: ClassVar[str] = "RoundOpened.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
    region: Code
    slug: Code
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    rules: Rules


class RoundClosed(Event):
    """Sign-up has ended. The highest closing of a round wins."""

    TYPE: ClassVar[str] = "RoundClosed.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
    region: Code
    closing: Count
    count: Count
    digest: Digest


class RosterPage(Event):
    """Who is in, line by line: the answer to RoundIncomplete. Together the pages give the digest of RoundClosed."""

    TYPE: ClassVar[str] = "RosterPage.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
    closing: Count
    page: int = Field(ge=1)
    pages: int = Field(ge=1)
    lines: list[RosterLine] = Field(max_length=PAGE_LINES)


class RoundReopened(Event):
    """Closed by mistake and not solved yet: sign-up goes on, nothing may be solved until the next closing."""

    TYPE: ClassVar[str] = "RoundReopened.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
    closing: Count


class RoundEnded(Event):
    """Over: what was kept for this round only may go."""

    TYPE: ClassVar[str] = "RoundEnded.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
