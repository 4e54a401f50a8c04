"""What offices ask for besides the rules, for an invented round: parties, capacities, pins, bans and quotas.

- One in twenty of each side is in a party; one party in five has three members, the others two. They live wherever their
  members were invented, or in one home, which is harder: then several want the same few people around them.
- A local takes one newcomer (70 %), two (20 %) or three (10 %); a member of a party one.
- One newcomer in a hundred is pinned to a local of those acceptable; nobody of a party, no local twice.
- Pairs are banned by chance among the acceptable ones, as many as one newcomer in fifty.
- Seven organisations have one in twenty of their side. Of their members who have anybody acceptable, four quotas let at most
  60 % of the newcomers be in pairs; three ask for pairs with locals, at least 80 % as many as there are.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from services.matching.engine.instance import NO_PAIR, Prices
from services.matching.engine.roster import FIT_ALONE, Roster

Line = dict[str, Any]
IN_PARTY, PINNED, BANNED, IN_GROUP = 0.05, 0.01, 0.02, 0.05
MOST_OF_GROUP, LEAST_OF_GROUP = 0.6, 0.8
NEWCOMERS_GROUPS, LOCALS_GROUPS = "abcd", "efg"


def side_of(people: Sequence[Line], role: str) -> list[Line]:
    return [one for one in people if one["role"] == role]


def add_to_people(people: Sequence[Line], draw: random.Random, *, one_home: bool) -> None:
    """Capacities, parties and organisations, in place."""
    newcomers, locals_ = side_of(people, "newcomer"), side_of(people, "local")
    for one in locals_:
        one["capacity"] = draw.choices((1, 2, 3), (70, 20, 10))[0]
    for side in (newcomers, locals_):
        _add_parties(side, draw, ("party", "capacity", *(("lat", "lon") if one_home else ())))
    for side, groups in ((newcomers, NEWCOMERS_GROUPS), (locals_, LOCALS_GROUPS)):
        _add_groups(side, groups, draw)


def _add_parties(side: Sequence[Line], draw: random.Random, shared: Sequence[str]) -> None:
    members = draw.sample(side, round(IN_PARTY * len(side)))
    while len(members) > 1:
        first, *others = [members.pop() for _ in range(min(len(members), 3 if draw.random() < 0.2 else 2))]
        first |= {"party": f"with-{first['id']}", "capacity": 1}
        for one in others:
            one |= {name: first[name] for name in shared}


def _add_groups(side: Sequence[Line], groups: Sequence[str], draw: random.Random) -> None:
    size = round(IN_GROUP * len(side))
    members = draw.sample(side, size * len(groups))
    for number, one in enumerate(members):
        one["group"] = groups[number // size]


def wishes(people: Sequence[Line], pairs: Roster, draw: random.Random) -> dict[str, Any]:
    """The wishes file of people to whom `add_to_people` was done."""
    in_party = {one["id"] for one in people if one["party"]}
    newcomers = [one["id"] for one in side_of(people, "newcomer")]
    pins = _pins([name for name in newcomers if name not in in_party], in_party, pairs, draw)[: round(PINNED * len(newcomers))]
    bans = _bans(newcomers, pairs, draw)[: round(BANNED * len(newcomers))]
    return {"pins": pins, "bans": [ban for ban in bans if ban not in pins], "quotas": list(_quotas(people, pairs))}


def _pins(newcomers: Sequence[str], in_party: set[str], pairs: Roster, draw: random.Random) -> list[tuple[str, str]]:
    taken, pins = set(in_party), []
    for name, partners in _partners(draw.sample(newcomers, round(0.1 * len(newcomers))), pairs):
        if free := [one for one in partners if one not in taken]:
            pins.append((name, draw.choice(free)))
            taken.add(pins[-1][1])
    return pins


def _bans(newcomers: Sequence[str], pairs: Roster, draw: random.Random) -> list[tuple[str, str]]:
    some = draw.sample(newcomers, round(0.1 * len(newcomers)))
    return [(name, draw.choice(partners)) for name, partners in _partners(some, pairs) if partners]


def _partners(newcomers: Sequence[str], pairs: Roster) -> Iterator[tuple[str, list[str]]]:
    """Each of them with all locals acceptable to them."""
    place = {name: number for number, name in enumerate(pairs.newcomers.ids)}
    free = Prices(np.full(len(pairs.newcomers), NO_PAIR), np.zeros(len(pairs.locals), dtype=np.int64))
    rows = np.array([place[name] for name in newcomers], dtype=np.int64)
    found = pairs.look(free, rows, pairs.locals.all, FIT_ALONE, len(pairs.locals) + 1)
    partners: dict[int, list[str]] = {}
    for row, column in zip(found.newcomer.tolist(), found.local.tolist(), strict=True):
        partners.setdefault(row, []).append(pairs.locals.ids[column])
    for name in newcomers:
        yield name, sorted(partners.get(place[name], ()))


def _quotas(people: Sequence[Line], pairs: Roster) -> Iterator[dict[str, Any]]:
    best = pairs.best(1)
    reached = {pairs.newcomers.ids[number] for number in best.newcomer.tolist()}
    reached |= {pairs.locals.ids[number] for number in best.local.tolist()}
    for group in (*NEWCOMERS_GROUPS, *LOCALS_GROUPS):
        members = [one["id"] for one in people if one["group"] == group]
        some = len(reached.intersection(members))
        limit = {"max": int(MOST_OF_GROUP * some)} if group in NEWCOMERS_GROUPS else {"min": int(LEAST_OF_GROUP * some)}
        yield {"name": f"organisation {group}", "members": members, **limit}
