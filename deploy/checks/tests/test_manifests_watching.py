"""Faults planted into how Prometheus asks the services."""

from typing import Any

import pytest

from deploy.checks.manifests import watching
from deploy.checks.manifests.rendered import Manifests
from deploy.checks.tests.manifests import Plant, planted, spec


def end(manifests: Manifests) -> Any:
    return spec(manifests, "ServiceMonitor", "mybuddy")["endpoints"][0]


SERVICE, INSTALLATION = "its relabelings must make the label service", "its relabelings must make the label installation"
PLANTED: list[tuple[Plant, str]] = [
    (lambda m: end(m).update(path="/metric"), "ServiceMonitor mybuddy: it asks /metric: the services answer on /metrics"),
    (lambda m: end(m).update(interval="16s"), "its interval is 16s: it must be 15s at most"),
    (lambda m: end(m).update(interval="1m"), "its interval is 1m: it must be 15s at most"),
    (lambda m: end(m).update(interval="0s"), "its interval is 0s"),
    (lambda m: end(m).update(interval="15"), "15 is no duration like 15s"),
    (lambda m: end(m).pop("interval"), "nothing is no duration like 15s"),
    (lambda m: end(m).update(scrapeTimeout="15s"), "its scrapeTimeout is 15s: it must be less than the interval, 15s"),
    (lambda m: end(m)["relabelings"].pop(0), SERVICE),
    (lambda m: end(m)["relabelings"].pop(1), INSTALLATION),
    (lambda m: end(m)["relabelings"][0].update(action="drop"), f"{SERVICE} of sourceLabels"),
    (lambda m: end(m)["relabelings"][0].update(sourceLabels=["__meta_kubernetes_service_name"]), SERVICE),
    (lambda m: end(m)["relabelings"][1].update(replacement="hannover"), f"{INSTALLATION} of replacement ludwigsburg"),
    (
        lambda m: end(m)["relabelings"].append({"action": "labeldrop", "regex": "pod"}),
        "a relabeling makes no label: take it away",
    ),
    (
        lambda m: end(m)["relabelings"].append({"targetLabel": "job", "replacement": "x"}),
        "a relabeling makes the label job: take",
    ),
    (lambda m: end(m)["relabelings"].append({"targetLabel": "installation", "replacement": "x"}), INSTALLATION),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(watching.faults, plant)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    "plant",
    [
        lambda m: end(m).pop("path"),
        lambda m: end(m).update(interval="10s500ms"),
        lambda m: end(m)["relabelings"][0].update(action="replace", regex="(.*)"),
    ],
)
def test_the_same_in_other_words_is_no_fault(plant: Plant) -> None:
    assert planted(watching.faults, plant) == []
