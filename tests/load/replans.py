"""How long one more pin, ban or cancellation takes on a solved round that is still in memory."""

import random
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from statistics import median

from services.matching.engine.core import Core
from services.matching.engine.demands import demands
from services.matching.engine.instance import PairIds
from services.matching.engine.levels import proved, solve
from services.matching.engine.reoptimize import named, prepared
from services.matching.engine.replan import Changes, changed
from services.matching.engine.search import InfeasibleError, Search
from services.matching.engine.watch import Watch
from tests.load.invented import Invented

TIMES = 5  # each kind of change, by different people
Make = Callable[[Search, random.Random, list[PairIds]], Changes]


def cancelled(_: Search, draw: random.Random, pairs: list[PairIds]) -> Changes:
    return Changes(gone=frozenset(draw.choice(pairs)[:1]))


def banned(_: Search, draw: random.Random, pairs: list[PairIds]) -> Changes:
    return Changes(bans=(draw.choice(pairs),))


def pinned(search: Search, draw: random.Random, pairs: list[PairIds]) -> Changes:
    """Somebody with a partner to another one who is acceptable; nobody of a party."""
    edges, members = search.core.edges, {name for party in search.instance.parties for name in party}
    taken = set(pairs)
    while True:
        place = draw.randrange(len(edges.fit))
        newcomer, local = search.instance.newcomers.ids[edges.newcomer[place]], search.instance.locals.ids[edges.local[place]]
        if not members.intersection((newcomer, local)) and (newcomer, local) not in taken:
            return Changes(pins=((newcomer, local),))


KINDS: dict[str, Make] = {"one cancellation": cancelled, "one more ban": banned, "one more pin": pinned}


def replans(given: Invented) -> Iterator[tuple[object, ...]]:
    """Lines: kind, and medians of: search in ms, the whole call in ms, its proof and a solve from nothing in s."""
    search = Search(given.instance, Core(given.instance, demands(given.instance), Watch())).run()
    draw, pairs = random.Random(1), named(search)
    for kind, make in KINDS.items():
        possible = (_one(search, make(search, draw, pairs), pairs) for _ in count())
        taken = list(islice((times for times in possible if times), TIMES))
        found, whole, proof, fresh = (median(column) for column in zip(*taken, strict=True))
        yield kind, f"{1000 * found:.0f} ms", f"{1000 * whole:.0f} ms", f"{proof:.2f} s", f"{fresh:.2f} s"


def _one(search: Search, changes: Changes, pairs: list[PairIds]) -> tuple[float, float, float, float] | None:
    """None where a quota's low side forbids the change."""
    try:
        return _timed(search, changes, pairs)
    except InfeasibleError:
        if (status := solve(changed(search.instance, pairs, changes)).status) != "infeasible":
            raise AssertionError(f"{changes}: {status} from nothing, infeasible from the solved round") from None
        return None


def _timed(search: Search, changes: Changes, pairs: list[PairIds]) -> tuple[float, float, float, float]:
    begun = time.perf_counter()
    after = prepared(search, changes)
    ready = time.perf_counter()
    after.go_on()
    found = time.perf_counter()
    result = proved(after)
    told = time.perf_counter()
    fresh = solve(changed(search.instance, pairs, changes))
    if [level.value for level in fresh.levels] != [level.value for level in result.levels]:
        raise AssertionError(f"{changes}: {result.levels} is not {fresh.levels}")
    return found - ready, found - begun, told - found, time.perf_counter() - told


def written(folder: Path, kind: str, newcomers: int, locals_: int, *, sided: bool) -> Invented:
    given = Invented(kind, newcomers, locals_, sided, sided, folder)
    given.write()
    return given
