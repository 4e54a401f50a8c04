"""Alertmanager's configuration as it is, faults planted into it, and who really gets which mail."""

import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.checks.alerting import CONFIG, faults, judged, routes
from deploy.checks.compose import FILE, read
from deploy.checks.rules import FOLDER, RULES, rules_of
from deploy.local.mailbox.part import Mailbox, launch
from deploy.local.ports import free_port
from deploy.local.process import Process, Processes, Spec
from deploy.local.prometheus import tool
from deploy.local.tests.until import until

OFFICE, OPERATORS, PAGER = "office@example.org", "operators@example.org", "pager@example.org"
ALL = rules_of(RULES)
OVER = r"Over since \d{4}-\d\d-\d\d \d\d:\d\d UTC; it began \d{4}-\d\d-\d\d \d\d:\d\d UTC\."
SERVICES = ("registration", "geo", "matching", "notification")
PLANTED: list[tuple[str, str, str]] = [
    (
        "ServiceDown|DependencyAway",
        "ServiceGone|DependencyAway",
        "alertmanager.yml names the alert ServiceGone, which no rule makes.",
    ),
    (
        "alertname = SignUpsFail]",
        "alertname = SignUpsFailing]",
        "alertmanager.yml names the alert SignUpsFailing, which no rule makes.",
    ),
    ("OutboxNotDraining|Consumer", "OutboxFull|Consumer", "alertmanager.yml names the alert OutboxFull, which no rule makes."),
    ("audience = office]", "audience = offices]", "RoundNotPublished goes to operators instead of office."),
    ("severity = page]\n      receiver", "severity = pages]\n      receiver", "ServiceDown goes to operators instead of pager."),
    ("severity = info]", "severity = infos]", "RobotsSeen goes to operators instead of nobody."),
    ("receiver: nobody", "receiver: somebody", 'undefined receiver "somebody"'),
    ("group_wait: 6m", "group_waits: 6m", "field group_waits not found"),
]


def test_nothing_is_wrong_with_it() -> None:
    assert faults(read(CONFIG), ALL) + judged(CONFIG, ALL) == []


@pytest.mark.parametrize(("right", "wrong", "said"), PLANTED)
def test_planted_faults_are_found(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    config = tmp_path / CONFIG.name
    assert right in CONFIG.read_text()
    config.write_text(
        CONFIG.read_text().replace(right, wrong).replace("templates:", f"templates: [{CONFIG.parent}/templates/*.tmpl]\n#")
    )
    found = faults(read(config), ALL) + judged(config, ALL)
    assert any(said in fault for fault in found), found


def test_prometheus_tells_the_alertmanager_that_compose_runs() -> None:
    (told,) = read(FOLDER / "prometheus.yml")["alerting"]["alertmanagers"]
    services = read(FILE)["services"]
    host, port = told["static_configs"][0]["targets"][0].split(":")
    assert services[host]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert services[host]["profiles"] == services["prometheus"]["profiles"]
    assert read(CONFIG)["global"]["smtp_smarthost"].split(":")[0] in services


def test_what_follows_is_told_only_after_its_cause_can_have_fired() -> None:
    """Else both are told, first the one that explains nothing."""
    cause = next(rule for rule in ALL if rule.get("alert") == "DependencyAway")
    (waits,) = [
        route["group_wait"] for route in routes(read(CONFIG)["route"]) if "OutboxNotDraining" in str(route.get("matchers"))
    ]
    assert _minutes(waits) > _minutes(cause["for"])


def _minutes(time: str) -> int:
    assert time.endswith("m")
    return int(time[:-1])


@dataclass
class Alertmanager:
    process: Process
    url: str
    mailbox: Mailbox

    def post(self, *alerts: dict[str, str], ends: timedelta = timedelta(hours=1)) -> None:
        """As Prometheus does it: all that fires at once, with what the rules say of it."""
        now = datetime.now(UTC)
        told = [{**_alert(labels), "startsAt": now.isoformat(), "endsAt": (now + ends).isoformat()} for labels in alerts]
        self._call("alerts", json.dumps(told).encode())

    def suppressed(self) -> set[str]:
        return {one["labels"]["alertname"] for one in self.silenced()}

    def silenced(self) -> list[dict[str, Any]]:
        return [one for one in self._call("alerts") if one["status"]["inhibitedBy"]]

    def told(self) -> list[tuple[str, str]]:
        """Who was told what, in no order of time."""
        return sorted((mail["to"], mail["subject"]) for mail in self.mailbox.mails())

    def ready(self) -> bool:
        assert self.process.running, self.process.log_tail()
        try:
            self._call("status")
        except OSError:
            return False
        return True

    def _call(self, path: str, data: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self.url}/api/v2/{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")


def _alert(labels: dict[str, str]) -> dict[str, Any]:
    rule = next(rule for rule in ALL if rule.get("alert") == labels["alertname"])
    said = {"summary": f"{labels['alertname']} <{labels.get('service', '')}>", "description": "It is “so”.", "runbook_url": "x"}
    return {"labels": {"installation": "test", **rule["labels"], **labels}, "annotations": said}


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[Alertmanager]:
    """With the configuration as it is, but for the mail server and the times."""
    processes = Processes(tmp_path)
    mailbox, port, program = launch(processes, tmp_path / "mailbox"), free_port(), tool("alertmanager")
    (tmp_path / CONFIG.name).write_text(json.dumps(_at_once(mailbox.smtp_port)))  # JSON is YAML
    argv = [str(program), f"--config.file={tmp_path / CONFIG.name}", f"--storage.path={tmp_path / 'told'}"]
    argv += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    started = processes.start(Spec("alertmanager", argv, cwd=program.parent))
    made = Alertmanager(started, f"http://127.0.0.1:{port}", mailbox)
    mailbox.wait_ready()
    until(made.ready, "Alertmanager answers")
    yield made
    processes.close()


def _at_once(smtp_port: int) -> dict[str, Any]:
    """A second, not none: of alerts that come together the first would be told before the last is there."""
    config = read(CONFIG)
    config["global"]["smtp_smarthost"] = f"127.0.0.1:{smtp_port}"
    config["templates"] = [str(CONFIG.parent / pattern) for pattern in config["templates"]]
    for route in routes(config["route"]):
        route.update(group_wait="1s", group_interval="1s")
    return config


def test_a_cause_is_told_once_what_follows_from_it_is_not_and_the_office_hears_of_its_own(alertmanager: Alertmanager) -> None:
    away = [{"alertname": "DependencyAway", "service": service} for service in SERVICES]
    follows = [{"alertname": "OutboxNotDraining", "service": "registration"}, {"alertname": "BarrierShut", "region": "calw"}]
    questions, info = {"alertname": "PlaceQuestionsOpen", "region": "calw"}, {"alertname": "RobotsSeen", "region": "calw"}
    alertmanager.post(*away, *follows, questions, info)

    (told,) = alertmanager.mailbox.wait_for(PAGER)
    alertmanager.mailbox.wait_for(OFFICE)
    assert told["subject"] == "page: DependencyAway <geo> (4 in all)"
    assert told["problems"] == []
    assert alertmanager.suppressed() == {"OutboxNotDraining", "BarrierShut"}
    mail = alertmanager.mailbox.mail(told["index"])
    assert all(f"  service: {service}" in mail["text"] for service in SERVICES)
    assert mail["text"].count("It is “so”.") == len(SERVICES)
    assert "What to do: docs/runbook.md, section DependencyAway" in mail["text"]
    assert mail["html"] is None

    # What was only held back is told once the cause is over: so much later that all that was to come has come.
    alertmanager.post(*away, ends=timedelta(0))
    alertmanager.mailbox.wait_for(PAGER, count=3)
    alertmanager.mailbox.wait_for(OPERATORS)
    assert alertmanager.told() == [
        (OFFICE, "ticket: PlaceQuestionsOpen <>"),
        (OPERATORS, "ticket: BarrierShut <>"),
        (PAGER, "over: DependencyAway <geo> (4 in all)"),
        (PAGER, "page: DependencyAway <geo> (4 in all)"),
        (PAGER, "page: OutboxNotDraining <registration>"),
    ]


def test_who_was_woken_hears_when_it_is_over_and_nobody_else(alertmanager: Alertmanager) -> None:
    calw, celle = ({"alertname": "RoundNotOpened", "region": region} for region in ("calw", "celle"))
    tickets = {"alertname": "SolverFailed"}, {"alertname": "PlaceQuestionsOpen", "region": "calw"}
    alertmanager.post(calw, celle, *tickets)
    for address in (PAGER, OPERATORS, OFFICE):
        alertmanager.mailbox.wait_for(address)

    # Of two one is over, and after it the other: by then it would long have been told that the tickets are.
    alertmanager.post(celle, *tickets, ends=timedelta(0))
    _, some = alertmanager.mailbox.wait_for(PAGER, count=2)
    alertmanager.post(calw, ends=timedelta(0))
    *_, last = alertmanager.mailbox.wait_for(PAGER, count=3)
    assert alertmanager.told() == [
        (OFFICE, "ticket: PlaceQuestionsOpen <>"),
        (OPERATORS, "ticket: SolverFailed <>"),
        (PAGER, "over: RoundNotOpened <>"),
        (PAGER, "page: RoundNotOpened <>"),
        (PAGER, "page: RoundNotOpened <> (2 in all)"),
    ]
    fires, _, over = alertmanager.mailbox.mail(some["index"])["text"].partition("Over: RoundNotOpened <>")
    assert ("  region: calw" in fires, "  region: celle" in over) == (True, True)
    text = alertmanager.mailbox.mail(last["index"])["text"]
    assert re.search(OVER, text)
    assert "What to do" not in text


def test_the_worse_of_two_rules_silences_the_other_of_the_same_thing_only(alertmanager: Alertmanager) -> None:
    burns = [("POST", "fast"), ("POST", "slow"), ("GET", "slow")]
    fails = [{"alertname": "SignUpsFail", "method": method, "burn": burn} for method, burn in burns]
    bounces = [{"alertname": "MailsBouncing", "state": "bounced", "severity": severity} for severity in ("page", "ticket")]
    letters = [{"alertname": "DeadLetters", "topic": f"{one}s", "severity": one} for one in ("page", "ticket")]
    alertmanager.post(*fails, *bounces, *letters)

    alertmanager.mailbox.wait_for(PAGER, count=3)
    alertmanager.mailbox.wait_for(OPERATORS)
    assert alertmanager.told() == [
        (OPERATORS, "ticket: DeadLetters <>"),
        (PAGER, "page: DeadLetters <>"),
        (PAGER, "page: MailsBouncing <>"),
        (PAGER, "page: SignUpsFail <> (2 in all)"),
    ]
    silenced = [[one["labels"].get(name) for name in ("alertname", "method", "severity")] for one in alertmanager.silenced()]
    assert sorted(silenced, key=str) == [["MailsBouncing", None, "ticket"], ["SignUpsFail", "POST", "page"]]
