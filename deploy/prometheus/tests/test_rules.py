"""No rule is without a test of promtool's (`python -m deploy.checks.rules` runs them), and no alert without a section."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.checks.compose import read
from deploy.checks.rules import RULES, RUNBOOK, SECTION, SEVERITIES, promtool_tests, rules_of

ALERTS = [rule for rule in rules_of(RULES) if "alert" in rule]
RECORDED = [rule["record"] for rule in rules_of(RULES) if "record" in rule]
BARE = re.compile(r"<no value>|  |%!|\b(in|of|by) [.,:]")
"""What is left of a text where a value was missing."""


def cases(kind: str) -> Iterator[Any]:
    for file in promtool_tests():
        for test in read(file)["tests"]:
            yield from test.get(kind, [])


FIRING = [case for case in cases("alert_rule_test") if case["exp_alerts"]]
SILENT = {case["alertname"] for case in cases("alert_rule_test") if not case["exp_alerts"]}


@pytest.mark.parametrize("alert", ALERTS, ids=[f"{alert['alert']} {alert['labels']}" for alert in ALERTS])
def test_every_alert_is_seen_firing_and_not_firing(alert: dict[str, Any]) -> None:
    """With the labels of this very rule: two rules may make alerts of one name."""
    fired = [one["exp_labels"] for case in FIRING if case["alertname"] == alert["alert"] for one in case["exp_alerts"]]
    assert any(alert["labels"].items() <= labels.items() for labels in fired)
    assert alert["alert"] in SILENT


@pytest.mark.parametrize("alert", ALERTS, ids=[f"{alert['alert']} {alert['labels']}" for alert in ALERTS])
def test_every_alert_has_a_severity_and_a_section_of_the_runbook(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["alert"] in SECTION.findall(RUNBOOK.read_text())


@pytest.mark.parametrize("name", RECORDED)
def test_every_recording_rule_is_seen_with_a_value(name: str) -> None:
    asked = [case for case in cases("promql_expr_test") if re.search(rf"{re.escape(name)}(?!\w)", case["expr"])]
    assert any(case["exp_samples"] for case in asked)


def test_no_text_lacks_a_value() -> None:
    said = [text for case in FIRING for one in case["exp_alerts"] for text in one["exp_annotations"].values()]
    assert len(said) > 100
    assert [text for text in said if BARE.search(text)] == []
