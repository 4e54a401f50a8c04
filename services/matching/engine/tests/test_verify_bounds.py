"""The price bounds that `verify` accepts hold for every plan there is, also where pairs are computed from people."""

import copy
import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from services.matching.engine.instance import DEFAULT_LEVELS, NO_PAIR, Instance, Pin, Quota
from services.matching.engine.people import Person, Rules
from services.matching.engine.roster import Roster, roster
from services.matching.engine.tests import plain
from services.matching.engine.tests.county import RULES, county
from services.matching.engine.tests.oracle import Edges, Raw, listed, plans, proof, score, sealed, side, turn
from services.matching.engine.verify import verify


def drawn(draw: random.Random) -> tuple[Instance, Edges]:
    mine, theirs = [f"n{k}" for k in range(draw.randint(1, 5))], [f"l{k}" for k in range(draw.randint(1, 4))]
    edges = {(n, m): draw.choice([100, 300, 500]) for n in mine for m in theirs if draw.random() < 0.6}
    edges = dict(list(edges.items())[:10])
    parties = tuple(group for group in (("n0", "n1"), ("n2", "n3")) if set(group) <= set(mine) and draw.random() < 0.5)
    quotas = tuple(
        Quota(f"q{k}", tuple(sorted(draw.sample(names, min(2, len(names))))), draw.choice([0, 1]), draw.choice([None, 1, 2]))
        for k, names in enumerate(draw.choices([mine, theirs, mine + theirs], k=draw.randint(0, 2)))
    )
    pins = tuple(Pin(*pair) for pair in sorted(edges) if draw.random() < 0.1)
    sides = side({n: draw.randint(0, 2) for n in mine}, {}), side({m: draw.randint(0, 2) for m in theirs}, {"l0": 2})
    levels = tuple(draw.sample(DEFAULT_LEVELS, draw.randint(1, 4)))
    return Instance(*sides, listed(*sides, edges), parties, pins, quotas, 300, levels), edges


def drawn_proof(draw: random.Random, given: Instance, edges: Edges, number: int) -> Raw:
    weights = {name: draw.randint(0, 20) for name in given.levels[:number]} | {given.levels[number]: draw.randint(1, 3)}
    pinned = {name for pin in given.pins for name in (pin.newcomer, pin.local)}
    shares = [0 if pinned & set(party) else draw.randint(-300, 300) for party in given.parties]
    mixed = [len({name[0] for name in quota.members}) > 1 for quota in given.quotas]
    prices = [
        0 if both else draw.randint(-300 if quota.low else 0, 300 if quota.high is not None else 0)
        for quota, both in zip(given.quotas, mixed, strict=True)
    ]
    least = [draw.randint(0, 300) for _ in range(len(given.locals))]
    return proof(given, edges, weights, locals=least, parties=[[share, -share] for share in shares], quotas=prices)


@pytest.mark.parametrize("seed", range(150))
def test_no_plan_is_better_than_an_accepted_price_bound(seed: int) -> None:
    draw = random.Random(seed)
    given, edges = drawn(draw)
    scores = {pairs: score(given, edges, pairs) for pairs in plans(given, edges)}
    for pairs in draw.sample(sorted(scores), min(3, len(scores))):
        proofs = {name: drawn_proof(draw, given, edges, number) for number, name in enumerate(given.levels)}
        result = sealed(given, edges, pairs, proofs)
        wrong = verify(given, result)
        for number, (name, level) in enumerate(result["levels"].items()):
            before = scores[pairs][:number]
            rivals = [other for other in scores.values() if all(x >= y for x, y in zip(other, before, strict=False))]
            assert max(other[number] for other in rivals) <= turn(name) * level["price_bound"]
            assert not [claim for claim in wrong if f"level {name}" in claim], wrong
        assert wrong == []


def people(seed: int, newcomers: int, locals_: int) -> tuple[Raw, Roster]:
    given = county(seed, newcomers, locals_, 0)
    found = [
        Person(**(one | {"languages": tuple(sorted(one["languages"].items())), "hobbies": tuple(one["hobbies"])}))
        for one in given["people"]
    ]
    rules = Rules(RULES["year"], RULES["max_km"], quality_floor=RULES["quality_floor"])
    never = [(f"n{k:04d}", f"l{k:04d}") for k in range(newcomers)]
    return given, roster(found, rules, never, threads=2)


def round_of(given: Raw, pairs: Roster) -> Instance:
    known = {one["id"]: one for one in given["people"]}
    sides = [
        side({name: known[name]["waiting"] for name in half.ids}, {name: known[name]["capacity"] for name in half.ids}, half.ids)
        for half in (pairs.newcomers, pairs.locals)
    ]
    return Instance(sides[0], sides[1], pairs, quality_floor=RULES["quality_floor"])


def test_pairs_of_people_are_computed_from_them() -> None:
    """The fits come from rules written apart from the engine."""
    raw, pairs = people(5, 40, 30)
    given, known = round_of(raw, pairs), {one["id"]: one for one in raw["people"]}
    able = [(n, m) for n in given.newcomers.ids for m in given.locals.ids if n[1:] != m[1:]]
    able = [(n, m) for n, m in able if plain.acceptable(known[n], known[m], RULES)]
    edges = {(n, m): sum(plain.parts(known[n], known[m], raw).values()) for n, m in able}
    plan = list({m: (n, m) for n, m in {n: (n, m) for n, m in edges}.values()}.values())
    proofs = {name: proof(given, edges, dict.fromkeys(given.levels[: k + 1], 1)) for k, name in enumerate(given.levels)}
    assert len(plan) > 6
    result = sealed(given, edges, plan, proofs)
    assert verify(given, result) == []
    for level, (n, m) in itertools.product(given.levels, list(edges)[::40]):
        lowered = copy.deepcopy(proofs)
        lowered[level]["newcomers"][sorted(given.newcomers.ids).index(n)] -= 1
        claims = verify(given, sealed(given, edges, plan, lowered))
        assert any(f"level {level}: the price" in claim and repr(n) in claim for claim in claims), (m, claims)
    met = next(pair for pair in zip(sorted(given.newcomers.ids), sorted(given.locals.ids), strict=False)
               if plain.acceptable(known[pair[0]], known[pair[1]], RULES))  # fmt: skip
    result["pairs"].append([*met, 1])
    assert f"pair {met[0]!r}, {met[1]!r} is not acceptable" in verify(given, result)


def test_every_block_of_people_is_looked_at() -> None:
    raw, pairs = people(6, 300, 1100)
    given = round_of(raw, pairs)
    mine, theirs = (np.arange(len(half)) for half in (given.newcomers, given.locals))
    fits = pairs.fits(np.repeat(mine, len(theirs)), np.tile(theirs, len(mine))).reshape(len(mine), -1)
    most, best = np.maximum(fits.max(axis=1), 0), fits.argmax(axis=1)
    level = replace(given, levels=("fit",))
    for row in (None, 0, 255, 256, 299, int(np.flatnonzero((best >= 1024) & (fits.max(axis=1) != NO_PAIR))[0])):
        prices = most - (mine == row) * (most > 0)
        told = {"weights": {"fit": 1}, "newcomers": prices[np.argsort(given.newcomers.ids)].tolist(), "locals": [0] * len(theirs)}
        claims = verify(level, sealed(level, {}, [], {"fit": told | {"parties": [], "quotas": [], "links": []}}))
        pair = "" if row is None else f"{given.newcomers.ids[row]!r}, {given.locals.ids[best[row]]!r}"
        assert claims == ([f"level fit: the prices of pair {pair} are less than it is worth"] if pair and most[row] > 0 else [])


@pytest.mark.parametrize("counts", [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_without_people_or_pairs_there_is_a_sound_result(counts: tuple[int, int]) -> None:
    sides = [side({f"{letter}{k}": 1 for k in range(count)}, {}) for letter, count in zip("nl", counts, strict=True)]
    given = Instance(sides[0], sides[1], listed(sides[0], sides[1], {}))
    empty = {name: proof(given, {}, dict.fromkeys(given.levels[: k + 1], 1)) for k, name in enumerate(given.levels)}
    assert verify(given, sealed(given, {}, [], empty)) == []
    assert verify(replace(given, levels=()), sealed(replace(given, levels=()), {}, [], {})) == []
