"""People of one side as one structured array, a record a person, so that kernels read a pair from two cache lines.

Codes of languages and hobbies become bits; a word holds 64, and rounds that need more get longer records.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.people import GENDERS, LANGUAGE_LEVELS, Person, Rules

Records = NDArray[Any]
Record = Any  # one of them, as a kernel sees it
EARTH_RADIUS_HM = 63_710.088  # mean radius of the IUGG in units of 100 m
NO_GAP_LIMIT = 1_000
BITS = 64


@dataclass(frozen=True)
class Words:
    """Languages and hobbies of a round in bit order; `rarity[h]` is the weight of hobby h, see `rarity`."""

    languages: tuple[str, ...]
    hobbies: tuple[str, ...]
    rarity: tuple[int, ...]


def record_type(words: Words) -> np.dtype[Any]:
    """`x`, `y`, `z` on the unit sphere; `limit` in 100 m, as a chord there `reach`, `gap` in years; `able`: placed and
    old enough.
    `speaks[k]`: the languages spoken at level k or better, `likes`: the hobbies.
    """
    languages = max(1, -(-len(words.languages) // BITS))
    hobbies = max(1, -(-len(words.hobbies) // BITS))
    return np.dtype(
        [
            *((name, np.float64) for name in ("x", "y", "z", "reach")),
            ("speaks", np.uint64, (len(LANGUAGE_LEVELS), languages)),
            ("likes", np.uint64, (hobbies,)),
            *((name, np.int32) for name in ("limit", "gap", "born")),
            *((name, np.bool_) for name in ("able", "located", "old_enough", "same")),
            ("gender", np.int8),
        ],
        align=True,
    )


def rarity(people: int, having: int) -> int:
    """16 + floor(16 log2(people / having)): 16 when all have it, 16 more for each halving. Exact integers."""
    return 15 + (people**16 // having**16).bit_length()


def words_of(people: Iterable[Person]) -> Words:
    everybody = list(people)
    languages = sorted({code for person in everybody for code, _ in person.languages})
    counts = Counter(hobby for person in everybody for hobby in person.hobbies)
    hobbies = sorted(counts)
    return Words(tuple(languages), tuple(hobbies), tuple(rarity(len(everybody), counts[hobby]) for hobby in hobbies))


def records_of(people: Sequence[Person], rules: Rules, words: Words) -> Records:
    """Records in the order of `people`. Missing limits become the region's; nobody goes farther than the region lets them."""
    records = np.zeros(len(people), dtype=record_type(words))
    records["born"] = [person.birth_year for person in people]
    records["located"] = [person.lat is not None for person in people]
    records["old_enough"] = rules.year - records["born"] >= rules.min_age
    records["able"] = records["located"] & records["old_enough"]
    records["gender"] = [GENDERS.index(person.gender) for person in people]
    records["same"] = [person.wish == "same" for person in people]
    far = (rules.max_km if person.max_km is None else min(person.max_km, rules.max_km) for person in people)
    records["limit"] = [10 * km for km in far]
    records["reach"] = chord_of(records["limit"])
    gaps = (rules.max_age_gap if person.max_age_gap is None else person.max_age_gap for person in people)
    records["gap"] = [NO_GAP_LIMIT if years is None else years for years in gaps]
    _place(records, people)
    _set_words(records, people, words)
    return records


def chord_of(limit: NDArray[np.int32]) -> NDArray[np.float64]:
    """A chord no shorter than any at which a distance still rounds to `limit`."""
    return np.asarray(2.0 * np.sin(np.minimum((limit + 1.0) / EARTH_RADIUS_HM, np.pi) / 2.0))


def _place(records: Records, people: Sequence[Person]) -> None:
    places = [(math.radians(person.lat or 0.0), math.radians(person.lon or 0.0)) for person in people]
    lat, lon = np.array(places, dtype=np.float64).reshape(-1, 2).T
    records["x"], records["y"], records["z"] = np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)


def _set_words(records: Records, people: Sequence[Person], words: Words) -> None:
    for level in range(len(LANGUAGE_LEVELS)):
        enough = LANGUAGE_LEVELS[level:]
        spoken = [[code for code, how in person.languages if how in enough] for person in people]
        _set_bits(records["speaks"][:, level], spoken, words.languages)
    _set_bits(records["likes"], [person.hobbies for person in people], words.hobbies)


def _set_bits(bits: NDArray[np.uint64], codes: Sequence[Sequence[str]], known: Sequence[str]) -> None:
    """Sets in each row the bits of its codes."""
    number = {code: place for place, code in enumerate(known)}
    bit = np.fromiter((number[code] for row in codes for code in row), dtype=np.int64)
    row = np.repeat(np.arange(len(codes)), np.fromiter((len(row) for row in codes), dtype=np.int64))
    np.bitwise_or.at(bits, (row, bit // BITS), np.uint64(1) << (bit % BITS).astype(np.uint64))
