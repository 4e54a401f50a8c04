"""The pairs worth looking at, and what the solver knows about them: edges, prices, and the plan they prove so far.

Everybody's price includes what their place in the plan is worth to the levels: these move floors, not edges. Edges have
a `Worth` alone, so that a look at all pairs needs prices and nothing else.
"""

from copy import copy
from dataclasses import replace

import numpy as np

from services.matching.engine.demands import Demands
from services.matching.engine.instance import BoolArray, Edges, Instance, IntArray, Prices, Worth, joined
from services.matching.engine.links import Links, linked, no_links
from services.matching.engine.prices import NOBODY, Graph, State, copied, cover, graph_of, lift
from services.matching.engine.watch import Watch

NEVER = 1 << 59  # the price of a place that is not there
MUST = 1 << 54  # what it is worth that somebody who must be matched is
AT_ONCE = 1 << 14  # people who are covered between two looks at the clock
FIRST, MORE = 12, 20  # best partners of everybody to begin with, and of every newcomer at each look


class Core:
    """Edges are numbered as they came, newcomers before locals in one numbering of vertices.

    The floor of a vertex is `base`, what the levels (and a wish that they must be matched) give for a pair of theirs,
    plus what parties (`party`) and counts (`count`, one number each) ask for it.
    """

    def __init__(self, instance: Instance, demands: Demands, watch: Watch) -> None:
        self.instance, self.pairs, self.keys = instance, instance.pairs, instance.keys
        self.newcomers, self.locals = len(instance.newcomers), len(instance.locals)
        self.demands = demands
        self.watch = watch
        size = self.newcomers + self.locals
        self.edges = Edges(*np.zeros((3, 0), dtype=np.int64))
        self.worth = Worth(0, 0, 0)
        self.checked: Prices | None = None
        self.base, self.party = np.zeros((2, size), dtype=np.int64)
        self.count = np.zeros(len(demands.counts), dtype=np.int64)
        self.links: Links = no_links()
        floor, price, used = np.zeros((3, size), dtype=np.int64)
        mate, mate_edge = np.full((2, size), NOBODY, dtype=np.int64)
        self.state = State(demands.capacity.copy(), floor, price, used, mate, mate_edge, np.zeros(0, dtype=np.bool_))
        self.former = instance.before
        self.add(joined(self.pairs.best(FIRST), self.former))

    def begin(self, worth: Worth, base: IntArray) -> None:
        """New levels: everybody at their floor, nobody matched."""
        self.restate(worth, base, -MUST * self.demands.must)

    def restate(self, worth: Worth, base: IntArray, over: IntArray) -> None:
        """New levels at known prices over the floors; those of somebody who must be matched without what that is worth."""
        self.worth, self.checked, self.base = worth, None, base - MUST * self.demands.must
        self.refloor()
        self.state.price[:] = np.where(self.demands.capacity > 0, self.floors() + MUST * self.demands.must + over, NEVER)
        self._reckon()
        lift(self.graph, self.state, self.newcomers)

    def floors(self) -> IntArray:
        asked = np.zeros(len(self.base), dtype=np.int64)
        for count, price in zip(self.demands.counts, self.count.tolist(), strict=True):
            asked[count.member] += price
        return self.base + self.party + asked

    def over_floor(self) -> IntArray:
        """What an empty place of everybody costs; 0 where there is none."""
        return np.where(self.demands.capacity > 0, self.state.price - self.floors(), 0)

    def proof_prices(self) -> IntArray:
        """Over the floors of the levels alone: of somebody who must be matched any number, of others 0 or more."""
        return np.where(self.demands.capacity > 0, self.over_floor() - MUST * self.demands.must, 0)

    def value(self) -> int:
        """Of the prices: no plan that keeps the demands is worth more (pins apart)."""
        places = int((self.demands.capacity * self.proof_prices()).sum())
        counts = zip(self.demands.counts, self.count.tolist(), strict=True)
        return places + sum(price * ((count.high or 0) if price > 0 else max(0, count.low)) for count, price in counts)

    @property
    def prices(self) -> Prices:
        return Prices(self.state.price[: self.newcomers], self.state.price[self.newcomers :])

    @property
    def ends(self) -> tuple[IntArray, IntArray]:
        """The vertices of every edge."""
        return self.edges.newcomer, self.edges.local + self.newcomers

    def weight(self, edges: Edges) -> IntArray:
        """What each pair is worth to the levels besides what its two people are."""
        worth = self.worth.fit * edges.fit - self.worth.below * (edges.fit < self.worth.floor)
        if self.worth.kept:
            worth += self.worth.kept * np.isin(self.keys(edges), self.keys(self.former))
        if len(self.links):
            keys, known = self.keys(edges), self.keys(self.links.pairs)
            cost = np.append(0, np.cumsum(self.links.cost()))
            worth -= cost[np.searchsorted(known, keys, side="right")] - cost[np.searchsorted(known, keys)]
        return worth

    def link(self, new: list[tuple[int, int]]) -> None:
        """These links of (party, partner) from now on. Their pairs are ours to price: looks leave them out."""
        self.links = linked(self.instance, self.demands, self.links, new)
        pairs = self.links.pairs
        self.pairs = self.instance.pairs.without(pairs.newcomer, pairs.local)
        self.add(pairs)

    def price_counts(self, more: IntArray) -> None:
        """Adds to the prices of counts; one without a high side has none to pay for, so its price stays at most 0."""
        asked = zip(self.demands.counts, (self.count + more).tolist(), strict=True)
        self.count = np.array([price if count.high is not None else min(price, 0) for count, price in asked], dtype=np.int64)

    def price_links(self, price: IntArray) -> None:
        """New prices of the links, of those known to whoever found them; whoever places a party is paid for them."""
        whole = np.append(price, np.zeros(len(self.links) - len(price), dtype=np.int64))
        self.pay_links(self.party, whole - self.links.price)
        self.links = replace(self.links, price=whole)
        self.refloor()
        self._reckon()

    def pay_links(self, party: IntArray, price: IntArray) -> None:
        """Lowers the first member's floor by what these prices of the links give whoever places the party."""
        if len(self.links):
            first = np.array([members[0] for members in self.demands.parties], dtype=np.int64)
            np.subtract.at(party, first[self.links.party], price * self.demands.capacity[self.links.partner])

    def add(self, found: Edges) -> None:
        """Edges not here yet join those that are."""
        keys = self.keys(joined(self.edges, found))
        order = np.argsort(keys, kind="stable")
        new = np.ones(len(keys), dtype=np.bool_)
        new[order[1:]] = keys[order[1:]] != keys[order[:-1]]
        self._join(found.some(new[len(self.edges.fit) :]))

    def _join(self, new: Edges) -> None:
        self.edges = joined(self.edges, new)
        chosen = np.zeros(len(self.edges.fit), dtype=np.bool_)
        chosen[: len(self.state.chosen)] = self.state.chosen
        self.state = self.state._replace(chosen=chosen)
        self._reckon()

    def copy(self) -> "Core":
        """Floors, prices and plan of their own; edges are shared until one of the two finds more."""
        other = copy(self)
        other.party, other.count = self.party.copy(), self.count.copy()
        other.state = copied(self.state)
        return other

    def take(self, other: "Core") -> None:
        """Back to a copy made before; edges found since stay."""
        if len(self.links):
            self.price_links(other.links.price)
        self.party, self.count = other.party.copy(), other.count.copy()
        chosen = np.zeros(len(self.edges.fit), dtype=np.bool_)
        chosen[: len(other.state.chosen)] = other.state.chosen
        self.state = copied(other.state)._replace(chosen=chosen)
        self.checked = other.checked

    def forget(self, gone: BoolArray) -> None:
        """These edges are no pairs any more; nothing is chosen until the next `adopt`."""
        self.edges = self.edges.some(~gone)
        self.state = self.state._replace(chosen=np.zeros(len(self.edges.fit), dtype=np.bool_))
        self._reckon()

    def adopt(self, found: Edges) -> None:
        """Begins from these pairs at the present prices; what is not tight is given back by the next `settle`."""
        self.add(found)
        chosen = np.flatnonzero(np.isin(self.keys(self.edges), self.keys(found)))
        state, ends = self.state, np.stack(self.ends)[:, chosen]
        state.chosen[:] = False
        state.chosen[chosen] = True
        state.used[:] = np.bincount(ends.ravel(), minlength=len(state.used))
        state.mate[ends[0]], state.mate[ends[1]] = ends[1], ends[0]
        state.mate_edge[ends[0]], state.mate_edge[ends[1]] = chosen, chosen

    def refloor(self) -> None:
        self.state.floor[:] = self.floors()

    def plan(self) -> Edges:
        return self.edges.some(self.state.chosen)

    def _reckon(self) -> None:
        self.graph: Graph = graph_of(
            self.newcomers, self.locals, (self.edges.newcomer, self.edges.local), self.weight(self.edges)
        )

    def settle(self) -> None:
        """The best plan of these edges at these floors. Raises OutOfTimeError; then it is the best as far as it goes."""
        lift(self.graph, self.state, self.newcomers)
        for begin in range(0, len(self.base), AT_ONCE):
            cover(self.graph, self.state, begin, min(begin + AT_ONCE, len(self.base)))
            self.watch.check()

    def price_out(self) -> None:
        """The best plan of all pairs: looks for pairs worth more than their prices until there are none.

        Once prices are lifted for the pairs found, no other pair exceeds them: the next look is where they have fallen.
        Raises OutOfTimeError; then another look makes prices that bound every plan.
        """
        while True:
            self.settle()
            if self.look():
                return

    def look(self) -> bool:
        """Lifts prices until no pair exceeds them; true where none did. What is no longer tight is given back.

        Of the pairs here none may exceed its prices (`lift`): so those found are new.
        """
        found = self.pairs.above(self.prices, self.worth, MORE, self.checked)
        if len(found.fit):
            self._join(found)
            lift(self.graph, self.state, self.newcomers)
        self.checked = Prices(*(side.copy() for side in self.prices))
        self.watch.say("look", pairs=len(self.edges.fit), new=len(found.fit), matched=int(self.state.chosen.sum()))
        return not len(found.fit)
