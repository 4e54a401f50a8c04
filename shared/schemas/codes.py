"""What may stand in an event: codes, numbers and ids with a pattern each, so that no free text slips in."""

from typing import Annotated, Literal

from pydantic import Field

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""A slug from a list of ours: region, hobby, reason, group."""

LanguageTag = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$")]
"""A BCP 47 tag."""

Postcode = Annotated[str, Field(pattern=r"^([0-9]{5})?$")]
"""Five digits, or empty where nobody understood what was typed."""

PlaceId = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]{0,79})?$")]
"""An id of the gazetteer, or empty."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hex."""

Version = Annotated[int, Field(ge=1)]
Year = Annotated[int, Field(ge=1900, le=2100)]
Kilometres = Annotated[int, Field(ge=1, le=1000)]
Count = Annotated[int, Field(ge=0)]

Role = Literal["local", "newcomer"]
Gender = Literal["f", "m", "d", ""]
Wish = Literal["any", "same"]
LanguageLevel = Literal["little", "well", "native"]
DistanceBand = Literal["under_2", "under_5", "under_10", "under_20", "over_20"]
EndReason = Literal["no_time", "moved", "transferred", "no_answer", "did_not_fit", "safety", "other"]
OutcomeKind = Literal["matched", "unmatched", "withdrawn"]
Answer = Literal["yes", "no", "not_again"]
"""To the question whether these two shall meet; `not_again`: nor at any later time."""

PairStanding = Literal["asked", "agreed", "introduced"]
"""How far a pair is for one of the two: whether the other has agreed, nobody hears."""

FollowUpStep = Literal["day_5", "week_4", "month_3"]
"""When both are asked how it goes, counted from their introduction."""

FollowUpAnswer = Literal["yes", "no", "stop"]
"""To the question how it goes; `stop`: no more such questions about this pair."""

ServiceName = Literal["registration", "geo", "matching", "notification"]
MessageKind = Literal[
    "confirm",
    "welcome",
    "link",
    "asked",
    "reminder",
    "fell_through",
    "introduced",
    "unmatched",
    "pair_ended",
    "opens",
    "refused",
    "not_checked",
    "answered",
    "office_asked",
    "follow_up",
    "office_alerted",
    "new_address",
    "old_address",
]
