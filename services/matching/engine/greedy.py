"""A plan by plain greed: never the best, always at hand, so that a run out of time still has an answer."""

from collections.abc import Iterable

import numpy as np

from services.matching.engine.demands import Demands
from services.matching.engine.instance import BoolArray, Edges, IntArray


class _Draft:
    """Pairs chosen so far, with what is left of everybody's capacity and of the quotas' high sides."""

    def __init__(self, demands: Demands, vertex: IntArray) -> None:
        self.vertex = vertex.T.tolist()
        self.room = demands.capacity.tolist()
        self.counts = demands.counts
        self.left = [count.high for count in demands.counts]
        self.done = [0] * len(demands.counts)
        self.member: list[list[int]] = [[] for _ in self.room]
        for number, count in enumerate(demands.counts):
            for v in count.member.tolist():
                self.member[v].append(number)
        self.chosen = np.zeros(vertex.shape[1], dtype=np.bool_)

    def take(self, edge: int) -> bool:
        """Chooses a pair if capacity and quotas allow it."""
        a, b = self.vertex[edge]
        counted = {*self.member[a], *self.member[b]}
        if self.chosen[edge] or min(self.room[a], self.room[b]) < 1 or not all(self._open(number) for number in counted):
            return False
        self._count(edge, counted, 1)
        return True

    def drop(self, edge: int) -> None:
        self._count(edge, {*self.member[self.vertex[edge][0]], *self.member[self.vertex[edge][1]]}, -1)

    def _open(self, number: int) -> bool:
        high = self.left[number]
        return high is None or self.done[number] < high

    def _count(self, edge: int, counted: Iterable[int], by: int) -> None:
        for v in self.vertex[edge]:
            self.room[v] -= by
        for number in counted:
            self.done[number] += by
        self.chosen[edge] = by > 0

    def keeps(self, demands: Demands) -> bool:
        """Low sides of quotas, and who must be matched."""
        lows = all(done >= count.low for done, count in zip(self.done, self.counts, strict=True))
        return lows and not any(self.room[v] for v in np.flatnonzero(demands.must).tolist())


def greedy(demands: Demands, edges: Edges, worth: IntArray) -> Edges | None:
    """Whoever must be matched, members of quotas with a low side, whole parties, then the rest, each by `worth`. None
    where that misses a quota's low side or somebody who must be matched.
    """
    vertex = np.stack((edges.newcomer, edges.local + demands.newcomers))
    draft = _Draft(demands, vertex)
    order = np.argsort(-worth, kind="stable")
    grouped = _mark(demands, list(demands.parties))
    for first in (demands.must, *(_mark(demands, [count.member]) for count in demands.counts if count.low > 0)):
        _take_all(draft, order, _touching(first, vertex) & ~_touching(grouped, vertex), demands)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    for members in demands.parties:
        _place(draft, [_of(vertex, v, rank, grouped) for v in members.tolist()])
    _take_all(draft, order, ~_touching(grouped, vertex), None)
    return edges.some(draft.chosen) if draft.keeps(demands) else None


def _mark(demands: Demands, groups: list[IntArray]) -> BoolArray:
    marked = np.zeros(len(demands.capacity), dtype=np.bool_)
    for group in groups:
        marked[group] = True
    return marked


def _touching(marked: BoolArray, vertex: IntArray) -> BoolArray:
    return np.asarray(marked[vertex].any(axis=0))


def _take_all(draft: _Draft, order: IntArray, among: BoolArray, until: Demands | None) -> None:
    """Takes pairs in order; with `until` only while a quota's low side is still missed."""
    for edge in order[among[order]].tolist():
        if until is not None and draft.keeps(until):
            return
        draft.take(edge)


def _of(vertex: IntArray, v: int, rank: IntArray, grouped: BoolArray) -> list[int]:
    """Somebody's pairs, the best first; not with members of other parties, who would come alone."""
    own = np.flatnonzero((vertex == v).any(axis=0) & ~grouped[vertex].all(axis=0))
    return list(own[np.argsort(rank[own])])


def _place(draft: _Draft, members: list[list[int]]) -> None:
    """All or none."""
    taken: list[int] = []
    for edges in members:
        found = next((edge for edge in edges if draft.take(edge)), None)
        if found is None:
            for edge in taken:
                draft.drop(edge)
            return
        taken.append(found)
