"""Small random instances, and their answers by trying every plan there is."""

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from services.matching.engine.instance import Instance, Local, Newcomer, Pin, Quota, make
from services.matching.engine.program import objective, ties

Pairs = tuple[tuple[str, str], ...]
LEVELS = ("pairs", "waiting", "below_floor", "fit")


def instance(seed: int, *, wishes: bool = True) -> Instance:
    draw = random.Random(seed)
    newcomers = [Newcomer(f"n{k}", draw.choice([0, 0, 1, 2])) for k in range(draw.randint(1, 5))]
    groups = [["n0", "n1"]] if len(newcomers) > 1 and draw.random() < 0.6 else []
    if len(newcomers) > 3 and draw.random() < 0.5:
        groups.append(["n2", "n3"])
    locals_ = [Local(f"l{k}", draw.choice([0, 0, 1]), draw.choice([1, 1, 2])) for k in range(draw.randint(1, 4))]
    if len(locals_) > 2 and draw.random() < 0.4:
        locals_[:2] = [Local("l0"), Local("l1", 1)]
        groups.append(["l0", "l1"])
    pairs = [(n.id, m.id) for n in newcomers for m in locals_ if draw.random() < 0.6][:11]
    edges = [(n, m, draw.choice([100, 300, 301, 500, 900])) for n, m in pairs]
    pins = [Pin(*pair, draw.choice(["pin", "keep"])) for pair in draw.sample(pairs, min(len(pairs), 2))]
    names = [person.id for person in newcomers] + [person.id for person in locals_]
    quotas = []
    for number in range(draw.choice([0, 1, 2])):
        low = draw.choice([0, 0, 1, 2])
        high = draw.choice([None, low, low + 1])
        quotas.append(Quota(f"q{number}", tuple(sorted(draw.sample(names, min(3, len(names))))), low, high))
    return make(
        newcomers,
        locals_,
        edges,
        parties=groups,
        pins=[pin for pin in pins if draw.random() < 0.4] if wishes else [],
        bans=[pair for pair in pairs if draw.random() < 0.1] if wishes else [],
        quotas=quotas if wishes else [],
        quality_floor=300,
        levels=tuple(draw.sample(LEVELS, draw.randint(1, 4))) if draw.random() < 0.5 else LEVELS,
    )


def edge_ids(given: Instance) -> Pairs:
    columns = zip(given.edges.newcomer.tolist(), given.edges.local.tolist(), strict=True)
    return tuple((given.newcomers[n].id, given.locals[m].id) for n, m in columns)


def plans(given: Instance) -> Iterator[tuple[int, ...]]:
    """Every choice of edges within everybody's capacity."""
    ids = edge_ids(given)
    room = {person.id: 1 for person in given.newcomers} | {person.id: person.capacity for person in given.locals}
    for chosen in itertools.product((0, 1), repeat=len(ids)):
        taken = Counter(name for used, pair in zip(chosen, ids, strict=True) if used for name in pair)
        if all(count <= room[name] for name, count in taken.items()):
            yield chosen


def wishes(given: Instance) -> list[tuple[str, tuple[str, ...], str]]:
    found = [("party", party, "") for party in given.parties]
    found += [(pin.kind, (pin.newcomer, pin.local), "") for pin in given.pins]
    found += [("quota", (quota.name,), "min") for quota in given.quotas if quota.low]
    return found + [("quota", (quota.name,), "max") for quota in given.quotas if quota.high is not None]


def holds(given: Instance, plan: Iterable[int], wish: tuple[str, tuple[str, ...], str]) -> bool:
    kind, names, why = wish
    pairs = [pair for used, pair in zip(plan, edge_ids(given), strict=True) if used]
    if kind == "party":
        return len({any(member in pair for pair in pairs) for member in names}) == 1
    if kind in ("pin", "keep"):
        return names in pairs
    quota = next(quota for quota in given.quotas if quota.name == names[0])
    count = sum(1 for pair in pairs if set(pair) & set(quota.members))
    return count >= quota.low if why == "min" else quota.high is None or count <= quota.high


def best(given: Instance) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Objectives of the best plan, level by level, and the plan itself, ties decided as the engine says."""
    rows = [objective(given, level) for level in given.levels]
    rows.append(ties(given, np.ones(len(given.edges), dtype=np.bool_)))
    asked = wishes(given)
    sound = (plan for plan in plans(given) if all(holds(given, plan, wish) for wish in asked))
    scored = ((tuple(int(row @ np.array(plan, dtype=np.int64)) for row in rows), plan) for plan in sound)
    top = max(scored, default=None)
    return top and (top[0][:-1], top[1])


def smallest_conflict(given: Instance) -> int:
    """How many wishes the smallest set has that no plan keeps."""
    asked = wishes(given)
    kept = {frozenset(wish for wish in asked if holds(given, plan, wish)) for plan in plans(given)}
    sizes = range(1, len(asked) + 1)
    subsets = ((size, set(subset)) for size in sizes for subset in itertools.combinations(asked, size))
    return next(size for size, subset in subsets if not any(subset <= held for held in kept))
