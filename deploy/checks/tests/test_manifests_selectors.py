"""Faults planted into what chooses others by label or name."""

from typing import Any

import pytest

from deploy.checks.manifests import selectors
from deploy.checks.manifests.rendered import Manifests, matches
from deploy.checks.tests.manifests import Plant, one, planted, pod, spec

GONE = {"app.kubernetes.io/name": "gone"}


def without(manifests: Manifests, kind: str, name: str) -> None:
    manifests.objects.remove(one(manifests, kind, name))


PLANTED: list[tuple[Plant, str]] = [
    (lambda m: spec(m, "Service", "geo").update(selector=GONE), "Service geo: its selector matches no pod"),
    (lambda m: spec(m, "Service", "geo").pop("selector"), "Service geo: it has no selector"),
    (lambda m: spec(m, "Service", "geo")["ports"][0].update(targetPort="web"), "Service geo: its port leads to web"),
    (lambda m: without(m, "Service", "geo"), "Deployment geo: there is no Service of that name"),
    (
        lambda m: spec(m, "PodDisruptionBudget", "geo")["selector"].update(matchLabels=GONE),
        "PodDisruptionBudget geo: its selector matches no pod",
    ),
    (lambda m: without(m, "PodDisruptionBudget", "geo"), "Deployment geo: it needs one PodDisruptionBudget"),
    (
        lambda m: spec(m, "NetworkPolicy", "mail")["podSelector"].update(matchLabels=GONE),
        "NetworkPolicy mail: its podSelector matches no pod",
    ),
    (
        lambda m: spec(m, "NetworkPolicy", "kafka")["podSelector"]["matchExpressions"][0]["values"].append("gone"),
        "NetworkPolicy kafka: its podSelector names gone, which no pod has",
    ),
    (
        lambda m: spec(m, "Deployment", "geo")["selector"].update(matchLabels=GONE),
        "Deployment geo: its selector does not match its own pods",
    ),
    (
        lambda m: pod(m, "geo")["topologySpreadConstraints"][0]["labelSelector"].update(matchLabels=GONE),
        "Deployment geo: its topologySpreadConstraints do not match its own pods",
    ),
    (lambda m: without(m, "ServiceAccount", "geo"), "Deployment geo: there is no ServiceAccount geo"),
    (
        lambda m: pod(m, "registration")["volumes"][-1]["configMap"].update(name="gone"),
        "Deployment registration: there is no ConfigMap gone",
    ),
    (
        lambda m: spec(m, "HorizontalPodAutoscaler", "registration")["scaleTargetRef"].update(name="gone"),
        "HorizontalPodAutoscaler registration: there is no Deployment gone",
    ),
    (
        lambda m: spec(m, "ScaledObject", "matching")["scaleTargetRef"].update(name="gone"),
        "ScaledObject matching: there is no Deployment gone",
    ),
    (
        lambda m: spec(m, "Deployment", "geo").update(replicas=2),
        "ScaledObject geo: geo says a number of replicas, which a release would put back",
    ),
    (
        lambda m: spec(m, "ScaledObject", "geo")["scaleTargetRef"].update(name="notification"),
        "Deployment notification: it has two scalers",
    ),
    (
        lambda m: one(m, "Service", "geo")["metadata"].update(labels={}),
        "ServiceMonitor mybuddy: it does not find geo",
    ),
    (
        lambda m: spec(m, "ServiceMonitor", "mybuddy")["endpoints"][0].update(port="metrics"),
        "ServiceMonitor mybuddy: no Service names the port metrics",
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(selectors.faults, plant)
    assert len(found) <= 2  # what lacks a Service is not watched either
    assert said in "".join(found)


@pytest.mark.parametrize(
    ("selector", "matched"),
    [
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "1", "b": "1"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, True),
    ],
)
def test_selectors_are_read_as_kubernetes_does(selector: dict[str, Any], matched: bool) -> None:
    assert matches(selector, {"a": "1"}) is matched
