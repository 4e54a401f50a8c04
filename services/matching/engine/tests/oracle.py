"""What `verify` is measured by: worth, prices and bounds of a small instance in plain Python, from names and fits, written apart
from the engine; and an instance made by hand that has every kind of wish.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from services.matching.engine.instance import Instance, Pin, Quota, Side, order
from services.matching.engine.listed import Listed

Raw = dict[str, Any]
Pair = tuple[str, str]
Edges = dict[Pair, int]


def side(waiting: dict[str, int], capacity: dict[str, int], ids: Iterable[str] | None = None) -> Side:
    names = tuple(order(waiting) if ids is None else ids)
    rooms = [capacity.get(name, 1) for name in names]
    return Side(names, np.array([waiting[name] for name in names], dtype=np.int64), np.array(rooms, dtype=np.int64))


def listed(newcomers: Side, locals_: Side, edges: Edges) -> Listed:
    table = [(newcomers.ids.index(n), locals_.ids.index(m), fit) for (n, m), fit in edges.items()]
    columns = np.ascontiguousarray(np.array(table, dtype=np.int32).reshape(-1, 3).T)
    return Listed.of(len(newcomers), len(locals_), *columns)


def by_name(given: Instance, column: str) -> dict[str, int]:
    """`waiting` or `capacity` of everybody."""
    sides = (given.newcomers, given.locals)
    return {name: int(value) for one in sides for name, value in zip(one.ids, getattr(one, column), strict=True)}


def turn(level: str) -> int:
    return -1 if level == "below_floor" else 1


def worth(given: Instance, edges: Edges, pair: Pair, weights: dict[str, int]) -> int:
    gains = values(given, edges, [pair])
    return sum(weight * gains[name] * turn(name) for name, weight in weights.items())


def values(given: Instance, edges: Edges, pairs: Iterable[Pair]) -> dict[str, int]:
    waiting, fits = by_name(given, "waiting"), [edges[pair] for pair in pairs]
    waited, below = sum(waiting[name] for pair in pairs for name in pair), sum(fit < given.quality_floor for fit in fits)
    return {"pairs": len(fits), "waiting": waited, "below_floor": below, "fit": sum(fits)}


def room(given: Instance) -> Counter[str]:
    left = Counter(by_name(given, "capacity"))
    left.subtract(name for pin in given.pins for name in (pin.newcomer, pin.local))
    return left


def must(given: Instance) -> set[str]:
    pinned = {name for pin in given.pins for name in (pin.newcomer, pin.local)}
    return {name for party in given.parties if pinned & set(party) for name in party} - pinned


def counted(quota: Quota, pairs: Iterable[Pair]) -> int:
    return sum(1 for pair in pairs if set(pair) & set(quota.members))


def cost(given: Instance, name: str, proof: Raw) -> int:
    shares = [told[party.index(name)] for party, told in zip(given.parties, proof["parties"], strict=True) if name in party]
    prices = [price for quota, price in zip(given.quotas, proof["quotas"], strict=True) if name in quota.members]
    return int(sum(shares) + sum(prices))


def linked(given: Instance, pair: Pair, proof: Raw) -> int:
    """What a pair of a party's member with the partner of one of its links pays."""
    ends = {frozenset((name, partner)): price for party, partner, price in proof["links"] for name in given.parties[party]}
    return int(ends.get(frozenset(pair), 0))


def proof(given: Instance, edges: Edges, weights: dict[str, int], **more: Any) -> Raw:
    """Newcomers pay what is missing beside the given prices of locals, of parties and of quotas."""
    told = {"parties": [[0] * len(party) for party in given.parties], "quotas": [0] * len(given.quotas), "links": []} | more
    prices = dict(zip(sorted(given.locals.ids), more.get("locals", [0] * len(given.locals)), strict=True))
    left, forced = room(given), must(given)
    need: dict[str, list[int]] = {name: [] if name in forced else [0] for name in given.newcomers.ids}
    for n, m in edges:
        if min(left[n], left[m]) > 0:
            paid = prices[m] + cost(given, n, told) + cost(given, m, told) + linked(given, (n, m), told)
            need[n].append(worth(given, edges, (n, m), weights) - paid)
    least = [max(need[name], default=0) for name in sorted(need)]
    return {"weights": weights, "newcomers": least, "locals": list(prices.values())} | told


def bound(given: Instance, edges: Edges, number: int, told: Raw, reached: dict[str, int]) -> int:
    prices = zip((*sorted(given.newcomers.ids), *sorted(given.locals.ids)), (*told["newcomers"], *told["locals"]), strict=True)
    left, pins = room(given), {(pin.newcomer, pin.local) for pin in given.pins}
    total = sum(left[name] * price for name, price in prices) + sum(worth(given, edges, pin, told["weights"]) for pin in pins)
    for quota, price in zip(given.quotas, told["quotas"], strict=True):
        if price > 0:
            total += price * ((quota.high or 0) - counted(quota, pins))
        total += min(price, 0) * max(0, quota.low - counted(quota, pins))
    *before, last = given.levels[: number + 1]
    rest = total - sum(told["weights"][name] * turn(name) * reached[name] for name in before)
    return int(turn(last) * (rest // told["weights"][last]))


def sealed(given: Instance, edges: Edges, pairs: Iterable[Pair], proofs: Raw) -> Raw:
    """A result that claims its plan to be the best."""
    chosen = sorted(pairs)
    reached, matched = values(given, edges, chosen), {name for pair in chosen for name in pair}
    levels = {
        name: {"value": reached[name], "bound": reached[name], "price_bound": bound(given, edges, number, proofs[name], reached)}
        for number, name in enumerate(given.levels)
    }
    left = [{"id": name} for one in (given.newcomers, given.locals) for name in one.ids if name not in matched]
    return {
        "status": "optimal", "levels": levels, "pairs": [[*pair, edges[pair]] for pair in chosen], "unmatched": left,
        "conflicts": [], "proof": proofs, "seconds": 0.1, "peak_mb": 1,
        "counts": {"newcomers": len(given.newcomers), "locals": len(given.locals)},
    }  # fmt: skip


def keeps(given: Instance, pairs: tuple[Pair, ...]) -> bool:
    taken = Counter(name for pair in pairs for name in pair)
    full = room(replace(given, pins=()))
    return (
        all(count <= full[name] for name, count in taken.items())
        and all((pin.newcomer, pin.local) in pairs for pin in given.pins)
        and all(len({name in taken for name in party}) == 1 for party in given.parties)
        and all(q.low <= counted(q, pairs) <= (99 if q.high is None else q.high) for q in given.quotas)
    )


def plans(given: Instance, edges: Edges) -> Iterator[tuple[Pair, ...]]:
    for size in range(len(edges) + 1):
        yield from (pairs for pairs in itertools.combinations(sorted(edges), size) if keeps(given, pairs))


def score(given: Instance, edges: Edges, pairs: Iterable[Pair]) -> tuple[int, ...]:
    reached = values(given, edges, pairs)
    return tuple(turn(name) * reached[name] for name in given.levels)


EDGES = {
    ("a", "u"): 500, ("a", "v"): 600, ("b", "u"): 500, ("b", "v"): 450, ("b", "x"): 300, ("c", "u"): 700, ("d", "v"): 650,
    ("d", "x"): 350, ("e", "w"): 390, ("f", "u"): 380, ("f", "v"): 410, ("f", "x"): 420,
}  # fmt: skip
PLAN = [("a", "v"), ("b", "u"), ("c", "u"), ("e", "w"), ("f", "x")]


def hand_made() -> Instance:
    mine = side({"a": 0, "b": 1, "c": 2, "d": 0, "e": 0, "f": 1}, {})
    theirs = side({"u": 1, "v": 0, "w": 0, "x": 3, "y": 0}, {"u": 2, "y": 3})
    quotas = (Quota("mixed", ("f", "x"), 1, 2), Quota("open", ("u", "v"), 1), Quota("org", ("a", "d"), 1, 1))
    pairs = listed(mine, theirs, EDGES | {("d", "w"): 800})
    banned = np.array([mine.ids.index("d")]), np.array([theirs.ids.index("w")])
    pins = (Pin("c", "u"), Pin("e", "w", "keep"))
    return Instance(mine, theirs, pairs.without(*banned), (("a", "b"), ("e", "f")), pins, quotas, 400)


def hand_proofs(given: Instance) -> Raw:
    more = {"locals": [9, 9, 0, 4, 0], "parties": [[5, -8], [0, 0]], "quotas": [0, -3, 7], "links": [[0, "v", 3]]}
    weights = [{name: 10_000 ** (k - j) for j, name in enumerate(given.levels[: k + 1])} for k in range(len(given.levels))]
    return {name: proof(given, EDGES, weights[k], **more) for k, name in enumerate(given.levels)}
