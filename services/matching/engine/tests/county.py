"""Invented people of a county like Ludwigsburg: its towns by size, languages and wishes as they tend to come."""

import random
from typing import Any

# name, latitude, longitude, weight (thousands of inhabitants)
TOWNS = [
    ("Ludwigsburg", 48.897, 9.192, 93), ("Bietigheim-Bissingen", 48.963, 9.131, 43), ("Kornwestheim", 48.862, 9.186, 34),
    ("Vaihingen an der Enz", 48.934, 8.957, 29), ("Ditzingen", 48.826, 9.067, 25), ("Remseck", 48.873, 9.272, 26),
    ("Gerlingen", 48.800, 9.064, 19), ("Korntal-Münchingen", 48.831, 9.121, 20), ("Asperg", 48.908, 9.142, 13),
    ("Marbach", 48.940, 9.258, 16), ("Sachsenheim", 48.960, 9.065, 18), ("Besigheim", 48.999, 9.142, 12),
    ("Schwieberdingen", 48.877, 9.077, 11), ("Freiberg", 48.934, 9.194, 16), ("Markgröningen", 48.905, 9.081, 14),
    ("Bönnigheim", 49.040, 9.094, 8), ("Großbottwar", 49.001, 9.293, 8), ("Steinheim", 48.968, 9.279, 12),
]  # fmt: skip
TONGUES = [("uk", 30), ("ar", 30), ("fa", 12), ("tr", 10), ("ku", 6), ("ti", 5), ("so", 3), ("fr", 4)]
HOBBIES = ["cooking", "football", "walking", "music", "games", "cycling", "gardening", "reading", "sewing", "chess",
           "swimming", "dancing", "photography", "baking", "volleyball", "film"]  # fmt: skip

RULES: dict[str, Any] = {
    "min_age": 18, "year": 2021, "max_km": 40, "max_age_gap": None, "quality_floor": 400,
    "levels": ["pairs", "waiting", "below_floor", "fit"],
    "weights": {"languages": 350, "hobbies": 250, "closeness": 250, "age": 150},
}  # fmt: skip


def person(draw: random.Random, number: int, role: str) -> dict[str, Any]:
    _, lat, lon, _ = draw.choices(TOWNS, [town[3] for town in TOWNS])[0]
    placed = draw.random() < 0.99
    return {
        "id": f"{role[0]}{number:04d}", "role": role,
        "lat": round(lat + draw.uniform(-0.01, 0.01), 4) if placed else None,
        "lon": round(lon + draw.uniform(-0.01, 0.01), 4) if placed else None,
        "birth_year": 2021 - round(draw.triangular(18, 75, 30 if role == "newcomer" else 45)),
        "gender": draw.choices(["f", "m", "d", ""], [48, 46, 1, 5])[0],
        "wish": draw.choices(["any", "same"], [75, 25])[0],
        "languages": spoken(draw, role),
        "hobbies": draw.sample(HOBBIES, draw.randint(0, 4)),
        "max_km": draw.choice([None, 5, 10, 15, 20, 30]), "max_age_gap": draw.choice([None, None, None, 10, 20]),
        "capacity": draw.choices([1, 2, 3], [85, 12, 3])[0] if role == "local" else 1,
        "party": None, "group": None, "waiting": draw.choices([0, 1, 2], [80, 15, 5])[0],
    }  # fmt: skip


def spoken(draw: random.Random, role: str) -> dict[str, str]:
    if role == "local":
        found = {"de": "native"}
        if draw.random() < 0.8:
            found["en"] = draw.choice(["little", "well", "well"])
        if draw.random() < 0.2:
            found[draw.choice(["fr", "es", "tr", "ru", "ar"])] = draw.choice(["little", "well"])
        return found
    found = {draw.choices([t for t, _ in TONGUES], [w for _, w in TONGUES])[0]: "native"}
    if draw.random() < 0.65:
        found["de"] = draw.choice(["little", "little", "well"])
    if draw.random() < 0.45:
        found["en"] = draw.choice(["little", "well"])
    return found


def county(seed: int = 1, newcomers: int = 280, locals_: int = 200, parties: int = 20) -> dict[str, Any]:
    """A job with parties of two or three newcomers who live together, and a quota on one shelter."""
    draw = random.Random(seed)
    people = [person(draw, number, "newcomer") for number in range(newcomers)]
    people += [person(draw, number, "local") for number in range(locals_)]
    first = 0
    for number in range(parties):
        size = draw.choice([2, 2, 3])
        for member in people[first : first + size]:
            member |= {"party": f"p{number}", "lat": people[first]["lat"], "lon": people[first]["lon"]}
        first += size
    shelter = [one["id"] for one in people[first : first + newcomers // 8]]
    quotas = [{"name": "shelter", "members": shelter, "min": len(shelter) // 3, "max": len(shelter) // 2}]
    wishes = {"pins": [], "bans": [], "quotas": quotas, "met": [], "keep": []}
    return {"people": people, "rules": RULES, "wishes": wishes, "time_limit": None}


def wild(seed: int, newcomers: int = 24, locals_: int = 24) -> dict[str, Any]:
    """People as they hardly come: more languages and hobbies than one word of bits holds, the same house and the other
    side of the earth, no limit or a limit of 0, missing places, unstated genders.
    """
    draw = random.Random(seed)
    places = [(48.9, 9.2), (48.9, 9.2), (48.9, 9.3), (51.75, 9.2), (51.8, 9.2), (-48.9, -170.8), (89.9, 10.0), (None, None)]
    people = []
    for number in range(newcomers + locals_):
        lat, lon = draw.choices(places, [4, 4, 4, 2, 2, 1, 1, 1])[0]
        spoken_at = {f"l{n:02d}": draw.choice(["little", "well", "native"]) for n in draw.sample(range(70), draw.randint(0, 12))}
        likes = draw.sample(range(75), draw.randint(0, 9)) + draw.sample([80, 81], draw.randint(0, 2))
        people.append({
            "id": f"w{number:03d}", "role": "newcomer" if number < newcomers else "local", "lat": lat, "lon": lon,
            "birth_year": draw.randint(1930, 2004), "gender": draw.choice(["", "", "f", "m", "d"]),
            "wish": draw.choice(["any", "any", "any", "same"]), "languages": spoken_at | draw.choice([{}, {"zz": "little"}]),
            "hobbies": [f"h{n}" for n in likes], "max_km": draw.choice([None, 0, 7, 10, 319, 400, 20_000]),
            "max_age_gap": draw.choice([None, None, 0, 20, 60]), "capacity": draw.choice([1, 2]), "party": None,
            "group": None, "waiting": draw.randint(0, 3),
        })  # fmt: skip
    rules = RULES | {"max_km": draw.choice([8, 322, 20_100]), "max_age_gap": draw.choice([None, 50])}
    wishes: dict[str, Any] = {"pins": [], "bans": [], "quotas": [], "met": [], "keep": []}
    return {"people": people, "rules": rules, "wishes": wishes, "time_limit": None}
