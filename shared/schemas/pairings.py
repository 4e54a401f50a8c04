"""Topic `pairings`: what matching found, per round and per person."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.schemas.codes import Code, Count, DistanceBand, FollowUpStep, LanguageTag, OutcomeKind, PairStanding
from shared.schemas.envelope import Event


class PairWhy(BaseModel):
    """One pair as one of the two sees it: who the partner is (an id), what they share, and while they are asked, until when."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pair: UUID
    partner: UUID
    languages: list[LanguageTag]
    hobbies: list[Code]
    band: DistanceBand
    writes_first: bool
    standing: PairStanding = "introduced"
    answer_by: AwareDatetime | None = None


class Suggestion(BaseModel):
    """The smallest single change that would have opened partners, and how many; a count below three reads "a few"."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    change: Code
    to: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,20}$")
    opens: Count


class RunFinished(Event):
    """A closed round has been solved; before publishing only counts leave matching."""

    TYPE: ClassVar[str] = "RunFinished.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
    closing: Count
    run: UUID
    status: Literal["optimal", "feasible", "infeasible"]
    pairs: Count
    unmatched: Count
    gone: Count


class RoundIncomplete(Event):
    """Matching's set is not the announced one: it asks for the roster, then names who is missing or too many."""

    TYPE: ClassVar[str] = "RoundIncomplete.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
    closing: Count
    present: Count
    roster_wanted: bool
    missing: list[UUID] = Field(default=[], max_length=5_000)
    surplus: list[UUID] = Field(default=[], max_length=5_000)


class RoundPublished(Event):
    """The plan counts from now on; one OutcomeAnnounced per person follows in the same transaction."""

    TYPE: ClassVar[str] = "RoundPublished.v1"
    KEY: ClassVar[str] = "round"
    round: UUID
    run: UUID
    pairs: Count
    matched: Count
    unmatched: Count
    withdrawn: Count


class Outcome(Event):
    """The whole present outcome of one person in one round; a higher revision replaces a lower one."""

    person: UUID
    round: UUID
    revision: int = Field(ge=1)
    outcome: OutcomeKind
    reason: Code | None = None
    suggestion: Suggestion | None = None
    pairs: list[PairWhy] = Field(default=[], max_length=10)


class OutcomeAnnounced(Outcome):
    """Published: this is how the round ended for this person."""

    TYPE: ClassVar[str] = "OutcomeAnnounced.v1"
    KEY: ClassVar[str] = "person"


class PairChanged(Outcome):
    """A published pair changed; carries the person's whole outcome after the change."""

    TYPE: ClassVar[str] = "PairChanged.v1"
    KEY: ClassVar[str] = "person"
    pair: UUID
    change: Literal["agreed", "introduced", "repaired", "ended"]


class ReminderDue(Outcome):
    """Half the time to answer is over: `pairs` are those this person has not answered. The outcome is as it was."""

    TYPE: ClassVar[str] = "ReminderDue.v1"
    KEY: ClassVar[str] = "person"


class FollowUpDue(Event):
    """Some time after they were introduced, one of the two is asked how it goes; a later step replaces an earlier one."""

    TYPE: ClassVar[str] = "FollowUpDue.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    round: UUID
    pair: UUID
    partner: UUID
    step: FollowUpStep
