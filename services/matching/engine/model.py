"""Solves an instance level by level, each proved before the next begins."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.matching.engine import greedy
from services.matching.engine.conflicts import smallest
from services.matching.engine.impossible import impossible
from services.matching.engine.instance import Instance, IntArray, Level, Proof, Result
from services.matching.engine.prices import Priced, price, rounded, scale_for
from services.matching.engine.program import Program, Row, at_least, objective, program, sign, ties
from services.matching.engine.relaxation import Relaxation, Suggestion
from services.matching.engine.search import maximise
from services.matching.engine.sides import BoolArray

Report = Callable[[Level], None]


TRIES = 4  # cores that a bold pass may find empty before it gives up


class InfeasibleError(Exception):
    """No plan keeps all the wishes, or in a bold pass: not all the bounds that it took for values."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What one level came to, in the objective's own sign."""

    value: int
    bound: int
    priced: Priced

    @property
    def proved(self) -> bool:
        return self.value == self.bound


class Rounds:
    """The state that passes from level to level: edges still possible, rows fixed, the best plan, the time left."""

    def __init__(self, made: Program, seed: int, time_limit: float | None, *, bold: bool) -> None:
        self.program = made
        self.seed = seed
        self.left = time_limit
        self.bold = bold
        self.assumed = False
        self.reserve = 0.0
        self.alive = np.ones(len(made.instance.edges), dtype=np.bool_)
        self.fixed: list[Row] = []
        self.plan: BoolArray | None = None
        self._relaxation: Relaxation | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        return (*self.program.rows, *self.fixed)

    @property
    def own_rows(self) -> tuple[Row, ...]:
        """All rows but the newcomers', whose prices follow from the others."""
        return self.rows[len(self.program.instance.newcomers) :]

    @property
    def out_of_time(self) -> bool:
        return self.left is not None and self.left <= 0

    def spend(self, work: float) -> None:
        if self.left is not None:
            self.left -= work

    def offer(self, chosen: BoolArray, values: IntArray) -> None:
        """Take a plan that keeps every row and is better than the one at hand."""
        better = self.plan is None or values[chosen].sum() > values[self.plan].sum()
        if better and self.program.holds(chosen, self.fixed):
            self.plan = chosen

    def worth(self, values: IntArray) -> int | None:
        return None if self.plan is None else int(values[self.plan].sum())

    def chosen(self) -> BoolArray:
        """The plan, which exists once a stage is over."""
        assert self.plan is not None
        return self.plan

    def any_plan(self, values: IntArray) -> int:
        """The worth of the plan at hand when time is up; if there is none, one is found however long it takes."""
        if self.plan is None and self.assumed:
            raise InfeasibleError
        if self.plan is None:
            nothing = np.zeros(len(values), dtype=np.int64)
            answer = maximise(self.seed, self.rows, nothing, self.alive, (0, 0), None, None)
            if answer.chosen is None:
                raise InfeasibleError
            self.plan = answer.chosen
        return int(values[self.plan].sum())

    def suggest(self, values: IntArray) -> Suggestion | None:
        """Shares and duals from the relaxation; None when there is no time for it."""
        if self.out_of_time:
            return None
        if self._relaxation is None:
            self._relaxation = Relaxation(self.program.rows, len(self.alive))
        suggestion = self._relaxation.solve(values)
        self.spend(suggestion.work)
        return suggestion

    def assume(self, bound: int, priced: Priced) -> Stage:
        """Take a bound for the value, unproved as yet: plans that do not reach it no longer count. Half of the time
        left is kept for the careful pass, should there be none.
        """
        if self.left is not None and not self.assumed:
            self.reserve = self.left = self.left / 2
        self.assumed = True
        self.plan = None
        return Stage(bound, bound, priced)

    def fix(self, values: IntArray, stage: Stage) -> None:
        """Hold a proved level: no later plan may be worth less, and edges that would make it so are gone."""
        row = at_least(values, stage.value)
        self.fixed.append(row)
        self.alive &= stage.priced.within(stage.value)
        if self._relaxation is not None:
            self._relaxation.add(row)
            self._relaxation.keep(self.alive)


def solve(instance: Instance, *, time_limit: float | None = None, seed: int = 1, report: Report | None = None) -> Result:
    """The plan that is best level by level. `time_limit` is deterministic time, about seconds; a run that uses it up
    is `feasible`, with the bounds proved until then. Wishes that cannot hold give `infeasible` and name themselves.

    Each level: linear relaxation, exact integer prices from its duals, edges dropped that no optimal plan can have
    (reduced-cost fixing), and CP-SAT on the core that is left wherever the relaxation is no plan itself. A bold pass
    takes the upper levels' bounds for values and lets the last level's small core find a plan that reaches them all,
    which proves them; only if there is none, a careful pass settles one level after the other.
    """
    made = program(instance)
    if _has_broken_pin(made):
        return Result("infeasible", conflicts=smallest(made, seed), seed=seed)
    bold = Rounds(made, seed, time_limit, bold=True)
    try:
        result = _levels(bold)
    except InfeasibleError:
        if not bold.assumed:
            return Result("infeasible", conflicts=smallest(made, seed), seed=seed)
        result = _carefully(made, seed, None if bold.left is None else bold.left + bold.reserve)
    if report is not None:
        for level in result.levels:
            report(level)
    return result


def _carefully(made: Program, seed: int, time_limit: float | None) -> Result:
    try:
        return _levels(Rounds(made, seed, time_limit, bold=False))
    except InfeasibleError:
        return Result("infeasible", conflicts=smallest(made, seed), seed=seed)


def _has_broken_pin(made: Program) -> bool:
    return any(row.wish and row.wish.kind in ("pin", "keep") and row.wish.why for row in made.rows)


def _levels(rounds: Rounds) -> Result:
    instance = rounds.program.instance
    levels: list[Level] = []
    proofs: list[Proof] = []
    for name in instance.levels:
        values = objective(instance, name)
        stage = _stage(rounds, values, last=name == instance.levels[-1])
        turn = sign(name)
        levels.append(Level(name, turn * stage.value, turn * stage.bound, turn * stage.priced.bound))
        proofs.append(stage.priced.proof)
        if stage.proved:
            rounds.fix(values, stage)
    proved = all(level.proved for level in levels)
    if proved:
        _stage(rounds, ties(instance, rounds.alive), last=True)
    status = "optimal" if proved else "feasible"
    return Result(status, tuple(levels), _pairs(rounds), (), tuple(proofs), rounds.seed)


def _pairs(rounds: Rounds) -> tuple[tuple[str, str, int], ...]:
    instance = rounds.program.instance
    edges = instance.edges
    return tuple(
        (instance.newcomers[edges.newcomer[edge]].id, instance.locals[edges.local[edge]].id, int(edges.fit[edge]))
        for edge in np.flatnonzero(rounds.chosen())
    )


def _stage(rounds: Rounds, values: IntArray, *, last: bool) -> Stage:
    """One level: prices first, then the cheap plans, then proof."""
    suggestion = rounds.suggest(values)
    rows = rounds.own_rows
    if suggestion and not suggestion.solved and impossible(rounds.program, rows):
        raise InfeasibleError
    duals = suggestion.duals[-len(rows) :] if suggestion and rows else (0.0,) * len(rows)
    proof = rounded(rows, duals, scale_for(rows, duals, values))
    priced = price(rounds.program, rows, values, proof, rounds.alive)
    if rounds.worth(values) != priced.bound:
        _try_cheap(rounds, values, suggestion, priced.bound)
    if rounds.worth(values) != priced.bound and rounds.bold and not last and suggestion and suggestion.solved:
        return rounds.assume(priced.bound, priced)
    return _prove(rounds, values, priced)


def _try_cheap(rounds: Rounds, values: IntArray, suggestion: Suggestion | None, bound: int) -> None:
    """The relaxation's own plan, and greed that follows its shares; out of time, greed alone and only once."""
    if suggestion is None and rounds.plan is not None:
        return
    share = np.zeros(len(values)) if suggestion is None else suggestion.share
    rounds.offer(share > 0.5, values)
    if rounds.worth(values) != bound:
        fit = rounds.program.instance.edges.fit
        worth = 4 * share + values / (1 + np.abs(values).max(initial=0)) + fit / (1e3 * (1 + fit.max(initial=0)))
        worth[~rounds.alive] = -9.0
        rounds.offer(greedy.plan(rounds.program, worth), values)


def _prove(rounds: Rounds, values: IntArray, priced: Priced) -> Stage:
    """CP-SAT on ever wider cores. A core holds every plan worth `target` or more: an optimum in it is one of all, and
    a core without a plan lowers the bound to just below its target.
    """
    bound, gap, empty = priced.bound, 0, 0
    unit = max(1, int(np.abs(values).max(initial=0)) // 250)
    lowest = int(np.minimum(values, 0).sum())
    while rounds.worth(values) != bound:
        known = rounds.worth(values)
        if rounds.out_of_time:
            return Stage(rounds.any_plan(values), bound, priced)
        target = max(bound - gap, lowest if known is None else known)
        core = rounds.alive & priced.within(target)
        answer = maximise(rounds.seed, rounds.rows, values, core, (target, bound), rounds.plan, rounds.left)
        rounds.spend(answer.outcome.work)
        if answer.chosen is not None:
            rounds.offer(answer.chosen, values)
            bound = min(bound, max(answer.outcome.bound, target - 1))
        elif answer.outcome.infeasible:
            bound, empty = target - 1, empty + 1
            if target <= lowest or (rounds.assumed and rounds.plan is None and empty == TRIES):
                raise InfeasibleError
        gap = 4 * gap + 4 * unit
    return Stage(bound, bound, priced)
