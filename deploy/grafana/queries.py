"""Every query of the dashboards, as Prometheus can be asked it: with what Grafana fills in filled in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.grafana.files import Board, built

VARIABLE = re.compile(r"\$\{?(\w+)\}?")
FILLED_IN_BY_GRAFANA = {
    "__rate_interval": "1m",
    "__interval": "1m",
    "__range": "1h",
    "__range_s": "3600",
    "__interval_ms": "60000",
}
LABEL_VALUES = re.compile(r"label_values\((.+), *(\w+)\)")


@dataclass(frozen=True)
class Query:
    """One of a panel's queries."""

    dashboard: str
    panel: str
    expr: str

    @property
    def recorded(self) -> bool:
        """Asks for what a rule of deploy/prometheus/rules.yml records: without the rules there is none of it."""
        return ":" in self.expr


def queries() -> list[Query]:
    """Of all panels."""
    return [query for board in built().values() for query in of_panels(board)]


def of_panels(board: Board) -> Iterator[Query]:
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield Query(str(board["uid"]), str(panel.get("title", "")), filled_in(target["expr"], board))


def of_frame(board: Board) -> Iterator[tuple[str, str]]:
    """What its variables and marks ask for, by their names, not filled in."""
    for variable in board["templating"]["list"]:
        if found := LABEL_VALUES.fullmatch(variable["query"]["query"]):
            yield f"variable {variable['name']}", f"count by ({found[2]}) ({found[1]})"
    yield from ((f"mark {mark['name']}", mark["expr"]) for mark in board["annotations"]["list"])


def panels(board: Board) -> Iterator[dict[str, Any]]:
    """Without the rows."""
    yield from (panel for panel in board["panels"] if panel["type"] != "row")


def filled_in(expr: str, board: Board) -> str:
    """Raises ValueError for a variable that the dashboard does not have."""
    known = FILLED_IN_BY_GRAFANA | {variable["name"]: variable["allValue"] for variable in board["templating"]["list"]}
    return VARIABLE.sub(lambda found: _value(found[1], known), expr)


def _value(name: str, known: Mapping[str, str]) -> str:
    if name not in known:
        raise ValueError(f"${name} is no variable of this dashboard: define it there.")
    return known[name]
