"""What stored prices prove by themselves, read as strictly as any input and held against every pair there is.

Where no pair is worth more than its two people pay, no plan is worth more than all the prices together (weak duality).
No solver and no search of it has a part in this. All sums are exact: numbers that could overflow are refused.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from services.matching.engine.instance import NO_PAIR, BoolArray, Instance, IntArray, PairIds, Quota, numbers
from services.matching.engine.listed import listed
from services.matching.engine.roster import Roster
from services.matching.engine.verify_scan import short_pairs

LARGEST = 1 << 55  # of a stored number
HEAVIEST = 1 << 58  # what a pair may be worth, and all quota prices together: then two people's sums stay below 2**61
CLOSED = 1 << 61  # stands for the price of somebody who has no room left
LINK = ("number of a party", "id of a partner", "price")
PARTS = ("weights", "newcomers", "locals", "parties", "quotas", "links")


class _RefusedError(ValueError):
    """What is wrong with the stored prices of a level."""


class _Count(NamedTuple):
    """A quota in vertex numbers, less the pairs that are pinned; `mixed`: it has members of both sides."""

    member: IntArray
    low: int
    high: int | None
    mixed: bool


@dataclass(frozen=True, eq=False)
class _Round:
    """The instance with newcomers before locals in one numbering, pinned pairs (two numbers, fit) taken out.

    `order` is that of the stored prices, `room` what capacity is left, and who is `free` may have a price below 0.
    `together`: the party's members are matched once each or not at all, so that its shares add up to 0 in any plan.
    """

    instance: Instance
    pinned: list[tuple[int, int, int]]
    former: list[tuple[int, int, int]]
    order: IntArray
    room: IntArray
    free: BoolArray
    parties: tuple[IntArray, ...]
    together: tuple[bool, ...]
    counts: tuple[_Count, ...]
    most_fit: int


class _Prices(NamedTuple):
    """`newcomer` and `local`: what everybody pays for a pair, less what it is worth by them whatever its fit; what pairs
    of a link pay besides (two numbers, the local's from 0).
    """

    weights: dict[str, int]
    newcomer: IntArray
    local: IntArray
    total: int
    links: dict[tuple[int, int], int]


def price_bounds(instance: Instance, proof: Any, values: Mapping[str, int], fits: Mapping[PairIds, int]) -> dict[str, int | str]:
    """For each level what its stored prices prove of plans no worse than `values` at the levels before it, or in words
    why they prove nothing. `fits` has the fit of every pin and former pair, NO_PAIR where it is not acceptable.
    """
    given = _round(instance, fits)
    found: dict[str, int | str] = {}
    read: dict[str, _Prices] = {}
    for count, name in enumerate(instance.levels, 1):
        try:
            read[name] = _read(given, proof.get(name), instance.levels[:count])
        except _RefusedError as error:
            found[name] = str(error)
    short = _short(given, list(read.values())).tolist() if read else []
    for (name, prices), (newcomer, local) in zip(read.items(), short, strict=True):
        if newcomer == NO_PAIR:
            found[name] = _bound(prices, values)
        else:
            ids = instance.newcomers.ids[newcomer], instance.locals.ids[local]
            found[name] = f"the prices of pair {ids[0]!r}, {ids[1]!r} are less than it is worth"
    return found


def _bound(prices: _Prices, values: Mapping[str, int]) -> int:
    """What a plan has more than `values` at the levels before would leave even less for the last."""
    *before, last = prices.weights
    rest = prices.total - sum(prices.weights[name] * sign(name) * values[name] for name in before)
    return sign(last) * (rest // prices.weights[last])


def sign(level: str) -> int:
    return -1 if level == "below_floor" else 1


def _round(instance: Instance, fits: Mapping[PairIds, int]) -> _Round:
    ids, first = (*instance.newcomers.ids, *instance.locals.ids), len(instance.newcomers)
    vertex = numbers(ids)
    pins = sorted({(pin.newcomer, pin.local) for pin in instance.pins})
    pinned = [(vertex[n], vertex[m], fits[n, m]) for n, m in pins if fits[n, m] != NO_PAIR]
    capacity = np.concatenate((instance.newcomers.capacity, instance.locals.capacity))
    ends = np.array([pair[:2] for pair in pinned], dtype=np.int64).ravel()
    room = np.maximum(capacity - np.bincount(ends, minlength=len(ids)), 0)
    parties = tuple(np.array([vertex[name] for name in party], dtype=np.int64) for party in instance.parties)
    free = room == 0
    for party in parties:  # whoever is left of a party that has a pin must be matched, which may earn something
        free[party] |= (capacity[party] == 1) & (room[party] < capacity[party]).any()
    return _Round(
        instance,
        pinned,
        [(vertex[n], vertex[m] - first, fits[n, m]) for n, m in former_pairs(instance) if fits[n, m] != NO_PAIR],
        np.array(sorted(range(len(ids)), key=lambda v: (v >= first, ids[v])), dtype=np.int64),
        room,
        free,
        parties,
        tuple(bool(((room[party] == 1) & (capacity[party] == 1)).all()) for party in parties),
        tuple(_count(quota, vertex, first, ends) for quota in instance.quotas),
        _most_fit(instance),
    )


def _count(quota: Quota, vertex: dict[str, int], first: int, ends: IntArray) -> _Count:
    member = np.array(sorted({vertex[name] for name in quota.members if name in vertex}), dtype=np.int64)
    already = int(np.isin(ends.reshape(-1, 2), member).any(axis=1).sum())
    high = None if quota.high is None else quota.high - already
    return _Count(member, max(0, quota.low - already), high, len(set((member < first).tolist())) > 1)


def _most_fit(instance: Instance) -> int:
    if not isinstance(instance.pairs, Roster):
        return int(listed(instance).fit.max(initial=0))
    known = instance.pairs.known[0]
    return int(known["language"].max() + known["hobbies"] + known["age"].max() + known["closeness"])


def _read(given: _Round, told: Any, levels: Sequence[str]) -> _Prices:
    if type(told) is not dict or told.keys() != set(PARTS):
        raise _RefusedError(f"the proof does not have {', '.join(PARTS)}")
    newcomers, locals_ = given.instance.newcomers, given.instance.locals
    weights, price = _weights(given, told["weights"], levels), _price(given, told)
    quotas, links = _quotas(given, told["quotas"]), _links(given, told["links"])
    pairs, waiting = weights.get("pairs", 0), weights.get("waiting", 0)
    gain = np.concatenate((pairs + waiting * newcomers.waiting, waiting * locals_.waiting))
    paid = np.where(given.room > 0, price + _cost(given, told["parties"], quotas, links) - gain, CLOSED)
    total = _total(given, weights, gain, price, quotas)
    return _Prices(weights, paid[: len(newcomers)], paid[len(newcomers) :], total, _paid_by_pairs(given, links))


def _whole(told: Any, count: int, what: str) -> list[int]:
    if type(told) is not list or len(told) != count:
        raise _RefusedError(f"{what} is not a list of {count} numbers")
    if not all(type(value) is int and abs(value) <= LARGEST for value in told):
        raise _RefusedError(f"{what} has something that is not a whole number of at most 2**55")
    return told


def _weights(given: _Round, told: Any, levels: Sequence[str]) -> dict[str, int]:
    """In the order of the levels."""
    if type(told) is not dict or told.keys() != set(levels):
        raise _RefusedError(f"weights are not those of {', '.join(levels)}")
    values = _whole([told[name] for name in levels], len(levels), "weights")
    if min(values) < 0 or values[-1] < 1:
        raise _RefusedError("weights has something below 0, or the last below 1")
    weights = dict(zip(levels, values, strict=True))
    waiting = sum(int(side.waiting.max(initial=0)) for side in (given.instance.newcomers, given.instance.locals))
    if sum(weight * {"waiting": waiting, "fit": given.most_fit}.get(name, 1) for name, weight in weights.items()) > HEAVIEST:
        raise _RefusedError("weights are too large")
    return weights


def _price(given: _Round, told: dict[str, Any]) -> IntArray:
    sides = {"newcomers": given.instance.newcomers, "locals": given.instance.locals}
    price = np.zeros(len(given.room), dtype=np.int64)
    price[given.order] = [value for what, side in sides.items() for value in _whole(told[what], len(side), what)]
    for number in np.flatnonzero((price < 0) & ~given.free)[:1].tolist():
        name = [name for side in sides.values() for name in side.ids][number]
        raise _RefusedError(f"the price of {name!r} is below 0")
    return price


def _quotas(given: _Round, told: Any) -> list[int]:
    """A price needs the side that it is paid on, and a pair of two members would pay twice."""
    prices = _whole(told, len(given.counts), "quotas")
    for quota, count, price in zip(given.instance.quotas, given.counts, prices, strict=True):
        if (price and count.mixed) or (price > 0 and count.high is None):
            raise _RefusedError(f"quota {quota.name!r} {'has both sides' if count.mixed else 'has no max'} and the price {price}")
    if sum(map(abs, prices)) > HEAVIEST:
        raise _RefusedError("quotas are too large")
    return prices


def _links(given: _Round, told: Any) -> list[tuple[int, int, int]]:
    """(party, partner, price): a party placed once or not at all has no more pairs with one partner than his room, or
    none. So its pairs with him may pay a price, if the party gets that price for every place of his.
    """
    if type(told) is not list or not all(type(one) is list and len(one) == len(LINK) for one in told):
        raise _RefusedError(f"links is not a list of {', '.join(LINK)}")
    newcomers, locals_ = given.instance.newcomers.ids, given.instance.locals.ids
    vertex, found = numbers((*newcomers, *locals_)), []
    for party, partner, price in told:
        _whole([party, price], 2, "links")
        if not 0 <= party < len(given.parties) or type(partner) is not str or partner not in vertex or price < 0:
            raise _RefusedError("links has a party or a partner that is not there, or a price below 0")
        if not given.together[party]:
            raise _RefusedError("links has a party that has a pin")
        found.append((party, vertex[partner], price))
    if sum(price * int(given.room[partner]) for _, partner, price in found) > HEAVIEST:
        raise _RefusedError("links are too large")
    return found


def _paid_by_pairs(given: _Round, links: list[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
    first, paid = len(given.instance.newcomers), Counter[tuple[int, int]]()
    for party, partner, price in links:
        for member in given.parties[party].tolist():
            if (member < first) != (partner < first):
                paid[min(member, partner), max(member, partner) - first] += price
    return paid


def _cost(given: _Round, told: Any, quotas: list[int], links: list[tuple[int, int, int]]) -> IntArray:
    """What being matched costs everybody besides their price."""
    given_back = Counter[int]()
    for party, partner, price in links:
        given_back[party] += price * int(given.room[partner])
    if type(told) is not list or len(told) != len(given.parties):
        raise _RefusedError(f"parties is not a list of {len(given.parties)} lists")
    cost = np.zeros(len(given.room), dtype=np.int64)
    for number, (members, together) in enumerate(zip(given.parties, given.together, strict=True)):
        cost[members] = shares = _whole(told[number], len(members), "parties")
        if sum(shares) != -given_back[number] or (any(shares) and not together):
            wrong = sum(shares) != -given_back[number]
            why = f"do not add up to {-given_back[number]}" if wrong else "are not all 0 although it has a pin"
            raise _RefusedError(f"the shares of party {', '.join(given.instance.parties[number])} {why}")
    for count, price in zip(given.counts, quotas, strict=True):
        cost[count.member] += price
    return cost


def _total(given: _Round, weights: dict[str, int], gain: IntArray, price: IntArray, quotas: list[int]) -> int:
    """More than this no plan is worth, were no pair worth more than its prices."""
    total: int = sum(room * each for room, each in zip(given.room.tolist(), price.tolist(), strict=True))
    for count, each in zip(given.counts, quotas, strict=True):
        total += each * (count.low if each < 0 or count.high is None else count.high)
    for newcomer, local, fit in given.pinned:
        below = weights.get("below_floor", 0) if fit < given.instance.quality_floor else 0
        kept = weights.get("kept", 0) if (newcomer, local - len(given.instance.newcomers), fit) in given.former else 0
        total += int(gain[newcomer] + gain[local]) + weights.get("fit", 0) * fit - below + kept
    return total


def _short(given: _Round, levels: list[_Prices]) -> IntArray:
    """Of each level an acceptable pair whose prices are less than it is worth, else NO_PAIR twice."""
    newcomer, local = (np.stack([getattr(level, side) for level in levels]) for side in ("newcomer", "local"))
    named = ("fit", "below_floor", "kept")
    weight = np.array([[level.weights.get(name, 0) for level in levels] for name in named], dtype=np.int64)
    rows, columns = pair_columns({pair for level in levels for pair in level.links})
    fits = given.instance.pairs.fits(rows, columns).tolist()
    paid = {
        (row, column, fit): np.array([level.links.get((row, column), 0) for level in levels])
        for row, column, fit in zip(rows.tolist(), columns.tolist(), fits, strict=True)
        if fit != NO_PAIR
    }
    others = replace(given.instance, pairs=given.instance.pairs.without(rows, columns))
    return short_pairs(others, newcomer, local, weight, given.most_fit, given.former, paid)


def pair_columns(pairs: Iterable[tuple[int, int]]) -> IntArray:
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T.copy()


def former_pairs(instance: Instance) -> list[PairIds]:
    """Those of the plan before whose people are still here."""
    here = {*instance.newcomers.ids, *instance.locals.ids}
    return sorted({pair for pair in instance.former if here.issuperset(pair)})
