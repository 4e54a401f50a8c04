"""The solver against brute force, planted optima, and what must hold of every plan."""

import random
from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine import model
from services.matching.engine.instance import DEFAULT_LEVELS, Instance, Local, Newcomer, Quota, Result, make
from services.matching.engine.program import program, sign
from services.matching.engine.tests import brute

Item = TypeVar("Item")


def scores(result: Result) -> tuple[int, ...]:
    return tuple(sign(level.name) * level.value for level in result.levels)


def chosen(result: Result) -> set[tuple[str, str]]:
    return {(newcomer, local) for newcomer, local, _ in result.pairs}


def expected_pairs(one: Instance, plan: tuple[int, ...]) -> set[tuple[str, str]]:
    return {pair for used, pair in zip(plan, brute.edge_ids(one), strict=True) if used}


@pytest.mark.parametrize("batch", range(8))
def test_every_level_equals_brute_force(batch: int) -> None:
    for seed in range(40 * batch, 40 * batch + 40):
        one = brute.instance(seed)
        top, result = brute.best(one), model.solve(one)
        if top is None:
            assert result.status == "infeasible", seed
            assert len(result.conflicts) == brute.smallest_conflict(one), seed
            continue
        assert result.status == "optimal", seed
        assert scores(result) == top[0], seed
        assert chosen(result) == expected_pairs(one, top[1]), seed


def test_the_careful_pass_and_the_bold_one_agree() -> None:
    for seed in range(60):
        one = brute.instance(seed, wishes=False)
        careful = model._carefully(program(one), 1, None)
        assert careful.pairs == model.solve(one).pairs


def test_conflicts_are_infeasible_and_none_can_be_spared() -> None:
    found = 0
    for seed in range(400, 520):
        one = brute.instance(seed)
        if brute.best(one) is not None:
            continue
        found += 1
        named = [(wish.kind, wish.names, wish.why) for wish in model.solve(one).conflicts]
        all_plans = list(brute.plans(one))
        for spared in [None, *named]:
            rest = [wish for wish in named if wish != spared]
            possible = any(all(brute.holds(one, plan, wish) for wish in rest) for plan in all_plans)
            assert possible == (spared is not None)
    assert found > 10


def planted(seed: int, count: int) -> tuple[Instance, int, set[tuple[str, str]]]:
    """Prices and a plan are drawn, fit is their sum on the plan and less elsewhere: the optimum is known."""
    draw = random.Random(seed)
    left = [draw.randint(100, 400) for _ in range(count)]
    right = [draw.randint(100, 400) for _ in range(count)]
    partner = draw.sample(range(count), count)
    edges = []
    for n in range(count):
        for m in range(count):
            if partner[n] == m:
                edges.append((f"n{n}", f"l{m}", left[n] + right[m]))
            elif draw.random() < 0.3:
                edges.append((f"n{n}", f"l{m}", left[n] + right[m] - draw.randint(1, 100)))
    newcomers = [Newcomer(f"n{n}") for n in range(count)]
    one = make(newcomers, [Local(f"l{m}") for m in range(count)], edges)
    return one, sum(left) + sum(right), {(f"n{n}", f"l{m}") for n, m in enumerate(partner)}


@pytest.mark.parametrize("seed", range(3))
def test_planted_optimum_is_found_and_its_prices_prove_it(seed: int) -> None:
    one, total, plan = planted(seed, 120)
    result = model.solve(one)
    assert result.status == "optimal"
    assert chosen(result) == plan
    assert [level.value for level in result.levels] == [120, 0, 0, total]
    assert all(level.price_bound == level.value for level in result.levels)


def rotation_core() -> Instance:
    """Three parties over three places of which any two fit: shares say one and a half, only CP-SAT says one."""
    newcomers = [Newcomer(f"n{k}") for k in range(6)]
    edges = [(f"n{2 * k + s}", f"l{(k + s) % 3}", 500) for k in range(3) for s in range(2)]
    parties = [[f"n{2 * k}", f"n{2 * k + 1}"] for k in range(3)]
    return make(newcomers, [Local(f"l{k}") for k in range(3)], edges, parties=parties)


def test_split_parties_go_to_cp_sat_and_the_gap_of_the_prices_is_shown() -> None:
    result = model.solve(rotation_core())
    assert result.status == "optimal"
    assert [level.value for level in result.levels] == [2, 0, 0, 1000]
    assert result.levels[0].bound == 2
    assert result.levels[0].price_bound == 3


def test_out_of_time_is_feasible_with_honest_bounds() -> None:
    one, total, _ = planted(1, 40)
    result = model.solve(one, time_limit=0)
    assert result.status == "feasible"
    assert len(result.pairs) >= 20
    best_fit = {level.name: level for level in result.levels}["fit"]
    assert best_fit.value < total <= best_fit.bound
    assert [level.bound for level in result.levels[:3]] == [40, 0, 0]


def test_out_of_time_still_keeps_what_greed_cannot() -> None:
    """A quota's minimum that the greedy plan misses: a plan is found all the same."""
    edges = [("n0", "l0", 900), ("n0", "l1", 1), ("n1", "l0", 800)]
    one = make(
        [Newcomer("n0", 3), Newcomer("n1")],
        [Local("l0"), Local("l1")],
        edges,
        quotas=[Quota("q", ("l1",), 1)],
        levels=("fit",),
    )
    result = model.solve(one, time_limit=0)
    assert result.status == "feasible"
    assert ("n0", "l1") in chosen(result)


def test_out_of_time_keeps_finding_conflicts() -> None:
    one = make([Newcomer("n0")], [Local("l0")], [("n0", "l0", 1)], quotas=[Quota("q", ("l0",), 2)])
    assert [wish.names for wish in model.solve(one, time_limit=0).conflicts] == [("q",)]


@pytest.mark.parametrize("people", [(0, 0), (2, 0), (0, 2), (2, 2)])
def test_empty_sides_and_no_edges_are_valid(people: tuple[int, int]) -> None:
    one = make([Newcomer(f"n{k}") for k in range(people[0])], [Local(f"l{k}") for k in range(people[1])], [])
    result = model.solve(one)
    assert result.status == "optimal"
    assert [level.name for level in result.levels] == list(DEFAULT_LEVELS)
    assert not result.pairs


def test_waiting_goes_before_fit_and_counts_in_each_pair() -> None:
    edges = [("n0", "l0", 1000), ("n1", "l0", 1), ("n2", "l0", 2)]
    newcomers = [Newcomer("n0"), Newcomer("n1", 1), Newcomer("n2", 1)]
    result = model.solve(make(newcomers, [Local("l0", 2, 2)], edges))
    assert chosen(result) == {("n1", "l0"), ("n2", "l0")}
    assert result.levels[1].value == 6


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_plans_are_sound_and_the_order_of_input_is_irrelevant(seed: int, order: random.Random) -> None:
    one = brute.instance(seed)
    result = model.solve(one)
    taken = Counter(name for pair in chosen(result) for name in pair)
    assert all(taken[person.id] <= 1 for person in one.newcomers)
    assert all(taken[person.id] <= person.capacity for person in one.locals)
    assert all(len({taken[member] for member in party}) == 1 for party in one.parties if result.pairs)
    assert shuffled(one, order) == result == model.solve(one)


def shuffled(one: Instance, order: random.Random) -> Result:
    edges = [(*pair, int(fit)) for pair, fit in zip(brute.edge_ids(one), one.edges.fit, strict=True)]

    def mixed(items: Iterable[Item]) -> list[Item]:
        return order.sample(found := list(items), len(found))

    again = make(
        mixed(one.newcomers),
        mixed(one.locals),
        mixed(edges),
        parties=mixed(one.parties),
        pins=mixed(one.pins),
        quotas=mixed(one.quotas),
        quality_floor=one.quality_floor,
        levels=one.levels,
    )
    return model.solve(again)


def test_large_numbers_stay_exact() -> None:
    """Fits up to a million and long waits: margins must not leave int64."""
    draw = np.random.default_rng(1)
    fits = draw.integers(0, 1_000_001, (12, 12))
    newcomers = [Newcomer(f"n{k:02}", 1000) for k in range(12)]
    edges = [(f"n{n:02}", f"l{m:02}", int(fits[n, m])) for n in range(12) for m in range(12)]
    result = model.solve(make(newcomers, [Local(f"l{k:02}", 1000) for k in range(12)], edges))
    assert result.status == "optimal"
    assert result.levels[3].price_bound == result.levels[3].value
