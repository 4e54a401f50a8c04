"""All municipalities of both regions, as people type them: short, without umlauts, with slips, in their own script."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from services.geo.gazetteer.folding import fold
from services.geo.gazetteer.lookup import Place, search
from services.geo.gazetteer.sources import read_aliases, read_municipalities
from shared.runtime.migrate import ROOT

REGIONS = {
    region: tomllib.loads((ROOT / f"deploy/regions/{region}.toml").read_text(encoding="utf-8"))
    for region in ("ludwigsburg", "hannover")
}
AGS = {(m.region, m.name): m.ags for m in read_municipalities()}
NAMES = [(region, name) for region, file in REGIONS.items() for name in file["municipalities"]]
ALIASES = list(read_aliases())
KEYBOARD = ("qwertzuiopü", "asdfghjklöä", "yxcvbnm")
BESIDE = {key: other for row in KEYBOARD for key, other in zip(row, row[1:] + row[-2], strict=True)}


def test_the_map_knows_the_municipalities_of_the_region_files() -> None:
    assert sorted(NAMES) == sorted(AGS)
    assert Counter(region for region, _ in NAMES) == {"ludwigsburg": 39, "hannover": 21}


UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
NO_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u"})
WAYS = (
    (" am Neckar", (" a.N.", " a. N.", "/Neckar", " (Neckar)", " a. Neckar", "/N.")),
    (" an der Enz", (" a.d.Enz", " a. d. Enz", "/Enz", " (Enz)", " an d. Enz", "/E.")),
    (" an der Murr", (" a.d.Murr", " a. d. Murr", "/Murr", " (Murr)", " an d. Murr", "/M.")),
    (" am Rübenberge", (" a. Rbge.", " a.Rbge", " a. Rübenberge", " Rbge.", " am Ruebenberge")),
    (" (Deister)", (" Deister", " am Deister", " a. Deister", "/Deister")),
)


def short(name: str) -> str:
    return re.sub(r" (am|an der|\().*", "", name)


def variants(name: str) -> set[str]:
    ways = {name, short(name), f"  {short(name)} (Württ.)", f"{short(name)}, Deutschland"}
    ways |= {name.replace(full, way) for full, others in WAYS for way in others if full in name}
    ways |= {name.replace("-", " "), name.replace("-", " - "), name.replace("-", "/"), name.replace(" ", "-")}
    ways |= {way.translate(table) for way in ways for table in (UMLAUTS, NO_UMLAUTS)}
    return ways | {way.upper() for way in ways} | {way.lower() for way in ways}


@pytest.mark.parametrize(("region", "name"), NAMES)
async def test_every_municipality_by_its_usual_names(conn: Any, region: str, name: str) -> None:
    for typed in variants(name):
        first = (await search(conn, typed, region))[0]
        assert (typed, first.municipality, first.exact) == (typed, AGS[region, name], True)


def slips(word: str) -> set[str]:
    """Every one-letter typo: missing, doubled, swapped with the next, and the key beside it."""
    made = set()
    for at, letter in enumerate(word):
        before, after = word[:at], word[at + 1 :]
        made |= {before + after, before + letter + letter + after, before + BESIDE.get(letter.lower(), "") + after}
        made.add(before + after[:1] + letter + after[1:])
    return made - {word}


def outcome(found: list[Place], ags: str) -> str:
    """What happens to somebody who lives in this municipality and is answered so."""
    at = next((number for number, place in enumerate(found) if place.municipality == ags), None)
    if at != 0 and found and found[0].exact and not found[0].ambiguous:
        return "taken for another"
    return "not offered" if at is None else "first" if at == 0 else "asked"


async def outcomes(conn: Any, typed: Iterable[tuple[str, str, str]]) -> Counter[str]:
    return Counter([outcome(await search(conn, text, region), AGS[region, name]) for region, name, text in typed])


@pytest.mark.parametrize("region", REGIONS)
async def test_one_wrong_letter_is_first_or_at_least_offered(conn: Any, region: str) -> None:
    typed = [(region, name, text) for name in REGIONS[region]["municipalities"] for text in sorted(slips(short(name)))]
    counted = await outcomes(conn, typed)
    assert counted.total() > 600
    assert set(counted) <= {"first", "asked"}
    assert counted["first"] / counted.total() > 0.99


async def test_two_wrong_letters_are_mostly_offered(conn: Any) -> None:
    """Some slips of some slips: about ten for each name."""
    once = [(region, name, text) for region, name in NAMES for text in sorted(slips(short(name)))[::7]]
    typed = [(region, name, text) for region, name, slip in once for text in sorted(slips(slip))[3::20]]
    counted = await outcomes(conn, typed)
    assert counted.total() > 500
    assert (counted["first"] + counted["asked"]) / counted.total() > 0.9
    assert counted["taken for another"] / counted.total() < 0.01


@pytest.mark.parametrize("region", REGIONS)
def test_every_municipality_has_a_name_in_arabic_persian_and_ukrainian(region: str) -> None:
    for kind in ("ar", "fa", "uk"):
        named = {alias.municipality for alias in ALIASES if (alias.region, alias.kind) == (region, kind)}
        assert named == set(REGIONS[region]["municipalities"])


def test_an_alias_is_of_a_known_kind_and_stands_once() -> None:
    assert {alias.kind for alias in ALIASES} == {"short", "variant", "district", "ar", "fa", "tr", "uk", "ru", "am"}
    assert len(set(ALIASES)) == len(ALIASES)


SHARED = {"Schulenburg", "Holtensen", "Pattonville", "Hochdorf"}
"""Districts of two municipalities of one region."""


def test_an_alias_means_one_municipality_of_its_region() -> None:
    meant: dict[tuple[str, str], set[str]] = {}
    for alias in ALIASES:
        meant.setdefault((alias.region, fold(alias.alias)), set()).add(alias.municipality)
    assert {key for (_, key), of in meant.items() if len(of) > 1} == set(map(fold, SHARED))


async def test_every_alias_finds_its_municipality_first(conn: Any) -> None:
    for alias in ALIASES:
        found = [place for place in await search(conn, alias.alias, alias.region) if place.exact]
        expected = 2 if alias.alias in SHARED else 1
        assert AGS[alias.region, alias.municipality] in [place.municipality for place in found[:expected]], alias


SPELLINGS = [
    ("لودفيجسبورج", "ludwigsburg", "Ludwigsburg"),
    ("لودفيقسبورق", "ludwigsburg", "Ludwigsburg"),
    ("لودڤيغسبورغ", "ludwigsburg", "Ludwigsburg"),
    ("لودویکسبورگ", "ludwigsburg", "Ludwigsburg"),
    ("Людвигзбург", "ludwigsburg", "Ludwigsburg"),
    ("کورنوستهایم", "ludwigsburg", "Kornwestheim"),
    ("كورنفستهام", "ludwigsburg", "Kornwestheim"),
    ("Корнвестгейм", "ludwigsburg", "Kornwestheim"),
    ("Битигайм", "ludwigsburg", "Bietigheim-Bissingen"),
    ("Марбах на Неккаре", "ludwigsburg", "Marbach am Neckar"),
    ("Ludvigsburg", "ludwigsburg", "Ludwigsburg"),
    ("هانوفير", "hannover", "Hannover"),
    ("هانووفر", "hannover", "Hannover"),
    ("Ганновєр", "hannover", "Hannover"),
    ("Ханновер", "hannover", "Hannover"),
    ("HANNOVER'DE", "hannover", "Hannover"),
    ("جاربسن", "hannover", "Garbsen"),
    ("Лангенхаґен", "hannover", "Langenhagen"),
]


@pytest.mark.parametrize(("typed", "region", "name"), SPELLINGS)
async def test_another_spelling_of_the_same_sounds_is_first(conn: Any, typed: str, region: str, name: str) -> None:
    assert (await search(conn, typed, region))[0].name == name


@pytest.mark.parametrize(("region", "town"), [("ludwigsburg", "Ludwigsburg"), ("hannover", "Hannover")])
async def test_the_name_of_the_whole_region_offers_its_town_and_asks(conn: Any, region: str, town: str) -> None:
    for name in REGIONS[region]["name"].values():
        found = await search(conn, name, region)
        assert (name, found[0].name, found[0].exact) == (name, town, False)
