"""An instance as integer rows over its edges: what every plan must keep, and what each level counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from services.matching.engine.instance import Conflict, Instance, IntArray
from services.matching.engine.sides import BoolArray


@dataclass(frozen=True, eq=False)
class Row:
    """low <= sum of factor over the chosen edges <= high (None: any); `wish` names who asked for it."""

    edges: IntArray
    factor: IntArray
    low: int
    high: int | None
    wish: Conflict | None = None

    def holds(self, chosen: BoolArray) -> bool:
        total = int(self.factor[chosen[self.edges]].sum())
        return self.low <= total and (self.high is None or total <= self.high)


@dataclass(frozen=True, eq=False)
class Program:
    """Rows in a fixed order: one per newcomer (at most 1), one per local (capacity), parties, pins, quotas."""

    instance: Instance
    rows: tuple[Row, ...]

    def holds(self, chosen: BoolArray, more: Iterable[Row] = ()) -> bool:
        return all(row.holds(chosen) for row in (*self.rows, *more))


def program(instance: Instance) -> Program:
    """The rows of an instance; a pin without an edge becomes a row that nothing can satisfy."""
    by_person = _edges_by_person(instance)
    capacities = {person.id: 1 for person in instance.newcomers}
    capacities |= {person.id: person.capacity for person in instance.locals}
    people = [_count(by_person[name], 0, capacity) for name, capacity in capacities.items()]
    parties = [row for party in instance.parties for row in _party_rows(party, by_person)]
    return Program(instance, (*people, *parties, *_pin_rows(instance, by_person), *_quota_rows(instance, by_person)))


def _edges_by_person(instance: Instance) -> dict[str, IntArray]:
    """Sorted edge numbers of everybody, by id."""
    found: dict[str, IntArray] = {}
    newcomers = [person.id for person in instance.newcomers]
    locals_ = [person.id for person in instance.locals]
    for names, column in ((newcomers, instance.edges.newcomer), (locals_, instance.edges.local)):
        order = np.argsort(column, kind="stable")
        starts = np.searchsorted(column[order], np.arange(len(names) + 1))
        found |= {name: order[starts[k] : starts[k + 1]] for k, name in enumerate(names)}
    return found


def _count(edges: IntArray, low: int, high: int | None, wish: Conflict | None = None) -> Row:
    return Row(edges, np.ones(len(edges), dtype=np.int64), low, high, wish)


def _party_rows(party: Sequence[str], by_person: dict[str, IntArray]) -> list[Row]:
    """All members have as many pairs as the first: all one, or all none."""
    wish = Conflict("party", tuple(party))
    first = by_person[party[0]]
    return [
        Row(
            np.concatenate((by_person[member], first)),
            np.repeat(np.array([1, -1], dtype=np.int64), (len(by_person[member]), len(first))),
            0,
            0,
            wish,
        )
        for member in party[1:]
    ]


def _pin_rows(instance: Instance, by_person: dict[str, IntArray]) -> list[Row]:
    nothing = np.zeros(0, dtype=np.int64)
    rows = []
    for pin in instance.pins:
        edge = np.intersect1d(by_person.get(pin.newcomer, nothing), by_person.get(pin.local, nothing))
        why = "" if len(edge) else pin.broken or "not_acceptable"
        rows.append(_count(edge, 1, 1, Conflict(pin.kind, (pin.newcomer, pin.local), why)))
    return rows


def _quota_rows(instance: Instance, by_person: dict[str, IntArray]) -> list[Row]:
    """A pair counts once however many members it has; members who are not here count nothing."""
    rows = []
    for quota in instance.quotas:
        parts = [by_person[member] for member in quota.members if member in by_person]
        edges = np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
        if quota.low:
            rows.append(_count(edges, quota.low, None, Conflict("quota", (quota.name,), "min")))
        if quota.high is not None:
            rows.append(_count(edges, 0, quota.high, Conflict("quota", (quota.name,), "max")))
    return rows


def objective(instance: Instance, level: str) -> IntArray:
    """What each edge adds to a level, to be maximised: `below_floor` counts as -1."""
    edges = instance.edges
    if level == "pairs":
        return np.ones(len(edges), dtype=np.int64)
    if level == "waiting":
        mine = np.array([person.waiting for person in instance.newcomers], dtype=np.int64)
        theirs = np.array([person.waiting for person in instance.locals], dtype=np.int64)
        return np.asarray(mine[edges.newcomer] + theirs[edges.local])
    if level == "below_floor":
        return -(edges.fit < instance.quality_floor).astype(np.int64)
    return edges.fit


def sign(level: str) -> int:
    """-1 where the level's value is the objective's opposite."""
    return -1 if level == "below_floor" else 1


def ties(instance: Instance, alive: BoolArray) -> IntArray:
    """What decides between plans equal on all levels: 20 bits of a hash of each pair's ids, so neither order nor
    machine does, and nobody gains by an id that sorts first.
    """
    weights = np.zeros(len(alive), dtype=np.int64)
    for edge in np.flatnonzero(alive):
        newcomer = instance.newcomers[instance.edges.newcomer[edge]].id
        local = instance.locals[instance.edges.local[edge]].id
        digest = sha256(f"{newcomer}\n{local}".encode("utf-8", "surrogatepass")).digest()
        weights[edge] = int.from_bytes(digest[:4], "big") >> 12
    return weights


def at_least(values: IntArray, low: int) -> Row:
    """The row that fixes a level already proved."""
    edges = np.flatnonzero(values)
    return Row(edges, values[edges], low, None)
