"""Topic `located-participants`: the same people with coordinates, or why there are none, in each person's order."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.schemas import participants
from shared.schemas.envelope import Event

NowhereReason = Literal["unknown_postcode", "unknown_place", "no_place"]


class Located(participants.Attributes):
    """All of Confirmed plus the centre of the postcode or place (WGS 84 degrees), or why there is none."""

    TYPE: ClassVar[str] = "Located.v1"
    KEY: ClassVar[str] = "person"
    located: bool
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    municipality: str | None = Field(default=None, pattern=r"^[0-9]{8}$")
    reason: NowhereReason | None = None


FORWARDED: tuple[type[Event], ...] = (participants.Left, participants.Withdrawn, participants.Erased)
"""Said again by geo unchanged: matching hears of a person on this topic only."""
