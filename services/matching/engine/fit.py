"""How well two people suit: 0 to 1000, whole numbers, from four named parts that add up exactly.

Every part is weight * score // 1000 with a score from 0 to 1000, the weights adding up to 1000:

- languages: 300, 700 or 900 for the best shared language at the weaker of the two levels (little, well, native),
  and 100 more when a second language is shared;
- hobbies: 1000 s / (s + 48), s = sum of the rarities of the shared ones (`sides.rarity`): the first counts most,
  rare ones count more, and naming many never harms; 48 is one hobby that a quarter of all people have;
- closeness: 1000 (limit - distance) / limit, the limit being the smaller of the two; 1000 where the limit is 0;
- age: 1000 (40 - years apart) / 40, never below 0.
"""

import numpy as np

from services.matching.engine.instance import IntArray
from services.matching.engine.people import Weights
from services.matching.engine.rules import Checks
from services.matching.engine.sides import Side, Words

PARTS = ("languages", "hobbies", "closeness", "age")
LEVEL_SCORE = np.array([0, 300, 700, 900], dtype=np.int64)
SECOND_LANGUAGE = 100
HOBBY_HALF = 48
AGE_SCALE = 40


def language_score(rows: Side, columns: Side) -> IntArray:
    """Counts of shared languages by level are matrix products of 0 and 1, exact in float32."""
    shared = [mine @ theirs.T for mine, theirs in zip(rows.speaks, columns.speaks, strict=True)]
    best = sum(((count > 0).astype(np.int64) for count in shared), np.zeros(shared[0].shape, dtype=np.int64))
    return np.asarray(LEVEL_SCORE[best] + SECOND_LANGUAGE * (shared[0] > 1), dtype=np.int64)


def hobby_score(rows: Side, columns: Side, words: Words) -> IntArray:
    shared = np.rint((rows.likes * words.rarity) @ columns.likes.T).astype(np.int64)
    return 1000 * shared // (shared + HOBBY_HALF)


def closeness_score(rows: Side, columns: Side, distance: IntArray) -> IntArray:
    limit = np.minimum(rows.limit[:, None], columns.limit[None, :])
    score = 1000 * (limit - distance) // np.maximum(limit, 1)
    return np.where(limit == 0, 1000, np.clip(score, 0, 1000))


def age_score(years: IntArray) -> IntArray:
    return 1000 * (AGE_SCALE - np.minimum(years, AGE_SCALE)) // AGE_SCALE


def parts(rows: Side, columns: Side, checks: Checks, words: Words, weights: Weights) -> dict[str, IntArray]:
    """The four parts, each (n, m); meaningful only where the pair is acceptable."""
    scores = {
        "languages": language_score(rows, columns),
        "hobbies": hobby_score(rows, columns, words),
        "closeness": closeness_score(rows, columns, checks.distance),
        "age": age_score(checks.years),
    }
    return {name: getattr(weights, name) * score // 1000 for name, score in scores.items()}
