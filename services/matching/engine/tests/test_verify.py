"""`verify` accepts what is so and says of every other claim that it is false."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.matching.engine.instance import DEFAULT_LEVELS, Instance, Pin
from services.matching.engine.record import digest, rules
from services.matching.engine.tests.oracle import EDGES, PLAN, Pair, Raw, hand_made, hand_proofs, plans, room, score, sealed
from services.matching.engine.verify import verify


@pytest.fixture(scope="module")
def sound() -> tuple[Instance, Raw]:
    given = hand_made()
    source = {"input_digest": digest(given), "rules": rules(given)}
    assert score(given, EDGES, PLAN) == max(score(given, EDGES, pairs) for pairs in plans(given, EDGES))
    return given, sealed(given, EDGES, PLAN, hand_proofs(given)) | source


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


def says(name: str, value: Any) -> Callable[[Raw], None]:
    return lambda result: result.update({name: value})


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
    "shares": (put("proof", "fit", "parties", 0, to=[5, -4]), "party a, b do not add up to -3"),
    "link without pay": (put("proof", "fit", "links", to=[]), "party a, b do not add up to 0"),
    "link dearer": (put("proof", "fit", "links", 0, 2, by=1), "party a, b do not add up to -4"),
    "link below 0": (put("proof", "fit", "links", 0, 2, to=-3), "or a price below 0"),
    "link of no party": (put("proof", "fit", "links", 0, 0, to=2), "links has a party or a partner that is not there"),
    "link of the last party from behind": (put("proof", "fit", "links", 0, 0, to=-2), "links has a party or a partner"),
    "link to nobody": (put("proof", "fit", "links", 0, 1, to="z"), "links has a party or a partner that is not there"),
    "link to a number": (put("proof", "fit", "links", 0, 1, to=1), "links has a party or a partner that is not there"),
    "link of a party with a pin": (put("proof", "fit", "links", 0, 0, to=1), "links has a party that has a pin"),
    "link of two": (put("proof", "fit", "links", 0, to=[0, "v"]), "links is not a list of"),
    "link a float": (put("proof", "fit", "links", 0, 2, to=3.0), "links has something"),
    "link heavy": (put("proof", "fit", "links", to=[[0, "u", 2**55]] * 9), "links are too large"),
    "links by name": (put("proof", "fit", "links", to={"v": 3}), "links is not a list of"),
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
SOURCE: dict[str, tuple[Callable[[Raw], None], str]] = {
    "another digest": (says("input_digest", "0" * 64), "the input_digest is that of another input"),
    "another floor": (
        says("rules", {"quality_floor": 1, "levels": list(DEFAULT_LEVELS)}),
        "the rules are those of another input",
    ),
}
TAMPERED = LEVELS | FORMS | PLAN_CHANGES | PROOF_CHANGES | SOURCE


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
