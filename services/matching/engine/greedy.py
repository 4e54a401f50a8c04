"""A plan by plain greed: never the best, always at hand, so that a run out of time still has an answer."""

import numpy as np

from services.matching.engine.instance import IntArray
from services.matching.engine.program import Program, Row
from services.matching.engine.sides import BoolArray, FloatArray


class Plan:
    """Edges chosen so far, with what is left of everybody's capacity and of the quotas."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.chosen = np.zeros(len(program.instance.edges), dtype=np.bool_)
        self.rows_of: list[list[int]] = [[] for _ in self.chosen]
        self.left: list[int] = []
        for number, row in enumerate(row for row in program.rows if _is_upper(row)):
            self.left.append(row.high or 0)
            for edge in row.edges.tolist():
                self.rows_of[edge].append(number)

    def take(self, edge: int) -> bool:
        """Choose an edge if every upper limit allows it."""
        rows = self.rows_of[edge]
        if self.chosen[edge] or any(self.left[row] < 1 for row in rows):
            return False
        self.chosen[edge] = True
        for row in rows:
            self.left[row] -= 1
        return True

    def drop(self, edge: int) -> None:
        self.chosen[edge] = False
        for row in self.rows_of[edge]:
            self.left[row] += 1


def _is_upper(row: Row) -> bool:
    return row.high is not None and bool((row.factor == 1).all()) and row.low == 0


def plan(program: Program, worth: FloatArray) -> BoolArray:
    """Pins, then whole parties, then the rest, each by `worth` of the edges. It may break a quota's minimum or a
    pinned party: check it with `Program.holds`.
    """
    draft = Plan(program)
    for row in program.rows:
        if row.low == 1 and row.high == 1 and len(row.edges):
            draft.take(int(row.edges[0]))
    order = np.argsort(-worth, kind="stable")
    grouped = _place_parties(draft, order)
    for edge in order[~grouped[order]].tolist():
        draft.take(edge)
    return draft.chosen


def _place_parties(draft: Plan, order: IntArray) -> BoolArray:
    """Marks all edges of party members; places every party that fits as a whole."""
    instance = draft.program.instance
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    names = [person.id for person in instance.newcomers] + [person.id for person in instance.locals]
    numbers = {name: number for number, name in enumerate(names)}
    grouped = np.zeros(len(order), dtype=np.bool_)
    for party in instance.parties:
        own = [draft.program.rows[numbers[member]].edges for member in party]
        for edges in own:
            grouped[edges] = True
        _place(draft, [edges[np.argsort(rank[edges])] for edges in own])
    return grouped


def _place(draft: Plan, members: list[IntArray]) -> None:
    """All or none; members already placed by a pin stay as they are."""
    taken: list[int] = []
    for edges in members:
        if draft.chosen[edges].any():
            continue
        found = next((edge for edge in edges.tolist() if draft.take(edge)), None)
        if found is None:
            for edge in taken:
                draft.drop(edge)
            return
        taken.append(found)
