"""Primal-dual b-matching in whole numbers: the solver's core, its warm start and its oracle in one routine.

Maximise the worth of chosen edges, nobody in more than `capacity`. Everybody v has a price p[v] >= floor[v]; for every
edge p[a] + p[b] >= weight, with equality where it is chosen; whoever has room left stands at their floor. These are the
conditions of optimality, and the sum of capacity * (price - floor) then equals the worth of the plan. `floor` is 0, or
what leaving a person out costs or saves: a party, a quota or a pin moves floors and nothing else.

Shortest augmenting paths from whoever has room and a price above their floor (Kuhn 1955; Edmonds and Karp 1972 for the
prices that keep lengths from falling below 0; Jonker and Volgenant 1987 for the dense case).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.engine.instance import IntArray

NO_FLOOR = -(1 << 60)  # nobody is left at it
FAR = 1 << 62
NOBODY = -1


class Graph(NamedTuple):
    """Edges by vertex (newcomers first, then locals): v's are `start[v]:start[v + 1]`, each edge stands at both ends."""

    start: IntArray
    other: IntArray
    edge: IntArray
    weight: IntArray  # in the same order


class State(NamedTuple):
    """What a solve changes: by vertex, but for `chosen` by edge. `mate` and `mate_edge` hold for capacity 1."""

    capacity: IntArray
    floor: IntArray
    price: IntArray
    used: IntArray
    mate: IntArray
    mate_edge: IntArray
    chosen: NDArray[np.bool_]


def graph_of(newcomers: int, locals_: int, ends: tuple[IntArray, IntArray], weight: IntArray) -> Graph:
    """`ends` are numbers of newcomer and local, each from 0."""
    count = np.bincount(ends[0], minlength=newcomers), np.bincount(ends[1], minlength=locals_)
    start = np.concatenate(([0], np.cumsum(np.concatenate(count))))
    other, edge, heavy = np.empty((3, 2 * len(weight)), dtype=np.int64)
    _fill(start[:-1].copy(), ends[0], ends[1] + newcomers, weight, (other, edge, heavy))
    return Graph(start, other, edge, heavy)


@njit(cache=True)
def _fill(
    place: IntArray, newcomer: IntArray, local: IntArray, weight: IntArray, columns: tuple[IntArray, IntArray, IntArray]
) -> None:
    """Each edge to both of its ends, at the next `place` of each (counting sort)."""
    other, edge, heavy = columns
    for k in range(len(weight)):
        one, two = newcomer[k], local[k]
        other[place[one]], edge[place[one]], heavy[place[one]] = two, k, weight[k]
        other[place[two]], edge[place[two]], heavy[place[two]] = one, k, weight[k]
        place[one] += 1
        place[two] += 1


@njit(cache=True, inline="always")
def _push(keys: IntArray, items: IntArray, size: int, key: int, item: int) -> int:
    hole = size
    while hole > 0:
        up = (hole - 1) >> 1
        if keys[up] <= key:
            break
        keys[hole], items[hole] = keys[up], items[up]
        hole = up
    keys[hole], items[hole] = key, item
    return size + 1


@njit(cache=True, inline="always")
def _pop(keys: IntArray, items: IntArray, size: int) -> int:
    """Takes the first away; the caller has read it."""
    size -= 1
    key, item = keys[size], items[size]
    hole = 0
    while True:
        down = 2 * hole + 1
        if down >= size:
            break
        if down + 1 < size and keys[down + 1] < keys[down]:
            down += 1
        if keys[down] >= key:
            break
        keys[hole], items[hole] = keys[down], items[down]
        hole = down
    keys[hole], items[hole] = key, item
    return size


@njit(cache=True, nogil=True)
def lift(graph: Graph, state: State, newcomers: int) -> None:
    """Restores prices after weights, edges, floors or capacities have changed: raises what is too low, and takes back
    chosen edges that are no longer tight.
    """
    price, chosen = state.price, state.chosen
    for v in range(len(price)):
        price[v] = max(price[v], state.floor[v])
    for v in range(newcomers):
        for k in range(graph.start[v], graph.start[v + 1]):
            price[v] = max(price[v], graph.weight[k] - price[graph.other[k]])
    for v in range(newcomers):
        for k in range(graph.start[v], graph.start[v + 1]):
            e, o = graph.edge[k], graph.other[k]
            too_many = state.used[v] > state.capacity[v] or state.used[o] > state.capacity[o]
            if chosen[e] and (too_many or price[v] + price[o] > graph.weight[k]):
                chosen[e] = False
                state.used[v] -= 1
                state.used[o] -= 1


class Scratch(NamedTuple):
    """What a search writes on, clean before and after: `dist` is FAR, `done` and `even` false everywhere."""

    dist: IntArray
    done: NDArray[np.bool_]
    even: NDArray[np.bool_]
    before: IntArray
    by: IntArray
    touched: IntArray
    keys: IntArray
    items: IntArray


def copied(state: State) -> State:
    """The same, to be changed by itself."""
    return State._make(column.copy() for column in state)


@njit(cache=True)
def scratch_for(graph: Graph) -> Scratch:
    count, most = len(graph.start) - 1, len(graph.other) + len(graph.start)
    return Scratch(
        np.full(count, FAR, np.int64), np.zeros(count, np.bool_), np.zeros(count, np.bool_),
        np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64),
        np.empty(most, np.int64), np.empty(most, np.int64),
    )  # fmt: skip


@njit(cache=True, inline="always")
def _reach(scratch: Scratch, seen: int, size: int, v: int, e: int, o: int, reach: int, even: bool) -> tuple[int, int]:
    """Comes to `o` from `v` by edge `e`."""
    if scratch.dist[o] == FAR:
        scratch.touched[seen] = o
        seen += 1
    scratch.dist[o], scratch.before[o], scratch.by[o], scratch.even[o] = reach, v, e, even
    return seen, _push(scratch.keys, scratch.items, size, reach, o)


@njit(cache=True, inline="always")
def _from_even(
    graph: Graph, state: State, scratch: Scratch, seen: int, size: int, v: int, d: int, best: int, avoid: int
) -> tuple[int, int]:
    """Edges not chosen (a chosen one leads back at no cost, and nothing begins there)."""
    for k in range(graph.start[v], graph.start[v + 1]):
        o = graph.other[k]
        reach = d + state.price[v] + state.price[o] - graph.weight[k]
        if reach < best and reach < scratch.dist[o] and o != avoid:
            seen, size = _reach(scratch, seen, size, v, graph.edge[k], o, reach, False)
    return seen, size


@njit(cache=True, inline="always")
def _from_odd(graph: Graph, state: State, scratch: Scratch, seen: int, size: int, v: int, d: int) -> tuple[int, int]:
    """Chosen edges; they are tight."""
    if state.capacity[v] == 1:
        if d < scratch.dist[state.mate[v]]:
            seen, size = _reach(scratch, seen, size, v, state.mate_edge[v], state.mate[v], d, True)
        return seen, size
    for k in range(graph.start[v], graph.start[v + 1]):
        if state.chosen[graph.edge[k]] and d < scratch.dist[graph.other[k]]:
            seen, size = _reach(scratch, seen, size, v, graph.edge[k], graph.other[k], d, True)
    return seen, size


@njit(cache=True)
def _dijkstra(graph: Graph, state: State, scratch: Scratch, source: int, stay: bool, avoid: int) -> tuple[int, int, bool, int]:
    """Alternating paths out of `source`: from even vertices by edges not chosen, from odd ones by chosen edges.

    The nearest end, its distance, whether one more is covered there (an odd vertex with room; else an even one drops to
    its floor), and how many vertices were touched. `stay`: the source may itself be that even one.
    """
    scratch.dist[source], scratch.even[source], scratch.touched[0] = 0, True, source
    seen, size = 1, _push(scratch.keys, scratch.items, 0, 0, source)
    end, best = NOBODY, FAR
    while size > 0:
        d, v = scratch.keys[0], scratch.items[0]
        size = _pop(scratch.keys, scratch.items, size)
        if d >= best:
            break
        if scratch.done[v]:
            continue
        scratch.done[v] = True
        if not scratch.even[v]:
            if state.used[v] < state.capacity[v]:
                return v, d, True, seen
            seen, size = _from_odd(graph, state, scratch, seen, size, v, d)
            continue
        drop = d + state.price[v] - state.floor[v]
        if drop < best and state.floor[v] != NO_FLOOR and (stay or v != source):
            end, best = v, drop
        seen, size = _from_even(graph, state, scratch, seen, size, v, d, best, avoid)
    return end, best, False, seen


@njit(cache=True, inline="always")
def _clean(scratch: Scratch, seen: int) -> None:
    for k in range(seen):
        v = scratch.touched[k]
        scratch.dist[v], scratch.done[v], scratch.even[v] = FAR, False, False


@njit(cache=True)
def probe(graph: Graph, state: State, scratch: Scratch, source: int, stay: bool, avoid: int) -> int:
    """How far it is from `source` to the nearest end, FAR where there is none; changes nothing."""
    _, best, _, seen = _dijkstra(graph, state, scratch, source, stay, avoid)
    _clean(scratch, seen)
    return best


@njit(cache=True)
def search(graph: Graph, state: State, scratch: Scratch, source: int) -> bool:
    """One shortest augmenting path from somebody with room and a price above their floor: prices move by it, then the
    plan. False where there is no path.
    """
    end, best, grows, seen = _dijkstra(graph, state, scratch, source, True, NOBODY)
    if end == NOBODY:
        _clean(scratch, seen)
        return False
    for k in range(seen):
        v = scratch.touched[k]
        if scratch.dist[v] < best:
            change = best - scratch.dist[v]
            state.price[v] += -change if scratch.even[v] else change
    if end != source:
        state.used[end] += 1 if grows else -1
        state.used[source] += 1
        _flip(state, scratch, source, end)
    _clean(scratch, seen)
    return True


@njit(cache=True, inline="always")
def _flip(state: State, scratch: Scratch, source: int, end: int) -> None:
    """Chooses and gives up the edges of the path in turn."""
    v = end
    while v != source:
        u, e = scratch.before[v], scratch.by[v]
        state.chosen[e] = not scratch.even[v]
        if state.chosen[e]:
            state.mate[u], state.mate[v], state.mate_edge[u], state.mate_edge[v] = v, u, e, e
        v = u


@njit(cache=True)
def cover_one(graph: Graph, state: State, scratch: Scratch, v: int) -> bool:
    """Searches until `v` is covered or at their floor. Whoever is uncovered for it stands at theirs."""
    while state.used[v] < state.capacity[v] and state.price[v] > state.floor[v]:
        if not search(graph, state, scratch, v):
            return False
    return True


@njit(cache=True, nogil=True)
def cover(graph: Graph, state: State, begin: int, end: int) -> None:
    """Chooses until everybody from `begin` to `end` with room stands at their floor. Every search lowers the value of the
    prices or covers somebody at no cost.
    """
    scratch = scratch_for(graph)
    for v in range(begin, end):
        cover_one(graph, state, scratch, v)
