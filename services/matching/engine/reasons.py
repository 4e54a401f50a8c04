"""Why somebody was left over, and the smallest single change that would have opened a partner."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.engine.instance import BoolArray, Instance, IntArray, PairIds, Side
from services.matching.engine.listed import Listed
from services.matching.engine.people import Rules
from services.matching.engine.roster import Half, Roster
from services.matching.engine.rules import AGE_MINE, CODES, LANGUAGE, NEAR_MINE, WISH_MINE, broken, distance_hm, years_apart
from services.matching.engine.scan import Cells, Never, cells_of, too_far
from services.matching.engine.sides import BITS, Record, Records, Words

STEP = 5  # suggested kilometres and years are rounded up to it, so that nobody's place or age can be read from them
BLOCK = 64  # people left over that one thread takes at a time
ANYWHERE = 4.0  # longer than any chord
NONE_BROKEN = max(CODES) << 1
FIXED = ("place_unknown", "under_age", "party_not_placed", "quota_reached")  # no change of one's own opens anybody


@dataclass(frozen=True)
class Change:
    """`change` is max_km, max_age_gap, wish or language; `opens` counts partners acceptable after it (to somebody
    whom others came before: those still free). It promises no match.
    """

    change: str
    to: int | str
    opens: int


@dataclass(frozen=True)
class Reason:
    """`reason`: place_unknown, under_age, no_shared_language, none_within_distance, wish_excluded_all,
    age_excluded_all, met_or_banned, no_acceptable_partner (where no people are known), too_few_locals, too_few_newcomers,
    quota_reached, party_not_placed.
    """

    id: str
    role: str
    reason: str
    change: Change | None


class Seen(NamedTuple):
    """What a look at everybody (or at all who are free) has found for one person left over.

    `last`: of the rules that kept somebody away, in their order, the last that was the first for anybody; NONE_BROKEN
    where somebody broke none, 0 where there is nobody. `acceptable`: how many. The others count whom only one rule of
    one's own keeps away: of distance and years those at the fewest steps, of languages those who speak the commonest.
    """

    last: int
    acceptable: int
    steps_km: int
    opens_km: int
    steps_years: int
    opens_years: int
    opens_wish: int
    language: int
    opens_language: int


SEEN = np.dtype([(name, np.int64) for name in Seen._fields])
Table = NDArray[Any]  # of SEEN


class Left(NamedTuple):
    """Those of one side without a pair (`rows`), and who of the other side is still `free`."""

    role: str
    side: Side
    rows: IntArray
    free: BoolArray
    in_party: BoolArray
    quotas: bool


def reasons(instance: Instance, pairs: Iterable[PairIds]) -> tuple[Reason, ...]:
    """One for everybody without a pair, by role and id."""
    taken = Counter(name for pair in pairs for name in pair)
    members = {name for party in instance.parties for name in party}
    found = [_given(instance, left) for left in _left(instance, taken, members)]
    return tuple(sorted((one for side in found for one in side), key=lambda one: (one.role, one.id)))


def _left(instance: Instance, taken: Counter[str], members: set[str]) -> Iterator[Left]:
    """Nobody of a party is free: their place is not theirs alone to give. Who has no capacity is gone."""
    quotas = any(quota.high is not None for quota in instance.quotas)
    sides = instance.newcomers, instance.locals
    used = [np.array([taken[name] for name in side.ids], dtype=np.int64) for side in sides]
    party = [np.array([name in members for name in side.ids], dtype=np.bool_) for side in sides]
    for role, own, other in (("newcomer", 0, 1), ("local", 1, 0)):
        free = (used[other] < sides[other].capacity) & ~party[other]
        yield Left(role, sides[own], np.flatnonzero((used[own] == 0) & (sides[own].capacity > 0)), free, party[own], quotas)


def _given(instance: Instance, left: Left) -> list[Reason]:
    if isinstance(instance.pairs, Roster):
        return _of_people(instance.pairs, left)
    assert isinstance(instance.pairs, Listed)
    return _of_listed(instance.pairs, left)


def _of_listed(pairs: Listed, left: Left) -> list[Reason]:
    mine, theirs = (pairs.newcomer, pairs.local) if left.role == "newcomer" else (pairs.local, pairs.newcomer)
    acceptable, free = np.zeros((2, len(left.side)), dtype=np.bool_)
    acceptable[mine] = True
    free[mine[left.free[theirs]]] = True
    codes = (_late(left, row, bool(free[row])) if acceptable[row] else "no_acceptable_partner" for row in left.rows)
    return [Reason(left.side.ids[row], left.role, code, None) for row, code in zip(left.rows, codes, strict=True)]


def _late(left: Left, row: int, free: bool) -> str:
    """Somebody free and acceptable is left only where a quota forbids the pair."""
    if left.in_party[row]:
        return "party_not_placed"
    return "quota_reached" if left.quotas and free else _too_few(left.role)


def _too_few(role: str) -> str:
    return "too_few_locals" if role == "newcomer" else "too_few_newcomers"


def _of_people(roster: Roster, left: Left) -> list[Reason]:
    mine, theirs = (roster.newcomers, roster.locals) if left.role == "newcomer" else (roster.locals, roster.newcomers)
    everybody, free = seen(mine, theirs, left, roster).T
    late = everybody["acceptable"] > 0
    counted = np.where(late, free, everybody)
    told = []
    for row, came_late, line in zip(left.rows.tolist(), late.tolist(), counted.tolist(), strict=True):
        found = Seen(*line)
        code = _late(left, row, found.acceptable > 0) if came_late else _code(mine.records[row], found, left.role)
        change = None if code in FIXED else _change(found, roster.rules, roster.words)
        told.append(Reason(left.side.ids[row], left.role, code, change))
    return told


def _code(me: Record, found: Seen, role: str) -> str:
    """Of somebody to whom nobody is acceptable: the first rule, in a fixed order, after which nobody remains."""
    if not me["able"]:
        return "under_age" if me["located"] else "place_unknown"
    if me["same"] and me["gender"] == 0:
        return "wish_excluded_all"
    return CODES.get(found.last, "met_or_banned") if found.last else _too_few(role)


def _change(found: Seen, rules: Rules, words: Words) -> Change | None:
    """The first of these that opens somebody: a little further, a larger gap of years, any gender, one language."""
    if found.opens_km:  # all of them are within the region's distance, a step may lead beyond it
        return Change("max_km", min(STEP * found.steps_km, rules.max_km), found.opens_km)
    if found.opens_years:
        return Change("max_age_gap", STEP * found.steps_years, found.opens_years)
    if found.opens_wish:
        return Change("wish", "any", found.opens_wish)
    if found.opens_language:
        return Change("language", words.languages[found.language], found.opens_language)
    return None


def seen(mine: Half, theirs: Half, left: Left, roster: Roster) -> Table:
    """SEEN of everybody and of those free, a row for each person left over."""
    found = np.zeros((len(left.rows), 2), dtype=SEEN)
    able = theirs.records["able"]
    if not able.any():
        return found
    everybody, free = (cells_of(theirs.records, np.flatnonzero(chosen)) for chosen in (able, able & left.free))
    spoken = np.bitwise_or.reduce(theirs.records["speaks"][able, 0], axis=0)
    shares = (mine.records["speaks"][left.rows, 0] & spoken).any(axis=1)
    found["last"] = np.where(shares, NEAR_MINE, LANGUAGE)[:, None]  # what all those skipped as too far away say

    def block(first: int) -> None:
        chosen = left.rows[first : first + BLOCK]
        speakers = np.zeros((2, len(roster.words.languages)), dtype=np.int64)
        look(mine.records, chosen, theirs.records, everybody, free, mine.never, speakers, found[first : first + BLOCK])

    with ThreadPoolExecutor(roster.threads) as pool:
        list(pool.map(block, range(0, len(left.rows), BLOCK)))
    return found


@njit(cache=True, nogil=True)
def look(
    rows: Records, chosen: IntArray, columns: Records, everybody: Cells, free: Cells, never: Never,
    speakers: IntArray, found: Table,
) -> None:  # fmt: skip
    """Fills `found` for the chosen rows. Once somebody is acceptable, only those free count."""
    met = np.zeros(len(columns), np.bool_)
    for k in range(len(chosen)):
        a = rows[chosen[k]]
        if not a.able:
            continue
        others = never.column[never.start[chosen[k]] : never.start[chosen[k] + 1]]
        met[others], speakers[:] = True, 0
        _look_at(a, columns, everybody, met, speakers[0], found[k, 0], True)
        if found[k, 0].acceptable:
            _look_at(a, columns, free, met, speakers[1], found[k, 1], False)
        met[others] = False
        for group in range(2):
            _commonest(found[k, group], speakers[group])


@njit(cache=True, nogil=True)
def _look_at(
    a: Record, columns: Records, cells: Cells, met: BoolArray, speakers: IntArray, mine: Record, first_alone: bool
) -> None:
    """Whom only a rule of one's own keeps away has no other fault, so one look at everybody tells. May end at the `first`
    who is acceptable.
    """
    for cell in range(len(cells.start) - 1):
        if too_far(a, ANYWHERE, cells, cell):
            continue
        for place in range(cells.start[cell], cells.start[cell + 1]):
            column = cells.member[place]
            b = columns[column]
            distance, years = distance_hm(a, b), years_apart(a, b)
            rules = broken(a, b, distance, years)
            mine.last = max(mine.last, (rules | NONE_BROKEN) & -(rules | NONE_BROKEN))
            if rules & (rules - 1) == 0 and not met[column]:
                _count(mine, b, rules, distance, years, speakers)
                if first_alone and mine.acceptable:
                    return


@njit(cache=True, nogil=True)
def _count(mine: Record, b: Record, rules: int, distance: int, years: int, speakers: IntArray) -> None:
    """Somebody who breaks this rule alone, or none."""
    if rules == 0:
        mine.acceptable += 1
    elif rules == NEAR_MINE:
        steps = -(-distance // (10 * STEP))
        if mine.opens_km == 0 or steps < mine.steps_km:
            mine.steps_km, mine.opens_km = steps, 0
        mine.opens_km += steps == mine.steps_km
    elif rules == AGE_MINE:
        steps = -(-years // STEP)
        if mine.opens_years == 0 or steps < mine.steps_years:
            mine.steps_years, mine.opens_years = steps, 0
        mine.opens_years += steps == mine.steps_years
    elif rules == WISH_MINE:
        mine.opens_wish += 1
    elif rules == LANGUAGE:
        for language in range(len(speakers)):
            spoken = b.speaks[0, language // BITS] >> np.uint64(language % BITS)
            speakers[language] += np.int64(spoken & np.uint64(1))


@njit(cache=True, nogil=True)
def _commonest(mine: Record, speakers: IntArray) -> None:
    """The first by code where as many speak several."""
    for language in range(len(speakers)):
        if speakers[language] > mine.opens_language:
            mine.language, mine.opens_language = language, speakers[language]
