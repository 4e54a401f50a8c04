"""Why no plan exists: the smallest set of wishes that cannot hold together, by name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from ortools.sat.python import cp_model_helper as cp

from services.matching.engine.core import Core
from services.matching.engine.decide import add_row, settings, solved
from services.matching.engine.demands import demands
from services.matching.engine.instance import Conflict, Edges, Instance, IntArray, joined, numbers, pair_numbers
from services.matching.engine.search import InfeasibleError, Search
from services.matching.engine.watch import Watch

PATIENCE = 5.0  # seconds for a good set of wishes that hold; any such set will do
ENOUGH = 4  # best partners of everybody beside the pairs that wishes name, to find such sets among

Wishes = frozenset[Conflict]


def wishes_of(instance: Instance) -> list[Conflict]:
    found = [Conflict("party", party) for party in instance.parties]
    found += [Conflict(pin.kind, (pin.newcomer, pin.local)) for pin in instance.pins]
    found += [Conflict("quota", (quota.name,), "min") for quota in instance.quotas if quota.low]
    found += [Conflict("quota", (quota.name,), "max") for quota in instance.quotas if quota.high is not None]
    return sorted(set(found), key=lambda wish: (wish.kind, wish.names, wish.why))


def smallest(instance: Instance) -> tuple[Conflict, ...]:
    """A set of fewest wishes that cannot hold together.

    Implicit hitting sets (Ignatiev et al. 2015, smallest MUS): a set hit by every correction found so far is either
    infeasible, hence smallest, or can be kept with all but a new correction.
    """
    wishes = wishes_of(instance)
    corrections: list[Wishes] = []
    while True:
        core = _hitting(corrections, wishes)
        if not _possible(_with(instance, core)):
            return tuple(wish for wish in wishes if wish in core)
        corrections.append(frozenset(wishes) - _kept(instance, wishes, core))


def _hitting(corrections: Iterable[Wishes], wishes: Sequence[Conflict]) -> Wishes:
    """Fewest wishes that meet every correction."""
    model = cp.CpModelProto()
    variables = _booleans(model, len(wishes))
    for correction in corrections:
        found = [number for number in variables if wishes[number] in correction]
        model.constraints.add().bool_or.literals.extend(found)
    model.objective.vars.extend(variables)
    model.objective.coeffs.extend([1] * len(wishes))
    solution = solved(model, settings(None)).solution or ()
    return frozenset(wishes[number] for number in variables if solution[number])


def _with(instance: Instance, wishes: Wishes) -> Instance:
    """The same people with these wishes alone, and nothing to be best at."""
    sides = {(wish.names[0], wish.why) for wish in wishes if wish.kind == "quota"}
    quotas = tuple(
        replace(
            quota,
            low=quota.low if (quota.name, "min") in sides else 0,
            high=quota.high if (quota.name, "max") in sides else None,
        )
        for quota in instance.quotas
    )
    return replace(
        instance,
        parties=tuple(party for party in instance.parties if Conflict("party", party) in wishes),
        pins=tuple(pin for pin in instance.pins if Conflict(pin.kind, (pin.newcomer, pin.local)) in wishes),
        quotas=quotas,
        levels=(),
    )


def _possible(instance: Instance) -> bool:
    found = demands(instance)
    if found.impossible:
        return False
    try:
        Search(instance, Core(instance, found, Watch())).run()
    except InfeasibleError:
        return False
    return True


def _kept(instance: Instance, wishes: Sequence[Conflict], core: Wishes) -> Wishes:
    """Many wishes that hold together with all of `core`, by CP-SAT among a few pairs of everybody."""
    edges = _named_pairs(instance)
    model = cp.CpModelProto()
    _booleans(model, len(edges.fit))
    held = dict(zip(wishes, _booleans(model, len(wishes)), strict=True))
    _Rows(instance, edges, model).add(held, core)
    model.objective.vars.extend(held.values())
    model.objective.coeffs.extend([-1] * len(wishes))
    solution = solved(model, settings(PATIENCE)).solution
    return core if solution is None else frozenset(wish for wish, number in held.items() if solution[number]) | core


def _named_pairs(instance: Instance) -> Edges:
    rows, columns = numbers(instance.newcomers.ids), numbers(instance.locals.ids)
    newcomer, local = pair_numbers(((pin.newcomer, pin.local) for pin in instance.pins), rows, columns)
    pins = Edges(newcomer, local, instance.pairs.fits(newcomer, local))
    keys = np.unique(instance.keys(joined(instance.pairs.best(ENOUGH), pins)))
    newcomer, local = keys // max(1, len(columns)), keys % max(1, len(columns))
    return Edges(newcomer, local, instance.pairs.fits(newcomer, local))


def _booleans(model: cp.CpModelProto, count: int) -> range:
    first = len(model.variables)
    for _ in range(count):
        model.variables.add().domain.extend([0, 1])
    return range(first, first + count)


class _Rows:
    """Writes everybody's capacity and every wish as rows over the pairs; wishes hold where their Boolean is true."""

    def __init__(self, instance: Instance, edges: Edges, model: cp.CpModelProto) -> None:
        self.instance, self.edges, self.model = instance, edges, model
        self.rows, self.columns = numbers(instance.newcomers.ids), numbers(instance.locals.ids)

    def of(self, name: str) -> IntArray:
        if name in self.rows:
            return np.flatnonzero(self.edges.newcomer == self.rows[name])
        return np.flatnonzero(self.edges.local == self.columns.get(name, -1))

    def add(self, held: dict[Conflict, int], core: Wishes) -> None:
        for side, column in ((self.instance.newcomers, self.edges.newcomer), (self.instance.locals, self.edges.local)):
            order = np.argsort(column, kind="stable")
            starts = np.searchsorted(column[order], np.arange(len(side) + 1))
            for v, room in enumerate(side.capacity.tolist()):
                add_row(self.model, order[starts[v] : starts[v + 1]].tolist(), [1] * int(starts[v + 1] - starts[v]), 0, room)
        for wish, literal in held.items():
            self._add_wish(wish, None if wish in core else literal)

    def _add_wish(self, wish: Conflict, literal: int | None) -> None:
        if wish.kind == "party":
            first = self.of(wish.names[0]).tolist()
            for name in wish.names[1:]:
                own = self.of(name).tolist()
                add_row(self.model, own + first, [1] * len(own) + [-1] * len(first), 0, 0, literal)
            return
        if wish.kind == "quota":
            quota = next(quota for quota in self.instance.quotas if quota.name == wish.names[0])
            parts = [self.of(name) for name in quota.members] or [np.zeros(0, dtype=np.int64)]
            touching = np.unique(np.concatenate(parts)).tolist()
            low, high = (quota.low, None) if wish.why == "min" else (0, quota.high)
        else:
            touching = np.intersect1d(self.of(wish.names[0]), self.of(wish.names[1])).tolist()
            low, high = 1, None
        add_row(self.model, touching, [1] * len(touching), low, high, literal)
