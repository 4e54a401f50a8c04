"""Whom the tests of faults are about: as forms for a whole round, or as events where a test speaks for a service."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from shared.schemas.located_participants import Located
from shared.schemas.participants import Confirmed
from shared.schemas.people_file import Row
from shared.schemas.rounds import RoundClosed, RoundOpened, Rules, Weights, roster_digest
from tests.faults.topics import Said, told
from tests.rounds import person, town


def everyone(installation: str) -> list[Row]:
    """The same ids everywhere, in each installation with addresses of its own, for all read one mailbox."""
    rows = [*town(4, 2), person(110, "local", capacity=2), person(20, postcode="10115", max_km=5)]
    return [replace(row, email=f"{row.id}.{installation}@example.org") for row in rows]


def someone(round_: UUID, number: int) -> dict[str, Any]:
    """Attributes of somebody who suits everybody; every second one is a local."""
    return {
        "person": uuid5(round_, str(number)), "version": 1, "region": "ludwigsburg", "round": round_,
        "role": "local" if number % 2 else "newcomer", "postcode": "71638", "place_id": "", "birth_year": 1980 + number % 20,
        "gender": "f", "wish": "any", "languages": {"de": "well"}, "hobbies": ["cooking"], "max_km": 20, "max_age_gap": None,
        "capacity": 1, "party": None, "group": None,
    }  # fmt: skip


def confirmed(round_: UUID, number: int) -> Said:
    """As registration says it."""
    return told(Confirmed(**someone(round_, number)), "registration")


def located(round_: UUID, number: int) -> Said:
    """As geo says it."""
    here = {"located": True, "lat": 48.9, "lon": 9.19 + number / 10_000, "municipality": "08118048"}
    return told(Located(**someone(round_, number), **here), "geo")


def opened(round_: UUID) -> Said:
    rules = Rules(
        year=2021, min_age=16, max_km=100, quality_floor=0, levels=["pairs", "waiting", "below_floor", "fit"],
        weights=Weights(), languages=["de"],
    )  # fmt: skip
    now = datetime.now(UTC)
    return told(
        RoundOpened(round=round_, region="ludwigsburg", slug=f"r-{round_}", opens_at=now, closes_at=now, rules=rules),
        "registration",
    )


def closed(round_: UUID, numbers: Iterable[int], closing: int = 1) -> Said:
    """Over exactly these people, each in their first version."""
    roster = [(uuid5(round_, str(number)), 1) for number in numbers]
    digest = roster_digest(roster)
    return told(
        RoundClosed(round=round_, region="ludwigsburg", closing=closing, count=len(roster), digest=digest), "registration"
    )
