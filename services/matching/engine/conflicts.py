"""Why no plan exists: the smallest set of wishes that cannot hold together, by name."""

from collections.abc import Iterable, Sequence

import numpy as np
from ortools.sat.python import cp_model_helper as cp

from services.matching.engine.impossible import compromise, impossible
from services.matching.engine.instance import Conflict
from services.matching.engine.program import Program, Row
from services.matching.engine.search import OPEN, add_row, run, settings
from services.matching.engine.sides import BoolArray

PATIENCE = 5.0  # deterministic time

Wishes = frozenset[Conflict]


def smallest(program: Program, seed: int) -> tuple[Conflict, ...]:
    """Every pin that breaks a rule, each a conflict by itself; without one, a set of fewest wishes.

    Implicit hitting sets (Ignatiev et al. 2015, smallest MUS): a set hit by every correction found so far is either
    infeasible, hence smallest, or can be kept with all but a new correction.
    """
    wishes = sorted({row.wish for row in program.rows if row.wish}, key=lambda wish: (wish.kind, wish.names, wish.why))
    if broken := tuple(wish for wish in wishes if wish.why and wish.kind in ("pin", "keep")):
        return broken
    corrections: list[Wishes] = []
    while True:
        core = _hitting(corrections, wishes, seed)
        kept = _kept(program, wishes, core, seed)
        if kept is None:
            return tuple(wish for wish in wishes if wish in core)
        if len(kept) == len(wishes):
            return ()
        corrections.append(frozenset(wishes) - kept)


def _hitting(corrections: Iterable[Wishes], wishes: Sequence[Conflict], seed: int) -> Wishes:
    """Fewest wishes that meet every correction."""
    model = cp.CpModelProto()
    variables = _booleans(model, len(wishes))
    for correction in corrections:
        found = [number for number in variables if wishes[number] in correction]
        model.constraints.add().bool_or.literals.extend(found)
    model.objective.vars.extend(variables)
    model.objective.coeffs.extend([1] * len(wishes))
    solution = run(model, settings(seed, None)).solution or ()
    return frozenset(wishes[number] for number in variables if solution[number])


def _kept(program: Program, wishes: Sequence[Conflict], core: Wishes, seed: int) -> Wishes | None:
    """Many wishes that hold together with all of `core`; None when those alone cannot. Prices and rounding answer
    nearly always, CP-SAT what they leave open.
    """
    others = program.rows[len(program.instance.newcomers) :]
    if core and impossible(program, [row for row in others if row.wish is None or row.wish in core]):
        return None
    chosen = compromise(program, frozenset(wishes) - core)
    if chosen is None:
        return _searched(program, wishes, core, seed)
    return frozenset(wishes) - {row.wish for row in others if row.wish and not row.holds(chosen)}


def _searched(program: Program, wishes: Sequence[Conflict], core: Wishes, seed: int) -> Wishes | None:
    """The same by CP-SAT. Nobody outside the wishes matters: whoever is in no wish may stay alone."""
    used = np.zeros(len(program.instance.edges), dtype=np.bool_)
    for row in program.rows:
        if row.wish:
            used[row.edges] = True
    model = cp.CpModelProto()
    _booleans(model, int(used.sum()))
    held = dict(zip(wishes, _booleans(model, len(wishes)), strict=True))
    for row in program.rows:
        hard = row.wish is None or row.wish in core
        _soft_row(model, row, used, None if hard or row.wish is None else held[row.wish])
    model.objective.vars.extend(held.values())
    model.objective.coeffs.extend([-1] * len(wishes))
    solution = _first_or_any(model, seed)
    if solution is None:
        return None
    return frozenset(wish for wish, number in held.items() if solution[number] or wish in core)


def _first_or_any(model: cp.CpModelProto, seed: int) -> tuple[int, ...] | None:
    """A good solution after some time, any after long: a correction need not be the smallest. None is a proof."""
    first = run(model, settings(seed, PATIENCE))
    if first.solution is None and not first.infeasible:
        return run(model, settings(seed, None)).solution
    return first.solution


def _booleans(model: cp.CpModelProto, count: int) -> range:
    first = len(model.variables)
    for _ in range(count):
        model.variables.add().domain.extend([0, 1])
    return range(first, first + count)


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
