"""What parties and quotas cost their members: coordinate steps on the Lagrangian dual, each a few searches.

A multiplier is a floor: what being matched costs. In a party the floors add up to 0, in a quota they are one number. A
step moves floors to where the plan changes, so the value of the prices falls by a whole number or the plan is mended at
no cost. Where coordinate steps end, `relaxation` goes on.
"""

import numpy as np
from numba import njit

from services.matching.engine.instance import BoolArray, IntArray
from services.matching.engine.prices import NO_FLOOR, NOBODY, Graph, Scratch, State, cover_one, probe, scratch_for

UNPAYABLE = 1 << 53  # a cost that nothing pays, and less than it is worth that somebody who must be matched is


@njit(cache=True)
def cover_cost(graph: Graph, state: State, scratch: Scratch, v: int) -> int:
    """How far the floor of somebody with room must fall until one more of their pairs costs nothing."""
    return int(min(UNPAYABLE, probe(graph, state, scratch, v, False, NOBODY)))


@njit(cache=True)
def release_cost(graph: Graph, state: State, scratch: Scratch, v: int) -> int:
    """How far the floor of somebody matched must rise until one of their pairs less costs nothing."""
    least = UNPAYABLE
    for k in range(graph.start[v], graph.start[v + 1]):
        if state.chosen[graph.edge[k]]:
            least = min(least, probe(graph, state, scratch, graph.other[k], True, v))
    return int(min(UNPAYABLE, least + state.price[v] - state.floor[v]))


@njit(cache=True)
def lower(graph: Graph, state: State, scratch: Scratch, v: int, by: int) -> None:
    """Somebody with room is covered once more where that costs no more than `by`; ties are for covering."""
    floor = state.floor[v] - by
    if state.used[v] < state.capacity[v] and cover_cost(graph, state, scratch, v) <= by:
        used = state.used[v] + 1
        state.floor[v] = NO_FLOOR
        while state.used[v] < used:
            if not cover_one(graph, state, scratch, v):
                break
        state.floor[v] = floor
        return
    state.floor[v] = floor
    cover_one(graph, state, scratch, v)


@njit(cache=True)
def raise_(graph: Graph, state: State, scratch: Scratch, v: int, by: int) -> None:
    """Whoever would now cost more than they are worth is released; ties are for staying."""
    state.floor[v] += by
    if state.price[v] < state.floor[v]:
        state.price[v] = state.floor[v]
        _give_back(graph, state, scratch, v)


@njit(cache=True)
def release(graph: Graph, state: State, scratch: Scratch, v: int, cost: int) -> None:
    """Raises the floor by `cost`, what it costs to release somebody with one pair, and does it; ties are for leaving."""
    state.floor[v] += cost
    state.price[v] = max(state.price[v], state.floor[v])
    capacity = state.capacity[v]
    state.capacity[v] = 0
    _give_back(graph, state, scratch, v)
    state.capacity[v] = capacity
    cover_one(graph, state, scratch, v)


@njit(cache=True)
def _give_back(graph: Graph, state: State, scratch: Scratch, v: int) -> None:
    """Takes v's pairs away and finds their partners others, or the same again."""
    for k in range(graph.start[v], graph.start[v + 1]):
        if state.chosen[graph.edge[k]]:
            state.chosen[graph.edge[k]] = False
            state.used[v] -= 1
            state.used[graph.other[k]] -= 1
            cover_one(graph, state, scratch, graph.other[k])
    cover_one(graph, state, scratch, v)


@njit(cache=True)
def mend_party(graph: Graph, state: State, scratch: Scratch, members: IntArray) -> None:
    """One step for a party that is split: all covered or all released, whichever costs less; the others pay for it."""
    cost, covered = np.empty(len(members), np.int64), np.empty(len(members), np.bool_)
    for k, v in enumerate(members):
        covered[k] = state.used[v] > 0
        cost[k] = release_cost(graph, state, scratch, v) if covered[k] else cover_cost(graph, state, scratch, v)
    covering, releasing = cost[~covered].sum(), cost[covered].sum()
    if min(covering, releasing) < UNPAYABLE:
        _turn(graph, state, scratch, members, cost, covered, covering <= releasing)
        _pay(graph, state, scratch, members, cost, covered, covering <= releasing)


@njit(cache=True)
def _turn(
    graph: Graph, state: State, scratch: Scratch, members: IntArray, cost: IntArray, covered: BoolArray, cover: bool
) -> None:
    """Those who are not as all shall be get there, at their cost."""
    for k, v in enumerate(members):
        if covered[k] == cover:
            continue
        if cover:
            lower(graph, state, scratch, v, cost[k])
        elif state.used[v] > 0:
            release(graph, state, scratch, v, cost[k])
        else:
            raise_(graph, state, scratch, v, cost[k])


@njit(cache=True)
def _pay(
    graph: Graph, state: State, scratch: Scratch, members: IntArray, cost: IntArray, covered: BoolArray, cover: bool
) -> None:
    """The same sum from those who are as all shall be, of nobody more than it would cost to turn them."""
    left = cost[covered != cover].sum()
    for k, v in enumerate(members):
        if covered[k] == cover and left > 0:
            step = min(left, cost[k])
            left -= step
            if cover:
                raise_(graph, state, scratch, v, step)
            else:
                lower(graph, state, scratch, v, step)


@njit(cache=True, nogil=True)
def mend_parties(graph: Graph, state: State, start: IntArray, member: IntArray) -> None:
    """A step for every party that is split. Parties are `member[start[p]:start[p + 1]]`."""
    scratch = scratch_for(graph)
    for party in range(len(start) - 1):
        members = member[start[party] : start[party + 1]]
        covered = 0
        for v in members:
            covered += 1 if state.used[v] > 0 else 0
        if 0 < covered < len(members):
            mend_party(graph, state, scratch, members)


@njit(cache=True, nogil=True)
def costs(graph: Graph, state: State, member: IntArray, cover: bool) -> IntArray:
    """Of every member the cost of one pair more (`cover`) or less, UNPAYABLE where there is none."""
    scratch = scratch_for(graph)
    found = np.full(len(member), UNPAYABLE, np.int64)
    for k, v in enumerate(member):
        if cover and state.used[v] < state.capacity[v]:
            found[k] = cover_cost(graph, state, scratch, v)
        elif not cover and state.used[v] > 0:
            found[k] = release_cost(graph, state, scratch, v)
    return found


@njit(cache=True, nogil=True)
def shift(graph: Graph, state: State, member: IntArray, by: int) -> None:
    """Moves the floors of all members by one number, ties being for things as they are."""
    scratch = scratch_for(graph)
    for v in member:
        if state.capacity[v] > 0 and by > 0:
            raise_(graph, state, scratch, v, by)
        else:
            state.floor[v] += by
            if state.capacity[v] > 0:
                cover_one(graph, state, scratch, v)
