"""The pairs that a plan near the best can have, and what each loses against the prices.

Loss of a pair: its two prices less its worth; loss of a place left empty: the price of whoever has it, over their floor.
A plan's losses add up to the value of the prices less its own, whatever the prices (reduced costs). So a plan that is
at most `width` below the prices' value uses only pairs of that window, and fills every place that costs more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from services.matching.engine.core import Core
from services.matching.engine.demands import Count
from services.matching.engine.instance import BoolArray, Edges, IntArray, Prices, joined

MOST = 400_000  # pairs
ROOM, SHARE = 50, 4  # of one newcomer no more than this, and this many times their share of MOST


@dataclass(frozen=True)
class Priced:
    """A count whose price is not 0: `loss` for every pair that it is away from `bound`, which is its high or low side."""

    bound: int
    side: int  # 1: at most `bound`, -1: at least
    loss: int


@dataclass(frozen=True, eq=False)
class Link:
    """`factor` times the window's `pairs` is at most 0; `price` for each that it is below."""

    pairs: IntArray
    factor: IntArray
    price: int


@dataclass(frozen=True, eq=False)
class Window:
    """`vertex` (2, m) are the ends of each pair, `loss` (m,) what it loses. By vertex: `empty` what an empty place costs,
    and `capacity`. `counts` as in the demands, `links` as in the core. Too large for CP-SAT, or for memory, it is not
    `complete`.
    """

    edges: Edges
    vertex: IntArray
    loss: IntArray
    empty: IntArray
    capacity: IntArray
    counts: tuple[Priced, ...]
    links: tuple[Link, ...]
    width: int
    complete: bool

    def touching(self, member: IntArray) -> IntArray:
        """The pairs of any of these vertices."""
        marked = np.zeros(len(self.capacity), dtype=np.bool_)
        marked[member] = True
        return np.flatnonzero(marked[self.vertex].any(axis=0))

    def incident(self) -> tuple[IntArray, IntArray]:
        """Pair numbers by vertex: those of v are `pair[start[v]:start[v + 1]]`."""
        ends = self.vertex.ravel()
        order = np.argsort(ends, kind="stable")
        start = np.searchsorted(ends[order], np.arange(len(self.capacity) + 1))
        return start, order % max(1, self.vertex.shape[1])


def window(core: Core, width: int, also: Edges | None = None) -> Window:
    """Needs prices that no pair exceeds (`Core.price_out`). Pairs of `also` are in it whatever they lose."""
    prices, state, worth = core.prices, core.state, core.worth
    most = ROOM + SHARE * MOST // max(1, core.newcomers)
    found = core.pairs.above(Prices(prices.newcomer - width - 1, prices.local), worth, most)
    complete = len(found.fit) <= MOST and int(np.bincount(found.newcomer, minlength=1).max()) < most
    # A look at all pairs does not know who stays, and leaves out those with a link.
    wanted = joined(core.former, core.links.pairs, *([] if also is None else [also]))
    if len(wanted.fit):
        found = _once(core, joined(found, wanted))
    vertex = np.stack((found.newcomer, found.local + core.newcomers))
    loss = state.price[vertex].sum(axis=0) - core.weight(found)
    inside = (state.capacity[vertex] > 0).all(axis=0) & (loss <= width)
    if also is not None:
        inside |= (state.capacity[vertex] > 0).all(axis=0) & np.isin(core.keys(found), core.keys(also))
    found, vertex, loss = found.some(inside), vertex[:, inside], loss[inside]
    counts = tuple(_priced(*pair) for pair in zip(core.demands.counts, core.count.tolist(), strict=True))
    links = tuple(_links(core, vertex))
    return Window(found, vertex, loss, core.over_floor(), core.demands.capacity, counts, links, width, complete)


def unpriced(found: Window, must: BoolArray) -> Window:
    """The same pairs, but nothing loses anything: no place need be filled but those that `must` be."""
    counts = tuple(replace(priced, loss=0) for priced in found.counts)
    empty = np.where(must, found.width + 1, 0)
    return replace(found, loss=np.zeros_like(found.loss), empty=empty, counts=counts, links=())


def _links(core: Core, vertex: IntArray) -> Iterator[Link]:
    """Pairs of a party with the partner, less as many times as it is placed as he has room."""
    for party, partner, price in zip(core.links.party, core.links.partner, core.links.price.tolist(), strict=True):
        members = core.demands.parties[party]
        own = np.isin(vertex, members)
        together = own.any(axis=0) & (vertex == partner).any(axis=0)
        first = (vertex == members[0]).any(axis=0)
        factor = together.astype(np.int64) - core.demands.capacity[partner] * first
        pairs = np.flatnonzero(factor)
        yield Link(pairs, factor[pairs], price)


def _once(core: Core, found: Edges) -> Edges:
    _, first = np.unique(core.keys(found), return_index=True)
    return found.some(first)


def _priced(count: Count, price: int) -> Priced:
    return Priced(count.high or 0, 1, price) if price > 0 else Priced(max(0, count.low), -1, -price)
