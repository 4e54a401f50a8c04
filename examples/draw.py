"""Draws ordinary people: where they live, how old they are, what they speak and like."""

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from examples.names import FAMILIES, MEN, WOMEN, Name
from services.geo.gazetteer.sources import read_municipalities
from shared.schemas.codes import Gender, LanguageLevel, Role, Wish
from shared.schemas.people_file import Row

REGION = "ludwigsburg"
YEAR = 2021
INHABITANTS = Path(__file__).with_name("ludwigsburg-inhabitants.csv")
TINY = ("Hessigheim", "Freudental")
"""Villages where only newcomers are drawn, so that a newcomer there with a tiny distance limit finds nobody."""

Languages = tuple[tuple[str, LanguageLevel], ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Origin:
    """What people of one origin have in common. `also` are further languages with the chance that somebody speaks one."""

    names: str
    native: str
    page: str
    weight: int
    also: tuple[tuple[str, LanguageLevel, float], ...] = ()


NEWCOMERS = (
    Origin("arabic", "ar", "ar", 30, (("en", "little", 0.35), ("en", "well", 0.15), ("fr", "little", 0.05))),
    Origin("persian", "fa", "fa", 17, (("en", "little", 0.3), ("en", "well", 0.15))),
    Origin("pashto", "ps", "fa", 6, (("fa", "well", 0.7), ("en", "little", 0.2))),
    Origin("ukrainian", "uk", "uk", 12, (("ru", "well", 0.7), ("en", "little", 0.4))),
    Origin("turkish", "tr", "tr", 9, (("en", "little", 0.4), ("ku", "little", 0.15))),
    Origin("kurdish", "ku", "ar", 7, (("ar", "well", 0.7), ("tr", "little", 0.3), ("en", "little", 0.2))),
    Origin("tigrinya", "ti", "en", 8, (("en", "little", 0.5), ("ar", "little", 0.3), ("am", "little", 0.2))),
    Origin("somali", "so", "en", 4, (("en", "little", 0.5), ("ar", "little", 0.4))),
    Origin("african", "fr", "en", 4, (("en", "little", 0.5),)),
    Origin("african", "en", "en", 4, (("fr", "little", 0.2),)),
    Origin("russian", "ru", "de", 5, (("en", "little", 0.2),)),
)
LOCALS = (
    Origin("german", "de", "de", 86, (("es", "little", 0.12), ("it", "little", 0.08), ("ru", "little", 0.05))),
    Origin("turkish", "tr", "tr", 6),
    Origin("italian", "it", "de", 3),
    Origin("balkan", "hr", "de", 2),
    Origin("spanish", "es", "en", 1),
    Origin("russian", "ru", "de", 3),
    Origin("arabic", "ar", "ar", 2),
    Origin("persian", "fa", "fa", 1),
)
_LOCAL_EXTRAS: tuple[tuple[str, LanguageLevel, float], ...] = (
    ("en", "well", 0.55),
    ("en", "little", 0.25),
    ("fr", "little", 0.2),
    ("fr", "well", 0.08),
    ("ar", "little", 0.03),
    ("uk", "little", 0.01),
)
_HOBBIES = {
    "cooking": 16,
    "football": 11,
    "walking": 15,
    "cycling": 10,
    "music": 11,
    "reading": 10,
    "games": 7,
    "gardening": 6,
    "sewing": 4,
    "swimming": 7,
    "fitness": 7,
    "photography": 4,
    "art": 4,
    "film": 7,
    "children": 6,
    "animals": 4,
    "dancing": 4,
    "chess": 3,
    "computers": 5,
    "languages": 8,
    "volunteering": 4,
    "hiking": 7,
    "crafts": 3,
    "baking": 5,
}
_GROUPS = ("", "shelter-north", "shelter-riverside", "language-school", "parish", "sports-club")


class Draw:
    """One seeded source of chance, and the addresses given out so far."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._addresses: set[str] = set()

    def one(self, choices: Mapping[T, float]) -> T:
        return self.random.choices(list(choices), weights=list(choices.values()))[0]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def address(self, given: Name, family: Name) -> str:
        """Invented, of the domains that are kept for examples; each is given out once."""
        domain = "example.org" if self.chance(0.6) else "example.net"
        stem = f"{given.latin}.{family.latin}".replace(" ", "").replace("'", "")
        number = 1
        while (address := f"{stem}{number if number > 1 else ''}@{domain}") in self._addresses:
            number += 1
        self._addresses.add(address)
        return address


def person(draw: Draw, role: Role, municipality: str, postcode: str) -> Row:
    """An ordinary person; the id comes when all are in their order."""
    origin = draw.one({one: one.weight for one in (NEWCOMERS if role == "newcomer" else LOCALS)})
    gender = _gender(draw, role)
    given = draw.random.choice((MEN if gender == "m" or (gender != "f" and draw.chance(0.5)) else WOMEN)[origin.names])
    family = draw.random.choice(FAMILIES[origin.names])
    return Row(
        id="",
        name=f"{given.own} {family.own}",
        email=draw.address(given, family),
        role=role,
        language=_page(draw, origin),
        postcode=postcode,
        place=municipality,
        birth_year=YEAR - _age(draw, role),
        gender=gender,
        wish=_wish(draw, gender),
        languages=_spoken(draw, role, origin),
        hobbies=_hobbies(draw),
        max_km=draw.one({5: 12, 10: 34, 15: 24, 20: 14, 25: 5, 30: 5, None: 6}),
        max_age_gap=draw.one({None: 78, 10: 5, 15: 7, 20: 6, 30: 4}),
        capacity=1,
        party="",
        group=_group(draw) if role == "newcomer" else "",
        demo="",
    )


def homes(count: int) -> list[tuple[str, str]]:
    """`count` pairs of municipality and postcode, in proportion to the inhabitants (largest remainders)."""
    inhabitants = read_inhabitants()
    total = sum(inhabitants.values())
    shares = {name: count * number / total for name, number in inhabitants.items()}
    seats = {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (seats[name] - shares[name], name))
    for name in by_remainder[: count - sum(seats.values())]:
        seats[name] += 1
    postcodes = own_postcodes()
    return [(name, postcodes[name][i % len(postcodes[name])]) for name, number in seats.items() for i in range(number)]


def read_inhabitants() -> dict[str, int]:
    lines = INHABITANTS.read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {line["municipality"]: int(line["inhabitants"]) for line in table}


def own_postcodes() -> dict[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for municipality in read_municipalities():
        if municipality.region == REGION and municipality.main:
            found.setdefault(municipality.name, []).append(municipality.postcode)
    return dict(found)


def _gender(draw: Draw, role: Role) -> Gender:
    chances: dict[Role, dict[Gender, float]] = {
        "newcomer": {"m": 53, "f": 43, "d": 1, "": 3},
        "local": {"m": 36, "f": 60, "d": 2, "": 2},
    }
    return draw.one(chances[role])


def _wish(draw: Draw, gender: Gender) -> Wish:
    return "same" if draw.chance({"f": 0.22, "m": 0.07}.get(gender, 0.0)) else "any"


def _age(draw: Draw, role: Role) -> int:
    if role == "newcomer":
        return int(draw.random.triangular(18, 67, 27))
    return int(draw.random.triangular(18, 45, 27) if draw.chance(0.45) else draw.random.triangular(40, 80, 63))


def _page(draw: Draw, origin: Origin) -> str:
    """The language of the pages: mostly one's own where it is offered, else what one gets along with."""
    chances = {"en": 4.0, "de": 4.0}
    return draw.one(chances | {origin.page: 92.0})


def _spoken(draw: Draw, role: Role, origin: Origin) -> Languages:
    spoken: dict[str, LanguageLevel] = {origin.native: "native"}
    if role == "newcomer":
        german: LanguageLevel | None = draw.one({"little": 52.0, "well": 30.0, None: 18.0})
    else:
        german = None if origin.native == "de" else draw.one({"native": 40.0, "well": 60.0})
    if german is not None:
        spoken["de"] = german
    for tag, level, probability in (*origin.also, *(_LOCAL_EXTRAS if role == "local" else ())):
        if draw.chance(probability):
            spoken.setdefault(tag, level)
    return tuple(spoken.items())


def _hobbies(draw: Draw) -> tuple[str, ...]:
    wanted = draw.one({0: 1, 1: 6, 2: 18, 3: 30, 4: 25, 5: 14, 6: 6})
    found: dict[str, None] = {}
    while len(found) < wanted:
        found[draw.one(_HOBBIES)] = None
    return tuple(found)


def _group(draw: Draw) -> str:
    return draw.one(dict(zip(_GROUPS, (80, 7, 5, 4, 2, 2), strict=True)))
