"""What somebody left over would have to wish otherwise, and whether a yes is enough to change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Wish = Literal["max_km", "max_age_gap", "wish"]
# No more than the form takes: what stands on my page must pass there when something else is changed.
MOST: dict[str, int] = {"max_km": 200, "max_age_gap": 99}


class Wishes(Protocol):
    """Somebody's wishes as they are now."""

    @property
    def max_km(self) -> int: ...
    @property
    def max_age_gap(self) -> int | None: ...
    @property
    def wish(self) -> str: ...


@dataclass(frozen=True)
class Offer:
    """A wish and what it would be; `taken`: it is so already."""

    wish: Wish
    value: int | str
    taken: bool


def offer(suggestion: Mapping[str, Any] | None, mine: Wishes) -> Offer | None:
    """None where a yes is not enough: nobody speaks another language, or has another hobby, by agreeing to it."""
    change, to = (suggestion or {}).get("change"), str((suggestion or {}).get("to") or "")
    if change == "wish" and to == "any":
        return Offer("wish", "any", mine.wish == "any")
    if change == "max_km" and to.isdecimal():
        return Offer("max_km", km := min(int(to), MOST["max_km"]), mine.max_km >= km)
    if change == "max_age_gap" and to.isdecimal():
        years, now = min(int(to), MOST["max_age_gap"]), mine.max_age_gap
        return Offer("max_age_gap", years, now is None or now >= years)
    return None
