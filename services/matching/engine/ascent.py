"""Brings the value of the prices down to what parties and quotas leave possible: coordinate steps, and GLOP's advice.

Every state met is a proof by itself; the lowest is kept. Sweeps are cheap (tens of milliseconds for 10,000 people) and
come near; the relaxation over a window of pairs takes a second and knows how all multipliers move together.
"""

import numpy as np

from services.matching.engine.core import Core
from services.matching.engine.demands import Count
from services.matching.engine.instance import Edges, IntArray, joined
from services.matching.engine.links import half_placed
from services.matching.engine.multipliers import UNPAYABLE, costs, mend_parties, shift
from services.matching.engine.relaxation import Suggestion, relax
from services.matching.engine.watch import OutOfTimeError
from services.matching.engine.window import window

SWEEPS, STEPS = 40, 8
FURTHEST = 1 << 50  # a multiplier beyond this is on its way to infinity: the wishes cannot hold
WIDTH, ROUNDS = 40, 12  # of windows for the relaxation
ENOUGH = 8  # a round that brought all but this of what it promised was the last


def ascend(core: Core) -> None:
    """Sweeps over quotas and parties as long as they help; each round's move is tried twice and more as far."""
    start = np.cumsum([0, *(len(members) for members in core.demands.parties)])
    member = np.concatenate([*core.demands.parties, np.zeros(0, dtype=np.int64)])
    for _ in range(SWEEPS):
        core.watch.check()
        before, party, count = core.value(), core.party.copy(), core.count.copy()
        for number in range(len(core.demands.counts)):
            _settle_count(core, number)
        floor = core.state.floor.copy()
        mend_parties(core.graph, core.state, start, member)
        core.party += core.state.floor - floor
        if core.value() >= before:
            return
        _further(core, core.party - party, core.count - count)


def _settle_count(core: Core, number: int) -> None:
    """Moves one quota's price to where as many of its pairs are left as it allows."""
    count = core.demands.counts[number]
    if count.mixed:
        return
    for _ in range(STEPS):
        step = _step(core, count, int(core.count[number]))
        if step == 0:
            return
        core.count[number] += step
        shift(core.graph, core.state, count.member, step)


def _step(core: Core, count: Count, price: int) -> int:
    """How far the price has to move: the cost of the last of those who are too many or too few."""
    used = int(core.state.used[count.member].sum())
    if count.high is not None and used > count.high:
        return _nth(core, count, used - count.high, cover=False)
    if price > 0 and count.high is not None and used < count.high:
        return -min(price, _nth(core, count, count.high - used, cover=True))
    if used < count.low:
        return -_nth(core, count, count.low - used, cover=True)
    if price < 0 and used > count.low:
        return min(-price, _nth(core, count, used - count.low, cover=False))
    return 0


def _nth(core: Core, count: Count, number: int, *, cover: bool) -> int:
    """0 where so many cannot be."""
    found = np.sort(costs(core.graph, core.state, count.member, cover))
    possible = found[found < UNPAYABLE]
    return int(possible[min(number, len(possible)) - 1]) if len(possible) else 0


def _further(core: Core, party: IntArray, count: IntArray) -> None:
    """The same move again, doubled as long as it helps."""
    best, factor = core.copy(), 1
    while max(np.abs(core.count).max(initial=0), np.abs(core.party).max(initial=0)) < FURTHEST:
        core.party += factor * party
        core.price_counts(factor * count)
        core.refloor()
        core.settle()
        if core.value() >= best.value():
            core.take(best)
            return
        best, factor = core.copy(), 2 * factor


def tighten(core: Core) -> Edges | None:
    """Sweeps and the relaxation in turn, until the prices are near what the relaxation says is possible. All prices are
    priced out at the end. The last plan that the relaxation suggested as a whole, if there was one.

    The relaxation knows the pairs of a window and, from round to round, those that exceeded the prices it suggested
    (column generation: Dantzig and Wolfe 1960); the window stays around the best prices met.
    """
    core.price_out()
    ascend(core)
    core.price_out()
    seen, plan = core.former, None
    for _ in range(ROUNDS):
        best = core.copy()
        found = window(core, WIDTH, seen)
        advice = relax(found, core.demands, core.watch.left)
        if advice is None:
            return plan
        chosen = found.edges.some(advice.share > 0.5)
        plan = chosen if advice.whole else plan
        new = half_placed(advice.share, found.vertex, core.demands, core.links)
        try:
            seen = joined(seen, _follow(core, advice, chosen))
            ascend(core)
            core.price_out()
        except OutOfTimeError:
            core.take(best)
            return plan
        missed = core.value() - best.value() + advice.loss
        core.watch.say("bound", value=core.value(), possible=best.value() - int(advice.loss))
        if core.value() > best.value():
            core.take(best)
        if missed < ENOUGH and not new:
            return plan
        if new:
            core.link(new)
    return plan


def _follow(core: Core, advice: Suggestion, plan: Edges) -> Edges:
    """Goes where the relaxation suggests; the pairs that it did not know and that exceed its prices."""
    over = core.over_floor() + advice.over_floor
    core.party += advice.party
    core.price_counts(advice.count)
    core.price_links(np.maximum(core.links.price + advice.link, 0))
    here = core.demands.capacity > 0
    core.state.price[here] = (over + core.state.floor)[here]
    core.add(plan)
    known, ends = len(core.edges.fit), core.ends
    exceeding = core.weight(core.edges) > core.state.price[ends[0]] + core.state.price[ends[1]]
    core.adopt(plan)
    core.price_out()
    new = np.arange(len(core.edges.fit)) >= known
    new[:known] = exceeding
    return core.edges.some(new)
