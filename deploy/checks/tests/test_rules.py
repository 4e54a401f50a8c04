"""Rules as they are, and faults planted into them and into the runbook."""

import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from deploy.checks.metrics import exported
from deploy.checks.rules import CONFIG, FOLDER, RULES, RUNBOOK, Known, faults, name_of, of_services, promtool, rules_of

Rules = list[dict[str, Any]]


@pytest.fixture(scope="module")
def known() -> Known:
    return of_services(exported())


def read() -> Rules:
    return [deepcopy(dict(rule)) for rule in rules_of(RULES)]


def rule(rules: Rules, name: str) -> dict[str, Any]:
    return next(one for one in rules if name_of(one) == name)


def annotations(rules: Rules, name: str) -> dict[str, str]:
    # Anchors are shared: a planted fault must stay where it was planted.
    rule(rules, name)["annotations"] = dict(rule(rules, name)["annotations"])
    found: dict[str, str] = rule(rules, name)["annotations"]
    return found


def test_nothing_is_wrong_with_them(known: Known) -> None:
    assert faults(list(read()), RUNBOOK.read_text(), known) == []
    assert promtool("check", "config", CONFIG) == ""


NEW = {"alert": "New", "expr": "up == 0", "labels": {"severity": "page", "audience": "operators"}}
SAID = {"summary": "It is.", "description": "It is so.", "runbook_url": "docs/runbook.md#new"}
PLANTED: list[tuple[Callable[[Rules], Any], str]] = [
    (
        lambda r: rule(r, "SolverFailed").update(expr="max(mybuddy_runs_faild) > 0"),
        "SolverFailed asks for mybuddy_runs_faild, which no service exports and no rule records.",
    ),
    (
        lambda r: rule(r, "SolverFailed").update(expr="max(mybuddy:runs:failed) > 0"),
        "SolverFailed asks for mybuddy:runs:failed, which no service exports and no rule records.",
    ),
    (
        lambda r: rule(r, "DeadLetters").update(expr="max by (service, topic, reason) (mybuddy_dead_letters_kept) > 0"),
        "DeadLetters asks mybuddy_dead_letters_kept for reason: it has no such label.",
    ),
    (
        lambda r: rule(r, "SolverFailed").update(expr='mybuddy_runs_failed{kind="again"} > 0'),
        "SolverFailed asks mybuddy_runs_failed for kind: it has no such label.",
    ),
    (
        lambda r: rule(r, "SignUpsFail").update(expr="method:mybuddy_signup_success:ratio5m{region='x'} < 1"),
        "SignUpsFail asks method:mybuddy_signup_success:ratio5m for region: it has no such label.",
    ),
    (lambda r: rule(r, "RobotsSeen").update(expr="sum(up"), "RobotsSeen cannot be asked"),
    (lambda r: rule(r, "RobotsSeen")["labels"].update(severity="urgent"), "RobotsSeen has the severity urgent: it is one of"),
    (lambda r: rule(r, "RobotsSeen")["labels"].pop("severity"), "RobotsSeen has the severity None: it is one of"),
    (
        lambda r: rule(r, "RobotsSeen")["labels"].update(audience="everybody"),
        "RobotsSeen has the audience everybody: it is one of office, operators.",
    ),
    (lambda r: rule(r, "RobotsSeen")["labels"].pop("audience"), "RobotsSeen has the audience None: it is one of"),
    (lambda r: annotations(r, "RobotsSeen").pop("description"), "RobotsSeen has no description."),
    (
        lambda r: annotations(r, "RobotsSeen").update(runbook_url="docs/runbook.md#robots"),
        "RobotsSeen leads to docs/runbook.md#robots instead of docs/runbook.md#robotsseen.",
    ),
    (
        lambda r: annotations(r, "RobotsSeen").update(summary="{{ $labels.severity }}"),
        "RobotsSeen speaks of $labels.severity, which its expression does not leave",
    ),
    (lambda r: r.append(NEW | {"annotations": SAID}), "docs/runbook.md has no section New."),
    (lambda r: r.remove(rule(r, "RobotsSeen")), "docs/runbook.md has the section RobotsSeen, and no alert is called so."),
    (lambda r: r.append({"record": "my_robots", "expr": "sum(up)"}), "my_robots is not named level:metric:operation."),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED, ids=[said for _, said in PLANTED])
def test_planted_faults_are_found(plant: Callable[[Rules], Any], said: str, known: Known) -> None:
    rules = read()
    plant(rules)
    (found,) = faults(list(rules), RUNBOOK.read_text(), known)
    assert said in found


def test_what_the_runbook_asks_must_exist_and_no_section_comes_twice(known: Known) -> None:
    runbook = RUNBOOK.read_text() + "\n## RobotsSeen\n\n```promql\nsum by (town) (mybuddy_robots_total)\n```\n"
    assert faults(list(read()), runbook, known) == [
        "docs/runbook.md asks mybuddy_robots_total for town: it has no such label.",
        "docs/runbook.md has the section RobotsSeen twice.",
    ]


def test_promtool_sees_a_threshold_that_moved(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    moved = RULES.read_text().replace("mybuddy_outbox_oldest_seconds) > 60", "mybuddy_outbox_oldest_seconds) > 600")
    assert moved != RULES.read_text()
    (tmp_path / "rules.yml").write_text(moved)
    shutil.copy(FOLDER / "tests/services_test.yml", tmp_path / "tests")
    said = promtool("test", "rules", tmp_path / "tests/services_test.yml")
    assert "OutboxNotDraining" in said
    assert "ServiceDown" not in said


def test_promtool_sees_a_configuration_whose_rules_are_not_there(tmp_path: Path) -> None:
    shutil.copy(CONFIG, tmp_path)
    assert "rules.yml" in promtool("check", "config", tmp_path / CONFIG.name)
