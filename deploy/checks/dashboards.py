"""`python -m deploy.checks.dashboards`: are the dashboards what their builders give, and does each panel ask for what there is?

They are read, never shown: there need not be a Grafana.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.checks.compose import FILE, read
from deploy.checks.metrics import exported
from deploy.checks.promql import Labels, used
from deploy.grafana.files import FOLDER, Board, changed
from deploy.grafana.frame import MARK_EXTRAS
from deploy.grafana.queries import filled_in, of_frame, panels

RULES = FILE.parent / "deploy/prometheus/rules.yml"
DATASOURCES = FOLDER.parent / "provisioning/datasources/prometheus.yml"
SCRAPED = frozenset({"installation", "service", "instance", "job"})  # labels that Prometheus puts on everything
COLUMNS = 24
Known = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class World:
    """What dashboards may ask for: metrics with their labels, and datasources by uid."""

    metrics: Known
    datasources: frozenset[str]


def faults(boards: Mapping[str, Board], world: World) -> list[str]:
    """One sentence for each, by the boards' file names."""
    found = [f"{name}: {fault}" for name, board in boards.items() for fault in _of_board(board, world)]
    uids = Counter(board.get("uid") for board in boards.values())
    return found + [f"{number} dashboards have the uid {uid}." for uid, number in uids.items() if number > 1]


def _of_board(board: Board, world: World) -> Iterator[str]:
    if unknown := _not_of_the_models(board):
        yield unknown
        return
    yield from _identified(board)
    yield from _placed(board)
    for panel in panels(board):
        yield from (f"“{panel.get('title') or panel['id']}” {fault}" for fault in _of_panel(panel, board, world))
    for name, expr in of_frame(board):
        yield from (f"{name} {fault}" for fault in _of_expression(expr, board, world.metrics))


def _not_of_the_models(board: Board) -> str | None:
    """Read and written by the models of Grafana's own kit, it must stay what it is."""
    try:
        again = json.loads(JSONEncoder().encode(Dashboard.from_json(board)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"Grafana's models cannot read it: {error!r}."
    lost = sorted(_lost(_without_extras(board), again, ""))
    return f"Grafana's models do not know {', '.join(lost)}." if lost else None


def _without_extras(board: Board) -> Board:
    marks = [{key: value for key, value in mark.items() if key not in MARK_EXTRAS} for mark in board["annotations"]["list"]]
    return board | {"annotations": {"list": marks}}


def _lost(one: Any, other: Any, where: str) -> Iterator[str]:
    """Where `other` has not what `one` has."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key, value in one.items():
            yield from _lost(value, other.get(key), f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _lost(left, right, f"{where}[{place}]")
    elif one != other:
        yield where


def _identified(board: Board) -> Iterator[str]:
    yield from (f"the dashboard has no {what}." for what in ("uid", "title", "description") if not board.get(what))
    numbers = Counter(panel.get("id") for panel in board["panels"])
    yield from (f"{times} panels have the id {number}." for number, times in numbers.items() if times > 1)


def _placed(board: Board) -> Iterator[str]:
    placed = [(panel.get("title", ""), panel["gridPos"]) for panel in board["panels"]]
    for title, at in placed:
        if at["x"] + at["w"] > COLUMNS:
            yield f"“{title}” ends at column {at['x'] + at['w']} of {COLUMNS}."
    for (title, at), (other, there) in combinations(placed, 2):
        if _overlap(at, there):
            yield f"“{title}” lies on “{other}”."


def _overlap(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not (beside or below)


def _of_panel(panel: Mapping[str, Any], board: Board, world: World) -> Iterator[str]:
    yield from (f"has no {what}." for what in ("title", "description") if not panel.get(what))
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield "has no unit."
    asking = [panel, *panel.get("targets", [])]
    wrong = {(one.get("datasource") or {}).get("uid") for one in asking} - world.datasources
    yield from (f"asks the datasource {uid}, which is not provisioned." for uid in sorted(map(str, wrong)))
    if len(asking) == 1:
        yield "asks for nothing."
    for target in panel.get("targets", []):
        yield from _of_expression(target["expr"], board, world.metrics)


def _of_expression(expr: str, board: Board, known: Known) -> Iterator[str]:
    try:
        asked = used(filled_in(expr, board))
    except ValueError as error:
        yield f"cannot be asked: {error}"
        return
    yield from _unknown(asked, known)


def _unknown(asked: Iterable[tuple[str, Labels]], known: Known) -> Iterator[str]:
    for metric, labels in dict.fromkeys(asked):
        if metric not in known:
            yield f"asks for {metric}, which no service exports and no rule records."
        elif missing := sorted(labels - known[metric] - SCRAPED):
            yield f"asks {metric} for {', '.join(missing)}: it has no such label."


def world(exported: Mapping[str, Mapping[str, set[str]]], rules: Path = RULES) -> World:
    """`exported`: by service and sample, its labels."""
    metrics: dict[str, frozenset[str]] = {"up": frozenset()}
    for of_service in exported.values():
        for name, labels in of_service.items():
            metrics[name] = metrics.get(name, frozenset()) | labels
    uids = frozenset(str(one["uid"]) for one in read(DATASOURCES)["datasources"])
    return World(metrics | recorded(rules), uids)


def recorded(rules: Path) -> dict[str, frozenset[str]]:
    """By rules; what stands before the first colon of their names are the labels that are left."""
    groups = read(rules)["groups"] if rules.is_file() else []
    names = [rule["record"] for group in groups for rule in group["rules"] if "record" in rule]
    return {name: frozenset(name.partition(":")[0].split("_")) for name in names}


def committed(folder: Path = FOLDER) -> dict[str, Board]:
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}


def main() -> int:
    found = [f"{name} is not what deploy/grafana gives: run `python -m deploy.grafana`." for name in changed()]
    try:
        found += faults(committed(), world(exported()))
    except RuntimeError as error:
        found.append(str(error))
    sys.stderr.writelines(f"deploy/grafana/dashboards: {fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
