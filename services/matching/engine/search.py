"""From an instance to its best plan, all levels at once; what it proves level by level is said by `levels`."""

import numpy as np

from services.matching.engine.core import Core
from services.matching.engine.greedy import greedy
from services.matching.engine.instance import Edges, Instance, joined
from services.matching.engine.watch import OutOfTimeError
from services.matching.engine.weights import NARROW, WIDE, base, total, units, values, weigh

FIRST_WIDTH, WIDER, MOST = 40, 3, 400_000  # of windows: how much they lose at first, how they grow, pairs in the widest


class InfeasibleError(Exception):
    """No plan keeps all the wishes."""


class Search:
    """One instance on the way to its best plan: the core with its prices, and the best plan so far, without pins."""

    def __init__(self, instance: Instance, core: Core) -> None:
        self.instance = instance
        self.core = core
        self.plain = core.demands.plain
        self.weights = weigh(instance, instance.pairs.most_fit, WIDE if self.plain else NARROW)
        self.plan: Edges | None = None
        self.best = False  # no plan weighs more than this one

    def run(self) -> None:
        """Raises InfeasibleError. Out of time it ends with a greedy plan, if need be."""
        self.core.begin(self.weights.worth(self.instance.quality_floor), base(self.instance, self.weights))
        try:
            if self.plain:
                self.core.price_out()
                self.plan, self.best = self.core.plan(), True
            else:
                self._decide()
        except OutOfTimeError:
            self.offer(self.core.plan() if self.plain else None)
        if not self.best:
            self.offer(self._greedy())

    def _decide(self) -> None:
        from services.matching.engine.ascent import tighten  # OR-Tools is for rounds with wishes alone
        from services.matching.engine.decide import least_loss
        from services.matching.engine.window import window

        tighten(self.core)
        width, lowest = FIRST_WIDTH, total(self.weights, self._lowest())
        if self.core.value() < lowest:
            raise InfeasibleError
        while True:
            found = window(self.core, width)
            if len(found.loss) > MOST and width > FIRST_WIDTH:
                return
            decision = least_loss(found, self.core.demands, limit=self.core.watch.left)
            self.core.watch.say("window", width=width, pairs=len(found.loss), found=decision.chosen is not None)
            if decision.chosen is not None:
                self.offer(found.edges.some(decision.chosen))
                self.best = decision.proved
                return
            self.core.watch.check()
            if width > self.core.value() - lowest:
                raise InfeasibleError
            width = min(WIDER * width, self.core.value() - lowest + 1)

    def _lowest(self) -> list[int]:
        """No plan is worth less, level by level."""
        return [-len(self.instance.newcomers) if level == "below_floor" else 0 for level in self.instance.levels]

    def offer(self, plan: Edges | None) -> None:
        if plan is None or (self.plan is not None and self.values(plan) <= self.values(self.plan)):
            return
        self.plan = plan

    def values(self, plan: Edges) -> tuple[int, ...]:
        return values(self.instance, plan)

    @property
    def whole(self) -> Edges:
        """The plan with its pins."""
        assert self.plan is not None
        return joined(self.plan, self.core.demands.pinned)

    def _greedy(self) -> Edges | None:
        edges = self.core.edges
        unit = units(self.instance, edges)
        worth = sum(
            (weight * unit[level] for level, weight in zip(self.weights.levels, self.weights.unit, strict=True)),
            np.zeros(len(edges.fit), dtype=np.int64),
        )
        return greedy(self.core.demands, edges, worth)
