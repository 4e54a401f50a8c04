"""Links: what keeps a relaxation from placing half a party.

Two of a party may share one partner by halves, though he takes one of them or none. For a party P placed z times (0 or 1)
and a partner o with `room` places, the pairs of P with o are at most room * z. A link has a price, which each of these
pairs costs; in return whoever places the party gets `room` times as much. Integer plans keep all links by themselves:
they are valid inequalities (the strong linking rows of facility location, Cornuejols, Nemhauser and Wolsey 1990).
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.demands import Demands
from services.matching.engine.instance import NO_PAIR, Edges, Instance, IntArray

Shares = NDArray[np.float64]
SPLIT = 0.01  # nearer to 0 or 1 a share is whole


@dataclass(frozen=True, eq=False)
class Links:
    """`party` (numbers in the demands), `partner` (vertices) and `price`, one of each for a link; `pairs` of all of them
    by their key, and which link each is of: a pair of two members of parties may stand there twice.
    """

    party: IntArray
    partner: IntArray
    price: IntArray
    pairs: Edges
    link: IntArray

    def __len__(self) -> int:
        return len(self.party)

    def cost(self) -> IntArray:
        """What each of `pairs` costs by its link."""
        return self.price[self.link]


def no_links() -> Links:
    nothing = np.zeros(0, dtype=np.int64)
    return Links(nothing, nothing, nothing, Edges(nothing, nothing, nothing), nothing)


def linked(instance: Instance, demands: Demands, links: Links, new: list[tuple[int, int]]) -> Links:
    """With links of price 0 for these (party, partner) besides."""
    party = np.append(links.party, [number for number, _ in new]).astype(np.int64)
    partner = np.append(links.partner, [vertex for _, vertex in new]).astype(np.int64)
    price = np.append(links.price, np.zeros(len(new), dtype=np.int64))
    members = [demands.parties[number] for number in party.tolist()]
    link = np.repeat(np.arange(len(party)), [len(group) for group in members])
    own, other = np.concatenate(members), partner[link]
    newcomer, local = np.minimum(own, other), np.maximum(own, other) - demands.newcomers
    fit = instance.pairs.fits(newcomer, local)
    order = np.argsort(newcomer * len(instance.locals) + local, kind="stable")
    order = order[fit[order] != NO_PAIR]
    return Links(party, partner, price, Edges(newcomer, local, fit).some(order), link[order])


def half_placed(share: Shares, vertex: IntArray, demands: Demands, links: Links) -> list[tuple[int, int]]:
    """The links, not there yet, that these shares of pairs (their ends in `vertex`, (2, m)) break."""
    used = share > SPLIT
    ends, parts = np.concatenate((vertex[:, used], vertex[::-1, used]), axis=1), np.tile(share[used], 2)
    placed = np.bincount(ends[0], parts, minlength=len(demands.capacity))
    known = set(zip(links.party.tolist(), links.partner.tolist(), strict=True))
    return [
        (number, partner)
        for number, members in enumerate(demands.parties)
        if SPLIT < placed[members[0]] < 1 - SPLIT
        for partner, together in _by_partner(members, ends, parts).items()
        if together > demands.capacity[partner] * placed[members[0]] + SPLIT and (number, partner) not in known
    ]


def _by_partner(members: IntArray, ends: IntArray, parts: Shares) -> dict[int, float]:
    """How much of each partner these people have together."""
    own = np.isin(ends[0], members)
    found: defaultdict[int, float] = defaultdict(float)
    for partner, part in zip(ends[1, own].tolist(), parts[own].tolist(), strict=True):
        found[partner] += part
    return found
