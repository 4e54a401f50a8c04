"""The solver against brute force, planted optima, published optima, and what must hold of every plan."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from services.matching.engine.instance import DEFAULT_LEVELS, Instance, Pin, Quota, Result
from services.matching.engine.job import run_instance
from services.matching.engine.levels import solve
from services.matching.engine.tests.brute import Tried, drawn, made
from services.matching.engine.verify import verify
from services.matching.engine.watch import Watch

Edge = tuple[str, str, int]
BATCH = 125


def levels(result: Result) -> dict[str, int]:
    return {level.name: level.value for level in result.levels}


@pytest.mark.parametrize("batch", range(8))
def test_a_thousand_small_rounds_equal_brute_force(batch: int) -> None:
    """With parties, pins, capacities, quotas on both sides and levels in any order; verified every one."""
    for seed in range(BATCH * batch, BATCH * (batch + 1)):
        instance, edges = drawn(seed)
        tried = Tried(instance, edges)
        best, result = tried.best(), solve(instance)
        if best is None:
            assert result.status == "infeasible", seed
            assert len(result.conflicts) == tried.smallest_conflict(), seed
        else:
            assert result.status == "optimal", seed
            assert levels(result) == best, seed
            assert all(tried.holds(result.pairs, wish) for wish in tried.wishes()), seed


@pytest.mark.parametrize("batch", range(4))
def test_results_of_small_rounds_are_verified(batch: int) -> None:
    for seed in range(60 * batch, 60 * (batch + 1)):
        instance, _ = drawn(seed)
        assert verify(instance, run_instance(instance)) == [], seed


@pytest.mark.parametrize("batch", range(2))
def test_as_many_pairs_of_the_plan_before_stay_as_brute_force_finds(batch: int) -> None:
    for seed in range(100 * batch, 100 * (batch + 1)):
        instance, edges = drawn(seed)
        draw = random.Random(seed)
        before = draw.choice(list(Tried(instance, edges).plans()))
        former = tuple((newcomer, local) for newcomer, local, _ in before)
        levels_ = list(instance.levels)
        levels_.insert(draw.choice([0, 1]), "kept")
        tried = Tried(replace(instance, former=former, levels=tuple(levels_)), edges)
        best, result = tried.best(), run_instance(tried.given)
        assert {name: level["value"] for name, level in result["levels"].items()} == (best or {}), seed
        assert result["status"] == ("infeasible" if best is None else "optimal"), seed
        assert verify(tried.given, result) == [], seed


def test_conflicts_are_infeasible_and_none_can_be_spared() -> None:
    found = 0
    for seed in range(1400, 1500):
        instance, edges = drawn(seed)
        tried = Tried(instance, edges)
        if tried.best() is not None:
            continue
        found += 1
        named = [(wish.kind, wish.names, wish.why) for wish in solve(instance).conflicts]
        plans = list(tried.plans())
        for spared in [None, *named]:
            rest = [wish for wish in named if wish != spared]
            possible = any(all(tried.holds(plan, wish) for wish in rest) for plan in plans)
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
        others = {*draw.sample(range(count), min(count, 40)), partner[n]}
        for m in others:
            less = 0 if partner[n] == m else draw.randint(1, 100)
            edges.append((f"n{n}", f"l{m}", left[n] + right[m] - less))
    instance = made({f"n{n}": 0 for n in range(count)}, {f"l{m}": (0, 1) for m in range(count)}, edges)
    return instance, sum(left) + sum(right), {(f"n{n}", f"l{m}") for n, m in enumerate(partner)}


@pytest.mark.parametrize(("seed", "count"), [(0, 1), (1, 120), (2, 1000)])
def test_planted_optimum_is_found_and_its_prices_prove_it(seed: int, count: int) -> None:
    instance, total, plan = planted(seed, count)
    result = solve(instance)
    assert result.status == "optimal"
    assert {(n, m) for n, m, _ in result.pairs} == plan
    assert list(levels(result).values()) == [count, 0, 0, total]
    assert all(level.price_bound == level.value for level in result.levels)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, tuple[int, int]], list[Edge]]:
    waiting = st.integers(0, 5)
    newcomers = {f"n{k}": draw(waiting) for k in range(draw(st.integers(0, 12)))}
    locals_ = {f"l{k}": (draw(waiting), draw(st.integers(1, 3))) for k in range(draw(st.integers(0, 12)))}
    pairs = [(n, m) for n in newcomers for m in locals_]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return newcomers, locals_, [(*pair, draw(st.integers(0, 1000))) for pair in chosen]


@given(rounds(), st.permutations(DEFAULT_LEVELS), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_plans_are_plans_and_neither_order_nor_a_second_run_changes_them(
    drawn_round: tuple[dict[str, int], dict[str, tuple[int, int]], list[Edge]], names: list[str], shuffle: random.Random
) -> None:
    newcomers, locals_, edges = drawn_round
    result = solve(made(newcomers, locals_, edges, floor=400, levels=names))
    assert result.status == "optimal"
    assert set(result.pairs) <= set(edges)
    taken = Counter(name for n, m, _ in result.pairs for name in (n, m))
    assert all(taken[name] <= 1 for name in newcomers)
    assert all(taken[name] <= room for name, (_, room) in locals_.items())
    turned = [dict(shuffle.sample(list(side.items()), len(side))) for side in (newcomers, locals_)]
    again = solve(made(turned[0], turned[1], shuffle.sample(edges, len(edges)), floor=400, levels=names))  # type: ignore[arg-type]
    assert again.pairs == result.pairs


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_fit_alone_equals_the_assignment_of_scipy(rows: int, columns: int, seed: int) -> None:
    fit = np.random.default_rng(seed).integers(0, 1000, (rows, columns))
    edges = [(f"n{n}", f"l{m}", int(fit[n, m])) for n in range(rows) for m in range(columns)]
    instance = made({f"n{n}": 0 for n in range(rows)}, {f"l{m}": (0, 1) for m in range(columns)}, edges, levels=("fit",))
    row, column = linear_sum_assignment(fit, maximize=True)
    assert levels(solve(instance)) == {"fit": int(fit[row, column].sum())}


def rotation() -> Instance:
    """Three parties over three places of which any two fit: shares say one and a half, only CP-SAT says one."""
    edges = [(f"n{2 * k + s}", f"l{(k + s) % 3}", 500) for k in range(3) for s in range(2)]
    parties = [[f"n{2 * k}", f"n{2 * k + 1}"] for k in range(3)]
    return made({f"n{k}": 0 for k in range(6)}, {f"l{k}": (0, 1) for k in range(3)}, edges, parties=parties)


def test_split_parties_go_to_cp_sat_and_the_gap_of_the_prices_is_shown() -> None:
    result = solve(rotation())
    assert result.status == "optimal"
    assert list(levels(result).values()) == [2, 0, 0, 1000]
    assert (result.levels[0].bound, result.levels[0].price_bound) == (2, 3)


def homes() -> Instance:
    """Nine families of two or three, each around one local of their own, as many as two can take one; one pair more elsewhere."""
    families = [[f"n{k}{name}" for name in "abc"[: 2 + k % 2]] for k in range(9)]
    edges = [(name, f"l{k}", 500 + 10 * k) for k, family in enumerate(families) for name in family]
    newcomers = dict.fromkeys([name for family in families for name in family] + ["single"], 0)
    locals_ = {f"l{k}": (0, 1 + (k % 3 == 0)) for k in range(9)}
    return made(newcomers, locals_, [*edges, ("single", "l8", 1)], parties=families)


def test_nobody_is_placed_by_halves_and_prices_alone_prove_it() -> None:
    instance = homes()
    result = run_instance(instance)
    # Two of a family fit where there is room for two; those of three nowhere, though each local has some for them.
    assert {name: (level["value"], level["price_bound"]) for name, level in result["levels"].items()} == {
        "pairs": (5, 5), "waiting": (0, 0), "below_floor": (0, 0), "fit": (2121, 2121),
    }  # fmt: skip
    assert any(proof["links"] for proof in result["proof"].values())
    assert verify(instance, result) == []


def test_out_of_time_is_feasible_with_honest_bounds() -> None:
    instance, total, _ = planted(1, 200)
    result = solve(instance, Watch(limit=0))
    found = {level.name: level for level in result.levels}
    assert len(result.pairs) >= 100
    assert found["fit"].value <= total
    assert all(level.value <= level.bound <= level.price_bound for level in result.levels if level.name != "below_floor")
    assert result.status == ("optimal" if all(level.proved for level in result.levels) else "feasible")


@pytest.mark.parametrize("batch", range(2))
def test_out_of_time_small_rounds_have_a_sound_plan_or_none_is_possible(batch: int) -> None:
    for seed in range(4000 + 150 * batch, 4150 + 150 * batch):
        instance, edges = drawn(seed)
        result = run_instance(instance, Watch(0))
        assert verify(instance, result) == [], seed
        assert (result["status"] == "infeasible") == (Tried(instance, edges).best() is None), seed


def test_out_of_time_there_is_a_plan_also_where_greed_finds_none() -> None:
    edges = [("n0", "l0", 9), ("n0", "l1", 1), ("n1", "l0", 5)]
    both = Quota("both", ("n0", "n1"), 2)
    result = solve(made({"n0": 0, "n1": 0}, {"l0": (0, 1), "l1": (0, 1)}, edges, quotas=[both]), Watch(limit=0))
    assert result.status in ("optimal", "feasible")
    assert {pair[:2] for pair in result.pairs} == {("n0", "l1"), ("n1", "l0")}


def test_a_quota_without_max_beside_one_of_both_sides_leaves_the_best_plan() -> None:
    edges = [("n0", "l2", 12), ("n1", "l0", 10), ("n2", "l0", 11), ("n3", "l4", 10)]
    quotas = [Quota("q0", ("l2", "l4"), 1), Quota("q1", ("l2", "n1", "n2", "n3"), 0, 2)]
    locals_ = {"l0": (853, 2), "l2": (0, 1), "l4": (424, 1)}
    result = solve(made({f"n{k}": 0 for k in range(4)}, locals_, edges, quotas=quotas, levels=["waiting"]))
    assert (result.status, result.levels[0].value) == ("optimal", 853 + 424)


def crowd(size: int) -> Instance:
    names = [f"n{k}" for k in range(size)]
    return made(dict.fromkeys(names, 0), {"l0": (0, 1)}, [(name, "l0", 7) for name in names], parties=[names])


@pytest.mark.parametrize(
    ("instance", "pairs"),
    [
        (made({}, {}, []), 0),
        (made({"n": 0}, {}, []), 0),
        (made({}, {"l": (0, 1)}, []), 0),
        (made({"n": 0}, {"l": (0, 1)}, []), 0),
        (made({"n": 0, "o": 0}, {"l": (0, 2)}, [("n", "l", 1), ("o", "l", 0)], pins=[Pin("n", "l"), Pin("o", "l")]), 2),
        (crowd(4), 0),
        (made({"n": 0}, {"l": (0, 1)}, [("n", "l", 5)], quotas=[Quota("q", ("n", "l"), 1, 1)]), 1),
        (made({"n": 0}, {"l": (0, 1)}, [("n", "l", 5)], quotas=[Quota("q", ("n",), 0, 0)]), 0),
        (made({"n": 0}, {"l": (0, 1)}, [("n", "l", 5)], levels=()), 0),
    ],
    ids=[
        "nobody",
        "no local",
        "no newcomer",
        "no pair",
        "everyone pinned",
        "party too large",
        "quota both",
        "quota none",
        "no level",
    ],
)
def test_rounds_at_the_edge_are_solved_and_verified(instance: Instance, pairs: int) -> None:
    result = run_instance(instance)
    assert result["status"] == "optimal"
    assert len(result["pairs"]) == pairs
    assert verify(instance, result) == []
