"""People, rules and wishes to an Instance: all acceptable pairs, found block by block."""

from dataclasses import dataclass

import numpy as np

from services.matching.engine import fit
from services.matching.engine.instance import Instance, IntArray, Local, Newcomer, Pin, columns_of
from services.matching.engine.people import PairIds, Person, Rules, Wishes, parties
from services.matching.engine.rules import Checks, check
from services.matching.engine.sides import BoolArray, Side, Words, side_of, words_of

BLOCK = 256  # newcomers at a time: some tens of MB against 5,000 locals

RULES_BROKEN = (
    ("no_shared_language", ("language",)),
    ("none_within_distance", ("near_mine", "near_theirs")),
    ("wish_excluded_all", ("wish_mine", "wish_theirs")),
    ("age_excluded_all", ("age_mine", "age_theirs")),
)


@dataclass(frozen=True, eq=False)
class Roster:
    """Both sides in columns, and the pairs no rule of fit may bring together (met before, or banned and not pinned)."""

    newcomers: Side
    locals: Side
    words: Words
    rules: Rules
    excluded: IntArray  # (k, 2) indices of newcomer and local

    def excluded_block(self, first: int, count: int) -> BoolArray:
        block = np.zeros((count, len(self.locals.ids)), dtype=np.bool_)
        inside = self.excluded[(self.excluded[:, 0] >= first) & (self.excluded[:, 0] < first + count)]
        block[inside[:, 0] - first, inside[:, 1]] = True
        return block


def side(people: tuple[Person, ...], role: str) -> list[Person]:
    return sorted((person for person in people if person.role == role), key=lambda person: person.id)


def roster(people: tuple[Person, ...], rules: Rules, wishes: Wishes) -> Roster:
    words = words_of(people)
    newcomers = side_of(side(people, "newcomer"), rules, words)
    locals_ = side_of(side(people, "local"), rules, words)
    never = set(wishes.met) | (set(wishes.bans) - set(wishes.pins) - set(wishes.keep))
    return Roster(newcomers, locals_, words, rules, _indices(never, newcomers, locals_))


def _indices(pairs: set[PairIds], newcomers: Side, locals_: Side) -> IntArray:
    rows = {name: number for number, name in enumerate(newcomers.ids)}
    columns = {name: number for number, name in enumerate(locals_.ids)}
    known = sorted((rows[n], columns[m]) for n, m in pairs if n in rows and m in columns)
    return np.array(known, dtype=np.int64).reshape(-1, 2)


def edges(table: Roster) -> IntArray:
    """All acceptable pairs as (newcomer, local, fit), (m, 3), in canonical order; memory grows with these alone."""
    found = [np.zeros((0, 3), dtype=np.int64)]
    for first in range(0, len(table.newcomers.ids), BLOCK):
        rows = table.newcomers.rows(slice(first, first + BLOCK))
        checks = check(rows, table.locals)
        allowed = checks.acceptable & ~table.excluded_block(first, len(rows.born))
        worth = sum(fit.parts(rows, table.locals, checks, table.words, table.rules.weights).values())
        row, column = np.nonzero(allowed)
        found.append(np.column_stack((row + first, column, np.asarray(worth)[row, column])))
    return np.concatenate(found)


def build(people: tuple[Person, ...], rules: Rules, wishes: Wishes, table: Roster | None = None) -> Instance:
    """The round as the solver sees it. Members of a party of two or more take one buddy each, whatever they offered."""
    table = table or roster(people, rules, wishes)
    groups = tuple(parties(people).values())
    in_party = {name for group in groups for name in group}
    newcomers = tuple(Newcomer(person.id, person.waiting) for person in side(people, "newcomer"))
    locals_ = tuple(
        Local(person.id, person.waiting, 1 if person.id in in_party else person.capacity) for person in side(people, "local")
    )
    return Instance(
        newcomers,
        locals_,
        columns_of(edges(table)),
        tuple(sorted(groups)),
        _pins(wishes, table),
        wishes.quotas,
        rules.quality_floor,
        rules.levels,
    )


def _pins(wishes: Wishes, table: Roster) -> tuple[Pin, ...]:
    """A pair both pinned and kept counts once, as pinned."""
    wanted = dict.fromkeys(wishes.keep, "keep") | dict.fromkeys(wishes.pins, "pin")
    met = set(wishes.met)
    return tuple(Pin(n, m, kind, broken_rule(table, (n, m), met)) for (n, m), kind in sorted(wanted.items()))


def broken_rule(table: Roster, pair: PairIds, met: set[PairIds]) -> str:
    """The first hard rule that forbids a pair, or nothing."""
    index = _indices({pair}, table.newcomers, table.locals)
    if not len(index):
        return "not_here"
    checks = check(table.newcomers.rows(index[:, 0]), table.locals.rows(index[:, 1]))
    if not checks.possible[0, 0]:
        here = table.newcomers.located[index[0, 0]] and table.locals.located[index[0, 1]]
        return "under_age" if here else "place_unknown"
    return _first_broken(checks) or ("met_or_banned" if pair in met else "")


def _first_broken(checks: Checks) -> str:
    for code, names in RULES_BROKEN:
        if not all(getattr(checks, name)[0, 0] for name in names):
            return code
    return ""
