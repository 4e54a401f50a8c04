"""From an instance to its best plan, all levels at once; what it proves level by level is said by `levels`."""

from dataclasses import replace
from typing import Self

import numpy as np

from services.matching.engine.core import Core
from services.matching.engine.greedy import greedy
from services.matching.engine.instance import Edges, Instance, joined
from services.matching.engine.watch import OutOfTimeError
from services.matching.engine.weights import FINE, NARROW, WIDE, Weights, base, total, units, values, weigh
from services.matching.engine.window import Window, window

FIRST_WIDTH, WIDER = 4, 9  # of windows: how much they lose at first, how they grow
SPAN = 64  # pairs that a first plan may have less than the prices allow


class InfeasibleError(Exception):
    """No plan keeps all the wishes."""


class Search:
    """One instance on the way to its best plan: the core with its prices, and the best plan so far, without pins."""

    def __init__(self, instance: Instance, core: Core, weights: Weights | None = None) -> None:
        self.instance = instance
        self.core = core
        self.plain = core.demands.plain
        self.weights = weights or weigh(instance, instance.pairs.most_fit, WIDE if self.plain else NARROW)
        self.plan: Edges | None = None
        self.best = False  # no plan weighs more than this one

    def run(self) -> Self:
        """Raises InfeasibleError. Out of time it ends with a greedy plan, if need be."""
        return self.begin().go_on()

    def begin(self) -> Self:
        """Everybody at their floor."""
        self.core.begin(self.weights.worth(self.instance.quality_floor), base(self.instance, self.weights))
        return self

    def go_on(self) -> Self:
        """The same from the prices that the core has."""
        try:
            if self.plain:
                self.core.price_out()
                self.plan, self.best = self.core.plan(), True
            else:
                self._decide()
        except OutOfTimeError:
            self.offer(self.core.plan() if self.plain else None)
            self.core.look()
        if not self.best:
            self.offer(self._greedy())
            self._insist()
        return self

    def _decide(self) -> None:
        from services.matching.engine.ascent import tighten  # OR-Tools is for rounds with wishes alone

        suggested = tighten(self.core)
        self._check_possible()
        self.offer(suggested)
        self.best = self._loss() < FINE and self.plan is not None
        if not self.best:
            self._open_windows()

    def _check_possible(self) -> None:
        """Prices alone may show that no plan keeps all wishes."""
        if self._loss() < 0:
            raise InfeasibleError

    def _open_windows(self) -> None:
        """Wider and wider, until one must hold the best plan, or is too large to be decided."""
        width, found = FIRST_WIDTH, window(self.core, FIRST_WIDTH)
        while found.complete:
            self.best = self._look_into(found)
            if self.best:
                return
            self.core.watch.check()
            width, near = WIDER * width, found
            found = self._wider(near, width)
            if self.plan is None and (found.width > WIDER * FIRST_WIDTH or not found.complete):
                self._widen(near, SPAN * self.weights.unit[0], self.core.watch.left)

    def _wider(self, near: Window, width: int) -> Window:
        """The next window: that of all better plans, if it is small enough once levels are decided one after the other."""
        if near.width >= self._second() and (last := window(self.core, self._loss())).complete:
            return last
        return window(self.core, min(width, self._loss()))

    def _look_into(self, found: Window) -> bool:
        """The plan of least loss in a window; true where none can be better."""
        from services.matching.engine.decide import least_loss, level_by_level

        if found.width < self._second():
            decision = least_loss(found, self.core.demands, limit=self.core.watch.left)
        else:
            unit = units(self.instance, found.edges).values()
            decision = level_by_level(found, self.core.demands, tuple(unit), lambda: self.core.watch.left)
        if decision.chosen is not None:
            self.offer(found.edges.some(decision.chosen))
        elif decision.proved and self.plan is None and found.width >= self._loss():
            raise InfeasibleError
        self.core.watch.say("window", width=found.width, pairs=len(found.loss), loss=self._loss())
        return self.plan is not None and (self._loss() < FINE or (decision.proved and found.width >= self._loss()))

    def _second(self) -> int:
        """A window as wide holds plans that differ at more than the last level."""
        return self.weights.unit[-2] if len(self.weights.unit) > 1 else 1 << 62

    def _insist(self) -> None:
        """Some plan, however long it takes, where greed has none that keeps all wishes."""
        width = FIRST_WIDTH
        self._check_possible()
        while self.plan is None:
            found = window(self.core, min(width, self._loss()))
            self._widen(found, self._loss(), None)
            if self.plan is None and found.width >= self._loss():
                raise InfeasibleError
            width *= WIDER**2

    def _widen(self, found: Window, width: int, limit: float | None) -> None:
        """Where no plan is near the prices, one of the window's pairs is often good."""
        from services.matching.engine.decide import least_loss

        decision = least_loss(replace(found, width=width), self.core.demands, limit=limit)
        if decision.chosen is not None:
            self.offer(found.edges.some(decision.chosen))

    def _loss(self) -> int:
        """No plan that is better than the best so far loses more: all of them lie in a window of this width. What plans
        weigh are multiples of FINE, so below that there is none.
        """
        least = self._lowest() if self.plan is None else self.values(self.plan)
        return self.core.value() - total(self.weights, least)

    def _lowest(self) -> list[int]:
        """No plan is worth less, level by level."""
        return [-len(self.instance.newcomers) if level == "below_floor" else 0 for level in self.instance.levels]

    def offer(self, plan: Edges | None) -> None:
        """The better of the two, if it keeps all wishes: of what a relaxation or greed suggests that is not sure."""
        if plan is None or not self.core.demands.kept_by(plan):
            return
        if self.plan is None or self.values(plan) > self.values(self.plan):
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
