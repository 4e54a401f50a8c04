"""Pairs written down: what they answer is what plain Python says, in whatever order they were given."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.instance import NO_PAIR, Prices, Worth
from services.matching.engine.listed import Listed

NEWCOMERS, LOCALS = 5, 4
Pair = tuple[int, int]
PAIRS = st.dictionaries(st.tuples(st.integers(0, NEWCOMERS - 1), st.integers(0, LOCALS - 1)), st.integers(0, 6))
WORTH = st.builds(Worth, st.integers(0, 3), st.integers(0, 5), st.integers(0, 7), st.just(0))


def prices_of(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(-2, 9), min_size=count, max_size=count)


def listed(pairs: dict[Pair, int], newcomers: int = NEWCOMERS, locals_: int = LOCALS) -> Listed:
    table = np.array([(*pair, fit) for pair, fit in pairs.items()], dtype=np.int32).reshape(-1, 3)
    return Listed.of(newcomers, locals_, *np.ascontiguousarray(table.T))


def plain(edges: tuple[Any, ...]) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in edges), strict=True))


def whole(values: Any) -> Any:
    return np.array(list(values), dtype=np.int64)


def largest(worth: dict[Pair, int], side: int, most: int) -> list[Pair]:
    """Of each person of a side the pairs worth most, of equals those with the smaller partner."""
    kept = []
    for person in {pair[side] for pair in worth}:
        own = sorted((-value, pair[1 - side], pair) for pair, value in worth.items() if pair[side] == person)
        kept += [pair for _, _, pair in own[:most]]
    return kept


@settings(deadline=None)  # the first example may wait for a kernel to be compiled
@given(PAIRS, prices_of(NEWCOMERS), prices_of(LOCALS), WORTH, st.integers(0, 5))
def test_above_are_of_each_newcomer_the_pairs_that_exceed_their_prices_most(
    pairs: dict[Pair, int], mine: list[int], theirs: list[int], worth: Worth, most: int
) -> None:
    excess = {
        (n, m): worth.fit * fit - (worth.below if fit < worth.floor else 0) - mine[n] - theirs[m] for (n, m), fit in pairs.items()
    }
    wanted = largest({pair: value for pair, value in excess.items() if value > 0}, 0, most)
    found = listed(pairs).above(Prices(whole(mine), whole(theirs)), worth, most)
    assert plain(found) == sorted((*pair, pairs[pair]) for pair in wanted)


@settings(deadline=None)
@given(PAIRS, st.integers(0, 5))
def test_best_are_of_everybody_the_pairs_that_suit_best(pairs: dict[Pair, int], most: int) -> None:
    wanted = largest(pairs, 0, most) + largest(pairs, 1, most)
    assert sorted(plain(listed(pairs).best(most))) == sorted((*pair, pairs[pair]) for pair in wanted)


@settings(deadline=None)
@given(PAIRS)
def test_the_fit_of_a_pair_is_found_or_there_is_none(pairs: dict[Pair, int]) -> None:
    every = [(n, m) for n in range(NEWCOMERS) for m in range(LOCALS)]
    found = listed(pairs).fits(whole(n for n, _ in every), whole(m for _, m in every))
    assert found.tolist() == [pairs.get(pair, NO_PAIR) for pair in every]
    assert listed(pairs).count() == len(pairs)


@settings(deadline=None)
@given(PAIRS, st.lists(st.tuples(st.integers(0, NEWCOMERS - 1), st.integers(0, LOCALS - 1))))
def test_without_some_pairs_the_others_stay(pairs: dict[Pair, int], gone: list[Pair]) -> None:
    left = listed(pairs).without(whole(n for n, _ in gone), whole(m for _, m in gone))
    wanted = sorted((*pair, fit) for pair, fit in pairs.items() if pair not in gone)
    assert plain((left.newcomer, left.local, left.fit)) == wanted
    assert left.fits(whole(n for n, _ in pairs), whole(m for _, m in pairs)).tolist() == [
        NO_PAIR if pair in gone else fit for pair, fit in pairs.items()
    ]


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_long_line_is_cut_at_equals_in_order(random: Any) -> None:
    fits = [random.randrange(3) for _ in range(200)]
    found = listed({(0, m): fit for m, fit in enumerate(fits)}, 1, 200).above(
        Prices(whole([-1]), whole([0] * 200)), Worth(1, 0, 0), 90
    )
    assert found.local.tolist() == sorted(sorted(range(200), key=lambda m: (-fits[m], m))[:90])


def test_weights_of_many_digits_stay_exact() -> None:
    large = 10**15
    found = listed({(0, 0): 1000, (0, 1): 999, (1, 0): 3}).above(
        Prices(whole([999 * large, 0, 0, 0, 0]), whole([0] * LOCALS)), Worth(large, 4 * large, 4), 1
    )
    assert plain(found) == [(0, 0, 1000)]


def test_without_people_or_pairs_nothing_is_found() -> None:
    nothing = Prices(whole([]), whole([]))
    assert plain(listed({}, 0, 0).above(nothing, Worth(1, 0, 0), 3)) == []
    assert plain(listed({}, 0, 0).best(3)) == []
    assert plain(listed({}).best(3)) == []
    assert listed({}).fits(whole([0]), whole([1])).tolist() == [NO_PAIR]
