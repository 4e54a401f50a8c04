"""Plain data of the map and how it is put together from its sources; pure, reads nothing."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import asin, cos, radians, sin, sqrt

from services.geo.gazetteer.folding import fold, stem

NEIGHBOURS_KM = 15.0
"""Two postcodes of one name and state this near each other are one place, farther apart they are namesakes."""

Centre = tuple[float, float]
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, slots=True)
class Named:
    """A postcode and one place it belongs to, as the package of names says it."""

    postcode: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Municipality:
    """A line of municipalities.csv."""

    region: str
    name: str
    ags: str
    postcode: str
    main: bool


@dataclass(frozen=True, slots=True)
class Alias:
    """A line of aliases/<region>.csv. `kind`: short, variant, district, or a language."""

    region: str
    municipality: str
    alias: str
    kind: str = "variant"


@dataclass(frozen=True, slots=True)
class Place:
    """A town or village. `postcodes` come in order, `also` are others that reach it."""

    place_id: str
    name: str
    state: str
    postcodes: tuple[str, ...]
    also: tuple[str, ...]
    centre: Centre
    region: str | None = None
    ags: str | None = None


class NameKind(IntEnum):
    """How a place comes by a name: its own, one of our aliases, its own without what tells it from its namesakes."""

    NAME = 0
    ALIAS = 1
    STEM = 2


class UnresolvedError(ValueError):
    """A line of our own lists that the packages do not know."""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All that is loaded."""

    places: tuple[Place, ...]
    centres: Mapping[str, Centre]
    names: frozenset[tuple[str, str, NameKind]]
    """(folded name, place id, kind)"""

    def main_place(self) -> dict[str, str]:
        """For each postcode the place one thinks of first: its own before one that has a few streets, ours, the larger."""
        found: dict[str, tuple[bool, bool, int, str, str]] = {}
        for place in self.places:
            for postcode in (*place.postcodes, *place.also):
                size = -len(place.postcodes)
                rank = (postcode in place.also, place.region is None, size, place.name, place.place_id)
                found[postcode] = min(rank, found.get(postcode, rank))
        return {postcode: rank[-1] for postcode, rank in found.items()}


def build(
    named: Iterable[Named],
    centres: Mapping[str, Centre],
    municipalities: Sequence[Municipality],
    aliases: Iterable[Alias],
) -> Gazetteer:
    """The whole map. Raises UnresolvedError for a municipality, postcode or alias of ours that the packages lack."""
    pairs = set(named)
    filled = _fill_centres(pairs, centres)
    ours = _our_places(pairs, filled, municipalities)
    taken = {(m.name, m.postcode) for m in municipalities}
    rest = [n for n in pairs if (n.name, n.postcode) not in taken and n.postcode in filled]
    places = sorted([*ours.values(), *_other_places(rest, filled)], key=lambda place: place.place_id)
    places = _with_nameless(filled, places)
    names = {key for place in places for key in _own_names(place)}
    names |= {_alias_name(ours, alias) for alias in aliases}
    return Gazetteer(tuple(places), filled, frozenset(names))


def place_id(postcode: str, name: str) -> str:
    """As de-71282-hemmingen: the lowest postcode of the place and its name in ASCII, never what somebody typed."""
    german = name.casefold().translate(_UMLAUTS)
    plain = unicodedata.normalize("NFKD", german).encode("ascii", "ignore").decode()
    return f"de-{postcode}-{re.sub('[^a-z0-9]+', '-', plain).strip('-')[:60]}".rstrip("-")


def kilometres(one: Centre, other: Centre) -> float:
    """Great-circle distance."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))


def _fill_centres(pairs: set[Named], centres: Mapping[str, Centre]) -> dict[str, Centre]:
    """A postcode without a centre takes the middle of its place's others; without any it stays out."""
    filled = dict(centres)
    by_name = defaultdict(list)
    for n in pairs:
        by_name[n.name, n.state].append(n.postcode)
    for n in sorted(pairs, key=lambda n: (n.postcode, n.name)):
        known = [centres[p] for p in sorted(by_name[n.name, n.state]) if p in centres]
        if n.postcode not in filled and known:
            filled[n.postcode] = _middle(known)
    return filled


def _middle(centres: Sequence[Centre]) -> Centre:
    return round(sum(c[0] for c in centres) / len(centres), 6), round(sum(c[1] for c in centres) / len(centres), 6)


def _our_places(
    pairs: set[Named], centres: Mapping[str, Centre], municipalities: Sequence[Municipality]
) -> dict[tuple[str, str], Place]:
    by_key: dict[tuple[str, str], list[Municipality]] = defaultdict(list)
    states = {(n.name, n.postcode): n.state for n in pairs}
    for m in municipalities:
        if (m.name, m.postcode) not in states or m.postcode not in centres:
            raise UnresolvedError(f"municipalities.csv: {m.postcode} {m.name} is not known to the packages")
        by_key[m.region, m.name].append(m)
    return {key: _our_place(lines, states, centres) for key, lines in by_key.items()}


def _our_place(lines: Sequence[Municipality], states: Mapping[tuple[str, str], str], centres: Mapping[str, Centre]) -> Place:
    first = lines[0]
    own = tuple(sorted(m.postcode for m in lines if m.main))
    also = tuple(sorted(m.postcode for m in lines if not m.main))
    if not own:
        raise UnresolvedError(f"municipalities.csv: {first.name} has no postcode of its own")
    return Place(
        place_id=place_id(own[0], first.name),
        name=first.name,
        state=states[first.name, first.postcode],
        postcodes=own,
        also=also,
        centre=_middle([centres[p] for p in own]),
        region=first.region,
        ags=first.ags,
    )


def _other_places(named: Iterable[Named], centres: Mapping[str, Centre]) -> list[Place]:
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    for n in named:
        by_name[n.name, n.state].append(n.postcode)
    return [
        Place(place_id(group[0], name), name, state, tuple(group), (), _middle([centres[p] for p in group]))
        for (name, state), postcodes in by_name.items()
        for group in _neighbours(sorted(postcodes), centres)
    ]


def _neighbours(postcodes: Sequence[str], centres: Mapping[str, Centre]) -> list[list[str]]:
    """Groups in which each postcode is near another one of the group."""
    groups: list[list[str]] = []
    for postcode in postcodes:
        near = [g for g in groups if any(kilometres(centres[postcode], centres[p]) <= NEIGHBOURS_KM for p in g)]
        groups = [g for g in groups if g not in near]
        groups.append(sorted([postcode, *(p for g in near for p in g)]))
    return groups


def _with_nameless(centres: Mapping[str, Centre], places: Sequence[Place]) -> list[Place]:
    """Postcodes of one tower or airport, which the package of names leaves out, go to the place of the nearest other."""
    by_postcode = {p: place.place_id for place in places for p in place.postcodes}
    known = set(by_postcode) | {p for place in places for p in place.also}
    also: dict[str, list[str]] = defaultdict(list)
    for postcode in sorted(set(centres) - known):
        also[by_postcode[_nearest(postcode, by_postcode, centres)]].append(postcode)
    return [replace(p, also=(*p.also, *also[p.place_id])) if p.place_id in also else p for p in places]


def _nearest(postcode: str, others: Iterable[str], centres: Mapping[str, Centre]) -> str:
    here = centres[postcode]
    # Half a degree is 55 km: enough for Germany, and most need not be measured.
    near = [p for p in others if abs(centres[p][0] - here[0]) < 0.5] or others
    return min(near, key=lambda p: (kilometres(here, centres[p]), p))


def _own_names(place: Place) -> list[tuple[str, str, NameKind]]:
    name, short = fold(place.name), stem(place.name)
    own = [(name, place.place_id, NameKind.NAME)]
    return own if name == short else [*own, (short, place.place_id, NameKind.STEM)]


def _alias_name(ours: Mapping[tuple[str, str], Place], alias: Alias) -> tuple[str, str, NameKind]:
    place = ours.get((alias.region, alias.municipality))
    if place is None or not fold(alias.alias):
        raise UnresolvedError(
            f"aliases/{alias.region}.csv: {alias.municipality}, {alias.alias}: not in municipalities.csv, or no letter"
        )
    return fold(alias.alias), place.place_id, NameKind.ALIAS
