"""Solves an instance: the best plan, and level by level what proves that it is.

For every level the prices of the whole search, cut to that level's digit, bound it by themselves (`Proof`). Where they
leave a gap, CP-SAT decides whether a better plan is within it, the levels before held fast.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from services.matching.engine.core import Core
from services.matching.engine.demands import broken_pins, demands
from services.matching.engine.instance import Edges, Instance, IntArray, Level, Proof, Result
from services.matching.engine.search import InfeasibleError, Search
from services.matching.engine.watch import OutOfTimeError, Watch
from services.matching.engine.weights import FINE, Weights, base, cut, total, units, values


def solve(instance: Instance, watch: Watch | None = None) -> Result:
    """The plan that is best level by level. Out of time it is `feasible`, with the bounds proved until then. Wishes that
    cannot hold together give `infeasible` and name themselves.
    """
    watch = watch or Watch()
    if broken := broken_pins(instance):
        return Result("infeasible", conflicts=broken)
    wishes = demands(instance)
    if wishes.impossible:
        return _infeasible(instance)
    try:
        return proved(Search(instance, Core(instance, wishes, watch)).run())
    except InfeasibleError:
        return _infeasible(instance)


def _infeasible(instance: Instance) -> Result:
    from services.matching.engine.conflicts import smallest

    return Result("infeasible", conflicts=smallest(instance))


def proved(search: Search) -> Result:
    """The search's plan, and what is proved of it at every level."""
    levels: list[Level] = []
    proofs: list[Proof] = []
    for count in range(1, len(search.instance.levels) + 1):
        level, proof = _level(search, count, all(level.proved for level in levels))
        search.core.watch.say("level", level=level.name, value=level.value, bound=level.bound, price_bound=level.price_bound)
        levels.append(level)
        proofs.append(proof)
    status = "optimal" if all(level.proved for level in levels) else "feasible"
    return Result(status, tuple(levels), _named(search.instance, search.whole), (), tuple(proofs))


def _level(search: Search, count: int, proved: bool) -> tuple[Level, Proof]:
    """One level: what prices prove, and where they leave a gap, what CP-SAT finds in it."""
    last = count == len(search.instance.levels)
    part = search.weights.prefix(count)
    core = search.core if last else _cut(search, part, count)
    price_bound = _bound(search, core, part)
    bound, found = price_bound, search.values(search.whole)
    if last and proved and search.best:
        bound = found[count - 1]
    elif proved and bound > found[count - 1]:
        bound = _closed(search, core, part, bound)
    bound = min(bound, _most(search.instance, part.levels[-1]))
    value = search.values(search.whole)[count - 1]  # a better plan has the same values before, so the price bound stands
    sign = -1 if part.levels[-1] == "below_floor" else 1
    return Level(part.levels[-1], sign * value, sign * max(value, bound), sign * price_bound), _proof(search, core, part)


def _most(instance: Instance, level: str) -> int:
    """No plan whatever has more of it."""
    waiting = sum(int(side.waiting.max(initial=0)) for side in (instance.newcomers, instance.locals))
    each = {"below_floor": 0, "fit": instance.pairs.most_fit, "waiting": waiting}.get(level, 1)
    return len(instance.newcomers) * each


def _bound(search: Search, core: Core, part: Weights) -> int:
    """What the prices of `core` prove for the last level of `part`, those before it being what they are in the plan."""
    pinned = total(part, values(search.instance, search.core.demands.pinned))
    before = total(part, search.values(search.whole)[: len(part.levels) - 1])
    return (core.value() + pinned - before) // FINE


def _cut(search: Search, part: Weights, count: int) -> Core:
    """The search's prices without the digits below, lifted where that broke them."""
    ratio = search.weights.unit[count - 1] // FINE
    core = search.core.copy()
    over = core.proof_prices()
    core.links = replace(core.links, price=cut(core.links.price, ratio))
    core.party = _balanced(cut(core.party, ratio), core)
    core.count = cut(core.count, ratio)
    core.restate(part.worth(search.instance.quality_floor), base(search.instance, part), cut(over, ratio))
    core.look()
    if _bound(search, core, part) > search.values(search.whole)[count - 1] and not core.watch.over:
        _tightened(search, core)
    return core


def _tightened(search: Search, core: Core) -> None:
    try:
        core.price_out()
        if not search.plain:
            from services.matching.engine.ascent import ascend

            ascend(core)
            core.price_out()
    except OutOfTimeError:
        core.look()


def _balanced(party: IntArray, core: Core) -> IntArray:
    """Rounded floors of a party add up again to 0, less what its links give: the first member takes the rest."""
    for members in core.demands.parties:
        party[members[0]] -= party[members].sum()
    core.pay_links(party, core.links.price)
    return party


def _closed(search: Search, core: Core, part: Weights, bound: int) -> int:
    """The bound after CP-SAT has looked for a plan better at this level; a better one becomes the plan."""
    from services.matching.engine.decide import least_loss
    from services.matching.engine.window import window

    last = len(part.levels) - 1
    while True:
        assert search.plan is not None
        goals = search.values(search.plan)
        width = core.value() - total(part, goals) - FINE
        if width < 0:
            return search.values(search.whole)[last]
        if core.watch.over or not (near := window(core, width)).complete:
            return bound
        unit = units(search.instance, near.edges).values()
        targets = list(zip(unit, goals, strict=True))[:last]
        decision = least_loss(near, core.demands, targets, core.watch.left)
        if decision.chosen is not None:
            search.plan = near.edges.some(decision.chosen)
            search.best = False
        if decision.proved:
            return search.values(search.whole)[last]
        if decision.chosen is None:
            return bound


def _proof(search: Search, core: Core, part: Weights) -> Proof:
    """Prices over the floors, by sorted ids."""
    wishes, sides = core.demands, (search.instance.newcomers, search.instance.locals)
    halves = np.split(core.proof_prices(), [wishes.newcomers])
    newcomers, locals_ = (half[np.argsort(side.ids, kind="stable")] for half, side in zip(halves, sides, strict=True))
    return Proof(
        tuple(zip(part.levels, part.unit, strict=True)),
        newcomers,
        locals_,
        tuple(tuple(core.party[members].tolist()) for members in wishes.all_parties),
        tuple(core.count.tolist()),
        tuple(_links(core, (*search.instance.newcomers.ids, *search.instance.locals.ids))),
    )


def _links(core: Core, ids: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """Those with a price; parties as numbered in the instance."""
    number = {int(members[0]): number for number, members in enumerate(core.demands.all_parties)}
    for party, partner, price in zip(core.links.party, core.links.partner, core.links.price.tolist(), strict=True):
        if price:
            yield number[int(core.demands.parties[party][0])], ids[partner], price


def _named(instance: Instance, plan: Edges) -> tuple[tuple[str, str, int], ...]:
    pairs = np.stack(plan, axis=1).tolist()
    return tuple(sorted((instance.newcomers.ids[n], instance.locals.ids[m], fit) for n, m, fit in pairs))
