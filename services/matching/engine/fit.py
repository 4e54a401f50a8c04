"""How well two people suit: 0 to 1000, whole numbers, from four named parts that add up exactly.

Every part is weight * score // 1000 with a score from 0 to 1000, the weights adding up to 1000:

- languages: 300, 700 or 900 for the best shared language at the weaker of the two levels (little, well, native),
  and 100 more when a second language is shared;
- hobbies: 1000 s / (s + 48), s = sum of the rarities of the shared ones (`sides.rarity`): the first counts most,
  rare ones count more, and naming many never harms; 48 is one hobby that a quarter of all people have;
- closeness: 1000 (limit - distance) / limit, the limit being the smaller of the two; 1000 where the limit is 0;
- age: 1000 (40 - years apart) / 40, never below 0.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.engine.instance import NO_PAIR
from services.matching.engine.people import Weights
from services.matching.engine.rules import distance_hm, suit_but_place, years_apart
from services.matching.engine.sides import BITS, Record, Words

PARTS = ("languages", "hobbies", "closeness", "age")
LEVEL_SCORE = np.array([0, 300, 700, 900], dtype=np.int64)
SECOND_LANGUAGE = 100
HOBBY_HALF = 48
AGE_SCALE = 40


Tables = NDArray[Any]  # one record, so that a kernel takes it as it takes a person
Known = Any  # that record


def tables(weights: Weights, words: Words) -> Tables:
    """Parts looked up instead of computed: `language[level, second]`, `age[years]`, `rarity[byte, its value]` of the
    hobbies; `hobbies` and `closeness` are the weights.
    """
    rarity = _rarity_by_byte(words)
    found = np.zeros(
        1,
        dtype=[
            ("language", np.int32, (len(LEVEL_SCORE), 2)), ("age", np.int32, (AGE_SCALE + 1,)),
            ("rarity", np.int32, rarity.shape), ("hobbies", np.int32), ("closeness", np.int32),
        ],
    )  # fmt: skip
    found["language"] = weights.languages * (LEVEL_SCORE[:, None] + np.array([0, SECOND_LANGUAGE])) // 1000
    found["age"] = weights.age * (1000 * (AGE_SCALE - np.arange(AGE_SCALE + 1)) // AGE_SCALE) // 1000
    found["rarity"], found["hobbies"], found["closeness"] = rarity, weights.hobbies, weights.closeness
    return found


def _rarity_by_byte(words: Words) -> NDArray[np.int32]:
    """The sum of rarities of every value of each byte of `likes`."""
    padded = np.zeros(BITS * max(1, -(-len(words.rarity) // BITS)), dtype=np.int32)
    padded[: len(words.rarity)] = words.rarity
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    return (padded.reshape(-1, 8) @ bits.T).astype(np.int32)


@njit(cache=True, inline="always")
def language_part(a: Record, b: Record, known: Known) -> int:
    """0 where no language is shared."""
    level, count = 0, 0
    for needed in range(a.speaks.shape[0]):
        found = 0
        for word in range(a.speaks.shape[1]):
            shared = a.speaks[needed, word] & b.speaks[needed, word]
            if shared != 0:
                found = 1
                if needed == 0:
                    count += 2 if shared & (shared - np.uint64(1)) else 1
        level += found
    return int(known.language[level, 1 if count > 1 else 0])


@njit(cache=True, inline="always")
def hobby_part(a: Record, b: Record, known: Known) -> int:
    total = 0
    for word in range(a.likes.shape[0]):
        shared = a.likes[word] & b.likes[word]
        for byte in range(8):
            total += known.rarity[8 * word + byte, (shared >> np.uint64(8 * byte)) & np.uint64(255)]
    return int(known.hobbies * (np.uint32(1000 * total) // np.uint32(total + HOBBY_HALF)) // 1000)


@njit(cache=True, inline="always")
def closeness_part(limit: int, distance: int, known: Known) -> int:
    if limit == 0:
        return int(known.closeness)
    score = np.uint32(1000 * (limit - distance)) // np.uint32(limit)
    return int(known.closeness * score // 1000)


@njit(cache=True, inline="always")
def age_part(years: int, known: Known) -> int:
    return int(known.age[min(years, AGE_SCALE)])


@njit(cache=True, inline="always")
def with_place(a: Record, b: Record, known: Known, others: int) -> int:
    """The whole fit, given the other parts, or NO_PAIR where it is too far."""
    limit = min(a.limit, b.limit)
    distance = distance_hm(a, b)
    if distance > limit:
        return NO_PAIR
    return others + closeness_part(limit, distance, known)


@njit(cache=True)
def fit_of(a: Record, b: Record, known: Known) -> int:
    """The fit of a pair, or NO_PAIR where it breaks a rule."""
    if not suit_but_place(a, b):
        return NO_PAIR
    others = language_part(a, b, known) + hobby_part(a, b, known) + age_part(years_apart(a, b), known)
    return with_place(a, b, known, others)
