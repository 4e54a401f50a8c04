"""What the invented people of the samples are asked of how it goes with their partner."""

from types import SimpleNamespace as Some
from typing import get_args

from shared.schemas.codes import FollowUpAnswer, FollowUpStep
from shared.web.sample_outcomes import partner

STEPS = get_args(FollowUpStep)


def follow_up(name: str, step: str = "day_5", answer: str | None = None, **more: object) -> Some:
    return Some(**{"pair": "x", "step": step, "answer": answer, "partner": partner(name), **more})


def follow_ups(name: str) -> list[Some]:
    """Every question while it is open, and every answer; one about somebody who released nothing."""
    silent = partner(name)
    silent.contacts = []
    return [
        *[follow_up(name, step) for step in STEPS],
        *[follow_up(name, answer=answer) for answer in get_args(FollowUpAnswer)],
        follow_up(name, answer="no", partner=silent),
    ]
