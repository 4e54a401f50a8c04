"""People of one side as numpy columns, one row a person, so that rules and fit work on whole blocks of pairs."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.instance import IntArray
from services.matching.engine.people import GENDERS, LANGUAGE_LEVELS, Person, Rules

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

NO_GAP_LIMIT = 1_000


@dataclass(frozen=True)
class Words:
    """Languages and hobbies of a round in column order; `rarity[h]` is the weight of hobby h, see `rarity`."""

    languages: tuple[str, ...]
    hobbies: tuple[str, ...]
    rarity: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Side:
    """n people. `place` (n, 2) radians, 0 where not `located`; `limit` in 100 m; `gap` in years;
    `speaks` (3, n, languages): 1.0 where the language is spoken at that level or better; `likes` (n, hobbies).
    """

    ids: tuple[str, ...]
    located: BoolArray
    place: FloatArray
    old_enough: BoolArray
    born: IntArray
    gender: IntArray
    same: BoolArray
    limit: IntArray
    gap: IntArray
    speaks: NDArray[np.float32]
    likes: NDArray[np.float32]

    def rows(self, chosen: slice | IntArray) -> "Side":
        """The same columns for some of the people; `ids` stay those of the whole side."""
        columns = {name: getattr(self, name)[chosen] for name in COLUMNS}
        return replace(self, speaks=self.speaks[:, chosen], **columns)


COLUMNS = ("located", "place", "old_enough", "born", "gender", "same", "limit", "gap", "likes")


def rarity(people: int, having: int) -> int:
    """16 + floor(16 log2(people / having)): 16 when all have it, 16 more for each halving. Exact integers."""
    return 15 + (people**16 // having**16).bit_length()


def words_of(people: Sequence[Person]) -> Words:
    languages = sorted({code for person in people for code, _ in person.languages})
    counts = Counter(hobby for person in people for hobby in person.hobbies)
    hobbies = sorted(counts)
    weights = [rarity(len(people), counts[hobby]) for hobby in hobbies]
    return Words(tuple(languages), tuple(hobbies), np.array(weights, dtype=np.float32))


def side_of(people: Sequence[Person], rules: Rules, words: Words) -> Side:
    """Columns of `people` in the order given; a person's missing limits become the region's."""
    whole = np.int64
    far = [rules.max_km if person.max_km is None else person.max_km for person in people]
    apart = [rules.max_age_gap if person.max_age_gap is None else person.max_age_gap for person in people]
    places = [(math.radians(person.lat or 0.0), math.radians(person.lon or 0.0)) for person in people]
    return Side(
        tuple(person.id for person in people),
        np.array([person.lat is not None for person in people], dtype=np.bool_),
        np.array(places, dtype=np.float64).reshape(-1, 2),
        np.array([rules.year - person.birth_year >= rules.min_age for person in people], dtype=np.bool_),
        np.array([person.birth_year for person in people], dtype=whole),
        np.array([GENDERS.index(person.gender) for person in people], dtype=whole),
        np.array([person.wish == "same" for person in people], dtype=np.bool_),
        np.array([10 * km for km in far], dtype=whole),
        np.array([NO_GAP_LIMIT if years is None else years for years in apart], dtype=whole),
        _spoken(people, words),
        _liked(people, words),
    )


def _spoken(people: Sequence[Person], words: Words) -> NDArray[np.float32]:
    column = {code: number for number, code in enumerate(words.languages)}
    table = np.zeros((len(LANGUAGE_LEVELS), len(people), len(column)), dtype=np.float32)
    for row, person in enumerate(people):
        for code, level in person.languages:
            table[: LANGUAGE_LEVELS.index(level) + 1, row, column[code]] = 1
    return table


def _liked(people: Sequence[Person], words: Words) -> NDArray[np.float32]:
    column = {hobby: number for number, hobby in enumerate(words.hobbies)}
    table = np.zeros((len(people), len(column)), dtype=np.float32)
    for row, person in enumerate(people):
        for hobby in person.hobbies:
            table[row, column[hobby]] = 1
    return table
