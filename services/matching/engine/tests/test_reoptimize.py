"""A solved round goes on from its prices after a change: what it finds is what a solve from nothing finds."""

import random

import pytest

from services.matching.engine.core import Core
from services.matching.engine.demands import broken_pins, demands
from services.matching.engine.instance import Instance, PairIds, Result
from services.matching.engine.levels import proved, solve
from services.matching.engine.reoptimize import again, named
from services.matching.engine.replan import Changes, changed
from services.matching.engine.search import InfeasibleError, Search
from services.matching.engine.tests.brute import drawn
from services.matching.engine.tests.test_levels import planted
from services.matching.engine.watch import Watch


def searched(instance: Instance) -> Search | None:
    wishes = demands(instance)
    if wishes.impossible or broken_pins(instance):
        return None
    try:
        return Search(instance, Core(instance, wishes, Watch())).run()
    except InfeasibleError:
        return None


def drawn_changes(draw: random.Random, edges: list[PairIds], before: list[PairIds]) -> Changes:
    people = [name for pair in edges for name in pair]
    banned, pinned = (draw.sample(edges, draw.randint(0, min(2, len(edges)))) for _ in range(2))
    gone = frozenset(draw.sample(people, min(len(people), draw.randint(0, 2))))
    fixed = [pair for pair in before if pair not in banned and not gone.intersection(pair)]
    return Changes(gone, tuple(banned), tuple(pinned[:1]), tuple(fixed[: draw.randint(0, 1)]))


def found(search: Search, changes: Changes) -> Result | None:
    try:
        return proved(again(search, changes))
    except InfeasibleError:
        return None


@pytest.mark.parametrize("batch", range(4))
def test_small_rounds_changed_twice_equal_a_solve_from_nothing(batch: int) -> None:
    solved = 0
    for seed in range(3000 + 60 * batch, 3060 + 60 * batch):
        instance, edges = drawn(seed)
        draw, search = random.Random(seed), searched(instance)
        for _ in range(2 if search else 0):
            assert search is not None
            before = named(search)
            changes = drawn_changes(draw, [(newcomer, local) for newcomer, local, *_ in edges], list(before))
            fresh, result = solve(changed(search.instance, before, changes)), found(search, changes)
            assert (result is None) == (fresh.status == "infeasible"), seed
            if result is None:
                break
            assert result.status == fresh.status == "optimal", seed
            assert [level.value for level in result.levels] == [level.value for level in fresh.levels], seed
            search = again(search, changes)
            solved += 1
    assert solved > 30


def test_a_large_round_goes_on_and_the_search_before_stays_as_it_was() -> None:
    instance, total, _ = planted(5, 300)
    search = searched(instance)
    assert search is not None
    before, prices = named(search), search.core.state.price.copy()
    for number, pair in enumerate(before[:6]):
        changes = Changes(gone=frozenset(pair[:1])) if number % 2 else Changes(bans=(pair,))
        result = proved(again(search, changes))
        fresh = solve(changed(instance, before, changes))
        assert result.status == fresh.status == "optimal"
        assert [level.value for level in result.levels] == [level.value for level in fresh.levels]
    assert (search.core.state.price == prices).all()
    assert proved(search).levels[-1].value == total
