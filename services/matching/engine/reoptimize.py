"""A solved round again after a change, from the prices with which it ended: far from the change nothing is looked for again.

What the changed round is says `replan`. The prices stay, whoever had a pair pays one more for keeping it, and that proves
the plan before to be the best but for the change: those whom it touches search for another partner, as in any solve
(Toroslu and Ücoluk 2007 call it the incremental assignment problem).
"""

import numpy as np

from services.matching.engine.core import MUST, NEVER, Core
from services.matching.engine.demands import Demands, broken_pins, demands
from services.matching.engine.instance import NO_PAIR, BoolArray, Edges, Instance, IntArray, PairIds
from services.matching.engine.links import no_links
from services.matching.engine.replan import Changes, changed
from services.matching.engine.search import InfeasibleError, Search
from services.matching.engine.watch import Watch
from services.matching.engine.weights import Weights, base

KEPT_BITS, HEAVIEST = 9, 51  # a pair that stays weighs 2**9 of the next level's unit, and less than 2**51


def again(search: Search, changes: Changes, watch: Watch | None = None) -> Search:
    """The search for the best plan after the changes, done; `search` stays as it was. `levels.proved` makes it a result.

    Raises InfeasibleError where the changed wishes cannot hold together.
    """
    return prepared(search, changes, watch).go_on()


def prepared(search: Search, changes: Changes, watch: Watch | None = None) -> Search:
    """The same, still to be searched. Raises InfeasibleError where two wishes contradict each other."""
    instance = changed(search.instance, named(search), changes)
    wishes = demands(instance)
    if wishes.impossible or broken_pins(instance):
        raise InfeasibleError
    weights = _with_kept(search.weights, instance.levels)
    if weights is None:
        return Search(instance, Core(instance, wishes, watch or Watch())).begin()
    core = _moved(search, instance, wishes, weights)
    core.watch = watch or Watch()
    return Search(instance, core, weights)


def named(search: Search) -> list[PairIds]:
    newcomers, locals_ = search.instance.newcomers.ids, search.instance.locals.ids
    pairs = zip(search.whole.newcomer.tolist(), search.whole.local.tolist(), strict=True)
    return [(newcomers[newcomer], locals_[local]) for newcomer, local in pairs]


def _with_kept(weights: Weights, levels: tuple[str, ...]) -> Weights | None:
    """The same with `kept` before all others, None where it is too heavy."""
    if levels == weights.levels:
        return weights
    kept = weights.unit[0] << KEPT_BITS if weights.unit else 1
    return Weights(levels, (kept, *weights.unit)) if kept < 1 << HEAVIEST else None


def _moved(search: Search, instance: Instance, wishes: Demands, weights: Weights) -> Core:
    """The search's core in the changed round, its plan as far as it is possible there."""
    assert search.plan is not None
    plan, core = search.plan, search.core.copy()
    weight = core.weight(plan)
    core.instance, core.pairs, core.keys = instance, instance.pairs, instance.keys
    core.demands, core.former, core.links = wishes, instance.before, no_links()
    core.worth = weights.worth(instance.quality_floor)
    core.base = base(instance, weights) - MUST * wishes.must
    core.party = _of_parties(core.party, wishes)
    core.state.capacity[:] = wishes.capacity
    core.refloor()
    core.state.price[plan.newcomer] += core.weight(plan) - weight
    core.state.price[wishes.capacity <= 0] = NEVER
    core.forget(~_possible(instance, core.edges))
    core.adopt(plan.some(_possible(instance, plan)))
    return core


def _possible(instance: Instance, edges: Edges) -> BoolArray:
    return np.not_equal(instance.pairs.fits(edges.newcomer, edges.local), NO_PAIR)


def _of_parties(party: IntArray, wishes: Demands) -> IntArray:
    """Floors of those who are still in a party, adding up to 0 in each."""
    found = np.zeros_like(party)
    for members in wishes.parties:
        found[members] = party[members]
        found[members[0]] -= party[members].sum()
    return found
