"""Reasons and changes against trying each change on everybody in plain Python."""

import copy
from collections import Counter
from typing import Any

import pytest

from services.matching.engine import parse
from services.matching.engine.job import run
from services.matching.engine.tests.county import county
from services.matching.engine.tests.plain import acceptable, broken

Raw = dict[str, Any]

RULE_ORDER = [
    ({"language"}, "no_shared_language"),
    ({"near_mine", "near_theirs"}, "none_within_distance"),
    ({"wish_mine", "wish_theirs"}, "wish_excluded_all"),
    ({"age_mine", "age_theirs"}, "age_excluded_all"),
]


def solved(job: dict[str, Any]) -> dict[str, Any]:
    return run(parse.job(job))


def expected_code(me: dict[str, Any], others: list[dict[str, Any]], job: dict[str, Any], free: set[str]) -> str:
    rules = job["rules"]
    if me["lat"] is None:
        return "place_unknown"
    if any(acceptable(me, other, rules) for other in others):
        if me["party"] is not None:
            return "party_not_placed"
        late = any(acceptable(me, other, rules) and other["id"] in free for other in others)
        return "quota_reached" if late else "too_few_locals" if me["role"] == "newcomer" else "too_few_newcomers"
    if me["wish"] == "same" and not me["gender"]:
        return "wish_excluded_all"
    left = [broken(me, other, rules) for other in others]
    left = [found for found in left if "impossible" not in found]
    for names, code in RULE_ORDER:
        left = [found for found in left if not found & names]
        if not left:
            return code
    raise AssertionError("somebody was acceptable")


def with_change(me: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(me)
    if change["change"] == "language":
        changed["languages"][change["to"]] = "little"
    else:
        changed[change["change"]] = change["to"]
    return changed


def opened(me: dict[str, Any], change: dict[str, Any], others: list[dict[str, Any]], job: dict[str, Any]) -> set[str]:
    changed, rules = with_change(me, change), job["rules"]
    return {o["id"] for o in others if acceptable(changed, o, rules) and not acceptable(me, o, rules)}


def tried(me: Raw, others: list[Raw], job: Raw, free: set[str]) -> Raw | None:
    """The first single change that opens somebody, found by trying every one."""
    own = me["max_km"] if me["max_km"] is not None else job["rules"]["max_km"]
    gap = 1000 if me["max_age_gap"] is None else me["max_age_gap"]
    changes: list[Raw] = [{"change": "max_km", "to": km} for km in range(5, max(40, 2 * own) + 1, 5) if km > own]
    changes += [{"change": "max_age_gap", "to": years} for years in range(5, 101, 5) if years > gap]
    changes += [{"change": "wish", "to": "any"}]
    late = any(acceptable(me, other, job["rules"]) for other in others)
    countable = free if late else {other["id"] for other in others}

    def counted(change: Raw) -> Raw:
        return change | {"opens": len(opened(me, change, others, job) & countable)}

    first = next((found for found in map(counted, changes) if found["opens"]), None)
    spoken = sorted({code for other in others for code in other["languages"]} - me["languages"].keys())
    languages = [found for code in spoken if (found := counted({"change": "language", "to": code}))["opens"]]
    return first or max(languages, key=lambda found: int(found["opens"]), default=None)


@pytest.mark.parametrize("seed", range(4))
def test_reasons_and_changes_equal_trying_them_all(seed: int) -> None:
    job = county(seed, 45, 30, 6)
    if seed % 2:
        job["wishes"]["quotas"] = []
    result = solved(job)
    people = {one["id"]: one for one in job["people"]}
    parties = Counter(one["party"] for one in job["people"])
    taken = Counter(name for pair in result["pairs"] for name in (pair["newcomer"], pair["local"]))
    free = {name for name, one in people.items() if one["party"] is None and taken[name] < one["capacity"]}
    assert {left["id"] for left in result["unmatched"]} == people.keys() - taken.keys()
    assert all(parties[one["party"]] > 1 for one in job["people"] if one["party"])
    for left in result["unmatched"]:
        me = people[left["id"]]
        others = [other for other in job["people"] if other["role"] != me["role"]]
        assert left["reason"] == expected_code(me, others, job, free), left
        if left["reason"] in ("place_unknown", "party_not_placed", "quota_reached"):
            assert left["change"] is None
        else:
            assert left["change"] == tried(me, others, job, free), left


def person(name: str, role: str, **more: Any) -> dict[str, Any]:
    same = {"birth_year": 1990, "lat": 48.9, "lon": 9.2, "languages": {"de": "well"}}
    return {"id": name, "role": role} | same | more


def reason_of(name: str, people: list[dict[str, Any]], **wishes: Any) -> dict[str, Any]:
    result = solved({"people": people, "rules": {"year": 2021, "max_km": 40}, "wishes": wishes})
    return next(left for left in result["unmatched"] if left["id"] == name)


@pytest.mark.parametrize(
    ("people", "code", "change"),
    [
        ([person("n", "newcomer")], "too_few_locals", None),
        ([person("n", "local")], "too_few_newcomers", None),
        ([person("n", "newcomer", birth_year=2010), person("l", "local")], "under_age", None),
        ([person("n", "newcomer", lat=None, lon=None), person("l", "local")], "place_unknown", None),
        ([person("n", "newcomer", languages={"uk": "native"}), person("l", "local")], "no_shared_language",
         {"change": "language", "to": "de", "opens": 1}),
        ([person("n", "newcomer", max_km=5), person("l", "local", lat=49.0)], "none_within_distance",
         {"change": "max_km", "to": 15, "opens": 1}),
        ([person("n", "newcomer"), person("l", "local", lat=49.0, max_km=5)], "none_within_distance", None),
        ([person("n", "newcomer", wish="same"), person("l", "local", gender="f")], "wish_excluded_all",
         {"change": "wish", "to": "any", "opens": 1}),
        ([person("n", "newcomer", max_age_gap=3), person("l", "local", birth_year=1982)], "age_excluded_all",
         {"change": "max_age_gap", "to": 10, "opens": 1}),
        ([person("n", "newcomer", birth_year=1991), person("m", "newcomer"), person("l", "local")], "too_few_locals", None),
    ],
)  # fmt: skip
def test_each_reason(people: list[dict[str, Any]], code: str, change: Any) -> None:
    found = reason_of("n", people)
    assert (found["reason"], found["change"]) == (code, change)


def test_met_or_banned_and_quota_and_party() -> None:
    two = [person("n", "newcomer"), person("l", "local")]
    assert reason_of("n", two, met=[["n", "l"]])["reason"] == "met_or_banned"
    assert reason_of("n", two, bans=[["n", "l"]])["reason"] == "met_or_banned"
    quota = {"name": "q", "members": ["n"], "max": 0}
    assert reason_of("l", two, quotas=[quota])["reason"] == "quota_reached"
    group = [person("n", "newcomer", party="p"), person("o", "newcomer", party="p"), person("l", "local")]
    assert reason_of("n", group)["reason"] == "party_not_placed"
