"""People, rules and wishes to an Instance; its pairs are a Roster, which looks for them when asked."""

from collections.abc import Collection, Mapping, Sequence

from services.matching.engine.instance import Instance, PairIds, Pin, Side, numbers, pair_numbers, whole
from services.matching.engine.people import Person, Rules, Wishes, parties
from services.matching.engine.roster import Half, Roster, roster
from services.matching.engine.rules import CODES, broken_by


def build(people: Sequence[Person], rules: Rules, wishes: Wishes, threads: int = 1) -> Instance:
    """The round as the solver sees it, everybody in the roster's order. A pair banned, but pinned or kept, may be."""
    never = set(wishes.met) | (set(wishes.bans) - set(wishes.pins) - set(wishes.keep))
    pairs = roster(people, rules, never, threads)
    by_id = {person.id: person for person in people}
    groups = parties(people, wishes.parties)
    in_party = {name for group in groups for name in group}
    levels = rules.levels if wishes.levels is None else wishes.levels
    return Instance(
        _side(pairs.newcomers, by_id, in_party),
        _side(pairs.locals, by_id, in_party),
        pairs,
        groups,
        _pins(wishes, pairs),
        wishes.quotas,
        rules.quality_floor if wishes.quality_floor is None else wishes.quality_floor,
        ("kept", *levels) if wishes.former and "kept" not in levels else levels,
        tuple(pair for pair in wishes.former if {pair[0], pair[1]} <= by_id.keys()),
    )


def _side(half: Half, by_id: Mapping[str, Person], in_party: Collection[str]) -> Side:
    """Newcomers and members of a party take one buddy each, whatever they offered."""
    people = [by_id[name] for name in half.ids]
    capacity = (1 if one.role == "newcomer" or one.id in in_party else one.capacity for one in people)
    return Side(half.ids, whole(one.waiting for one in people), whole(capacity))


def _pins(wishes: Wishes, pairs: Roster) -> tuple[Pin, ...]:
    """A pair both pinned and kept counts once, as pinned."""
    wanted = dict.fromkeys(wishes.keep, "keep") | dict.fromkeys(wishes.pins, "pin")
    broken = broken_rules(pairs, sorted(wanted), set(wishes.met)) if wanted else {}
    return tuple(Pin(*pair, wanted[pair], why) for pair, why in broken.items())


def broken_rules(pairs: Roster, wanted: Sequence[PairIds], met: Collection[PairIds]) -> dict[PairIds, str]:
    """Of each pair the first hard rule that forbids it, or nothing."""
    rows, columns = numbers(pairs.newcomers.ids), numbers(pairs.locals.ids)
    here = [pair for pair in wanted if pair[0] in rows and pair[1] in columns]
    row, column = pair_numbers(here, rows, columns)
    mine, theirs = pairs.newcomers.records, pairs.locals.records
    located = mine["located"][row] & theirs["located"][column]
    able = mine["able"][row] & theirs["able"][column]
    found = dict.fromkeys(wanted, "not_here")
    for pair, mask, placed, possible in zip(here, broken_by(mine, row, theirs, column).tolist(), located, able, strict=True):
        by_rule = CODES.get(mask & -mask, "met_or_banned" if pair in met else "")  # the lowest bit comes first
        found[pair] = by_rule if possible else "under_age" if placed else "place_unknown"
    return found
