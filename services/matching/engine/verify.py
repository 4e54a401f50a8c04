"""Checks a result against its job without any solver: every rule, every number, every reason, every price bound."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from services.matching.engine.build import Roster, build, roster
from services.matching.engine.explain import meetings
from services.matching.engine.instance import Instance, IntArray, Proof, Quota
from services.matching.engine.people import Job, parties
from services.matching.engine.prices import price, scale_for
from services.matching.engine.program import Program, Row, at_least, objective, program, sign
from services.matching.engine.reasons import reasons
from services.matching.engine.record import ENGINE, SEED, counts, digest, plain

Claims = Iterator[str]
Pairs = list[tuple[str, str]]


def verify(job: Job, result: Any) -> list[str]:
    """Every claim of the result that is false, in words; empty when it is sound. Of an infeasible result the named
    wishes are checked, not that they cannot hold together. Raises ValueError for what is no result at all.
    """
    try:
        return list(_claims(job, result))
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"not a result of this engine: {type(error).__name__} {error}") from None


def _claims(job: Job, result: Any) -> Claims:
    table = roster(job.people, job.rules, job.wishes)
    instance = build(job.people, job.rules, job.wishes, table)
    expected = {"engine": ENGINE, "seed": SEED, "input_digest": digest(job), "counts": counts(instance)}
    for name, value in expected.items():
        if result[name] != value:
            yield f"{name} is {value}, not {result[name]}"
    if result["status"] == "infeasible":
        yield from _infeasible(job, instance, result)
        return
    pairs: Pairs = [(pair["newcomer"], pair["local"]) for pair in result["pairs"]]
    known = set(table.newcomers.ids), set(table.locals.ids)
    if strangers := [pair for pair in pairs if pair[0] not in known[0] or pair[1] not in known[1]]:
        yield f"pair of somebody who is not here: {strangers[0]}"
        return
    for check in (_acceptable, _once, _wished):
        yield from check(job, instance, pairs)
    yield from _told(table, instance, result, pairs)
    yield from _levels(job, instance, result, pairs)


def _acceptable(job: Job, instance: Instance, pairs: Pairs) -> Claims:
    edges = _edge_numbers(instance)
    for pair in pairs:
        if pair not in edges:
            yield f"pair {pair} breaks a rule"


def _edge_numbers(instance: Instance) -> dict[tuple[str, str], int]:
    edges = zip(instance.edges.newcomer.tolist(), instance.edges.local.tolist(), strict=True)
    return {(instance.newcomers[n].id, instance.locals[m].id): number for number, (n, m) in enumerate(edges)}


def _once(job: Job, instance: Instance, pairs: Pairs) -> Claims:
    """Nobody twice, no capacity exceeded, parties whole; counted from the people, not from the solver's rows."""
    taken = Counter(name for pair in pairs for name in pair)
    groups = parties(job.people)
    in_party = {name for group in groups.values() for name in group}
    for person in job.people:
        limit = person.capacity if person.role == "local" and person.id not in in_party else 1
        if taken[person.id] > limit:
            yield f"{person.id} has {taken[person.id]} pairs, at most {limit} can be"
    for name, group in groups.items():
        if len({taken[member] > 0 for member in group}) > 1:
            yield f"party {name} is split"
    if len(set(pairs)) != len(pairs):
        yield "a pair stands twice"


def _wished(job: Job, instance: Instance, pairs: Pairs) -> Claims:
    chosen = set(pairs)
    for pair in (*job.wishes.pins, *job.wishes.keep):
        if pair not in chosen:
            yield f"pair {pair} was wished and is not there"
    for quota in job.wishes.quotas:
        count = _members(quota, pairs)
        if count < quota.low or (quota.high is not None and count > quota.high):
            yield f"quota {quota.name} has {count} pairs"


def _members(quota: Quota, pairs: Pairs) -> int:
    members = set(quota.members)
    return sum(1 for pair in pairs if not members.isdisjoint(pair))


def _told(table: Roster, instance: Instance, result: Any, pairs: Pairs) -> Claims:
    """What pairs and people left over are told is what can be computed again."""
    for told, meeting in zip(result["pairs"], meetings(table, pairs), strict=True):
        if told != plain(meeting):
            yield f"pair {meeting.newcomer}, {meeting.local} is told something else than {plain(meeting)}"
    found = [plain(reason) for reason in reasons(table, instance, pairs)]
    if result["unmatched"] != found:
        yield "the reasons of those left over are not those that can be computed"
    if result["conflicts"]:
        yield "conflicts are named although there is a plan"


def _levels(job: Job, instance: Instance, result: Any, pairs: Pairs) -> Claims:
    if tuple(result["levels"]) != job.rules.levels:
        yield f"levels are {job.rules.levels}, not {tuple(result['levels'])}"
        return
    values = _values(job, result)
    bounds = _price_bounds(program(instance), result, values)
    for name, level in result["levels"].items():
        turn = sign(name)
        if level["value"] != values[name]:
            yield f"level {name} is {values[name]}, not {level['value']}"
        if level["price_bound"] != next(bounds):
            yield f"level {name}: its prices do not prove {level['price_bound']}"
        if not turn * level["value"] <= turn * level["bound"] <= turn * level["price_bound"]:
            yield f"level {name}: value, bound and price bound are out of order"
    proved = all(level["value"] == level["bound"] for level in result["levels"].values())
    if result["status"] != ("optimal" if proved else "feasible"):
        yield f"status {result['status']} is not what the bounds say"


def _values(job: Job, result: Any) -> dict[str, int]:
    waiting = {person.id: person.waiting for person in job.people}
    fits = [pair["fit"] for pair in result["pairs"]]
    pairs = [(pair["newcomer"], pair["local"]) for pair in result["pairs"]]
    return {
        "pairs": len(fits),
        "waiting": sum(waiting[newcomer] + waiting[local] for newcomer, local in pairs),
        "below_floor": sum(1 for fit in fits if fit < job.rules.quality_floor),
        "fit": sum(fits),
    }


def _price_bounds(made: Program, result: Any, values: dict[str, int]) -> Iterator[int | None]:
    """What the stored prices prove, level after level, None where they are no prices of its rows; a level whose bound
    is its value goes on as a row.
    """
    alive = np.ones(len(made.instance.edges), dtype=np.bool_)
    rows: list[Row] = list(made.rows[len(made.instance.newcomers) :])
    for name, level in result["levels"].items():
        worth = objective(made.instance, name)
        proof = _proof(result["proof"][name], rows, worth)
        if proof is None:
            yield None
            continue
        priced = price(made, rows, worth, proof, alive)
        yield sign(name) * priced.bound
        if level["bound"] == values[name]:
            rows.append(at_least(worth, sign(name) * values[name]))
            alive &= priced.within(sign(name) * values[name])


def _proof(stored: Any, rows: list[Row], worth: IntArray) -> Proof | None:
    """Prices that are whole, on rows that can pay them, and too small to overflow; None for others."""
    scale = stored["scale"]
    prices: dict[int, int] = dict(stored["prices"])
    if not all(_whole(value) for value in (scale, *prices, *prices.values())) or scale < 1:
        return None
    if not all(0 <= number < len(rows) for number in prices):
        return None
    if any(paid > 0 and rows[number].high is None for number, paid in prices.items()):
        return None
    if scale_for(rows, [prices.get(number, 0) / scale for number in range(len(rows))], worth) < scale:
        return None
    return Proof(scale, tuple(sorted(prices.items())))


def _whole(value: Any) -> bool:
    return type(value) is int and abs(value) < 1 << 62


def _infeasible(job: Job, instance: Instance, result: Any) -> Claims:
    """The wishes named are wishes of the job, and a pin said to break a rule does."""
    named = {(item["kind"], tuple(item["names"]), item["why"]) for item in result["conflicts"]}
    rows = program(instance).rows
    known = {(row.wish.kind, row.wish.names, row.wish.why) for row in rows if row.wish}
    if not named or result["pairs"] or result["unmatched"]:
        yield "an infeasible result names conflicts and nothing else"
    for kind, names, why in sorted(named - known):
        yield f"no such wish: {kind} {', '.join(names)} {why}".rstrip()
