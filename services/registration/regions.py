"""Region files: what a county decided. Read here alone; other services learn the rules from RoundOpened."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, model_validator

from shared.schemas.codes import Code, LanguageTag
from shared.schemas.rounds import LevelName, Rules, Weights

NAMESPACE = UUID("6d794275-6464-4979-8000-726567696f6e")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Office(_Part):
    """Whom people ask."""

    name: str
    phone: str
    email: str


class Sender(_Part):
    """From whom mails come."""

    name: str
    email: str


class RegionRules(_Part):
    """What the pairing of this region obeys; a round freezes a copy when it opens."""

    min_age: int
    max_km: int
    default_km: int
    max_age_gap: int | None = None
    quality_floor: int
    levels: list[LevelName]
    weights: Weights


class RoundDraft(_Part):
    """A round as the county planned it: dates in the region's own time."""

    slug: Code
    name: Mapping[LanguageTag, str]
    opens: NaiveDatetime
    closes: NaiveDatetime


class Region(_Part):
    """One county or city."""

    slug: Code
    name: Mapping[LanguageTag, str]
    timezone: str
    languages: list[LanguageTag]
    sender: Sender
    office: Office
    municipalities: list[str]
    rules: RegionRules
    introduction: str = "direct"
    who_writes_first: str = "local"
    rounds: list[RoundDraft] = Field(default=[])

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        """What would only be noticed when a round begins is noticed when the file is read."""
        try:
            _ = self.zone
        except (ZoneInfoNotFoundError, OSError):
            raise ValueError(f"{self.timezone} is no time zone") from None
        if "de" not in self.languages or "de" not in self.name:
            raise ValueError("de is missing among the languages or names")
        if sum(self.rules.weights.model_dump().values()) != 1000:
            raise ValueError("the weights do not add up to 1000")
        for draft in self.rounds:
            if draft.closes <= draft.opens:
                raise ValueError(f"round {draft.slug} closes before it opens")
            self.frozen_rules(draft)
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def named(self, language: str) -> str:
        return self.name.get(language) or self.name["de"]

    def round_name(self, slug: str, language: str) -> str:
        draft = next((draft for draft in self.rounds if draft.slug == slug), None)
        return (draft.name.get(language) or draft.name["de"]) if draft else slug

    def moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone)

    def frozen_rules(self, draft: RoundDraft) -> Rules:
        """The rules a round of this draft would open with."""
        return Rules.model_validate(
            {
                **self.rules.model_dump(exclude={"default_km"}),
                "year": draft.opens.year,
                "languages": self.languages,
                "introduction": self.introduction,
                "who_writes_first": self.who_writes_first,
            }
        )


def round_id(region: str, slug: str) -> UUID:
    """The same id whenever and wherever this round is made."""
    return uuid5(NAMESPACE, f"{region}/{slug}")


def read_regions(folder: Path) -> dict[str, Region]:
    """All regions of an installation by slug. Raises ValueError naming the file that cannot be read."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            region = Region.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None
        if region.slug in found:
            raise ValueError(f"{path.name}: another file has the slug {region.slug} too")
        found[region.slug] = region
    if not found:
        raise ValueError(f"no region file in {folder}")
    return found
