"""Why no plan exists: the smallest set of wishes that cannot hold together, by name."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from ortools.sat.python import cp_model_helper as cp

from services.matching.engine.instance import Conflict
from services.matching.engine.program import Program, Row
from services.matching.engine.search import OPEN, add_row, run
from services.matching.engine.sides import BoolArray


def smallest(program: Program, seed: int) -> tuple[Conflict, ...]:
    """Every pin that breaks a rule, each a conflict by itself; without one, a set of fewest wishes.

    Implicit hitting sets (Ignatiev et al. 2015, smallest MUS): a set hit by every correction found so far is either
    infeasible, hence smallest, or can be kept with all but a new correction.
    """
    wishes = sorted({row.wish for row in program.rows if row.wish}, key=lambda wish: (wish.kind, wish.names, wish.why))
    if broken := tuple(wish for wish in wishes if wish.why and wish.kind in ("pin", "keep")):
        return broken
    corrections: list[set[int]] = []
    while True:
        core = _hitting(corrections, len(wishes), seed)
        kept = _most_kept(program, wishes, core, seed)
        if kept is None:
            return tuple(wishes[number] for number in sorted(core))
        if len(kept) == len(wishes):
            return ()
        corrections.append(set(range(len(wishes))) - kept)


def _parameters(seed: int) -> cp.SatParameters:
    """As it comes but for repeatability: here presolve does most of the work."""
    parameters = cp.SatParameters()
    parameters.num_workers = 1
    parameters.random_seed = seed
    return parameters


def _booleans(model: cp.CpModelProto, count: int) -> range:
    first = len(model.variables)
    for _ in range(count):
        model.variables.add().domain.extend([0, 1])
    return range(first, first + count)


def _hitting(corrections: Iterable[Collection[int]], count: int, seed: int) -> set[int]:
    """Fewest wishes that meet every correction."""
    model = cp.CpModelProto()
    variables = _booleans(model, count)
    for correction in corrections:
        model.constraints.add().bool_or.literals.extend(sorted(correction))
    model.objective.vars.extend(variables)
    model.objective.coeffs.extend([1] * count)
    solution = run(model, _parameters(seed)).solution or ()
    return {number for number in variables if solution[number]}


def _most_kept(program: Program, wishes: Sequence[Conflict], core: set[int], seed: int) -> set[int] | None:
    """The most wishes that hold together with all of `core`; None when those alone cannot. Nobody outside the wishes
    matters: whoever is in no wish may stay alone.
    """
    used = np.zeros(len(program.instance.edges), dtype=np.bool_)
    for row in program.rows:
        if row.wish:
            used[row.edges] = True
    model = cp.CpModelProto()
    _booleans(model, int(used.sum()))
    held = _booleans(model, len(wishes))
    number_of = {wish: number for number, wish in enumerate(wishes)}
    for row in program.rows:
        literal = None if row.wish is None or number_of[row.wish] in core else held[number_of[row.wish]]
        _soft_row(model, row, used, literal)
    model.objective.vars.extend(held)
    model.objective.coeffs.extend([-1] * len(wishes))
    solution = run(model, _parameters(seed)).solution
    if solution is None:
        return None
    return {number for number, variable in enumerate(held) if solution[variable] or number in core}


def _soft_row(model: cp.CpModelProto, row: Row, used: BoolArray, literal: int | None) -> None:
    place = np.cumsum(used) - 1
    inside = used[row.edges]
    variables, factor = place[row.edges[inside]], row.factor[inside]
    if literal is None:
        add_row(model, variables, factor, row.low, row.high)
        return
    constraint = model.constraints.add()
    constraint.enforcement_literal.append(literal)
    constraint.linear.vars.extend(variables.tolist())
    constraint.linear.coeffs.extend(factor.tolist())
    constraint.linear.domain.extend([row.low, OPEN if row.high is None else row.high])
