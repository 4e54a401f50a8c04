"""Rules and fit of one pair in plain Python, from JSON people: written apart from the engine, to compare with it."""

import math
from typing import Any

LEVELS = {"little": 1, "well": 2, "native": 3}


def distance_hm(lat1: float, lon1: float, lat2: float, lon2: float) -> int:
    """Great circle by the angle between two unit vectors."""
    a, b = ((math.radians(lat), math.radians(lon)) for lat, lon in ((lat1, lon1), (lat2, lon2)))
    u, v = ((math.cos(p) * math.cos(q), math.cos(p) * math.sin(q), math.sin(p)) for p, q in (a, b))
    chord = math.dist(u, v)
    return round(2 * math.asin(min(chord / 2, 1)) * 63710.088)


def apart(one: dict[str, Any], other: dict[str, Any]) -> int:
    return distance_hm(one["lat"], one["lon"], other["lat"], other["lon"])


def limit_hm(one: dict[str, Any], rules: dict[str, Any]) -> int:
    """Nobody goes farther than the region lets them, whatever they chose."""
    return 10 * int(rules["max_km"] if one["max_km"] is None else min(one["max_km"], rules["max_km"]))


def broken(one: dict[str, Any], other: dict[str, Any], rules: dict[str, Any]) -> set[str]:
    """All rules the pair breaks, those of a wish under the person who has it."""
    if any(p["lat"] is None or rules["year"] - p["birth_year"] < rules["min_age"] for p in (one, other)):
        return {"impossible"}
    found = set()
    if not one["languages"].keys() & other["languages"].keys():
        found.add("language")
    same = one["gender"] == other["gender"] != ""
    years = abs(one["birth_year"] - other["birth_year"])
    for whose, person in (("mine", one), ("theirs", other)):
        gap = rules["max_age_gap"] if person["max_age_gap"] is None else person["max_age_gap"]
        if apart(one, other) > limit_hm(person, rules):
            found.add(f"near_{whose}")
        if person["wish"] == "same" and not same:
            found.add(f"wish_{whose}")
        if gap is not None and years > gap:
            found.add(f"age_{whose}")
    return found


def acceptable(one: dict[str, Any], other: dict[str, Any], rules: dict[str, Any]) -> bool:
    return not broken(one, other, rules)


def parts(one: dict[str, Any], other: dict[str, Any], job: dict[str, Any]) -> dict[str, int]:
    weights, rules = job["rules"]["weights"], job["rules"]
    shared = one["languages"].keys() & other["languages"].keys()
    best = max(min(LEVELS[one["languages"][code]], LEVELS[other["languages"][code]]) for code in shared)
    languages = {1: 300, 2: 700, 3: 900}[best] + (100 if len(shared) > 1 else 0)
    rare = sum(rarity(hobby, job["people"]) for hobby in set(one["hobbies"]) & set(other["hobbies"]))
    limit = min(limit_hm(one, rules), limit_hm(other, rules))
    closeness = 1000 * (limit - apart(one, other)) // limit if limit else 1000
    age = 1000 * max(0, 40 - abs(one["birth_year"] - other["birth_year"])) // 40
    scores = {"languages": languages, "hobbies": 1000 * rare // (rare + 48), "closeness": closeness, "age": age}
    return {name: weights[name] * score // 1000 for name, score in scores.items()}


def rarity(hobby: str, people: list[dict[str, Any]]) -> int:
    having = sum(hobby in person["hobbies"] for person in people)
    return 16 + math.floor(16 * math.log2(len(people) / having) + 1e-12)
