"""Faults planted into how services grow and what their scalers look at."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.checks import promql
from deploy.checks.manifests import connections, scaling
from deploy.checks.manifests.rendered import Manifests
from deploy.checks.tests.manifests import Plant, fresh, one, planted, spec, trigger, variable

OLDEST, WAITING = "mybuddy_messages_oldest_unsent_seconds", "mybuddy_runs_waiting"


def exported(manifests: Manifests) -> dict[str, dict[str, set[str]]]:
    """As if the services exported what is asked for and no more; what they really export, the whole check asks them."""
    rules = [rule for group in spec(manifests, "PrometheusRule", "mybuddy")["groups"] for rule in group["rules"]]
    asked: dict[str, set[str]] = {name: set() for rule in rules for name, _ in promql.used(rule["expr"])}
    return {"registration": asked, "geo": {}, "matching": {WAITING: set()}, "notification": {OLDEST: set()}}


def faults(manifests: Manifests) -> Iterator[str]:
    return scaling.faults(manifests, exported(fresh()))


def query(name: str, text: str) -> Plant:
    return lambda m: trigger(m, name).update(query=text)


def size(kind: str, name: str, **sizes: int) -> Plant:
    return lambda m: spec(m, kind, name).update(sizes)


def busy(**target: int | None) -> Plant:
    return lambda m: spec(m, "HorizontalPodAutoscaler", "registration")["metrics"][0]["resource"]["target"].update(target)


def rules(manifests: Manifests) -> Any:
    return spec(manifests, "PrometheusRule", "mybuddy")["groups"][0]["rules"]


def fixed(manifests: Manifests) -> None:
    manifests.objects.remove(one(manifests, "ScaledObject", "notification"))
    spec(manifests, "Deployment", "notification")["replicas"] = 13


PLANTED: list[tuple[Plant, str]] = [
    (size("ScaledObject", "geo", maxReplicaCount=12), "Deployment geo: 13 pods at most, and 12 partitions to read from"),
    (size("ScaledObject", "matching", maxReplicaCount=13), "Deployment matching: 13 pods at most, and 12 partitions"),
    (size("HorizontalPodAutoscaler", "registration", maxReplicas=13), "Deployment registration: 13 pods at most"),
    (fixed, "Deployment notification: 13 pods at most"),
    (size("HorizontalPodAutoscaler", "registration", minReplicas=5), "Deployment registration: from 5 to 4 pods is no range"),
    (
        lambda m: spec(m, "Deployment", "geo")["strategy"]["rollingUpdate"].update(maxUnavailable=1),
        "Deployment geo: a release must take no pod away before another is ready",
    ),
    (lambda m: spec(m, "ScaledObject", "geo").pop("fallback"), "ScaledObject geo: it needs a fallback from 2 to 4"),
    (lambda m: spec(m, "ScaledObject", "geo")["fallback"].update(replicas=5), "ScaledObject geo: it needs a fallback"),
    (lambda m: spec(m, "ScaledObject", "geo").pop("advanced"), "ScaledObject geo: it must not shrink within five minutes"),
    (lambda m: spec(m, "ScaledObject", "geo")["triggers"][0].update(type="cron"), "nobody knows the trigger cron here"),
    (lambda m: trigger(m, "geo").update(consumerGroup="geo"), "the consumer group is ludwigsburg.geo, not geo"),
    (lambda m: trigger(m, "geo").update(topic="ludwigsburg.rounds"), "geo does not read the topic ludwigsburg.rounds"),
    (lambda m: trigger(m, "geo").update(bootstrapServers="k:9092"), "geo has another Kafka than k:9092"),
    (lambda m: trigger(m, "geo").pop("version"), "Kafka 4 does not understand what KEDA speaks without a version"),
    (
        lambda m: one(m, "ScaledObject", "geo")["metadata"].update(annotations={"autoscaling.keda.sh/paused-replicas": "1"}),
        "ScaledObject geo: the annotation autoscaling.keda.sh/paused-replicas keeps it from scaling",
    ),
    (
        lambda m: trigger(m, "geo").update(lagThreshold="0"),
        "ScaledObject geo: lagThreshold is 0: it must be a whole number above 0",
    ),
    (lambda m: trigger(m, "geo").update(lagThreshold="1.5"), "lagThreshold is 1.5: it must be a whole number above 0"),
    (lambda m: trigger(m, "geo").pop("lagThreshold"), "lagThreshold is missing"),
    (
        lambda m: trigger(m, "geo").update(lagThreshold="100001"),
        "ScaledObject geo: lagThreshold is 100001: it must be 100000 or less",
    ),
    (
        lambda m: trigger(m, "matching").update(threshold="10.5"),
        "ScaledObject matching: threshold is 10.5: it must be 10 or less",
    ),
    (lambda m: trigger(m, "notification").update(threshold="601"), "threshold is 601: it must be 600 or less"),
    (
        lambda m: trigger(m, "matching").update(serverAddress="http://other:9090"),
        "the ScaledObjects ask more than one Prometheus: name the same serverAddress in all, http://other:9090 or http://",
    ),
    (busy(averageUtilization=19), "HorizontalPodAutoscaler registration: averageUtilization is 19: it must be from 20 to 90"),
    (busy(averageUtilization=91), "averageUtilization is 91"),
    (busy(averageUtilization=0), "averageUtilization is 0"),
    (busy(averageUtilization=None), "averageUtilization is missing"),
    (lambda m: trigger(m, "matching").update(threshold="-1"), "threshold is -1: it must be a number above 0"),
    (lambda m: trigger(m, "matching").update(threshold="one"), "threshold is one: it must be a number above 0"),
    (lambda m: trigger(m, "matching").pop("threshold"), "threshold is missing"),
    (lambda m: trigger(m, "matching").update(serverAddress="prometheus:9090"), "serverAddress is prometheus:9090: it must be"),
    (lambda m: trigger(m, "matching").update(serverAddress="http://:9090"), "serverAddress is http://:9090"),
    (lambda m: trigger(m, "matching").update(serverAddress="http://a:b"), "serverAddress is http://a:b"),
    (lambda m: trigger(m, "matching").pop("serverAddress"), "serverAddress is missing"),
    (query("matching", 'max(mybuddy_runs_waitng{installation="ludwigsburg"})'), "nobody exports mybuddy_runs_waitng"),
    (query("matching", f'max({OLDEST}{{installation="ludwigsburg"}})'), f"nobody exports {OLDEST}"),
    (query("matching", f'max({WAITING}{{installation="ludwigsburg",kind="a"}})'), f"{WAITING} has no label kind"),
    (query("matching", 'max(up{installation="ludwigsburg"}'), "is no PromQL"),
    (query("matching", f"max({WAITING})"), "its query must name this installation"),
    (query("matching", f'sum({WAITING}{{installation="ludwigsburg"}})'), "its query must be a max"),
    (lambda m: trigger(m, "matching").pop("ignoreNullValues"), 'ignoreNullValues must be "false"'),
    (
        lambda m: spec(m, "ScaledObject", "matching")["triggers"][0].update(metricType="Value"),
        "a fallback needs metricType AverageValue",
    ),
    (lambda m: rules(m).append({"alert": "Gone", "expr": "mybuddy_gone > 1"}), "Gone: nobody exports mybuddy_gone"),
    (lambda m: rules(m).append({"alert": "Bad", "expr": "1 >"}), "is no PromQL"),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(faults, plant)
    assert len(found) == 1
    assert said in found[0]


def test_the_databases_take_all_connections_that_pods_may_open() -> None:
    def grown(manifests: Manifests) -> None:
        spec(manifests, "HorizontalPodAutoscaler", "registration")["maxReplicas"] = 12

    def more_senders(manifests: Manifests) -> None:
        variable(manifests, "notification", "MYBUDDY_SENDERS")["value"] = "40"

    before = connections.total(fresh())
    # registration 4, geo 4, matching 2, notification 4, and one more of each.
    assert before == 5 * 13 + 5 * 9 + 3 * 9 + 5 * 14
    said = "the databases take 300 connections, and the pods may open {}: leave 10 free beside them"
    assert planted(connections.faults, grown) == [said.format(before + 8 * 13)]
    assert planted(connections.faults, more_senders) == [said.format(before + 5 * 32)]


def test_a_trigger_without_anybody_who_asks_the_services_is_found() -> None:
    found = planted(faults, lambda m: m.objects.remove(one(m, "ServiceMonitor", "mybuddy")))
    said = "nobody asks the services for what it looks at: take the component watched too"
    assert found == [f"ScaledObject matching: {said}", f"ScaledObject notification: {said}"]
