"""A pair while the two are asked: how it is described to each, what they answered, and until when they may."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.schemas.codes import Answer

Pair = Mapping[str, Any]
"""As it stands in the event, in JSON. What was kept before pairs could be asked first has no standing."""


def standing(pair: Pair) -> str:
    return str(pair.get("standing", "introduced"))


def answer_by(pair: Pair) -> datetime | None:
    until = pair.get("answer_by")
    return datetime.fromisoformat(until) if until else None


def own_answer(pair: Pair, answers: Mapping[str, Answer]) -> Answer | None:
    """What this person said last; as matching confirms it, or since a moment ago."""
    return answers.get(pair["pair"]) or ("yes" if standing(pair) == "agreed" else None)


def said_yes(pair: Pair, answers: Mapping[str, Answer]) -> bool:
    return own_answer(pair, answers) == "yes" or standing(pair) == "introduced"


def is_open(pair: Pair, answers: Mapping[str, Answer], now: datetime) -> bool:
    """Whether there is something to answer, and still time to."""
    return standing(pair) == "asked" and own_answer(pair, answers) is None and _in_time(pair, now)


def may_take_back(pair: Pair, answers: Mapping[str, Answer], now: datetime) -> bool:
    """A yes, as long as the other has not said yes too."""
    return standing(pair) != "introduced" and own_answer(pair, answers) == "yes" and _in_time(pair, now)


def counts(said: Answer, pair: Pair, answers: Mapping[str, Answer], now: datetime) -> bool:
    """A first answer, or a yes that is taken back; a no stays, since somebody else may be looked for since."""
    return is_open(pair, answers, now) or (said != "yes" and may_take_back(pair, answers, now))


def _in_time(pair: Pair, now: datetime) -> bool:
    until = answer_by(pair)
    return until is None or now < until


def age_from(birth_year: int, year: int) -> int:
    """The decade of somebody's age in the year of the round: 30 for 30 to 39."""
    return (year - birth_year) // 10 * 10
