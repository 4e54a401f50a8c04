"""Small random instances, and their answers by trying every plan there is."""

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from services.matching.engine.instance import DEFAULT_LEVELS, Instance, Pin, Quota, Side, numbers, order, whole
from services.matching.engine.listed import Listed

PairIds = tuple[str, str]
Wish = tuple[str, tuple[str, ...], str]


def made(
    newcomers: dict[str, int],
    locals_: dict[str, tuple[int, int]],
    edges: Iterable[tuple[str, str, int]],
    *,
    parties: Iterable[Sequence[str]] = (),
    pins: Iterable[Pin] = (),
    quotas: Iterable[Quota] = (),
    floor: int = 0,
    levels: Sequence[str] = DEFAULT_LEVELS,
) -> Instance:
    """Newcomers by id with their waiting, locals with waiting and capacity."""
    left, right = order(newcomers), order(locals_)
    rows, columns = numbers(left), numbers(right)
    table = np.array([(rows[n], columns[m], fit) for n, m, fit in edges], dtype=np.int32).reshape(-1, 3).T
    return Instance(
        Side(tuple(left), whole(newcomers[name] for name in left), np.ones(len(left), dtype=np.int64)),
        Side(tuple(right), whole(locals_[name][0] for name in right), whole(locals_[name][1] for name in right)),
        Listed.of(len(left), len(right), *table),
        tuple(sorted(tuple(sorted(party)) for party in parties)),
        tuple(sorted(pins, key=lambda pin: (pin.newcomer, pin.local))),
        tuple(sorted(quotas, key=lambda quota: quota.name)),
        floor,
        tuple(levels),
    )


def drawn(seed: int, *, wishes: bool = True) -> tuple[Instance, list[tuple[str, str, int]]]:
    draw = random.Random(seed)
    newcomers = {f"n{k}": draw.choice([0, 0, 1, 2]) for k in range(draw.randint(1, 5))}
    groups = [["n0", "n1"]] if len(newcomers) > 1 and draw.random() < 0.6 else []
    if len(newcomers) > 3 and draw.random() < 0.5:
        groups.append(["n2", "n3"])
    locals_ = {f"l{k}": (draw.choice([0, 0, 1]), draw.choice([1, 1, 2])) for k in range(draw.randint(1, 4))}
    if len(locals_) > 2 and draw.random() < 0.4:
        locals_ |= {"l0": (0, 1), "l1": (1, 1)}
        groups.append(["l0", "l1"])
    pairs = [(n, m) for n in newcomers for m in locals_ if draw.random() < 0.6][:11]
    edges = [(n, m, draw.choice([100, 300, 301, 500, 900])) for n, m in pairs]
    pins = [Pin(*pair, draw.choice(["pin", "keep"])) for pair in draw.sample(pairs, min(len(pairs), 2))]
    quotas = []
    for number in range(draw.choice([0, 1, 2])):
        low = draw.choice([0, 0, 1, 2])
        high = draw.choice([None, low, low + 1])
        members = draw.sample([*newcomers, *locals_], min(3, len(newcomers) + len(locals_)))
        quotas.append(Quota(f"q{number}", tuple(sorted(members)), low, high))
    kept = [pin for pin in pins if draw.random() < 0.4] if wishes else []
    levels = tuple(draw.sample(DEFAULT_LEVELS, draw.randint(1, 4))) if draw.random() < 0.5 else DEFAULT_LEVELS
    groups = groups if wishes else []
    instance = made(
        newcomers, locals_, edges, parties=groups, pins=kept, quotas=quotas if wishes else [], floor=300, levels=levels
    )
    return instance, edges


class Tried:
    """Every plan of an instance within everybody's capacity, once."""

    def __init__(self, given: Instance, edges: Sequence[tuple[str, str, int]]) -> None:
        self.given = given
        self.edges = edges
        sides = (given.newcomers, given.locals)
        self.room = {name: int(room) for side in sides for name, room in zip(side.ids, side.capacity, strict=True)}
        self.waiting = {name: int(rounds) for side in sides for name, rounds in zip(side.ids, side.waiting, strict=True)}

    def plans(self) -> Iterator[list[tuple[str, str, int]]]:
        for used in itertools.product((False, True), repeat=len(self.edges)):
            chosen = list(itertools.compress(self.edges, used))
            taken = Counter(name for n, m, _ in chosen for name in (n, m))
            if all(count <= self.room[name] for name, count in taken.items()):
                yield chosen

    def wishes(self) -> list[Wish]:
        found: list[Wish] = [("party", party, "") for party in self.given.parties]
        found += [(pin.kind, (pin.newcomer, pin.local), "") for pin in self.given.pins]
        found += [("quota", (quota.name,), "min") for quota in self.given.quotas if quota.low]
        return found + [("quota", (quota.name,), "max") for quota in self.given.quotas if quota.high is not None]

    def holds(self, plan: Iterable[tuple[str, str, int]], wish: Wish) -> bool:
        kind, names, why = wish
        pairs = [(n, m) for n, m, _ in plan]
        if kind == "party":
            return len({any(member in pair for pair in pairs) for member in names}) == 1
        if kind in ("pin", "keep"):
            return names in pairs
        quota = next(quota for quota in self.given.quotas if quota.name == names[0])
        count = sum(1 for pair in pairs if set(pair) & set(quota.members))
        return count >= quota.low if why == "min" else quota.high is None or count <= quota.high

    def values(self, plan: Sequence[tuple[str, str, int]]) -> dict[str, int]:
        return {
            "pairs": len(plan),
            "waiting": sum(self.waiting[n] + self.waiting[m] for n, m, _ in plan),
            "below_floor": sum(fit < self.given.quality_floor for _, _, fit in plan),
            "fit": sum(fit for _, _, fit in plan),
            "kept": sum((n, m) in self.given.former for n, m, _ in plan),
        }

    def best(self) -> dict[str, int] | None:
        """The levels of the best plan that keeps all wishes, or None where none does."""
        asked = self.wishes()
        sound = (self.values(plan) for plan in self.plans() if all(self.holds(plan, wish) for wish in asked))
        signs = {level: -1 if level == "below_floor" else 1 for level in self.given.levels}
        top = max(sound, key=lambda found: [signs[level] * found[level] for level in self.given.levels], default=None)
        return top and {level: top[level] for level in self.given.levels}

    def smallest_conflict(self) -> int:
        """How many wishes the smallest set has that no plan keeps."""
        asked = self.wishes()
        kept: Any = {frozenset(wish for wish in asked if self.holds(plan, wish)) for plan in self.plans()}
        sizes = range(1, len(asked) + 1)
        subsets = ((size, set(subset)) for size in sizes for subset in itertools.combinations(asked, size))
        return next(size for size, subset in subsets if not any(subset <= held for held in kept))
