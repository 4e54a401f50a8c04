"""Topic `participants`: what registration says of people, without a name or an address."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.schemas.codes import (
    Code,
    Gender,
    Kilometres,
    LanguageLevel,
    LanguageTag,
    PlaceId,
    Postcode,
    Role,
    Version,
    Wish,
    Year,
)
from shared.schemas.envelope import Event


class Attributes(Event):
    """What the matching of a person needs: all of it, in every event that carries any."""

    person: UUID
    version: Version
    region: Code
    round: UUID
    role: Role
    postcode: Postcode
    place_id: PlaceId
    birth_year: Year
    gender: Gender
    wish: Wish
    languages: dict[LanguageTag, LanguageLevel] = Field(min_length=1, max_length=30)
    hobbies: list[Code] = Field(max_length=40)
    max_km: Kilometres
    max_age_gap: int | None = Field(ge=0, le=120)
    capacity: int = Field(ge=1, le=10)
    party: UUID | None
    group: Code | None


class SignedUp(Event):
    """Somebody filled in the form; nothing counts before they confirm."""

    TYPE: ClassVar[str] = "SignedUp.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    region: Code
    round: UUID
    language: LanguageTag


class LinkAsked(Event):
    """Somebody known asks for their personal link again, or signed up a second time."""

    TYPE: ClassVar[str] = "LinkAsked.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    round: UUID
    language: LanguageTag


class NoticeDue(Event):
    """A round opened; somebody asked to be told: one who left an address, under an id of its own, or one who pauses."""

    TYPE: ClassVar[str] = "NoticeDue.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    region: Code
    round: UUID
    language: LanguageTag


class Confirmed(Attributes):
    """The first version that counts."""

    TYPE: ClassVar[str] = "Confirmed.v1"
    KEY: ClassVar[str] = "person"


class Changed(Attributes):
    """A newer version; also how a version is said again after it was lost on the way."""

    TYPE: ClassVar[str] = "Changed.v1"
    KEY: ClassVar[str] = "person"


class Left(Event):
    """Off the roster of this round, before it closed. `version` is above every version that carried the round."""

    TYPE: ClassVar[str] = "Left.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    version: Version
    round: UUID


class Refused(Event):
    """A coordinator looked at the entry and did not accept it. Nobody was told that it counts."""

    TYPE: ClassVar[str] = "Refused.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    region: Code
    round: UUID
    language: LanguageTag


class NotChecked(Event):
    """Confirmed, but the round closed before a coordinator had looked at the entry: not on its roster."""

    TYPE: ClassVar[str] = "NotChecked.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    region: Code
    round: UUID
    closing: Version
    language: LanguageTag


class AnswerGiven(Event):
    """The office answered what this person asked; the words stay in registration."""

    TYPE: ClassVar[str] = "AnswerGiven.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    round: UUID
    question: UUID
    language: LanguageTag


class OfficeAsked(Event):
    """Somebody asked the office something. `office` is a mailbox of the region's, under an id of its own."""

    TYPE: ClassVar[str] = "OfficeAsked.v1"
    KEY: ClassVar[str] = "office"
    office: UUID
    region: Code
    round: UUID


class OfficeAlerted(Event):
    """Somebody ended a pair for safety's sake. `office` as in OfficeAsked; the pair is said so that it is told of once."""

    TYPE: ClassVar[str] = "OfficeAlerted.v1"
    KEY: ClassVar[str] = "office"
    office: UUID
    region: Code
    round: UUID
    pair: UUID


class AddressGiven(Event):
    """Somebody gave another address: it waits until it is proved, and the old one is told. `asking` names this one time; a
    mail to the new address is to nobody yet but this.
    """

    TYPE: ClassVar[str] = "AddressGiven.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    round: UUID
    language: LanguageTag
    asking: UUID


class Withdrawn(Event):
    """Gone after close. `version` is the one on the roster: it can be counted without the attributes."""

    TYPE: ClassVar[str] = "Withdrawn.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    version: Version
    round: UUID


class Erased(Event):
    """Everything about this person goes. On the roster of a closed round only (id, version) stays, as for Withdrawn."""

    TYPE: ClassVar[str] = "Erased.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    version: Version
    round: UUID
    on_roster: bool
