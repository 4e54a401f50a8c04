"""The linear relaxation, solved by GLOP: it only suggests a plan and prices, `prices` says what they prove."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from services.matching.engine.instance import IntArray
from services.matching.engine.program import Row
from services.matching.engine.sides import BoolArray, FloatArray

WORK = 4e-7  # deterministic time of one simplex iteration and row, near to a second's share


@dataclass(frozen=True, eq=False)
class Suggestion:
    """`share` of each edge from 0 to 1 and one dual per row; `work` in deterministic time.
    Not `solved`: no share and no price, nothing is claimed.
    """

    share: FloatArray
    duals: tuple[float, ...]
    work: float
    solved: bool = True


class Relaxation:
    """One model kept warm over the levels: edges are switched off, rows added, the objective changed."""

    def __init__(self, rows: Sequence[Row], edges: int) -> None:
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._edges = [self._solver.NumVar(0.0, self._solver.infinity(), "") for _ in range(edges)]
        self._rows = [self._row(row) for row in rows]
        self._alive = np.ones(edges, dtype=np.bool_)

    def _row(self, row: Row) -> pywraplp.Constraint:
        high = self._solver.infinity() if row.high is None else float(row.high)
        made = self._solver.Constraint(float(row.low), high, "")
        for edge, factor in zip(row.edges.tolist(), row.factor.tolist(), strict=True):
            made.SetCoefficient(self._edges[edge], float(factor))
        return made

    def add(self, row: Row) -> None:
        self._rows.append(self._row(row))

    def keep(self, alive: BoolArray) -> None:
        for edge in np.flatnonzero(self._alive & ~alive).tolist():
            self._edges[edge].SetUb(0.0)
        self._alive = alive.copy()

    def solve(self, values: IntArray) -> Suggestion:
        """The best plan in shares, warm from the level before."""
        target = self._solver.Objective()
        target.SetMaximization()
        for edge, value in zip(self._edges, values.tolist(), strict=True):
            target.SetCoefficient(edge, float(value))
        status = self._solver.Solve()
        work = self._solver.iterations() * len(self._rows) * WORK
        if status != pywraplp.Solver.OPTIMAL:
            return Suggestion(np.zeros(len(values)), (0.0,) * len(self._rows), work, solved=False)
        share = np.array([edge.solution_value() for edge in self._edges], dtype=np.float64)
        return Suggestion(share, tuple(row.dual_value() for row in self._rows), work)
