"""The other solvers, each a program of its own: `python -m tests.load.peers NAME PAIRS PLAN` reads the pairs that
`tests.load.pairs` wrote down, solves with the library's own settings, and writes newcomers and locals of its plan.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.matching.engine.instance import IntArray

Chosen = IntArray  # two lines: newcomers, locals


def dense(path: Path) -> Chosen:
    """SciPy: the Hungarian method's successor of Jonker and Volgenant on the matrix of all pairs."""
    from scipy.optimize import linear_sum_assignment

    matrix = np.load(path)
    found = np.array(linear_sum_assignment(matrix))
    return found[:, matrix[found[0], found[1]] < 0]


def sparse(path: Path) -> Chosen:
    """SciPy: the same for sparse matrices, over all acceptable pairs."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    with np.load(path) as parts:
        rows, last = len(parts["indptr"]) - 1, int(parts["indices"][-1])
        matrix = csr_matrix((parts["data"], parts["indices"], parts["indptr"]), shape=(rows, last + 1))
    found = np.array(min_weight_full_bipartite_matching(matrix))
    return found[:, found[1] <= last - rows]


@dataclass(frozen=True)
class Model:
    """A round in full: one choice for each pair; `places[v]` are the pairs of person v."""

    ends: IntArray
    weight: IntArray
    capacity: IntArray
    rows: int
    places: list[IntArray]
    wished: dict[str, Any]

    def pins(self) -> Iterator[int]:
        for newcomer, local in self.wished["pins"]:
            yield next(k for k in self.places[newcomer].tolist() if self.ends[1, k] == local)

    def quotas(self) -> Iterator[tuple[IntArray, int, int]]:
        """Pairs that have one of the members, at least so many, at most so many."""
        for members, low, high in self.wished["quotas"]:
            found = np.unique(np.concatenate([self.places[v] for v in members]))
            yield found, low, len(found) if high is None else high


def model(path: Path) -> Model:
    with np.load(path) as parts:
        ends, rows = np.stack((parts["newcomer"], parts["local"])), int(parts["rows"])
        capacity, wished = parts["capacity"], json.loads(str(parts["wished"]))
        places = by_person(ends[0], rows) + by_person(ends[1], len(capacity) - rows)
        return Model(ends, parts["weight"], capacity, rows, places, wished)


def by_person(numbers: IntArray, count: int) -> list[IntArray]:
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.searchsorted(numbers[order], np.arange(1, count)))


def cp_sat(path: Path) -> Chosen:
    """OR-Tools with its defaults, on all processors: a Boolean for each pair."""
    from ortools.sat.python import cp_model

    given, solver = model(path), cp_model.CpSolver()
    made = cp_model.CpModel()
    taken = [made.new_bool_var("") for _ in range(given.ends.shape[1])]
    sums = [cp_model.LinearExpr.sum([taken[k] for k in place.tolist()]) for place in given.places]
    for total, capacity in zip(sums, given.capacity.tolist(), strict=True):
        made.add(total <= capacity)
    for first, *others in given.wished["parties"]:
        for other in others:
            made.add(sums[first] == sums[other])
    for pair in given.pins():
        made.add(taken[pair] == 1)
    for pairs, low, high in given.quotas():
        made.add_linear_constraint(cp_model.LinearExpr.sum([taken[k] for k in pairs.tolist()]), low, high)
    made.maximize(cp_model.LinearExpr.weighted_sum(taken, given.weight.tolist()))
    status = solver.solve(made)
    assert status == cp_model.OPTIMAL, solver.status_name(status)
    return given.ends[:, [solver.boolean_value(one) for one in taken]]


def highs(path: Path) -> Chosen:
    """SciPy's HiGHS. Its default gap, a ten-thousandth, would end it as soon as the first level is right."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    given = model(path)
    rows, low, high = constraints(given)
    least = np.zeros(given.ends.shape[1])
    least[list(given.pins())] = 1
    done = milp(
        -given.weight.astype(np.float64),
        integrality=np.ones(len(least)),
        bounds=Bounds(least, 1),
        constraints=LinearConstraint(rows, low, high),
        options={"mip_rel_gap": 0},
    )
    assert done.status == 0, done.message
    return given.ends[:, done.x > 0.5]


def constraints(given: Model) -> tuple[Any, IntArray, IntArray]:
    """Capacities, parties and quotas as rows of a sparse matrix, with what each row's sum may be."""
    from scipy.sparse import csr_matrix, vstack

    count = given.ends.shape[1]
    first, second = given.ends[0], given.ends[1] + given.rows
    pair = np.arange(count)
    people = csr_matrix((np.ones(2 * count), (np.append(first, second), np.append(pair, pair))), (len(given.capacity), count))
    parties = [(one, other) for one, *others in given.wished["parties"] for other in others]
    quotas = list(given.quotas())
    rows = [people, *(people[one] - people[other] for one, other in parties)]
    rows += [csr_matrix((np.ones(len(k)), (np.zeros(len(k), dtype=np.int64), k)), (1, count)) for k, _, _ in quotas]
    zeros = np.zeros(len(parties), dtype=np.int64)
    low = np.concatenate((0 * given.capacity, zeros, [low for _, low, _ in quotas]))
    return vstack(rows, "csr"), low, np.concatenate((given.capacity, zeros, [high for _, _, high in quotas]))


PEERS: dict[str, Callable[[Path], Chosen]] = {"dense": dense, "sparse": sparse, "cp-sat": cp_sat, "highs": highs}

if __name__ == "__main__":
    np.save(sys.argv[3], PEERS[sys.argv[1]](Path(sys.argv[2])))
