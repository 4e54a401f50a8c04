"""All levels in one whole number, like digits: each level weighs more than everything below it can be worth.

A level's digit may not borrow from the next one's. That is seen afterwards, by the digits of the prices: where they are
small, cutting the lower ones off leaves prices that prove the upper levels by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.matching.engine.instance import Edges, Instance, IntArray, Worth

BITS = 49  # of the heaviest weight, so that sums of a few prices stay in int64
WIDE, NARROW = 10, 4  # bits by which a digit may be larger than any pair makes it
FINE = 4  # the last level's unit: prices of half a point exist


@dataclass(frozen=True)
class Weights:
    """What one unit of each level weighs, by level in their order; the last weighs FINE."""

    levels: tuple[str, ...]
    unit: tuple[int, ...]

    def of(self, level: str) -> int:
        return self.unit[self.levels.index(level)] if level in self.levels else 0

    def worth(self, floor: int) -> Worth:
        return Worth(self.of("fit"), self.of("below_floor"), floor, self.of("kept"))

    def prefix(self, count: int) -> "Weights":
        """Those of the first `count` levels alone."""
        return Weights(self.levels[:count], tuple(FINE * unit // self.unit[count - 1] for unit in self.unit[:count]))


def weigh(instance: Instance, most_fit: int, spare: int) -> Weights:
    """`spare` bits for each digit beside what one pair adds at most, fewer where they do not fit."""
    waiting = sum(int(side.waiting.max(initial=0)) for side in (instance.newcomers, instance.locals))
    largest = {"pairs": 1, "kept": 1, "waiting": waiting, "below_floor": 1, "fit": most_fit}
    bits = [max(1, largest[level]).bit_length() for level in instance.levels]
    spare = min(spare, (BITS - sum(bits)) // max(1, len(bits)))
    unit = [FINE]
    for size in bits[:0:-1]:
        unit.insert(0, unit[0] << (size + spare))
    return Weights(instance.levels, tuple(unit[: len(bits)]))


def base(instance: Instance, weights: Weights) -> IntArray:
    """Floors by vertex: less what a pair of theirs adds to the levels by that vertex alone. A pair counts with its newcomer."""
    pairs, waiting = weights.of("pairs"), weights.of("waiting")
    return -np.concatenate((pairs + waiting * instance.newcomers.waiting, waiting * instance.locals.waiting))


def units(instance: Instance, edges: Edges) -> dict[str, IntArray]:
    """What each pair adds to every level, in the level's own sign: more is better, so `below_floor` counts -1."""
    waiting = instance.newcomers.waiting[edges.newcomer] + instance.locals.waiting[edges.local]
    below = -(edges.fit < instance.quality_floor).astype(np.int64)
    kept = np.isin(instance.keys(edges), instance.keys(instance.before)).astype(np.int64)
    one = np.ones(len(edges.fit), dtype=np.int64)
    known = {"pairs": one, "kept": kept, "waiting": waiting, "below_floor": below, "fit": edges.fit}
    return {level: known[level] for level in instance.levels}


def values(instance: Instance, edges: Edges) -> tuple[int, ...]:
    """Of a plan, level by level, more is better."""
    return tuple(int(unit.sum()) for unit in units(instance, edges).values())


def total(weights: Weights, found: Sequence[int]) -> int:
    return sum(unit * value for unit, value in zip(weights.unit, found, strict=False))


def cut(prices: IntArray, ratio: int) -> IntArray:
    """Prices without their last digit, rounded to the nearest."""
    return (prices + ratio // 2) // ratio
