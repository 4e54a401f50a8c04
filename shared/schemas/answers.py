"""Topic `answers`: what people say of their pairs."""

from typing import ClassVar
from uuid import UUID

from shared.schemas.codes import Answer, EndReason, FollowUpAnswer, FollowUpStep
from shared.schemas.envelope import Event


class Answered(Event):
    """What one of the two says to the question whether they shall be introduced."""

    TYPE: ClassVar[str] = "Answered.v1"
    KEY: ClassVar[str] = "pair"
    pair: UUID
    person: UUID
    answer: Answer


class PairEnded(Event):
    """One of the two wants no more of it. Why is for the office; the other never hears it."""

    TYPE: ClassVar[str] = "PairEnded.v1"
    KEY: ClassVar[str] = "pair"
    pair: UUID
    person: UUID
    reason: EndReason


class FollowUpAnswered(Event):
    """What one of the two says to the question how it goes; a later answer replaces an earlier one."""

    TYPE: ClassVar[str] = "FollowUpAnswered.v1"
    KEY: ClassVar[str] = "pair"
    pair: UUID
    person: UUID
    step: FollowUpStep
    answer: FollowUpAnswer
