"""Each fault that a dashboard can have is named in one sentence."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.checks.dashboards import World, committed, faults, recorded, world
from deploy.grafana import files
from deploy.grafana.files import Board, built, changed, write
from deploy.grafana.queries import of_panels, queries

NAME = "services.json"
METRICS = {
    "up": frozenset[str](),
    "process_start_time_seconds": frozenset[str](),
    "mybuddy_round_phase_age_seconds": frozenset({"region", "phase"}),
    "mybuddy_rounds": frozenset({"region", "phase"}),
    "mybuddy_outbox_backlog_events": frozenset[str](),
    "mybuddy_loop_last_turn_timestamp_seconds": frozenset({"loop"}),
}
KNOWN = World(METRICS, frozenset({"prometheus"}))


def small() -> Board:
    """The dashboard of services with its first panels: a row, numbers and a curve."""
    board = copy.deepcopy(built()[NAME])
    return board | {"panels": board["panels"][:6]}


def found(board: Board, known: World = KNOWN) -> list[str]:
    return faults({NAME: board}, known)


def test_a_good_dashboard_has_no_fault() -> None:
    assert found(small()) == []


def no_title(board: Board) -> None:
    board["panels"][1]["title"] = ""


def no_description(board: Board) -> None:
    del board["panels"][1]["description"]


def no_unit(board: Board) -> None:
    board["panels"][1]["fieldConfig"]["defaults"]["unit"] = ""


def no_datasource(board: Board) -> None:
    del board["panels"][1]["datasource"]


def another_datasource(board: Board) -> None:
    board["panels"][1]["targets"][0]["datasource"]["uid"] = "elsewhere"


def no_query(board: Board) -> None:
    board["panels"][1]["targets"] = []


def same_id(board: Board) -> None:
    board["panels"][2]["id"] = board["panels"][1]["id"]


def overlap(board: Board) -> None:
    board["panels"][2]["gridPos"]["x"] -= 1


def too_wide(board: Board) -> None:
    board["panels"][4]["gridPos"]["w"] += 1


def no_uid(board: Board) -> None:
    board["uid"] = ""


def misspelt(board: Board) -> None:
    board["panels"][1]["tittle"] = "?"


def unreadable(board: Board) -> None:
    board["panels"][1]["gridPos"] = 7


def no_promql(board: Board) -> None:
    board["panels"][1]["targets"][0]["expr"] = "sum("


def no_such_metric(board: Board) -> None:
    board["panels"][1]["targets"][0]["expr"] = "sum(mybuddy_happiness)"


def no_such_label(board: Board) -> None:
    board["panels"][1]["targets"][0]["expr"] = "sum by (language) (mybuddy_rounds)"


def no_such_variable(board: Board) -> None:
    board["panels"][1]["targets"][0]["expr"] = 'up{service="$town"}'


def variable_gone(board: Board) -> None:
    board["templating"]["list"].pop()


def variable_of_nothing(board: Board) -> None:
    board["templating"]["list"][2]["query"]["query"] = "label_values(mybuddy_towns, region)"


def variable_without_label(board: Board) -> None:
    board["templating"]["list"][2]["query"]["query"] = "label_values(mybuddy_rounds, town)"


def mark_of_nothing(board: Board) -> None:
    board["annotations"]["list"][0]["expr"] = "mybuddy_phases == 1"


FAULTS: dict[Callable[[Board], None], str] = {
    no_title: "has no title.",
    no_description: "“Processes that answer” has no description.",
    no_unit: "“Processes that answer” has no unit.",
    no_datasource: "“Processes that answer” asks the datasource None, which is not provisioned.",
    another_datasource: "“Processes that answer” asks the datasource elsewhere, which is not provisioned.",
    no_query: "“Processes that answer” asks for nothing.",
    same_id: "2 panels have the id 2.",
    overlap: "“Processes that answer” lies on “Processes that do not”.",
    too_wide: "“Slowest loop's last turn” ends at column 25 of 24.",
    no_uid: "the dashboard has no uid.",
    misspelt: "Grafana's models do not know .panels[1].tittle.",
    unreadable: "Grafana's models cannot read it",
    no_promql: "“Processes that answer” cannot be asked: 'sum(' is no PromQL",
    no_such_metric: "asks for mybuddy_happiness, which no service exports and no rule records.",
    no_such_label: "asks mybuddy_rounds for language: it has no such label.",
    no_such_variable: "“Processes that answer” cannot be asked: $town is no variable of this dashboard",
    variable_gone: "mark A round's next phase cannot be asked: $region is no variable of this dashboard",
    variable_of_nothing: "variable region asks for mybuddy_towns, which no service exports",
    variable_without_label: "variable region asks mybuddy_rounds for town: it has no such label.",
    mark_of_nothing: "mark A round's next phase asks for mybuddy_phases, which no service exports",
}


@pytest.mark.parametrize(("spoil", "expected"), FAULTS.items(), ids=[spoil.__name__ for spoil in FAULTS])
def test_a_fault_is_named(spoil: Callable[[Board], None], expected: str) -> None:
    board = small()
    spoil(board)
    said = found(board)
    assert len(said) == 1
    assert said[0].startswith(f"{NAME}: ")
    assert expected in said[0]


def test_two_dashboards_with_one_uid_are_named() -> None:
    assert faults({"one.json": small(), "two.json": small()}, KNOWN) == ["2 dashboards have the uid services."]


def test_a_file_that_the_builders_do_not_give_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    assert changed(tmp_path) == []
    (tmp_path / NAME).write_text(files.text(small()))
    (tmp_path / "by-hand.json").write_text("{}")
    (tmp_path / "round-cockpit.json").unlink()
    assert changed(tmp_path) == ["by-hand.json", "round-cockpit.json", NAME]
    write(tmp_path)
    assert changed(tmp_path) == []


def test_the_committed_files_are_what_the_builders_give() -> None:
    assert changed() == []
    assert committed() == built()


def test_metrics_of_all_services_are_known_and_what_rules_record(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(
        json.dumps({"groups": [{"rules": [{"record": "region_step:x:sum", "expr": "x"}, {"alert": "A", "expr": "x"}]}]})
    )
    known = world({"geo": {"seen_total": {"route"}}, "matching": {"seen_total": {"kind"}}}, rules)
    assert known.datasources == {"prometheus"}
    assert known.metrics == {"up": set(), "seen_total": {"route", "kind"}, "region_step:x:sum": {"region", "step"}}
    assert recorded(rules) == {"region_step:x:sum": {"region", "step"}}


def test_every_query_can_be_asked_as_it_is() -> None:
    asked = queries()
    assert {query.dashboard for query in asked} == {"round-cockpit", "services", "kafka-and-outbox"}
    assert len(asked) > 90
    assert not [query for query in asked if "$" in query.expr]
    assert any(query.recorded for query in asked)


def test_variables_stand_for_all_that_they_can_be() -> None:
    board = small()
    board["panels"][1]["targets"][0]["expr"] = (
        'rate(x{service=~"$service",region=~"${region}"}[$__rate_interval]) + x offset $__range'
    )
    assert next(query.expr for query in of_panels(board)) == (
        'rate(x{service=~"registration|geo|matching|notification",region=~".*"}[1m]) + x offset 1h'
    )
