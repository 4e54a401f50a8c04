"""How a round ended for the invented people of the samples."""

from datetime import UTC, datetime
from types import SimpleNamespace as Some

from shared.schemas.codes import Answer, PairStanding

ANSWER_BY = datetime(2021, 11, 9, 17, 0, tzinfo=UTC)
FELL_THROUGH = ["not_this_time", "declined", "no_answer"]


def partner(name: str, band: str = "under_5", *, first: bool = True, hobbies: tuple[str, ...] = ("cooking", "chess")) -> Some:
    return Some(
        pair="x",
        first_name=name,
        contacts=[
            Some(kind="email", value="a.b@mail.example"),
            Some(kind="phone", value="+49 171 1234567"),
            Some(kind="messenger", value="Signal: anna.01"),
        ],
        languages=["de", "en", "ckb"],
        hobbies=list(hobbies),
        band=band,
        writes_first=first,
    )


def somebody(
    place: str, age_from: int = 30, *, answer: Answer | None = None, now_open: bool = True, standing: PairStanding = "asked"
) -> Some:
    """About whom people are asked: without a name."""
    return Some(
        pair="y",
        age_from=age_from,
        place=place,
        languages=["de", "ckb"],
        hobbies=["cooking", "chess"] if age_from == 30 else [],
        band="under_5",
        answer_by=ANSWER_BY,
        answer=answer,
        open=now_open and answer is None,
        takes_back=answer == "yes",
        standing=standing,
    )


def outcomes(name: str) -> list[dict[str, object]]:
    """One partner, several, and none: with what a yes would change, changed already, and in a later round; asked about one,
    about several, and with every answer.
    """
    none: dict[str, object] = {"partners": [], "asked": [], "reason": None, "suggestion": None, "offer": None, "back": False}
    none |= {"over": False}
    several = [partner(name, "over_20", first=False, hobbies=()), partner("Ali", "under_2")]
    why: dict[str, object] = {"reason": "too_few_locals", "suggestion": Some(change="max_km", to="30", opens=4)}
    offers = [Some(wish="max_km", taken=False), Some(wish="wish", taken=False), Some(wish="max_km", taken=True)]
    asked = [
        [somebody("Marbach am Neckar")],
        [somebody("", 60), somebody("Asperg", answer="yes", standing="agreed")],
        [somebody("Asperg", answer="yes"), somebody("Asperg", answer="no"), somebody("Asperg", answer="not_again")],
        [somebody("Asperg", now_open=False)],
    ]
    return [
        none | {"partners": [partner(name)]},
        none | {"partners": several},
        none | why,
        *[none | why | {"offer": one} for one in offers],
        none | why | {"back": True},
        *[none | {"asked": ones} for ones in asked],
        none | {"partners": [partner(name)], "asked": [somebody("Asperg"), somebody("Murr", 20)]},
        *[none | {"reason": reason, "over": True} for reason in ("pair_ended", "partner_gone")],
        *[none | {"reason": reason} for reason in ("searching", *FELL_THROUGH)],
        *[none | {"reason": reason, "back": True} for reason in FELL_THROUGH[:2]],
    ]
