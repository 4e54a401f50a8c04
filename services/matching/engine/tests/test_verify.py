"""`verify` accepts what is so and says of every other claim that it is false; its price bounds hold for every plan there is."""

import copy
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from services.matching.engine.instance import DEFAULT_LEVELS, NO_PAIR, Instance, Pin, Quota, Side, order
from services.matching.engine.listed import Listed
from services.matching.engine.people import Person, Rules
from services.matching.engine.roster import Roster, roster
from services.matching.engine.tests import plain
from services.matching.engine.tests.county import RULES, county
from services.matching.engine.verify import verify

Raw = dict[str, Any]
Pair = tuple[str, str]
Edges = dict[Pair, int]


def side(waiting: dict[str, int], capacity: dict[str, int], ids: Iterable[str] | None = None) -> Side:
    names = tuple(order(waiting) if ids is None else ids)
    rooms = [capacity.get(name, 1) for name in names]
    return Side(names, np.array([waiting[name] for name in names], dtype=np.int64), np.array(rooms, dtype=np.int64))


def listed(newcomers: Side, locals_: Side, edges: Edges) -> Listed:
    table = [(newcomers.ids.index(n), locals_.ids.index(m), fit) for (n, m), fit in edges.items()]
    columns = np.ascontiguousarray(np.array(table, dtype=np.int32).reshape(-1, 3).T)
    return Listed.of(len(newcomers), len(locals_), *columns)


def by_name(given: Instance, column: str) -> dict[str, int]:
    """`waiting` or `capacity` of everybody."""
    sides = (given.newcomers, given.locals)
    return {name: int(value) for one in sides for name, value in zip(one.ids, getattr(one, column), strict=True)}


def turn(level: str) -> int:
    return -1 if level == "below_floor" else 1


def worth(given: Instance, edges: Edges, pair: Pair, weights: dict[str, int]) -> int:
    gains = values(given, edges, [pair])
    return sum(weight * gains[name] * turn(name) for name, weight in weights.items())


def values(given: Instance, edges: Edges, pairs: Iterable[Pair]) -> dict[str, int]:
    waiting, fits = by_name(given, "waiting"), [edges[pair] for pair in pairs]
    waited, below = sum(waiting[name] for pair in pairs for name in pair), sum(fit < given.quality_floor for fit in fits)
    return {"pairs": len(fits), "waiting": waited, "below_floor": below, "fit": sum(fits)}


def room(given: Instance) -> Counter[str]:
    left = Counter(by_name(given, "capacity"))
    left.subtract(name for pin in given.pins for name in (pin.newcomer, pin.local))
    return left


def must(given: Instance) -> set[str]:
    pinned = {name for pin in given.pins for name in (pin.newcomer, pin.local)}
    return {name for party in given.parties if pinned & set(party) for name in party} - pinned


def counted(quota: Quota, pairs: Iterable[Pair]) -> int:
    return sum(1 for pair in pairs if set(pair) & set(quota.members))


def cost(given: Instance, name: str, proof: Raw) -> int:
    shares = [told[party.index(name)] for party, told in zip(given.parties, proof["parties"], strict=True) if name in party]
    prices = [price for quota, price in zip(given.quotas, proof["quotas"], strict=True) if name in quota.members]
    return int(sum(shares) + sum(prices))


def proof(given: Instance, edges: Edges, weights: dict[str, int], **more: Any) -> Raw:
    """Newcomers pay what is missing beside the given prices of locals, of parties and of quotas."""
    told = {"parties": [[0] * len(party) for party in given.parties], "quotas": [0] * len(given.quotas)} | more
    prices = dict(zip(sorted(given.locals.ids), more.get("locals", [0] * len(given.locals)), strict=True))
    left, forced = room(given), must(given)
    need: dict[str, list[int]] = {name: [] if name in forced else [0] for name in given.newcomers.ids}
    for n, m in edges:
        if min(left[n], left[m]) > 0:
            need[n].append(worth(given, edges, (n, m), weights) - prices[m] - cost(given, n, told) - cost(given, m, told))
    least = [max(need[name], default=0) for name in sorted(need)]
    return {"weights": weights, "newcomers": least, "locals": list(prices.values())} | told


def bound(given: Instance, edges: Edges, number: int, told: Raw, reached: dict[str, int]) -> int:
    prices = zip((*sorted(given.newcomers.ids), *sorted(given.locals.ids)), (*told["newcomers"], *told["locals"]), strict=True)
    left, pins = room(given), {(pin.newcomer, pin.local) for pin in given.pins}
    total = sum(left[name] * price for name, price in prices) + sum(worth(given, edges, pin, told["weights"]) for pin in pins)
    for quota, price in zip(given.quotas, told["quotas"], strict=True):
        if price > 0:
            total += price * ((quota.high or 0) - counted(quota, pins))
        total += min(price, 0) * max(0, quota.low - counted(quota, pins))
    *before, last = given.levels[: number + 1]
    rest = total - sum(told["weights"][name] * turn(name) * reached[name] for name in before)
    return int(turn(last) * (rest // told["weights"][last]))


def sealed(given: Instance, edges: Edges, pairs: Iterable[Pair], proofs: Raw) -> Raw:
    """A result that claims its plan to be the best."""
    chosen = sorted(pairs)
    reached, matched = values(given, edges, chosen), {name for pair in chosen for name in pair}
    levels = {
        name: {"value": reached[name], "bound": reached[name], "price_bound": bound(given, edges, number, proofs[name], reached)}
        for number, name in enumerate(given.levels)
    }
    left = [{"id": name} for one in (given.newcomers, given.locals) for name in one.ids if name not in matched]
    return {
        "status": "optimal", "levels": levels, "pairs": [[*pair, edges[pair]] for pair in chosen], "unmatched": left,
        "conflicts": [], "proof": proofs, "seconds": 0.1, "peak_mb": 1,
        "counts": {"newcomers": len(given.newcomers), "locals": len(given.locals)},
    }  # fmt: skip


def keeps(given: Instance, pairs: tuple[Pair, ...]) -> bool:
    taken = Counter(name for pair in pairs for name in pair)
    full = room(replace(given, pins=()))
    return (
        all(count <= full[name] for name, count in taken.items())
        and all((pin.newcomer, pin.local) in pairs for pin in given.pins)
        and all(len({name in taken for name in party}) == 1 for party in given.parties)
        and all(q.low <= counted(q, pairs) <= (99 if q.high is None else q.high) for q in given.quotas)
    )


def plans(given: Instance, edges: Edges) -> Iterator[tuple[Pair, ...]]:
    for size in range(len(edges) + 1):
        yield from (pairs for pairs in itertools.combinations(sorted(edges), size) if keeps(given, pairs))


def score(given: Instance, edges: Edges, pairs: Iterable[Pair]) -> tuple[int, ...]:
    reached = values(given, edges, pairs)
    return tuple(turn(name) * reached[name] for name in given.levels)


EDGES = {
    ("a", "u"): 500, ("a", "v"): 600, ("b", "u"): 500, ("b", "v"): 450, ("b", "x"): 300, ("c", "u"): 700, ("d", "v"): 650,
    ("d", "x"): 350, ("e", "w"): 390, ("f", "u"): 380, ("f", "v"): 410, ("f", "x"): 420,
}  # fmt: skip
PLAN = [("a", "v"), ("b", "u"), ("c", "u"), ("e", "w"), ("f", "x")]


def hand_made() -> Instance:
    mine = side({"a": 0, "b": 1, "c": 2, "d": 0, "e": 0, "f": 1}, {})
    theirs = side({"u": 1, "v": 0, "w": 0, "x": 3, "y": 0}, {"u": 2, "y": 3})
    quotas = (Quota("mixed", ("f", "x"), 1, 2), Quota("open", ("u", "v"), 1), Quota("org", ("a", "d"), 1, 1))
    pairs = listed(mine, theirs, EDGES | {("d", "w"): 800})
    banned = np.array([mine.ids.index("d")]), np.array([theirs.ids.index("w")])
    pins = (Pin("c", "u"), Pin("e", "w", "keep"))
    return Instance(mine, theirs, pairs.without(*banned), (("a", "b"), ("e", "f")), pins, quotas, 400)


def hand_proofs(given: Instance) -> Raw:
    more = {"locals": [9, 9, 0, 4, 0], "parties": [[5, -5], [0, 0]], "quotas": [0, -3, 7]}
    weights = [{name: 10_000 ** (k - j) for j, name in enumerate(given.levels[: k + 1])} for k in range(len(given.levels))]
    return {name: proof(given, EDGES, weights[k], **more) for k, name in enumerate(given.levels)}


@pytest.fixture(scope="module")
def sound() -> tuple[Instance, Raw]:
    given = hand_made()
    assert score(given, EDGES, PLAN) == max(score(given, EDGES, pairs) for pairs in plans(given, EDGES))
    return given, sealed(given, EDGES, PLAN, hand_proofs(given))


def test_a_sound_result_is_accepted_in_either_form(sound: tuple[Instance, Raw]) -> None:
    given, result = sound
    assert verify(given, result) == []
    told = [{"newcomer": n, "local": m, "fit": fit, "parts": {}} for n, m, fit in result["pairs"]]
    assert verify(given, {name: value for name, value in result.items() if name != "counts"} | {"pairs": told}) == []
    assert any(price < 0 for price in result["proof"]["pairs"]["newcomers"])  # that of f, who must be matched


def put(*path: Any, by: Any = None, to: Any = None) -> Callable[[Raw], None]:
    """Replaces what stands at the path, or adds `by` to it."""

    def change(result: Raw) -> None:
        place: Any = result
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to if by is None else place[path[-1]] + by

    return change


def swap(result: Raw) -> None:
    pairs = result["pairs"]
    pairs[0][1], pairs[1][1] = pairs[1][1], pairs[0][1]


def pairs_are(*pairs: Pair, fit: int = 0) -> Callable[[Raw], None]:
    """Another plan, with all that follows from it."""

    def change(result: Raw) -> None:
        known = EDGES | {pair: fit for pair in pairs if pair not in EDGES}
        result.update(sealed(hand_made(), known, pairs, result["proof"]))

    return change


def turned(field: str) -> Callable[[Raw], None]:
    return lambda result: result.update({field: dict(reversed(result[field].items()))})


LEVELS = {
    f"{what} of {name} {way}": (put("levels", name, what, by=step), f"level {name}: the {words}" if words else "out of order")
    for name in DEFAULT_LEVELS
    for what, words in (("value", "value is"), ("price_bound", "prices prove"))
    for way, step in (("raised", 1), ("lowered", -1))
} | {
    f"bound of {name} {way}": (put("levels", name, "bound", by=step), words)
    for name in DEFAULT_LEVELS
    for way, step, words in (
        ("raised", 1, "status" if name != "below_floor" else "out of order"),
        ("lowered", -1, "out of order" if name != "below_floor" else "status"),
    )
}
HUGE = 10**5000  # Python does not print it
WRONG: tuple[Any, ...] = (1.0, True, "1", None, [], 2**55 + 1, -(2**55) - 1, HUGE)
FORMS = {
    f"{part} {str(wrong)[:40] if wrong != HUGE else 'huge'}": (put("proof", "fit", part, 0, to=wrong), words)
    for part, words in (("newcomers", "newcomers has"), ("locals", "locals has"), ("quotas", "quotas has"))
    for wrong in WRONG
}
PLAN_CHANGES: dict[str, tuple[Callable[[Raw], Any], str]] = {
    "pair swapped": (swap, "has the fit 500, not 600"),
    "pair added": (lambda result: result["pairs"].append(["d", "x", 350]), "'x' has 2 pairs"),
    "pair twice": (lambda result: result["pairs"].append(["a", "v", 600]), "stands twice"),
    "pair removed": (lambda result: result["pairs"].pop(0), "'v' has no pair and is not among"),
    "fit raised": (put("pairs", 0, 2, by=1), "has the fit 600"),
    "fit a float": (put("pairs", 0, 2, to=600.0), "has the fit 600"),
    "stranger": (put("pairs", 0, 0, to="z" * 999), "is not acceptable"),
    "wrong way round": (put("pairs", 0, to=["v", "a", 600]), "is not acceptable"),
    "person twice": (pairs_are(*PLAN, ("a", "u")), "'a' has 2 pairs, at most 1"),
    "capacity exceeded": (pairs_are(*PLAN[:4], ("f", "u")), "'u' has 3 pairs, at most 2"),
    "party split": (pairs_are(("b", "u"), ("c", "u"), ("d", "v"), ("e", "w"), ("f", "x")), "party a, b is split"),
    "pin missing": (pairs_are(*(p for p in PLAN if p[0] != "c")), "pair 'c', 'u' was wished"),
    "banned pair": (pairs_are(("c", "u"), ("d", "w"), ("f", "x"), fit=800), "pair 'd', 'w' is not acceptable"),
    "quota above": (pairs_are(("a", "v"), ("b", "u"), ("c", "u"), ("d", "x"), ("e", "w")), "quota 'org' has 2 pairs"),
    "quota below": (pairs_are(("c", "u"), ("e", "w"), ("f", "x")), "quota 'org' has 0 pairs, 1 to 1"),
    "unmatched missing": (lambda result: result["unmatched"].pop(), "has no pair and is not among"),
    "unmatched extra": (lambda result: result["unmatched"].append({"id": "a"}), "'a' is among the unmatched and has"),
    "unmatched nobody": (lambda result: result["unmatched"].append({"id": "q"}), "'q' is among the unmatched and has"),
    "unmatched twice": (lambda result: result["unmatched"].append({"id": "d"}), "'d' is among the unmatched 2 times"),
    "counts": (put("counts", "locals", to=6), "there are 5 locals, not 6"),
    "feasible": (put("status", to="feasible"), "status 'feasible'"),
    "infeasible": (put("status", to="infeasible"), "no conflict is named"),
    "status": (put("status", to=["optimal"]), "status ['optimal']"),
    "conflict invented": (put("conflicts", to=[{"kind": "pin", "names": ["c", "u"], "why": ""}]), "although there is a plan"),
    "level missing": (lambda result: result["levels"].pop("fit"), "levels are pairs, waiting, below_floor, fit, not"),
    "levels reordered": (turned("levels"), "levels are pairs, waiting, below_floor, fit, not"),
    "value a float": (put("levels", "fit", "value", to=2610.0), "the value is 2610, not 2610.0"),
    "bound a string": (put("levels", "fit", "bound", to="2610"), "not whole numbers"),
    "price bound huge": (put("levels", "fit", "price_bound", to=HUGE), "not a very large number"),
    "level empty": (put("levels", "fit", to={}), "not None"),
}  # fmt: skip
PROOF_CHANGES: dict[str, tuple[Callable[[Raw], Any], str]] = {
    "price lowered": (put("proof", "fit", "newcomers", 0, by=-1), "level fit: the price"),
    "proof missing": (lambda result: result["proof"].pop("fit"), "level fit: the proof does not have weights"),
    "proof extra": (put("proof", "joy", to={}), "a proof of 'joy'"),
    "part missing": (lambda result: result["proof"]["fit"].pop("quotas"), "the proof does not have weights"),
    "a price too many": (lambda result: result["proof"]["fit"]["locals"].append(0), "locals is not a list of 5"),
    "prices by name": (put("proof", "fit", "locals", to={}), "locals is not a list of 5"),
    "shares": (put("proof", "fit", "parties", 0, to=[5, -4]), "party a, b do not add up to 0"),
    "shares beside a pin": (put("proof", "fit", "parties", 1, to=[1, -1]), "party e, f are not all 0"),
    "share a float": (put("proof", "fit", "parties", 0, to=[5.0, -5.0]), "parties has something"),
    "shares of nobody": (put("proof", "fit", "parties", to=[]), "parties is not a list of 2 lists"),
    "quota without max": (put("proof", "fit", "quotas", 1, to=1), "quota 'open' has no max"),
    "quota of both sides": (put("proof", "fit", "quotas", 0, to=-1), "quota 'mixed' has both sides"),
    "weight below 0": (put("proof", "fit", "weights", "pairs", to=-1), "weights has something below 0"),
    "last weight 0": (put("proof", "fit", "weights", "fit", to=0), "the last below 1"),
    "weight a Boolean": (put("proof", "fit", "weights", "fit", to=True), "weights has something"),
    "weights heavy": (put("proof", "fit", "weights", "fit", to=2**54), "weights are too large"),
    "weight missing": (lambda result: result["proof"]["fit"]["weights"].pop("pairs"), "weights are not those of"),
    "weight of a later level": (put("proof", "pairs", "weights", "fit", to=0), "weights are not those of pairs"),
}  # fmt: skip
TAMPERED = LEVELS | FORMS | PLAN_CHANGES | PROOF_CHANGES


@pytest.mark.parametrize("what", TAMPERED)
def test_a_false_claim_is_told(what: str, sound: tuple[Instance, Raw]) -> None:
    given, result = sound[0], copy.deepcopy(sound[1])
    change, words = TAMPERED[what]
    change(result)
    claims = verify(given, result)
    assert any(words in claim for claim in claims), claims
    assert all(len(claim) < 300 for claim in claims)


@pytest.mark.parametrize("level", DEFAULT_LEVELS)
def test_no_price_can_be_lowered_even_when_all_sums_agree(level: str, sound: tuple[Instance, Raw]) -> None:
    given, proofs = sound[0], sound[1]["proof"]
    for number, name in enumerate(sorted(given.newcomers.ids)):
        lowered = copy.deepcopy(proofs)
        lowered[level]["newcomers"][number] -= 1
        claims = verify(given, sealed(given, EDGES, PLAN, lowered))
        if room(given)[name] > 0:
            assert any(f"level {level}: the price" in claim and repr(name) in claim for claim in claims), claims
        else:
            assert claims == []  # who has no room left pays nothing


@pytest.mark.parametrize(
    ("name", "words"),
    [("a", "the price of 'a' is below 0"), ("y", "the price of 'y' is below 0"), ("c", ""), ("f", "less than it is worth")],
)
def test_a_price_below_0_is_for_those_who_must_be_matched(name: str, words: str, sound: tuple[Instance, Raw]) -> None:
    given, proofs = sound[0], copy.deepcopy(sound[1]["proof"])
    part = "newcomers" if name in given.newcomers.ids else "locals"
    ids = sorted(given.newcomers.ids if part == "newcomers" else given.locals.ids)
    proofs["fit"][part][ids.index(name)] = -(10**15)
    claims = verify(given, sealed(given, EDGES, PLAN, proofs))
    assert any(words in claim for claim in claims) if words else claims == []


def no_plan(*conflicts: tuple[str, list[str], str]) -> Raw:
    named = [{"kind": kind, "names": names, "why": why} for kind, names, why in conflicts]
    return {"status": "infeasible", "levels": {}, "pairs": [], "unmatched": [], "conflicts": named, "proof": {}}


def test_an_infeasible_result_names_wishes_of_the_instance() -> None:
    given = hand_made()
    pins = (*given.pins, Pin("d", "w"), Pin("gone", "w", "keep", "not_here"))
    given = replace(given, pins=pins)
    real = [
        ("pin", ["c", "u"], ""), ("keep", ["e", "w"], ""), ("pin", ["d", "w"], "not_acceptable"), ("party", ["a", "b"], ""),
        ("keep", ["gone", "w"], "not_here"), ("quota", ["open"], "min"), ("quota", ["org"], "max"), ("pin", ["d", "w"], ""),
    ]  # fmt: skip
    assert verify(given, no_plan(*real)) == []
    for invented in (
        ("keep", ["c", "u"], ""), ("pin", ["c", "u"], "not_acceptable"), ("pin", ["a", "u"], ""), ("party", ["a"], ""),
        ("party", ["b", "a"], ""), ("quota", ["open"], "max"), ("quota", ["closed"], "min"), ("quota", ["org"], ""),
        ("keep", ["gone", "w"], "too_far"), ("level", ["fit"], ""), ("pin", ["z" * 999, "w"], ""),
    ):  # fmt: skip
        assert [claim for claim in verify(given, no_plan(*real, invented)) if "is none of this instance" in claim]
    assert verify(given, no_plan()) == ["no conflict is named"]
    assert "named twice" in verify(given, no_plan(real[0], real[0]))[0]
    some: dict[str, Any] = {"pairs": [["a", "v", 600]], "unmatched": [{"id": "a"}], "levels": {"fit": {}}, "proof": {"fit": {}}}
    for name, value in some.items():
        assert verify(given, no_plan(real[0]) | {name: value}) == ["an infeasible result has conflicts and nothing else"]


def test_a_plan_with_a_pin_that_cannot_be_is_none() -> None:
    given = replace(hand_made(), pins=(*hand_made().pins, Pin("d", "w"), Pin("gone", "w", "keep")))
    claims = verify(given, sealed(hand_made(), EDGES, PLAN, hand_proofs(hand_made())))
    assert "pair 'd', 'w' was wished (pin) and is not there" in claims
    assert "pair 'gone', 'w' was wished (keep) and is not there" in claims


@pytest.mark.parametrize("gone", ["status", "levels", "pairs", "unmatched", "conflicts", "proof"])
def test_a_part_that_is_missing_or_of_another_kind_makes_no_result(gone: str, sound: tuple[Instance, Raw]) -> None:
    given, result = sound
    with pytest.raises(ValueError, match="not a result"):
        verify(given, {name: value for name, value in result.items() if name != gone})
    kinds: list[Any] = [[[]], [1], ["a"], [{}], 3, None, "x", {"fit": 1}]
    for wrong in kinds if gone not in ("status", "proof") else ():
        with pytest.raises(ValueError, match="not a result"):
            verify(given, result | {gone: wrong})


@pytest.mark.parametrize(
    "wrong",
    [{}, [], None, 1, "result", {"pairs": [["a", "u"]]}, {"pairs": [["a", 1, 500]]}, {"pairs": [{"newcomer": "a"}]},
     {"unmatched": [{"id": 1}]}, {"conflicts": [{"kind": "pin", "names": "ab", "why": ""}]}, {"proof": []}, {"counts": 1}],
)  # fmt: skip
def test_what_is_no_result_is_said_to_be_none(wrong: Any, sound: tuple[Instance, Raw]) -> None:
    with pytest.raises(ValueError, match="not a result"):
        verify(sound[0], sound[1] | wrong if type(wrong) is dict and wrong else wrong)


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
        claims = verify(level, sealed(level, {}, [], {"fit": told | {"parties": [], "quotas": []}}))
        pair = "" if row is None else f"{given.newcomers.ids[row]!r}, {given.locals.ids[best[row]]!r}"
        assert claims == ([f"level fit: the prices of pair {pair} are less than it is worth"] if pair and most[row] > 0 else [])


@pytest.mark.parametrize("counts", [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_without_people_or_pairs_there_is_a_sound_result(counts: tuple[int, int]) -> None:
    sides = [side({f"{letter}{k}": 1 for k in range(count)}, {}) for letter, count in zip("nl", counts, strict=True)]
    given = Instance(sides[0], sides[1], listed(sides[0], sides[1], {}))
    empty = {name: proof(given, {}, dict.fromkeys(given.levels[: k + 1], 1)) for k, name in enumerate(given.levels)}
    assert verify(given, sealed(given, {}, [], empty)) == []
    assert verify(replace(given, levels=()), sealed(replace(given, levels=()), {}, [], {})) == []
