"""What prices prove: an upper bound in exact integers, and what each edge loses against it.

Weak duality of the linear relaxation: for any prices, value(plan) <= sum of price * side of its row + the best margin
of each newcomer. Whoever computed the prices, and in whatever floats, the bound holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.matching.engine.instance import IntArray, Proof
from services.matching.engine.program import Program, Row
from services.matching.engine.sides import BoolArray

FINE = 20  # prices are rounded to 2**-20
LARGEST = 60  # bits that margins may use of int64


@dataclass(frozen=True, eq=False)
class Priced:
    """`total` / `scale` bounds every plan; a plan with edge e has at most (`total` - `loss[e]`) / `scale`."""

    total: int
    scale: int
    loss: IntArray
    proof: Proof

    @property
    def bound(self) -> int:
        return self.total // self.scale

    def within(self, target: int) -> BoolArray:
        """Edges that a plan worth at least `target` may have."""
        room = self.total - self.scale * target
        return self.loss <= min(room, int(np.iinfo(np.int64).max))


def scale_for(rows: Sequence[Row], duals: Sequence[float], values: IntArray) -> int:
    """The finest power of two at which no margin can leave int64."""
    size = np.abs(values).astype(np.float64)
    for row, dual in zip(rows, duals, strict=True):
        if dual:
            size[row.edges] += abs(dual) * np.abs(row.factor)
    largest = int(size.max(initial=1.0)) + 1
    return 1 << max(0, min(FINE, LARGEST - largest.bit_length()))


def rounded(rows: Sequence[Row], duals: Sequence[float], scale: int) -> Proof:
    """Duals as integers; one whose row has no upper side to pay with is 0."""
    whole = [round(dual * scale) for dual in duals]
    usable = [min(price, 0) if row.high is None else price for row, price in zip(rows, whole, strict=True)]
    return Proof(scale, tuple((number, price) for number, price in enumerate(usable) if price))


def price(program: Program, rows: Sequence[Row], values: IntArray, proof: Proof, alive: BoolArray) -> Priced:
    """Bound and losses over the edges still alive. `rows` are those after the newcomers', whose own prices follow:
    each is the best margin the newcomer has.
    """
    margin = values * proof.scale
    total = 0
    for number, paid in proof.prices:
        row = rows[number]
        margin[row.edges] -= paid * row.factor
        total += paid * (row.low if paid < 0 or row.high is None else row.high)
    newcomer = program.instance.edges.newcomer
    best = np.zeros(len(program.instance.newcomers), dtype=np.int64)
    np.maximum.at(best, newcomer[alive], margin[alive])
    total += sum(best.tolist())
    return Priced(total, proof.scale, best[newcomer] - margin, proof)
