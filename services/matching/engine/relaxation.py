"""The linear relaxation over a window, by GLOP: it suggests floors for parties and quotas, prices, and often a plan.

All floats end here: what comes back is rounded, and `prices` makes it exact.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import callback_pb2, model_parameters_pb2, model_pb2, parameters_pb2, result_pb2, solution_pb2
from ortools.math_opt.core.python import solver

from services.matching.engine.demands import Demands
from services.matching.engine.instance import IntArray
from services.matching.engine.window import Window

OPEN = float("inf")
WHOLE = 1e-6  # nearer to a whole number a share is one
DEAREST = 10**10  # no empty place costs more in the relaxation, whatever it weighs: GLOP's floats end soon after


@dataclass(frozen=True, eq=False)
class Suggestion:
    """`share` of the window's pairs; by vertex how prices over the floor and party floors should move, by count and link
    the rest.
    """

    share: NDArray[np.float64]
    over_floor: IntArray
    party: IntArray
    count: IntArray
    link: IntArray
    loss: float

    @property
    def whole(self) -> bool:
        """No pair is chosen by halves."""
        return bool((np.abs(self.share - np.rint(self.share)) < WHOLE).all())


class _Rows:
    """Rows of a sparse model as they come."""

    def __init__(self) -> None:
        self.low: list[float] = []
        self.high: list[float] = []
        self.row: list[IntArray] = []
        self.column: list[IntArray] = []
        self.factor: list[IntArray] = []

    def add(self, columns: IntArray, factor: int | IntArray, low: float, high: float) -> None:
        self.row.append(np.full(len(columns), len(self.low)))
        self.column.append(columns)
        self.factor.append(np.broadcast_to(np.asarray(factor), len(columns)))
        self.low.append(low)
        self.high.append(high)


def relax(found: Window, demands: Demands, limit: float | None = None) -> Suggestion | None:
    """The least loss in shares of pairs; None where GLOP finds none, or not in `limit` seconds."""
    pairs, vertices = found.vertex.shape[1], len(found.capacity)
    start, pair = found.incident()
    rows = _Rows()
    for members in demands.parties:
        first = pair[start[members[0]] : start[members[0] + 1]]
        for v in members[1:].tolist():
            own = pair[start[v] : start[v + 1]]
            rows.add(np.concatenate((own, first)), np.repeat((1, -1), (len(own), len(first))), 0.0, 0.0)
    spare: list[int] = []
    for count, priced in zip(demands.counts, found.counts, strict=True):
        touching = found.touching(count.member)
        if priced.loss:
            spare.append(priced.loss)
            own = np.append(touching, pairs + vertices + len(spare) - 1)
            rows.add(own, np.append(np.ones(len(touching), dtype=np.int64), priced.side), priced.bound, priced.bound)
        else:
            rows.add(touching, 1, float(max(0, count.low)), OPEN if count.high is None else float(count.high))
    for link in found.links:
        spare.append(link.price)
        own = np.append(link.pairs, pairs + vertices + len(spare) - 1)
        rows.add(own, np.append(link.factor, 1), 0.0, 0.0)
    model = _model(found, rows, spare)
    answer = _glop(model, limit)
    if answer.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL:
        return None
    return _suggestion(answer.solutions[0], found, demands)


def _model(found: Window, rows: _Rows, spare: list[int]) -> model_pb2.ModelProto:
    """Variables: pairs, the empty places of every vertex, what counts leave. Rows: every vertex, then `rows`."""
    pairs, vertices = found.vertex.shape[1], len(found.capacity)
    size = pairs + vertices + len(spare)
    cost = np.concatenate((found.loss, found.empty, np.array(spare, dtype=np.int64)))
    cost = np.minimum(cost, DEAREST)
    upper = np.full(size, OPEN)
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(size))
    model.variables.lower_bounds.extend(np.zeros(size))
    model.variables.upper_bounds.extend(upper)
    model.variables.integers.extend(np.zeros(size, dtype=np.bool_))
    dear = np.flatnonzero(cost)
    model.objective.linear_coefficients.ids.extend(dear)
    model.objective.linear_coefficients.values.extend(cost[dear].astype(np.float64))
    model.linear_constraints.ids.extend(range(vertices + len(rows.low)))
    model.linear_constraints.lower_bounds.extend([*found.capacity.astype(np.float64), *rows.low])
    model.linear_constraints.upper_bounds.extend([*found.capacity.astype(np.float64), *rows.high])
    row = np.concatenate((found.vertex.ravel(), np.arange(vertices), *(part + vertices for part in rows.row)))
    column = np.concatenate((np.tile(np.arange(pairs), 2), pairs + np.arange(vertices), *rows.column))
    factor = np.concatenate((np.ones(2 * pairs + vertices), *rows.factor))
    order = np.lexsort((column, row))
    model.linear_constraint_matrix.row_ids.extend(row[order])
    model.linear_constraint_matrix.column_ids.extend(column[order])
    model.linear_constraint_matrix.coefficients.extend(factor[order])
    return model


def _glop(model: model_pb2.ModelProto, limit: float | None) -> result_pb2.SolveResultProto:
    """No pair and no empty place gains anything, so the dual simplex begins feasible and near its end: a tenth of the time
    that the primal takes, which is what GLOP would choose; its preprocessing would take that start away.
    """
    parameters = parameters_pb2.SolveParametersProto()
    parameters.glop.use_dual_simplex = True
    parameters.glop.use_preprocessing = False
    if limit is not None:
        parameters.time_limit.FromTimedelta(timedelta(seconds=limit))
    return solver.solve(
        model, parameters_pb2.SOLVER_TYPE_GLOP, parameters_pb2.SolverInitializerProto(),
        parameters, model_parameters_pb2.ModelSolveParametersProto(),
        None, callback_pb2.CallbackRegistrationProto(), None, None,
    )  # fmt: skip


def _suggestion(solution: solution_pb2.SolutionProto, found: Window, demands: Demands) -> Suggestion:
    """Duals of the vertices' rows are what an empty place comes to cost less; those of parties and counts move floors."""
    pairs, vertices = found.vertex.shape[1], len(found.capacity)
    share = np.array(solution.primal_solution.variable_values.values)[:pairs]
    dual = np.rint(np.array(solution.dual_solution.dual_values.values)).astype(np.int64)
    party, row = np.zeros(vertices, dtype=np.int64), vertices
    for members in demands.parties:
        for v in members[1:].tolist():
            party[v] -= dual[row]
            party[members[0]] += dual[row]
            row += 1
    count, link = np.split(-dual[row:], [len(demands.counts)])
    count[[count.mixed for count in demands.counts]] = 0
    return Suggestion(share, -dual[:vertices], party, count, link, solution.primal_solution.objective_value)
