"""`python -m deploy.checks.rules`: do Prometheus's rules hold, does promtool see each fire and not fire, do they ask for what
there is, and does the runbook say of each alert what to do?
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.checks.compose import FILE, read
from deploy.checks.promql import used
from deploy.local.errors import MissingPartError
from deploy.local.prometheus import Tool, tool

FOLDER = FILE.parent / "deploy/prometheus"
RULES, CONFIG, TESTS = FOLDER / "rules.yml", FOLDER / "prometheus.yml", FOLDER / "tests"
RUNBOOK = FILE.parent / "docs/runbook.md"
SECONDS = 300

Rule = Mapping[str, Any]
Known = Mapping[str, frozenset[str]]
"""Labels by the name of what can be asked for."""

OF_PROMETHEUS: Known = {"up": frozenset(), "ALERTS": frozenset({"alertname", "alertstate", "severity"})}
SCRAPED = frozenset({"installation", "service", "instance", "job"})  # put on everything
SEVERITIES = frozenset({"page", "ticket", "info"})
AUDIENCES = frozenset({"office", "operators"})
SAID = ("summary", "description", "runbook_url")
OWN_LABEL = re.compile(r"\$labels\.(\w+)")
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
QUERY = re.compile(r"^```promql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def faults(rules: list[Rule], runbook: str, known: Known) -> list[str]:
    """One sentence for each. `known`: what services export; what rules record comes to it."""
    all_known = {**OF_PROMETHEUS, **known, **recorded(rules)}
    found = [f"{name_of(rule)} {fault}" for rule in rules for fault in _of_rule(rule, all_known)]
    for query in QUERY.findall(runbook):
        found += [f"docs/runbook.md {fault}" for fault in _of_expression(query.strip(), all_known)]
    return found + list(_sections(rules, SECTION.findall(runbook)))


def name_of(rule: Rule) -> str:
    return str(rule.get("alert") or rule.get("record"))


def recorded(rules: list[Rule]) -> Known:
    """What stands before the first colon of a recording rule's name are the labels that are left."""
    names = [rule["record"] for rule in rules if "record" in rule]
    return {name: frozenset(name.partition(":")[0].split("_")) for name in names}


def _of_rule(rule: Rule, known: Known) -> Iterator[str]:
    yield from _of_expression(rule["expr"], known)
    if "alert" in rule:
        yield from _of_alert(rule, known)
    elif rule["record"].count(":") != 2:
        yield "is not named level:metric:operation."


def _of_expression(expr: str, known: Known) -> Iterator[str]:
    try:
        asked = used(expr)
    except ValueError as error:
        yield f"cannot be asked: {error}"
        return
    for metric, labels in dict.fromkeys(asked):
        if metric not in known:
            yield f"asks for {metric}, which no service exports and no rule records."
        elif missing := sorted(labels - known[metric] - SCRAPED):
            yield f"asks {metric} for {', '.join(missing)}: it has no such label."


def _of_alert(rule: Rule, known: Known) -> Iterator[str]:
    labels, said = rule.get("labels", {}), rule.get("annotations", {})
    for name, values in {"severity": SEVERITIES, "audience": AUDIENCES}.items():
        if labels.get(name) not in values:
            yield f"has the {name} {labels.get(name)}: it is one of {', '.join(sorted(values))}."
    yield from (f"has no {what}." for what in SAID if not said.get(what))
    here = f"docs/runbook.md#{rule['alert'].lower()}"
    if said.get("runbook_url", here) != here:
        yield f"leads to {said['runbook_url']} instead of {here}."
    yield from _spoken_of(rule, known)


def _spoken_of(rule: Rule, known: Known) -> Iterator[str]:
    """Labels in an alert's texts that will be empty."""
    try:
        asked = used(rule["expr"])
    except ValueError:
        return
    of_rules = (known.get(metric, frozenset()) for metric, _ in asked if ":" in metric)
    left = frozenset[str]().union(*(labels for _, labels in asked), *of_rules)
    for label in sorted(set(OWN_LABEL.findall(" ".join(rule.get("annotations", {}).values()))) - left):
        yield f"speaks of $labels.{label}, which its expression does not leave (labels of the rule itself are not in $labels)."


def _sections(rules: list[Rule], sections: list[str]) -> Iterator[str]:
    alerts = {rule["alert"] for rule in rules if "alert" in rule}
    yield from (f"docs/runbook.md has no section {name}." for name in sorted(alerts - set(sections)))
    yield from (f"docs/runbook.md has the section {name}, and no alert is called so." for name in sections if name not in alerts)
    yield from (
        f"docs/runbook.md has the section {name} twice." for name in sorted({s for s in sections if sections.count(s) > 1})
    )


def of_services(exported: Mapping[str, Mapping[str, set[str]]]) -> Known:
    """All that services export, whichever does."""
    names = {name for metrics in exported.values() for name in metrics}
    return {name: frozenset().union(*(metrics.get(name, set()) for metrics in exported.values())) for name in names}


def rules_of(file: Path) -> list[Rule]:
    return [rule for group in read(file)["groups"] for rule in group["rules"]]


def promtool_tests() -> list[Path]:
    return sorted(TESTS.glob("*_test.yml"))


def promtool(*arguments: str | Path) -> str:
    return said_by("promtool", *arguments)


def said_by(name: Tool, *arguments: str | Path) -> str:
    """What it says against them; nothing where it is content."""
    done = subprocess.run([tool(name), *arguments], capture_output=True, text=True, check=False, timeout=SECONDS)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return "" if done.returncode == 0 else "\n".join(lines) or f"{name} ended with {done.returncode} and said nothing."


def _judged() -> list[str]:
    """By promtool: the rules, the configuration that names them, and each file of tests."""
    asked = [("check", "rules", RULES), ("check", "config", CONFIG), *(("test", "rules", file) for file in promtool_tests())]
    with ThreadPoolExecutor(2) as at_once:
        return [said for said in at_once.map(lambda arguments: promtool(*arguments), asked) if said]


def main() -> int:
    from deploy.checks.metrics import exported

    try:
        found = faults(rules_of(RULES), RUNBOOK.read_text(encoding="utf-8"), of_services(exported())) + _judged()
    except (MissingPartError, RuntimeError) as error:
        found = [str(error)]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
