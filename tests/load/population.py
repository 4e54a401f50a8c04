"""Invented people for measuring the engine: a country of towns, one city with limits, or one city without any.

"nation": 80 towns of Zipf size spread over Germany, one in ten lives in the country; "city": 14 districts of one city,
everybody with a limit; "dense": the same city, nobody has a limit or wish, so that nearly all pairs are acceptable.
"""

import csv
import random
from pathlib import Path
from typing import Any

TONGUES = [("uk", 30), ("ar", 28), ("fa", 12), ("tr", 10), ("ku", 7), ("ti", 5), ("so", 4), ("fr", 4)]
HOBBIES = ["art", "baking", "board_games", "chess", "children", "cinema", "cooking", "crafts", "cycling", "dancing", "diy",
           "football", "gardening", "gym", "hiking", "history", "languages", "music", "painting", "photography", "reading",
           "running", "sewing", "singing", "skating", "swimming", "table_tennis", "theatre", "volleyball", "walking"]  # fmt: skip
KINDS = ("nation", "city", "dense")
HEADER = ["id", "role", "lat", "lon", "birth_year", "gender", "wish", "languages", "hobbies", "max_km", "max_age_gap",
          "capacity", "party", "group", "waiting"]  # fmt: skip
YEAR = 2026


def places(draw: random.Random, kind: str) -> list[tuple[float, float, float, float]]:
    """Latitude, longitude, spread in degrees, weight."""
    if kind == "nation":
        towns = [(draw.uniform(47.8, 54.2), draw.uniform(7.0, 13.8), 0.03) for _ in range(80)]
        return [(*town, 1 / rank) for rank, town in enumerate(towns, 1)]
    return [(52.37 + draw.uniform(-0.08, 0.08), 9.73 + draw.uniform(-0.12, 0.12), 0.012, draw.uniform(0.5, 2)) for _ in range(14)]


def population(kind: str, newcomers: int, locals_: int, seed: int = 1) -> list[dict[str, Any]]:
    """People as lines of the people file with coordinates, newcomers first."""
    draw = random.Random(f"{kind} {newcomers} {locals_} {seed}")
    towns = places(draw, kind)
    weights = [town[3] for town in towns]
    homes = draw.choices(towns, weights, k=newcomers + locals_)
    return [_person(draw, number, kind, home, number < newcomers) for number, home in enumerate(homes)]


def _person(draw: random.Random, number: int, kind: str, home: tuple[float, float, float, float], new: bool) -> dict[str, Any]:
    rural = kind == "nation" and draw.random() < 0.1
    lat = draw.uniform(47.8, 54.2) if rural else draw.gauss(home[0], home[2])
    lon = draw.uniform(7.0, 13.8) if rural else draw.gauss(home[1], 1.6 * home[2])
    free = kind == "dense"
    age = min(90, 18 + int(draw.gammavariate(2, 8 if new else 14)))
    return {
        "id": f"{'n' if new else 'l'}{number:06d}", "role": "newcomer" if new else "local",
        "lat": round(lat, 4), "lon": round(lon, 4), "birth_year": YEAR - age,
        "gender": draw.choices(("f", "m", "d", ""), (48, 46, 1, 5))[0], "wish": "any" if free or draw.random() < 0.75 else "same",
        "languages": _spoken(draw, new, certain=free), "hobbies": ";".join(sorted(draw.sample(HOBBIES, draw.randint(0, 5)))),
        "max_km": 40 if free else draw.choice((5, 10, 10, 15, 20, 30)),
        "max_age_gap": "" if free or draw.random() < 0.7 else draw.choice((10, 15, 20)),
        "capacity": 1, "party": "", "group": "", "waiting": draw.choices((0, 1, 2), (80, 15, 5))[0],
    }  # fmt: skip


def _spoken(draw: random.Random, new: bool, *, certain: bool) -> str:
    if not new:
        found = {"de": "native", "en": draw.choice(("little", "well", "well"))}
        if draw.random() < 0.2:
            found[draw.choice(("fr", "es", "tr", "ru", "ar"))] = draw.choice(("little", "well"))
    else:
        found = {draw.choices([code for code, _ in TONGUES], [weight for _, weight in TONGUES])[0]: "native"}
        if certain or draw.random() < 0.65:
            found["de"] = draw.choice(("little", "little", "well"))
        if draw.random() < 0.45:
            found["en"] = draw.choice(("little", "well"))
    return ";".join(f"{code}:{level}" for code, level in found.items())


def write(path: Path, people: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, HEADER)
        table.writeheader()
        table.writerows(people)
