"""Reasons and changes against trying each change on everybody in plain Python."""

import copy
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from services.matching.engine import parse, scan
from services.matching.engine import reasons as finding
from services.matching.engine.build import build
from services.matching.engine.instance import Instance, PairIds, Quota, Side
from services.matching.engine.listed import Listed
from services.matching.engine.reasons import reasons
from services.matching.engine.record import plain
from services.matching.engine.tests.county import county, wild
from services.matching.engine.tests.plain import acceptable, apart, broken

Raw = dict[str, Any]

RULE_ORDER = [
    ({"language"}, "no_shared_language"),
    ({"near_mine", "near_theirs"}, "none_within_distance"),
    ({"wish_mine", "wish_theirs"}, "wish_excluded_all"),
    ({"age_mine", "age_theirs"}, "age_excluded_all"),
]
FIXED = ("place_unknown", "under_age", "party_not_placed", "quota_reached")


def told(job: Raw, pairs: list[PairIds], threads: int = 1) -> list[Raw]:
    given = parse.job(job)
    return [plain(reason) for reason in reasons(build(given.people, given.rules, given.wishes, threads), pairs)]


def some_plan(job: Raw, seed: int) -> list[PairIds]:
    """Pairs one by one at random, never somebody who never gets one; most of those possible, so that a few stay free."""
    draw = random.Random(seed)
    people = {one["id"]: one for one in job["people"] if draw.random() < 0.8}
    sides = ([one for one in people.values() if one["role"] == role] for role in ("newcomer", "local"))
    newcomers, locals_ = sides
    possible = [(n["id"], m["id"]) for n in newcomers for m in locals_ if acceptable(n, m, job["rules"])]
    taken: Counter[str] = Counter()
    chosen = []
    for pair in draw.sample(possible, len(possible)):
        if taken[pair[0]] == 0 and taken[pair[1]] < (1 if people[pair[1]]["party"] else people[pair[1]]["capacity"]):
            chosen.append(pair)
            taken.update(pair)
    return chosen


class Town:
    """One job and a plan: who may meet whom, and who is still free."""

    def __init__(self, job: Raw, pairs: list[PairIds]) -> None:
        self.rules, self.people = job["rules"], job["people"]
        self.quotas = any(quota["max"] is not None for quota in job["wishes"]["quotas"])
        self.never = {frozenset(pair) for name in ("bans", "met") for pair in job["wishes"][name]}
        taken = Counter(name for pair in pairs for name in pair)
        capacity = {one["id"]: one["capacity"] if one["role"] == "local" else 1 for one in self.people}
        self.left = [one for one in self.people if not taken[one["id"]]]
        self.free = {one["id"] for one in self.people if not one["party"] and taken[one["id"]] < capacity[one["id"]]}

    def others(self, me: Raw) -> list[Raw]:
        return [other for other in self.people if other["role"] != me["role"]]

    def partners(self, me: Raw) -> set[str]:
        found = {other["id"] for other in self.others(me) if acceptable(me, other, self.rules)}
        return {name for name in found if frozenset((name, me["id"])) not in self.never}

    def code(self, me: Raw) -> str:
        if me["lat"] is None:
            return "place_unknown"
        if self.rules["year"] - me["birth_year"] < self.rules["min_age"]:
            return "under_age"
        if partners := self.partners(me):
            if me["party"] is not None:
                return "party_not_placed"
            return "quota_reached" if self.quotas and partners & self.free else self.too_few(me)
        return "wish_excluded_all" if me["wish"] == "same" and not me["gender"] else self.excluded(me)

    def too_few(self, me: Raw) -> str:
        return "too_few_locals" if me["role"] == "newcomer" else "too_few_newcomers"

    def excluded(self, me: Raw) -> str:
        left = [broken(me, other, self.rules) for other in self.others(me)]
        left = [found for found in left if "impossible" not in found]
        if not left:
            return self.too_few(me)
        for names, code in RULE_ORDER:
            left = [found for found in left if not found & names]
            if not left:
                return code
        return "met_or_banned"

    def change(self, me: Raw) -> Raw | None:
        """The first single change that opens somebody, found by trying every one; of distances those that lead to somebody."""
        others = [other for other in self.others(me) if None not in (me["lat"], other["lat"])]
        steps = sorted({min(-(-apart(me, other) // 50) * 5, self.rules["max_km"]) for other in others})
        changes: list[Raw] = [{"change": "max_km", "to": km} for km in steps]
        changes += [{"change": "max_age_gap", "to": years} for years in range(5, 101, 5)]
        changes += [{"change": "wish", "to": "any"}]
        if first := next((found for change in changes if (found := self.counted(me, change))), None):
            return first
        spoken = sorted({code for other in self.others(me) for code in other["languages"]} - me["languages"].keys())
        languages = [found for code in spoken if (found := self.counted(me, {"change": "language", "to": code}))]
        return max(languages, key=lambda found: int(found["opens"]), default=None)

    def counted(self, me: Raw, change: Raw) -> Raw | None:
        before = self.partners(me)
        after = self.partners(with_change(me, change)) - before
        opens = len(after & self.free if before else after)
        return change | {"opens": opens} if opens else None


def with_change(me: Raw, change: Raw) -> Raw:
    changed = copy.deepcopy(me)
    if change["change"] == "language":
        changed["languages"][change["to"]] = "little"
    else:
        changed[change["change"]] = change["to"]
    return changed


def towns() -> list[Raw]:
    jobs = [county(seed, 45, 30, 6) for seed in range(4)] + [wild(seed, 16, 14) for seed in range(8)]
    jobs[1]["rules"] = jobs[1]["rules"] | {"max_km": 12, "max_age_gap": 30, "min_age": 25}
    for job in jobs[::2]:
        job["wishes"]["quotas"] = []
    for seed, job in enumerate(jobs):
        draw = random.Random(seed)
        newcomers, locals_ = ([one["id"] for one in job["people"] if one["role"] == role] for role in ("newcomer", "local"))
        job["wishes"]["met"] = [[draw.choice(newcomers), draw.choice(locals_)] for _ in range(40)]
    return jobs


@pytest.mark.parametrize("job", towns())
def test_reasons_and_changes_equal_trying_them_all(job: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = some_plan(job, 1)
    town, found = Town(job, plan), told(job, plan)
    assert [(left["role"], left["id"]) for left in found] == sorted((one["role"], one["id"]) for one in town.left)
    people = {one["id"]: one for one in job["people"]}
    for left in found:
        me = people[left["id"]]
        assert left["reason"] == town.code(me), left
        assert left["change"] == (None if left["reason"] in FIXED else town.change(me)), left
    monkeypatch.setattr(finding, "BLOCK", 3)
    monkeypatch.setattr(scan, "CELL", 2)
    assert told(job, plan, threads=3) == found


def test_the_towns_above_have_every_reason_and_change() -> None:
    found = [left for job in towns() for left in told(job, some_plan(job, 1))]
    assert {left["change"]["change"] for left in found if left["change"]} == {"max_km", "max_age_gap", "wish", "language"}
    assert {left["reason"] for left in found} >= {
        "too_few_locals", "too_few_newcomers", "place_unknown", "under_age", "no_shared_language", "none_within_distance",
        "wish_excluded_all", "age_excluded_all", "party_not_placed", "quota_reached",
    }  # fmt: skip


def test_no_suggestion_leads_beyond_the_region() -> None:
    """14 km are allowed at most: neither a step to 15 nor what somebody offered themselves goes farther."""
    people = [person("n", "newcomer", max_km=5), person("l", "local", lat=49.0, max_km=200)]
    assert reason_of("n", people, max_km=14)["change"] == {"change": "max_km", "to": 14, "opens": 1}
    assert reason_of("n", people, max_km=11) == {
        "id": "n", "role": "newcomer", "reason": "none_within_distance", "change": None
    }  # fmt: skip


def person(name: str, role: str, **more: Any) -> Raw:
    same = {"birth_year": 1990, "lat": 48.9, "lon": 9.2, "languages": {"de": "well"}}
    return {"id": name, "role": role} | same | more


def reason_of(name: str, people: list[Raw], pairs: tuple[PairIds, ...] = (), max_km: int = 40, **wishes: Any) -> Raw:
    job = {"people": people, "rules": {"year": 2021, "max_km": max_km}, "wishes": wishes}
    return next(left for left in told(job, list(pairs)) if left["id"] == name)


@pytest.mark.parametrize(
    ("people", "code", "change"),
    [
        ([person("n", "newcomer")], "too_few_locals", None),
        ([person("n", "local")], "too_few_newcomers", None),
        ([person("n", "newcomer"), person("l", "local", lat=None, lon=None)], "too_few_locals", None),
        ([person("n", "newcomer", birth_year=2010), person("l", "local")], "under_age", None),
        ([person("n", "newcomer", lat=None, lon=None), person("l", "local")], "place_unknown", None),
        ([person("n", "newcomer", languages={"uk": "native"}), person("l", "local")], "no_shared_language",
         {"change": "language", "to": "de", "opens": 1}),
        ([person("n", "newcomer", languages={}), person("l", "local", languages={})], "no_shared_language", None),
        ([person("n", "newcomer", max_km=5), person("l", "local", lat=49.0)], "none_within_distance",
         {"change": "max_km", "to": 15, "opens": 1}),
        ([person("n", "newcomer"), person("l", "local", lat=49.0, max_km=5)], "none_within_distance", None),
        ([person("n", "newcomer"), person("l", "local", lat=-49.0)], "none_within_distance", None),
        ([person("n", "newcomer", wish="same"), person("l", "local", gender="f")], "wish_excluded_all",
         {"change": "wish", "to": "any", "opens": 1}),
        ([person("n", "newcomer", max_age_gap=3), person("l", "local", birth_year=1982)], "age_excluded_all",
         {"change": "max_age_gap", "to": 10, "opens": 1}),
    ],
)  # fmt: skip
def test_each_reason(people: list[Raw], code: str, change: Any) -> None:
    found = reason_of("n", people)
    assert (found["reason"], found["change"]) == (code, change)


def test_who_came_too_late_hears_of_those_still_free() -> None:
    people = [person("n", "newcomer", birth_year=1991, max_km=5), person("m", "newcomer"), person("l", "local")]
    assert reason_of("n", people, (("m", "l"),))["change"] is None
    people += [person("k", "local", lat=49.0)]
    found = reason_of("n", people, (("m", "l"),))
    assert (found["reason"], found["change"]) == ("too_few_locals", {"change": "max_km", "to": 15, "opens": 1})
    assert reason_of("n", people, (("m", "k"),))["change"] is None


def test_met_or_banned_and_quota_and_party() -> None:
    two = [person("n", "newcomer"), person("l", "local")]
    assert reason_of("n", two, met=[["n", "l"]])["reason"] == "met_or_banned"
    assert reason_of("n", two, bans=[["n", "l"]])["reason"] == "met_or_banned"
    quota = {"name": "q", "members": ["n"], "max": 0}
    assert reason_of("l", two, quotas=[quota])["reason"] == "quota_reached"
    group = [person("n", "newcomer", party="p"), person("o", "newcomer", party="p"), person("l", "local")]
    assert reason_of("n", group)["reason"] == "party_not_placed"


def listed(*edges: tuple[int, int], quotas: tuple[Quota, ...] = ()) -> Instance:
    """Newcomers a, b, c, of whom b and c are a party, and locals k, l, m; k takes two."""
    newcomer, local = np.array(edges, dtype=np.int32).reshape(-1, 2).T
    pairs = Listed.of(3, 3, newcomer, local, np.full(len(edges), 5, dtype=np.int32))
    waiting = np.zeros(3, dtype=np.int64)
    newcomers, locals_ = Side(tuple("abc"), waiting, np.array([1, 1, 1])), Side(tuple("klm"), waiting, np.array([2, 1, 1]))
    return Instance(newcomers, locals_, pairs, parties=(("b", "c"),), quotas=quotas)


def codes(instance: Instance, *pairs: PairIds) -> dict[str, str]:
    found = reasons(instance, pairs)
    assert [(one.role, one.id) for one in found] == sorted((one.role, one.id) for one in found)
    assert all(one.change is None for one in found)
    return {one.id: one.reason for one in found}


def test_reasons_where_only_pairs_are_known() -> None:
    full = listed((0, 0), (1, 0), (1, 1), (2, 0))
    late = {"b": "party_not_placed", "c": "party_not_placed", "l": "too_few_newcomers", "m": "no_acceptable_partner"}
    assert codes(full, ("a", "k")) == late
    assert codes(full, ("b", "l"), ("c", "k")) == {"a": "too_few_locals", "m": "no_acceptable_partner"}
    limited = listed((0, 0), (1, 0), (1, 1), (2, 0), quotas=(Quota("q", ("a",), 0, 0),))
    assert codes(limited, ("b", "l"), ("c", "k")) == {"a": "quota_reached", "m": "no_acceptable_partner"}
    nobody = dict.fromkeys("abcklm", "no_acceptable_partner")
    assert codes(listed()) == nobody
