"""All acceptable pairs of a round, written down for programs that need them so. Making these files is in nobody's time.

The levels are one whole number for each pair, each level with room for some hundred times what one pair adds at most; for
the full models for 16 to 32 times, as CP-SAT and HiGHS do much worse with heavier weights. That this was room enough is
seen afterwards: a plan best by weight then has our values, level by level.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from services.matching.engine.instance import NO_PAIR, Edges, Instance, IntArray, Prices, joined, numbers
from services.matching.engine.roster import FIT_ALONE, Roster
from services.matching.engine.weights import units

Unit = dict[str, int]
LAP: Unit = {"pairs": 1 << 38, "waiting": 1 << 27, "below_floor": 1 << 18, "fit": 1}  # sums of 2^14 are exact in a float
MODEL: Unit = {"pairs": 1 << 28, "waiting": 1 << 21, "below_floor": 1 << 15, "fit": 1}
ALONE = 1 << 40  # what it costs a newcomer to stay alone, where a pair costs this less its weight
BLOCK = 20_000_000  # pairs looked at at a time


def blocks(instance: Instance) -> Iterator[Edges]:
    """All acceptable pairs, some newcomers after the others, sorted."""
    pairs = instance.pairs
    assert isinstance(pairs, Roster)
    count, columns = len(pairs.newcomers), len(pairs.locals)
    free = Prices(np.full(count, NO_PAIR), np.zeros(columns, dtype=np.int64))
    for rows in np.array_split(pairs.newcomers.all, -(-count * columns // BLOCK)):
        found = pairs.look(free, rows, pairs.locals.all, FIT_ALONE, columns + 1)
        yield found.some(np.lexsort((found.local, found.newcomer)))


def weights(instance: Instance, edges: Edges, unit: Unit) -> IntArray:
    nothing = np.zeros(len(edges.fit), dtype=np.int64)
    return sum((unit[level] * adds for level, adds in units(instance, edges).items()), nothing)


def count(instance: Instance) -> int:
    return sum(len(block.fit) for block in blocks(instance))


def write_matrix(path: Path, instance: Instance) -> None:
    """Costs of all pairs, 0 where a pair is not acceptable."""
    shape = (len(instance.newcomers), len(instance.locals))
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=shape)
    for block in blocks(instance):
        matrix[block.newcomer, block.local] = -weights(instance, block, LAP)


def write_sparse(path: Path, instance: Instance) -> None:
    """Rows of costs; the last in each is a column of its own for staying alone, so that every row has its column."""
    rows, columns = len(instance.newcomers), len(instance.locals)
    found = [(block.newcomer, block.local.astype(np.int32), ALONE - weights(instance, block, LAP)) for block in blocks(instance)]
    row, column, cost = (np.concatenate(parts) for parts in zip(*found, strict=True))
    end = np.searchsorted(row, np.arange(rows), side="right")
    np.savez(
        path,
        data=np.insert(cost.astype(np.float64), end, ALONE),
        indices=np.insert(column, end, np.arange(columns, columns + rows, dtype=np.int32)),
        indptr=np.append(0, end + np.arange(1, rows + 1)).astype(np.int32),
    )


def write_model(path: Path, instance: Instance) -> None:
    """Pairs with their weights, capacities, and the wishes in numbers: newcomers first, then locals."""
    edges = joined(*blocks(instance))
    sides = (instance.newcomers, instance.locals)
    vertex = numbers((*instance.newcomers.ids, *instance.locals.ids))
    wished = {
        "pins": [(vertex[pin.newcomer], vertex[pin.local] - len(instance.newcomers)) for pin in instance.pins],
        "parties": [[vertex[name] for name in party] for party in instance.parties],
        "quotas": [([vertex[name] for name in quota.members], quota.low, quota.high) for quota in instance.quotas],
    }
    np.savez(
        path,
        newcomer=edges.newcomer,
        local=edges.local,
        weight=weights(instance, edges, MODEL),
        capacity=np.concatenate([side.capacity for side in sides]),
        rows=len(instance.newcomers),
        wished=json.dumps(wished),
    )
