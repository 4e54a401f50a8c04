"""Checks a result against its instance without the solver and its searches: every rule, every number, every price bound."""

from collections import Counter
from collections.abc import Iterator
from reprlib import Repr
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from services.matching.engine.build import build
from services.matching.engine.fit import Tables, fit_of
from services.matching.engine.instance import NO_PAIR, Conflict, Instance, IntArray, PairIds, numbers
from services.matching.engine.listed import Lines, listed
from services.matching.engine.people import Job
from services.matching.engine.record import digest, rules
from services.matching.engine.roster import Roster
from services.matching.engine.sides import Records
from services.matching.engine.verify_prices import former_pairs, price_bounds, sign

Claims = Iterator[str]
FIELDS = ("value", "bound", "price_bound")

_REPR = Repr()
_REPR.maxstring = 100


class _Told(NamedTuple):
    """A result's own words: lists, objects and ids are what they should be, numbers are still anything."""

    status: Any
    levels: dict[str, dict[str, Any]]
    pairs: list[tuple[str, str, Any]]
    unmatched: list[str]
    conflicts: list[Conflict]
    proof: dict[str, Any]
    counts: dict[str, Any]


def rests_on_the_solver(result: Any) -> list[str]:
    """Of a result in which nothing is false, what nobody has checked but the solver."""
    if result["status"] == "infeasible":
        return ["that these wishes cannot hold together, nor fewer of them, rests on the solver"]
    return [
        f"level {name}: the bound {level['bound']} rests on the solver, the prices prove {level['price_bound']}"
        for name, level in result["levels"].items()
        if level["bound"] != level["price_bound"]
    ]


def verify(given: Job | Instance, result: Any) -> list[str]:
    """Every claim of the result that is false, one sentence each; empty when it is sound. Bounds are held against values
    and stored prices; of an infeasible result the named wishes are checked, not that they cannot hold together. Raises
    ValueError for what is no result at all.
    """
    try:
        told = _told(result)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a result of this engine: {type(error).__name__} {error}") from None
    instance = given if isinstance(given, Instance) else build(given.people, given.rules, given.wishes)
    return [*_source(given, result), *_claims(instance, told)]


def _source(given: Job | Instance, result: dict[str, Any]) -> Claims:
    """What a result says of its input, if anything."""
    for name, found in (("input_digest", digest), ("rules", rules)):
        if name in result and result[name] != found(given):
            yield f"the {name} are those of another input" if name == "rules" else f"the {name} is that of another input"


def _told(result: Any) -> _Told:
    levels, proof, counts = (_checked(given, dict) for given in (result["levels"], result["proof"], result.get("counts", {})))
    return _Told(
        result["status"],
        {name: _checked(level, dict) for name, level in levels.items()},
        [_pair(pair) for pair in _checked(result["pairs"], list)],
        [_checked(left["id"], str) for left in _checked(result["unmatched"], list)],
        [_conflict(conflict) for conflict in _checked(result["conflicts"], list)],
        proof,
        counts,
    )


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _pair(pair: Any) -> tuple[str, str, Any]:
    newcomer, local, fit = (pair["newcomer"], pair["local"], pair["fit"]) if type(pair) is dict else _checked(pair, list)
    return _checked(newcomer, str), _checked(local, str), fit


def _conflict(conflict: Any) -> Conflict:
    names = tuple(_checked(name, str) for name in _checked(conflict["names"], list))
    return Conflict(_checked(conflict["kind"], str), names, _checked(conflict["why"], str))


def _claims(instance: Instance, told: _Told) -> Claims:
    for name, side in (("newcomers", instance.newcomers), ("locals", instance.locals)):
        if told.counts and not _same(told.counts.get(name), len(side)):
            yield f"there are {len(side)} {name}, not {_shown(told.counts.get(name))}"
    if told.status == "infeasible":
        yield from _infeasible(instance, told)
        return
    yield from _plan(instance, told)
    if told.conflicts:
        yield "conflicts are named although there is a plan"


def _shown(value: Any) -> str:
    """Short, whatever it is; Python prints no whole number of 5,000 digits."""
    return "a very large number" if type(value) is int and abs(value) >> 64 else _REPR.repr(value)


def _same(told: Any, value: int) -> bool:
    """True and 1.0 are not 1."""
    return type(told) is int and told == value


def _plan(instance: Instance, told: _Told) -> Claims:
    pairs = [(newcomer, local) for newcomer, local, _ in told.pairs]
    pins = [(pin.newcomer, pin.local) for pin in instance.pins]
    fits = _fits(instance, [*pairs, *pins, *former_pairs(instance)])
    for newcomer, local, fit in told.pairs:
        found = fits[newcomer, local]
        if found == NO_PAIR:
            yield f"pair {_shown(newcomer)}, {_shown(local)} is not acceptable"
        elif not _same(fit, found):
            yield f"pair {newcomer!r}, {local!r} has the fit {found}, not {_shown(fit)}"
    for check in (_once, _wished, _quotas):
        yield from check(instance, pairs)
    yield from _unmatched(instance, told, pairs)
    if all(fits[pair] != NO_PAIR for pair in pairs):  # else the plan has no values
        yield from _levels(instance, told, pairs, fits)


def _once(instance: Instance, pairs: list[PairIds]) -> Claims:
    taken = Counter(name for pair in pairs for name in pair)
    for side in (instance.newcomers, instance.locals):
        for name, capacity in zip(side.ids, side.capacity.tolist(), strict=True):
            if taken[name] > capacity:
                yield f"{name!r} has {taken[name]} pairs, at most {capacity} can be"
    for newcomer, local in sorted(pair for pair, times in Counter(pairs).items() if times > 1):
        yield f"pair {newcomer!r}, {local!r} stands twice"


def _wished(instance: Instance, pairs: list[PairIds]) -> Claims:
    chosen, matched = set(pairs), {name for pair in pairs for name in pair}
    for pin in instance.pins:
        if (pin.newcomer, pin.local) not in chosen:
            yield f"pair {pin.newcomer!r}, {pin.local!r} was wished ({pin.kind}) and is not there"
    for party in instance.parties:
        if len({name in matched for name in party}) > 1:
            yield f"party {', '.join(party)} is split"


def _quotas(instance: Instance, pairs: list[PairIds]) -> Claims:
    """A pair with two members counts once."""
    joined: dict[str, set[int]] = {}
    for number, quota in enumerate(instance.quotas):
        for name in quota.members:
            joined.setdefault(name, set()).add(number)
    counts = Counter(number for n, m in pairs for number in joined.get(n, set()) | joined.get(m, set()))
    for number, quota in enumerate(instance.quotas):
        count = counts[number]
        if count < quota.low or (quota.high is not None and count > quota.high):
            most = "any number" if quota.high is None else quota.high
            yield f"quota {quota.name!r} has {count} pairs, {quota.low} to {most} can be"


def _unmatched(instance: Instance, told: _Told, pairs: list[PairIds]) -> Claims:
    sides = (instance.newcomers, instance.locals)
    here = {name for side in sides for name, room in zip(side.ids, side.capacity.tolist(), strict=True) if room}
    left = here.difference(name for pair in pairs for name in pair)
    times = Counter(told.unmatched)
    for name in sorted(left - times.keys()):
        yield f"{name!r} has no pair and is not among the unmatched"
    for name in sorted(times):
        if name not in left:
            yield f"{_shown(name)} is among the unmatched and has a pair or is not here"
        elif times[name] > 1:
            yield f"{name!r} is among the unmatched {times[name]} times"


def _levels(instance: Instance, told: _Told, pairs: list[PairIds], fits: dict[PairIds, int]) -> Claims:
    for name in sorted(told.proof.keys() - set(instance.levels)):
        yield f"there is a proof of {_shown(name)}, which is no level"
    if tuple(told.levels) != instance.levels:
        yield f"levels are {', '.join(instance.levels)}, not {_shown(tuple(told.levels))}"
        return
    values = _values(instance, pairs, fits)
    bounds = price_bounds(instance, told.proof, values, fits)
    for name, level in told.levels.items():
        yield from _level(name, level, values[name], bounds[name])
    proved = all(level.get("value") == level.get("bound") for level in told.levels.values())
    if told.status != ("optimal" if proved else "feasible"):
        yield f"status {_shown(told.status)} is not what the bounds say"


def _values(instance: Instance, pairs: list[PairIds], fits: dict[PairIds, int]) -> dict[str, int]:
    sides = (instance.newcomers, instance.locals)
    waiting = {name: rounds for side in sides for name, rounds in zip(side.ids, side.waiting.tolist(), strict=True)}
    return {
        "pairs": len(pairs),
        "waiting": sum(waiting[name] for pair in pairs for name in pair),
        "below_floor": sum(1 for pair in pairs if fits[pair] < instance.quality_floor),
        "fit": sum(fits[pair] for pair in pairs),
        "kept": len(set(instance.former).intersection(pairs)),
    }


def _level(name: str, level: dict[str, Any], value: int, proved: int | str) -> Claims:
    told: list[Any] = [level.get(field) for field in FIELDS]
    if not _same(told[0], value):
        yield f"level {name}: the value is {value}, not {_shown(told[0])}"
    if isinstance(proved, str):
        yield f"level {name}: {proved}"
    elif not _same(told[2], proved):
        yield f"level {name}: the prices prove {proved}, not {_shown(told[2])}"
    if not all(type(number) is int for number in told):
        yield f"level {name}: value, bound and price bound are not whole numbers"
    elif sorted(told, reverse=sign(name) < 0) != told:
        yield f"level {name}: value, bound and price bound are out of order"


def _infeasible(instance: Instance, told: _Told) -> Claims:
    if not told.conflicts:
        yield "no conflict is named"
    if told.pairs or told.unmatched or told.levels or told.proof:
        yield "an infeasible result has conflicts and nothing else"
    fits = _fits(instance, [(pin.newcomer, pin.local) for pin in instance.pins])
    wishes = {Conflict("party", party) for party in instance.parties}
    for quota in instance.quotas:
        wishes |= {Conflict("quota", (quota.name,), "min")} if quota.low else set()
        wishes |= {Conflict("quota", (quota.name,), "max")} if quota.high is not None else set()
    for pin in instance.pins:
        why = pin.broken or "not_acceptable" if fits[pin.newcomer, pin.local] == NO_PAIR else ""
        wishes |= {Conflict(pin.kind, (pin.newcomer, pin.local), reason) for reason in ("", why)}
    for wish, times in Counter(told.conflicts).items():
        if wish not in wishes or times > 1:
            fault = "is named twice" if wish in wishes else "is none of this instance or breaks no such rule"
            yield f"the wish {_shown(wish.kind)} of {_shown(wish.names)} with {_shown(wish.why)} {fault}"


def _fits(instance: Instance, pairs: list[PairIds]) -> dict[PairIds, int]:
    """Looked up or computed here; NO_PAIR where a pair is not acceptable or somebody is not here."""
    rows, columns = numbers(instance.newcomers.ids), numbers(instance.locals.ids)
    known = [(rows[n], columns[m]) for n, m in pairs if n in rows and m in columns]
    row, column = np.array(known, dtype=np.int64).reshape(-1, 2).T
    found = iter(_fits_of(instance, row, column).tolist())
    return {(n, m): next(found) if n in rows and m in columns else NO_PAIR for n, m in pairs}


def _fits_of(instance: Instance, row: IntArray, column: IntArray) -> IntArray:
    given, ends = instance.pairs, list(zip(row.tolist(), column.tolist(), strict=True))
    if not isinstance(given, Roster):
        return np.array([_line(listed(instance).lines, n, m) for n, m in ends], dtype=np.int64)
    fits: IntArray = _fits_of_people(given.newcomers.records, row, given.locals.records, column, given.known)
    start, never = given.newcomers.never
    fits[np.array([m in never[start[n] : start[n + 1]] for n, m in ends], dtype=np.bool_)] = NO_PAIR
    return fits


def _line(lines: Lines, newcomer: int, local: int) -> int:
    first, last = lines.start[newcomer : newcomer + 2].tolist()
    place = np.flatnonzero(lines.partner[first:last] == local)
    return int(lines.fit[first + place[0]]) if len(place) else NO_PAIR


@njit(cache=True, nogil=True)
def _fits_of_people(rows: Records, row: IntArray, columns: Records, column: IntArray, tables: Tables) -> IntArray:
    fits = np.empty(len(row), np.int64)
    for k in range(len(row)):
        fits[k] = fit_of(rows[row[k]], columns[column[k]], tables[0])
    return fits
