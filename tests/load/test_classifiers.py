"""The classifiers of the enumeration bench find a difference that is there, and none where there is none."""

import random

from tests.load.enumeration import BELOW, EACH, Timed, by_learning, by_time


def timed(known_ms: float, known_spread: float, seed: int = 1) -> list[Timed]:
    chance = random.Random(seed)
    known = [Timed(True, chance.gauss(known_ms, known_spread)) for _ in range(EACH)]
    found = known + [Timed(False, chance.gauss(20, 1)) for _ in range(EACH)]
    chance.shuffle(found)
    return found


def test_answers_alike_are_not_told_apart() -> None:
    assert max(by_time(timed(20, 1)), by_learning(timed(20, 1))) < BELOW


def test_later_and_sooner_answers_are_told_apart_by_their_time() -> None:
    assert by_time(timed(21, 1)) > 0.7
    assert by_time(timed(19, 1)) > 0.7


def test_answers_that_only_vary_more_are_told_apart_by_learning() -> None:
    assert by_time(timed(20, 4)) < BELOW < by_learning(timed(20, 4))
