"""CP-SAT decides within a window what prices leave open.

Models are written as protos through OR-Tools' own binding: its `cp_model` module imports pandas, which costs two
seconds of a run that takes one, and building 20,000 variables as Python objects costs more than solving them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from ortools.sat.python import cp_model_helper as cp

from services.matching.engine.demands import Demands
from services.matching.engine.instance import BoolArray, IntArray
from services.matching.engine.record import SEED
from services.matching.engine.window import Window, unpriced

OPEN = 1 << 62  # no upper side


@dataclass(frozen=True, eq=False)
class Decision:
    """`chosen` of the window's pairs with the least loss, None where there is no plan in it; `proved` says which is sure."""

    chosen: BoolArray | None
    proved: bool


def settings(limit: float | None) -> cp.SatParameters:
    """One worker and a fixed seed: a run can be repeated. The other three decide everything on a window: proved in
    tenths of a second, as it comes not in 100 s. `limit` in seconds.
    """
    parameters = cp.SatParameters()
    parameters.num_workers = 1
    parameters.random_seed = SEED
    parameters.linearization_level = 2
    parameters.cp_model_presolve = False
    parameters.add_lp_constraints_lazily = False
    if limit is not None:
        parameters.max_time_in_seconds = limit
    return parameters


Target = tuple[IntArray, int]


def least_loss(found: Window, demands: Demands, targets: Sequence[Target] = (), limit: float | None = None) -> Decision:
    """The plan of least loss among those that lose at most the window's width. `targets` are (what each pair adds, sum
    to be reached). Widened (`replace(found, width=...)`) it may lose more, by the same pairs.
    """
    model, slack = _model(found, demands, targets)
    dear = np.flatnonzero(found.loss)
    variables, losses = [*dear.tolist(), *slack.variables], [*found.loss[dear].tolist(), *slack.losses]
    add_row(model, variables, losses, 0, found.width)
    model.objective.vars.extend(variables)
    model.objective.coeffs.extend(losses)
    return _decision(model, found, limit)


def level_by_level(found: Window, demands: Demands, units: Sequence[IntArray], left: Callable[[], float | None]) -> Decision:
    """The plan of the window's pairs that is best by `units` (what each pair adds to a level), one after the other: at
    least as good as any that loses at most its width. Losses of many digits only lead astray where the upper ones are
    still open (measured: three times as long, or never done).
    """
    free, targets, decision = unpriced(found, demands.must), list[Target](), Decision(None, False)
    for unit in units:
        model, _ = _model(free, demands, targets)
        added = np.flatnonzero(unit)
        model.objective.vars.extend(added.tolist())
        model.objective.coeffs.extend((-unit[added]).tolist())
        level = _decision(model, found, left())
        decision = Decision(decision.chosen if level.chosen is None else level.chosen, level.proved)
        if decision.chosen is None or not level.proved:
            break
        targets.append((unit, int(unit[decision.chosen].sum())))
    return decision


class _Slack(NamedTuple):
    """Variables for what is left empty, and what one of it loses."""

    variables: list[int]
    losses: list[int]


def _model(found: Window, demands: Demands, targets: Sequence[Target]) -> tuple[cp.CpModelProto, _Slack]:
    """Every plan of the window's pairs that keeps all wishes and reaches the targets; its first variables are the pairs."""
    model = cp.CpModelProto()
    for _ in range(found.vertex.shape[1]):
        model.variables.add().domain.extend([0, 1])
    start, pair = found.incident()
    slack = _places(model, found, start, pair)
    for members in demands.parties:
        _together(model, members, start, pair)
    for count, priced in zip(demands.counts, found.counts, strict=True):
        touching = found.touching(count.member).tolist()
        add_row(model, touching, [1] * len(touching), max(0, count.low), count.high)
        if priced.loss:
            empty = _slack(model, slack, priced.loss, found.width // priced.loss)
            add_row(model, [*touching, empty], [1] * len(touching) + [priced.side], priced.bound, priced.bound)
    for link in found.links:
        if link.price:
            empty = _slack(model, slack, link.price, found.width // link.price)
            add_row(model, [*link.pairs.tolist(), empty], [*link.factor.tolist(), 1], 0, 0)
    for unit, goal in targets:
        counted = np.flatnonzero(unit)
        add_row(model, counted.tolist(), unit[counted].tolist(), goal, goal)
    return model, slack


def _slack(model: cp.CpModelProto, slack: _Slack, loss: int, most: int) -> int:
    slack.variables.append(len(model.variables))
    slack.losses.append(loss)
    model.variables.add().domain.extend([0, most])
    return slack.variables[-1]


def _decision(model: cp.CpModelProto, found: Window, limit: float | None) -> Decision:
    answer = solved(model, settings(limit))
    chosen = None if answer.solution is None else np.array(answer.solution[: found.vertex.shape[1]], dtype=np.bool_)
    return Decision(chosen, answer.proved)


def _places(model: cp.CpModelProto, found: Window, start: IntArray, pair: IntArray) -> _Slack:
    """Everybody's capacity; places that cost more than the window are filled, others may stay empty at their price."""
    slack, full = _Slack([], []), found.empty > found.width
    for v in np.flatnonzero(found.capacity > 0).tolist():
        own, places, cost = pair[start[v] : start[v + 1]].tolist(), int(found.capacity[v]), int(found.empty[v])
        if cost > 0 and not full[v]:
            own.append(_slack(model, slack, cost, places))
        if cost == 0 and not full[v] and places == 1:
            model.constraints.add().at_most_one.literals.extend(own)
        elif own or full[v]:
            add_row(model, own, [1] * len(own), 0 if cost == 0 and not full[v] else places, places)
    return slack


def _together(model: cp.CpModelProto, members: IntArray, start: IntArray, pair: IntArray) -> None:
    first = pair[start[members[0]] : start[members[0] + 1]].tolist()
    for v in members[1:].tolist():
        own = pair[start[v] : start[v + 1]].tolist()
        add_row(model, own + first, [1] * len(own) + [-1] * len(first), 0, 0)


def add_row(
    model: cp.CpModelProto, variables: list[int], factors: list[int], low: int, high: int | None, literal: int | None = None
) -> None:
    """Low <= sum of factor * variable <= high (None: any), if `literal` holds."""
    constraint = model.constraints.add()
    if literal is not None:
        constraint.enforcement_literal.append(literal)
    constraint.linear.vars.extend(variables)
    constraint.linear.coeffs.extend(factors)
    constraint.linear.domain.extend([low, OPEN if high is None else high])


@dataclass(frozen=True)
class Answer:
    """`solution` is None where none was found; `proved`: optimal, or none exists."""

    solution: tuple[int, ...] | None
    proved: bool


def solved(model: cp.CpModelProto, parameters: cp.SatParameters) -> Answer:
    """Copies what is needed: the binding's fields die with the response they belong to."""
    solver = cp.SolveWrapper()
    solver.set_parameters(parameters)
    response: cp.CpSolverResponse = solver.solve(model)  # type: ignore[no-untyped-call]
    status = response.status
    if status == cp.CpSolverStatus.MODEL_INVALID:
        raise RuntimeError(f"CP-SAT refuses the model: {cp.CpSatHelper.validate_model(model)}")
    known = status in (cp.CpSolverStatus.OPTIMAL, cp.CpSolverStatus.FEASIBLE)
    proved = status in (cp.CpSolverStatus.OPTIMAL, cp.CpSolverStatus.INFEASIBLE)
    return Answer(tuple(response.solution) if known else None, proved)
