"""CP-SAT over a core of edges.

Models are written as protos through OR-Tools' own binding: its `cp_model` module imports pandas, which costs two
seconds of a run that takes one, and building 20,000 variables as Python objects costs more than solving them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model_helper as cp

from services.matching.engine.instance import IntArray
from services.matching.engine.program import Row
from services.matching.engine.sides import BoolArray

OPEN = 1 << 62  # no upper side


@dataclass(frozen=True)
class Outcome:
    """What CP-SAT says: `solution` is None when it found none, `bound` from above, `work` in deterministic time."""

    infeasible: bool
    optimal: bool
    solution: tuple[int, ...] | None
    bound: int
    work: float


@dataclass(frozen=True, eq=False)
class Answer:
    """An outcome over the edges of a core: `chosen` marks all edges or is None, `bound` holds within the core."""

    outcome: Outcome
    chosen: BoolArray | None


def settings(seed: int, limit: float | None) -> cp.SatParameters:
    """One worker and a fixed seed: a run can be repeated. `limit` is deterministic time, never the clock's.
    The other three decide everything on a core: proved in tenths of a second, as it comes not in 100 s.
    """
    parameters = cp.SatParameters()
    parameters.num_workers = 1
    parameters.random_seed = seed
    parameters.linearization_level = 2
    parameters.cp_model_presolve = False
    parameters.add_lp_constraints_lazily = False
    if limit is not None:
        parameters.max_deterministic_time = limit
    return parameters


def add_row(model: cp.CpModelProto, variables: IntArray, factor: IntArray, low: int, high: int | None) -> None:
    if low <= 0 and high == 1 and bool((factor == 1).all()):
        model.constraints.add().at_most_one.literals.extend(variables.tolist())
        return
    linear = model.constraints.add().linear
    linear.vars.extend(variables.tolist())
    linear.coeffs.extend(factor.tolist())
    linear.domain.extend([low, OPEN if high is None else high])


def maximise(
    seed: int,
    rows: Iterable[Row],
    values: IntArray,
    core: BoolArray,
    reach: tuple[int, int],
    hint: BoolArray | None,
    limit: float | None,
) -> Answer:
    """The best plan with edges of `core` alone whose value lies in `reach` (low, high), both included."""
    edges = np.flatnonzero(core)
    place = np.cumsum(core) - 1
    model = cp.CpModelProto()
    for _ in range(len(edges)):
        model.variables.add().domain.extend([0, 1])
    for row in rows:
        inside = core[row.edges]
        add_row(model, place[row.edges[inside]], row.factor[inside], row.low, row.high)
    worth = values[edges]
    add_row(model, np.arange(len(edges)), worth, *reach)
    model.objective.vars.extend(range(len(edges)))
    model.objective.coeffs.extend((-worth).tolist())
    if hint is not None:
        model.solution_hint.vars.extend(range(len(edges)))
        model.solution_hint.values.extend(hint[edges].astype(int).tolist())
    outcome = run(model, settings(seed, limit))
    if outcome.solution is None:
        return Answer(outcome, None)
    chosen = np.zeros(len(core), dtype=np.bool_)
    chosen[edges] = np.array(outcome.solution, dtype=np.bool_)
    return Answer(outcome, chosen)


def run(model: cp.CpModelProto, parameters: cp.SatParameters) -> Outcome:
    """Solves and copies what is needed: the binding's fields die with the response they belong to."""
    solver = cp.SolveWrapper()
    solver.set_parameters(parameters)
    response: cp.CpSolverResponse = solver.solve(model)  # type: ignore[no-untyped-call]
    if response.status == cp.CpSolverStatus.MODEL_INVALID:
        raise RuntimeError(f"CP-SAT refuses the model: {cp.CpSatHelper.validate_model(model)}")
    optimal = response.status == cp.CpSolverStatus.OPTIMAL
    return Outcome(
        response.status == cp.CpSolverStatus.INFEASIBLE,
        optimal,
        tuple(response.solution) if optimal or response.status == cp.CpSolverStatus.FEASIBLE else None,
        -response.inner_objective_lower_bound,
        response.deterministic_time,
    )
