"""Topic `answers`: what people say of their pairs."""

from typing import ClassVar
from uuid import UUID

from shared.schemas.codes import EndReason
from shared.schemas.envelope import Event


class PairEnded(Event):
    """One of the two wants no more of it. Why is for the office; the other never hears it."""

    TYPE: ClassVar[str] = "PairEnded.v1"
    KEY: ClassVar[str] = "pair"
    pair: UUID
    person: UUID
    reason: EndReason
