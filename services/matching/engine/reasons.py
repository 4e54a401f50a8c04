"""Why somebody was left over, and the smallest single change that would have opened a partner."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from services.matching.engine.build import RULES_BROKEN, Roster
from services.matching.engine.instance import Instance
from services.matching.engine.rules import Checks, check
from services.matching.engine.sides import BoolArray, Side

STEP = 5  # suggested kilometres and years are rounded up to it, so that nobody's place or age can be read from them


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
    age_excluded_all, met_or_banned, too_few_locals, too_few_newcomers, quota_reached, party_not_placed.
    """

    id: str
    role: str
    reason: str
    change: Change | None


@dataclass(frozen=True, eq=False)
class View:
    """One person left over (`me`, one row) before everybody on the other side."""

    role: str
    me: Side
    others: Side
    checks: Checks
    excluded: BoolArray
    free: BoolArray
    in_party: bool
    quotas: bool

    @property
    def acceptable(self) -> BoolArray:
        return np.asarray(self.checks.acceptable[0] & ~self.excluded)


def reasons(table: Roster, instance: Instance, pairs: Iterable[tuple[str, str]]) -> tuple[Reason, ...]:
    """One for everybody without a pair, by role and id."""
    chosen = list(pairs)
    taken = Counter(name for pair in chosen for name in pair)
    in_party = {name for party in instance.parties for name in party}
    quotas = any(quota.high is not None for quota in instance.quotas)
    capacity = {person.id: person.capacity for person in instance.locals}
    found = []
    for role, mine, others in (
        ("local", table.locals, table.newcomers),
        ("newcomer", table.newcomers, table.locals),
    ):
        free = np.array([taken[name] < capacity.get(name, 1) and name not in in_party for name in others.ids], np.bool_)
        for row in (number for number, name in enumerate(mine.ids) if not taken[name]):
            me = mine.rows(np.array([row]))
            excluded = _excluded(table, role, row, len(others.ids))
            checks = check(me, others)
            view = View(role, me, others, checks, excluded, free, mine.ids[row] in in_party, quotas)
            found.append(_reason(table, view, mine.ids[row]))
    return tuple(found)


def _excluded(table: Roster, role: str, row: int, count: int) -> BoolArray:
    own, other = (0, 1) if role == "newcomer" else (1, 0)
    mask = np.zeros(count, dtype=np.bool_)
    mask[table.excluded[table.excluded[:, own] == row, other]] = True
    return mask


def _reason(table: Roster, view: View, name: str) -> Reason:
    code = _code(view)
    fixed = code in ("place_unknown", "under_age", "party_not_placed", "quota_reached")
    return Reason(name, view.role, code, None if fixed else _change(table, view))


def _code(view: View) -> str:
    if not view.me.located[0]:
        return "place_unknown"
    if not view.me.old_enough[0]:
        return "under_age"
    if view.acceptable.any():
        return _came_late(view)
    if view.me.same[0] and view.me.gender[0] == 0:
        return "wish_excluded_all"
    return _excluded_by(view)


def _came_late(view: View) -> str:
    """Somebody free and acceptable is left only where a quota forbids the pair."""
    if view.in_party:
        return "party_not_placed"
    if view.quotas and (view.acceptable & view.free).any():
        return "quota_reached"
    return _too_few(view.role)


def _too_few(role: str) -> str:
    return "too_few_locals" if role == "newcomer" else "too_few_newcomers"


def _excluded_by(view: View) -> str:
    """The first rule, in a fixed order, after which nobody remains."""
    remaining = view.checks.possible[0]
    if not remaining.any():
        return _too_few(view.role)
    for code, rules in RULES_BROKEN:
        for rule in rules:
            remaining = remaining & getattr(view.checks, rule)[0]
        if not remaining.any():
            return code
    return "met_or_banned"


def _change(table: Roster, view: View) -> Change | None:
    """The first of these that opens somebody: a little further, a larger gap of years, any gender, one language."""
    candidates = (_further(table, view), _wider(view), _any_gender(view), _language(table, view))
    return next((change for change in candidates if change is not None and change.opens), None)


def _pool(view: View, waived: str) -> BoolArray:
    """Partners whom only `waived`, a rule of one's own, keeps away; to a latecomer only the free ones count."""
    pool = view.checks.possible[0] & ~view.excluded & ~getattr(view.checks, waived)[0]
    for rules in RULES_BROKEN:
        for rule in rules[1]:
            if rule != waived:
                pool = pool & getattr(view.checks, rule)[0]
    return np.asarray(pool & view.free if view.acceptable.any() else pool)


def _round_up(value: int, unit: int) -> int:
    """The next multiple of STEP that reaches `value`, given in 1/unit."""
    return -(-value // (STEP * unit)) * STEP


def _further(table: Roster, view: View) -> Change | None:
    """Up to the region's distance, or twice one's own: further is no small change."""
    pool, distance = _pool(view, "near_mine"), view.checks.distance[0]
    if not pool.any():
        return None
    to = _round_up(int(distance[pool].min()), 10)
    if to > max(table.rules.max_km, 2 * int(view.me.limit[0]) // 10):
        return None
    return Change("max_km", to, int((pool & (distance <= 10 * to)).sum()))


def _wider(view: View) -> Change | None:
    pool, years = _pool(view, "age_mine"), view.checks.years[0]
    if not pool.any():
        return None
    to = _round_up(int(years[pool].min()), 1)
    return Change("max_age_gap", to, int((pool & (years <= to)).sum()))


def _any_gender(view: View) -> Change | None:
    return Change("wish", "any", int(_pool(view, "wish_mine").sum()))


def _language(table: Roster, view: View) -> Change | None:
    """The language most of them speak; the first by code where several do."""
    pool = _pool(view, "language")
    if not pool.any():
        return None
    speakers = view.others.speaks[0][pool].sum(axis=0)
    best = int(np.argmax(speakers))
    return Change("language", table.words.languages[best], int(speakers[best]))
