"""The settings of a region file: their defaults, their bounds, and what must hold between them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NaiveDatetime, ValidationInfo, field_validator, model_validator

from services.registration.regions.logo import embedded
from services.registration.regions.values import Block, Email, Language, Line, Names, Phone, Texts, Timezone, Way, guess, refuse
from shared.schemas.codes import Code, Kilometres
from shared.schemas.rounds import LevelName, Rules, Weights
from shared.web.catalogues import Address

NAMESPACE = UUID("6d794275-6464-4979-8000-726567696f6e")
_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)
Age = Annotated[int, Field(ge=14, le=99)]


class _Part(BaseModel):
    model_config = _STRICT


class Sender(_Part):
    """From whom mails come."""

    name: Line
    email: Email


class Office(_Part):
    """Whom people ask."""

    name: Line
    phone: Phone
    email: Email


class Contact(Office):
    """Whom people of one municipality ask."""

    municipality: str


class RegionWeights(Weights):
    """The weights of a round, where nothing may be misspelled."""

    model_config = _STRICT

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.model_dump().values())
        if total != 1000:
            raise ValueError(f"the four numbers add up to {total}, not to 1000")
        return self


class RegionRules(_Part):
    """What the pairing of this region obeys; a round freezes a copy when it opens."""

    min_age: Age
    max_km: Kilometres
    default_km: Kilometres
    max_age_gap: int | None = Field(default=None, ge=0, le=120)
    quality_floor: int = Field(ge=0, le=1000)
    levels: list[LevelName] = Field(min_length=1)
    weights: RegionWeights

    @field_validator("levels")
    @classmethod
    def _each_once(cls, levels: list[LevelName]) -> list[LevelName]:
        refuse(_repeated(levels))
        return levels

    @field_validator("default_km")
    @classmethod
    def _suggested_is_allowed(cls, default_km: int, info: ValidationInfo) -> int:
        max_km = info.data.get("max_km", default_km)
        if default_km > max_km:
            raise ValueError(f"{default_km} is more than max_km, which is {max_km}")
        return default_km


class Minors(_Part):
    """Whether people below min_age are refused, or wait for the office's decision from this age on."""

    rule: Literal["no", "ask"] = "no"
    from_age: Age = 16


class Questions(_Part):
    """Which of the questions that may be left out the form asks."""

    hobbies: bool = True
    max_age_gap: bool = True
    party: bool = True
    phone: bool = True
    messenger: bool = True
    same_gender: bool = True


class Keeping(_Part):
    """How long a region keeps what; after that it goes by itself. `unconfirmed_days`: a sign-up that is not confirmed.
    `after_round_months`: people, after the end of their last round. `audit_months`: what coordinators did, the proof that
    somebody was erased, and addresses that wait for a round.
    """

    unconfirmed_days: int = Field(default=7, ge=1, le=60)
    after_round_months: int = Field(default=6, ge=1, le=36)
    audit_months: int = Field(default=24, ge=6, le=120)


class Privacy(_Part):
    """Whom the privacy page names; empty where the county has not said it."""

    controller: Block = ""
    officer: Email = ""
    authority: Line = ""


class RoundDraft(_Part):
    """A round as the county planned it: dates in the region's own time."""

    slug: Code
    name: Names
    opens: NaiveDatetime
    closes: NaiveDatetime

    @field_validator("opens")
    @classmethod
    def _in_our_times(cls, opens: datetime) -> datetime:
        if not 2000 <= opens.year <= 2100:
            raise ValueError(f"the year {opens.year} is not between 2000 and 2100")
        return opens

    @field_validator("closes")
    @classmethod
    def _after_opening(cls, closes: datetime, info: ValidationInfo) -> datetime:
        if closes <= info.data.get("opens", datetime.min):  # noqa: DTZ901
            raise ValueError("the round closes before it opens")
        return closes


class Region(_Part):
    """One county or city. `logo` is named in the file and a data: URI here, or empty. `answer_days`, `asked_again`: see Rules."""

    slug: Code
    name: Names
    timezone: Timezone
    languages: list[Language]
    address: Address = "du"
    logo: Annotated[str, AfterValidator(embedded)] = ""
    sender: Sender
    office: Office
    municipalities: list[Line] = Field(min_length=1)
    contacts: list[Contact] = Field(default=[])
    rules: RegionRules
    minors: Minors = Minors()
    questions: Questions = Questions()
    introduction: Literal["direct", "agreed"] = "direct"
    answer_days: int = Field(default=7, ge=1, le=60)
    asked_again: int = Field(default=2, ge=0, le=10)
    who_writes_first: Literal["local", "newcomer"] = "local"
    keeping: Keeping = Keeping()
    privacy: Privacy = Privacy()
    meanwhile: Texts | None = None
    rounds: list[RoundDraft] = Field(default=[])

    @field_validator("languages")
    @classmethod
    def _german_and_english(cls, languages: list[str]) -> list[str]:
        missing = [tag for tag in ("de", "en") if tag not in languages]
        lacking = [((), f"{tag} is missing; German and English always belong to them") for tag in missing]
        refuse([*_repeated(languages), *lacking])
        return languages

    @field_validator("municipalities")
    @classmethod
    def _each_once(cls, municipalities: list[str]) -> list[str]:
        refuse(_repeated(municipalities))
        return municipalities

    @field_validator("contacts")
    @classmethod
    def _of_this_region(cls, contacts: list[Contact], info: ValidationInfo) -> list[Contact]:
        named = [contact.municipality for contact in contacts]
        known = info.data.get("municipalities", named)
        strange = [
            ((number, "municipality"), f'"{name}" is not among the municipalities{guess(name, known)}')
            for number, name in enumerate(named)
            if name not in known
        ]
        refuse([*_repeated(named, "municipality"), *strange])
        return contacts

    @field_validator("minors")
    @classmethod
    def _younger_than_all_others(cls, minors: Minors, info: ValidationInfo) -> Minors:
        rules: RegionRules | None = info.data.get("rules")
        if minors.rule == "ask" and rules and minors.from_age >= rules.min_age:
            refuse([(("from_age",), f"{minors.from_age} is not below rules.min_age, which is {rules.min_age}")])
        return minors

    @field_validator("meanwhile")
    @classmethod
    def _in_every_language(cls, meanwhile: Texts | None, info: ValidationInfo) -> Texts | None:
        """No text stands in for another: a page is in one language."""
        lacking = [tag for tag in info.data.get("languages", ()) if meanwhile is not None and tag not in meanwhile]
        refuse(((), f"{tag} is missing; there must be a text for each of the languages above") for tag in lacking)
        return meanwhile

    @field_validator("rounds")
    @classmethod
    def _one_after_the_other(cls, rounds: list[RoundDraft]) -> list[RoundDraft]:
        refuse([*_repeated([draft.slug for draft in rounds], "slug"), *_overlapping(rounds)])
        return rounds

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def youngest(self) -> int:
        """The least age the form takes."""
        return self.minors.from_age if self.minors.rule == "ask" else self.rules.min_age

    @property
    def adult_from(self) -> int:
        """Below this age the office is asked; 0 in a region that takes nobody under age, for there the form has said no."""
        return self.rules.min_age if self.minors.rule == "ask" else 0

    def contact_for(self, municipality: str) -> Office:
        """Whom people who live there ask: its own contact, or the office."""
        return next((contact for contact in self.contacts if contact.municipality == municipality), self.office)

    def named(self, language: str) -> str:
        return self.name.get(language) or self.name["de"]

    def meanwhile_in(self, language: str) -> list[str]:
        """What there is until the next round, line by line."""
        lines = (self.meanwhile or {}).get(language, "").splitlines()
        return [line.strip() for line in lines if line.strip()]

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
                "min_age": self.youngest,  # whoever is younger than the rule asks, but old enough to be asked about
                "year": draft.opens.year,
                "languages": self.languages,
                "introduction": self.introduction,
                "answer_days": self.answer_days,
                "asked_again": self.asked_again,
                "who_writes_first": self.who_writes_first,
            }
        )


def round_id(region: str, slug: str) -> UUID:
    """The same id whenever and wherever this round is made."""
    return uuid5(NAMESPACE, f"{region}/{slug}")


def _repeated(words: Sequence[str], key: str | None = None) -> Iterator[tuple[Way, str]]:
    """Each word that stood before; with a key, the words are those of blocks."""
    for number, word in enumerate(words):
        if word in words[:number]:
            yield (number,) if key is None else (number, key), f'"{word}" stands there twice'


def _overlapping(rounds: Sequence[RoundDraft]) -> Iterator[tuple[Way, str]]:
    """Each round that opens while one above it is open, or the other way round."""
    for number, draft in enumerate(rounds):
        for other in rounds[:number]:
            if draft.opens < other.closes and other.opens < draft.closes:
                yield (
                    (number, "opens"),
                    f"round {draft.slug} and round {other.slug} overlap; one must close before the next opens",
                )
