"""Wishes broken as little as possible, by linear programming: which hold together, and proof by prices (Farkas) where
they cannot. CP-SAT needs minutes to see that 100 newcomers with partners for 90 cannot give 100 pairs.
"""

from collections.abc import Collection, Sequence

import numpy as np
from ortools.linear_solver import pywraplp

from services.matching.engine.instance import Conflict
from services.matching.engine.prices import price, rounded, scale_for
from services.matching.engine.program import Program, Row
from services.matching.engine.relaxation import Suggestion
from services.matching.engine.sides import BoolArray


def impossible(program: Program, rows: Sequence[Row]) -> bool:
    """True if prices prove that no plan keeps all `rows` (those after the newcomers'); false says nothing.

    The prices are the duals of breaking wishes as little as possible; what they prove is computed in integers: a plan
    that keeps all rows would be worth 0, so a bound below 0 leaves none.
    """
    nothing = np.zeros(len(program.instance.edges), dtype=np.int64)
    alive = np.ones(len(nothing), dtype=np.bool_)
    duals = _elastic(program, rows, {row.wish for row in rows if row.wish}).duals
    proof = rounded(rows, duals, scale_for(rows, duals, nothing))
    return price(program, rows, nothing, proof, alive).total < 0


def compromise(program: Program, soft: Collection[Conflict]) -> BoolArray | None:
    """A plan that breaks the `soft` wishes little and keeps all other rows; None when rounding gives none."""
    rows = program.rows[len(program.instance.newcomers) :]
    chosen = _elastic(program, rows, soft).share > 0.5
    sound = all(row.holds(chosen) for row in program.rows if row.wish not in soft)
    return chosen if sound else None


def _elastic(program: Program, rows: Sequence[Row], soft: Collection[Conflict]) -> Suggestion:
    """Least sum of what is missing or too much in the rows of `soft` wishes; duals are those of `rows`."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    edges = [solver.NumVar(0.0, solver.infinity(), "") for _ in range(len(program.instance.edges))]
    target = solver.Objective()
    target.SetMaximization()
    made = []
    for row in (*program.rows[: len(program.instance.newcomers)], *rows):
        high = solver.infinity() if row.high is None else float(row.high)
        made.append(solver.Constraint(float(row.low), high, ""))
        for edge, factor in zip(row.edges.tolist(), row.factor.tolist(), strict=True):
            made[-1].SetCoefficient(edges[edge], float(factor))
        for step in (1.0, -1.0) if row.wish in soft else ():
            slack = solver.NumVar(0.0, solver.infinity(), "")
            made[-1].SetCoefficient(slack, step)
            target.SetCoefficient(slack, -1.0)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return Suggestion(np.zeros(len(edges)), (0.0,) * len(rows), 0.0, solved=False)
    share = np.array([edge.solution_value() for edge in edges], dtype=np.float64)
    duals = tuple(constraint.dual_value() for constraint in made[len(made) - len(rows) :])
    return Suggestion(share, duals, 0.0)
