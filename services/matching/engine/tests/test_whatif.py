"""Other rules on the same round: each plan is the one a solve with these rules finds, and who wins or loses by it is told."""

from dataclasses import replace

import pytest

from services.matching.engine import parse
from services.matching.engine.build import build
from services.matching.engine.levels import solve
from services.matching.engine.people import Job, Weights
from services.matching.engine.tests.county import county
from services.matching.engine.whatif import Outcome, what_if


@pytest.fixture(scope="module")
def job() -> Job:
    return parse.job(county(3))


@pytest.fixture(scope="module")
def outcomes(job: Job) -> tuple[Outcome, ...]:
    rules = job.rules
    others = (
        replace(rules, max_km=3),
        replace(rules, weights=Weights(100, 100, 700, 100)),
        replace(rules, quality_floor=700),
        replace(rules, levels=("fit", "pairs")),
    )
    return what_if(job, others, threads=2)


def matched(outcome: Outcome) -> set[str]:
    return {name for newcomer, local, _ in outcome.result.pairs for name in (newcomer, local)}


def test_each_plan_is_that_of_a_solve_with_its_rules(job: Job, outcomes: tuple[Outcome, ...]) -> None:
    assert outcomes[0].rules == job.rules
    for outcome in outcomes:
        alone = solve(build(job.people, outcome.rules, job.wishes))
        assert (outcome.result.pairs, outcome.result.levels) == (alone.pairs, alone.levels)


def test_who_is_newly_matched_and_who_is_newly_left_is_told(outcomes: tuple[Outcome, ...]) -> None:
    now, *others = outcomes
    assert (now.newly_matched, now.newly_left) == ((), ())
    for outcome in others:
        assert matched(now) - matched(outcome) == set(outcome.newly_left)
        assert matched(outcome) - matched(now) == set(outcome.newly_matched)
    near, close, strict, by_fit = others
    assert len(near.newly_left) > len(near.newly_matched)
    assert close.newly_matched or close.result.pairs != now.result.pairs
    assert {level.name: level.value for level in strict.result.levels}["below_floor"] > 0
    assert [level.name for level in by_fit.result.levels] == ["fit", "pairs"]
