"""The SQL of the look-ups."""

LOCATE = """
SELECT coalesce(centre.lat, place.lat) AS lat,
       coalesce(centre.lon, place.lon) AS lon,
       CASE WHEN centre.postcode IS NULL OR has.place_id IS NOT NULL THEN place.municipality
            ELSE main.municipality END AS municipality
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (postcode, place_id, number)
LEFT JOIN postcodes centre ON centre.postcode = asked.postcode
LEFT JOIN places place ON place.place_id = asked.place_id
LEFT JOIN place_postcodes has ON has.postcode = centre.postcode AND has.place_id = place.place_id
LEFT JOIN places main ON main.place_id = centre.place_id
ORDER BY asked.number
"""

BY_POSTCODE = """
SELECT place.place_id, place.name, asked.postcode, place.state, place.region, place.municipality,
       asked.own,
       ARRAY(SELECT one.postcode FROM place_postcodes one WHERE one.place_id = place.place_id AND one.own ORDER BY 1) AS postcodes
FROM place_postcodes asked
JOIN places place ON place.place_id = asked.place_id
JOIN postcodes centre ON centre.postcode = asked.postcode
WHERE asked.postcode = $1
ORDER BY centre.place_id = place.place_id DESC, coalesce(place.region = $2, false) DESC, place.name, place.place_id
"""

# $1 and $2 bound the range, as 71200 and 71299.
BY_POSTCODE_START = """
SELECT place.place_id, place.name, centre.postcode, place.state, place.region, place.municipality,
       ARRAY(SELECT one.postcode FROM place_postcodes one WHERE one.place_id = place.place_id AND one.own ORDER BY 1) AS postcodes
FROM postcodes centre
JOIN places place ON place.place_id = centre.place_id
WHERE centre.postcode BETWEEN $1 AND $2
ORDER BY coalesce(place.region = $3, false) DESC, centre.postcode
LIMIT $4
"""

FULL, SHORT, NEAR, STARTS, ALIKE_HERE, STARTS_ELSEWHERE, ALIKE = range(7)
"""How well a name fits, best first: the same, the same without the river, one letter off in the round's region, begins so
or much alike in the round's region, begins so elsewhere, somewhat alike."""

# $1 the folded text, $2 its stem, $3 just above all that begin with it, $4 the region, $5 how many at most.
# Names of a region are few: they are compared one by one, letter by letter, and so allow worse typing than the index of
# the whole country: up to $8 letters wrong, missing or too many.
# $6 whether to use that index: a text without Latin letters would make it look at every name. $7 the text with two
# neighbouring letters swapped, in all ways: that is one slip, not two wrong letters.
BY_NAME = """
WITH here AS (
    SELECT place_id, kind, key, similarity(key, $1) AS alike,
           CASE WHEN key = ANY($7) THEN 1
                ELSE least(levenshtein_less_equal(key, $1, $8), levenshtein_less_equal(key, $2, $8)) END AS wrong
    FROM place_names WHERE region = $4
), hit AS (
    SELECT place_id, kind, CASE WHEN key = $1 THEN 0 ELSE 1 END AS tier, 1.0 AS score
    FROM place_names WHERE key IN ($1, $2)
    UNION ALL
    SELECT place_id, kind, CASE WHEN region = $4 THEN 3 ELSE 5 END, similarity(key, $1)
    FROM place_names WHERE key > $1 AND key < $3
    UNION ALL
    SELECT place_id, kind, CASE WHEN wrong <= 1 THEN 2 ELSE 4 END, 1.0 - wrong::float / (length(key) + 1)
    FROM here WHERE wrong <= $8
    UNION ALL
    SELECT place_id, kind, CASE WHEN alike >= 0.5 THEN 4 ELSE 6 END, alike + 0.2
    FROM here WHERE alike >= 0.25
    UNION ALL
    SELECT place_id, kind, 6, similarity(key, $1)
    FROM place_names WHERE $6 AND key % $1
), best AS (
    SELECT DISTINCT ON (place_id) place_id, tier, kind, score
    FROM hit ORDER BY place_id, tier, CASE WHEN tier IN (2, 4, 6) THEN 0 ELSE kind END, score DESC
)
SELECT place.place_id, place.name, place.postcode, place.state, place.region, place.municipality,
       best.tier, best.kind, place.lat, place.lon,
       ARRAY(SELECT one.postcode FROM place_postcodes one WHERE one.place_id = place.place_id AND one.own ORDER BY 1) AS postcodes
FROM best
JOIN places place ON place.place_id = best.place_id
ORDER BY best.tier,
         CASE WHEN best.tier < 6 THEN coalesce(place.region = $4, false) END DESC,
         CASE WHEN best.tier IN (0, 1, 3, 5) THEN best.kind <> 0 END,
         best.score DESC, best.kind <> 0, place.postcodes DESC, place.name, place.place_id
LIMIT $5
"""
