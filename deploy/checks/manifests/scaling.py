"""Can every service grow as far as its scaler lets it, and does each scaler look at something that exists?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from deploy.checks import promql
from deploy.checks.__main__ import ROOT
from deploy.checks.manifests.rendered import Manifests, Object, Pod
from shared.schemas.topics import TOPICS

GROUP = re.compile(r'Subscription\(\s*"([\w-]+)"')
# Labels that the scrape adds to every metric, and metrics that are Prometheus's own.
BY_SCRAPE = frozenset({"service", "installation", "namespace", "job", "instance", "pod", "container", "endpoint"})
OF_PROMETHEUS = frozenset({"up", "ALERTS"})
OLDEST_KAFKA = (2, 1)  # what a client must speak at least since Kafka 4
MOST = {"geo": 100_000, "matching": 10, "notification": 600}  # messages, runs, seconds that one pod is let have
BUSY = range(20, 91)
PAUSED = "autoscaling.keda.sh/paused"
Exported = Mapping[str, Mapping[str, set[str]]]


def exported() -> Exported:
    """Of each service, its metrics with their labels."""
    from deploy.checks import metrics  # every service is loaded for it

    return metrics.exported()


def faults(manifests: Manifests, metrics: Exported) -> Iterator[str]:
    for pod in manifests.services:
        yield from (f"Deployment {pod.name}: {fault}" for fault in _grows(pod, manifests))
    for one in manifests.of("ScaledObject"):
        yield from (f"ScaledObject {one['metadata']['name']}: {fault}" for fault in _scaler(one, manifests, metrics))
    yield from _one_prometheus(manifests)
    for one in manifests.of("HorizontalPodAutoscaler"):
        yield from (f"HorizontalPodAutoscaler {one['metadata']['name']}: {fault}" for fault in _busy(one))
    for one in manifests.of("PrometheusRule"):
        yield from (f"PrometheusRule {one['metadata']['name']}: {fault}" for fault in _rules(one, metrics))


def _grows(pod: Pod, manifests: Manifests) -> Iterator[str]:
    deployment, least, most = _sizes(pod, manifests)
    if not 1 <= least <= most:
        yield f"from {least} to {most} pods is no range"
    strategy = deployment["spec"].get("strategy", {}).get("rollingUpdate", {})
    if strategy.get("maxUnavailable") != 0 or strategy.get("maxSurge") != 1:
        yield "a release must take no pod away before another is ready: maxUnavailable 0, maxSurge 1"
    partitions = max(topic.partitions for topic in TOPICS if pod.name in topic.consumers)
    # Geo is ready with a partition of its own only, and during a release there is one more.
    needed = most + 1 if pod.name == "geo" else most
    if needed > partitions:
        yield f"{needed} pods at most, and {partitions} partitions to read from: some would have nothing to do"


def most_pods(pod: Pod, manifests: Manifests) -> int:
    """How far its scaler lets it grow."""
    return _sizes(pod, manifests)[2]


def _sizes(pod: Pod, manifests: Manifests) -> tuple[Object, int, int]:
    deployment = manifests.named("Deployment", pod.name)
    assert deployment is not None
    for kind, least, most in (("HorizontalPodAutoscaler", "minReplicas", "maxReplicas"), ("ScaledObject", *OF_KEDA)):
        for one in manifests.of(kind):
            if one["spec"]["scaleTargetRef"]["name"] == pod.name:
                return deployment, one["spec"].get(least, 0), one["spec"].get(most, 100)
    fixed = deployment["spec"].get("replicas", 1)
    return deployment, fixed, fixed


OF_KEDA = ("minReplicaCount", "maxReplicaCount")


def _scaler(one: Object, manifests: Manifests, metrics: Exported) -> Iterator[str]:
    spec = one["spec"]
    for name in one["metadata"].get("annotations", {}):
        if name.startswith(PAUSED):
            yield f"the annotation {name} keeps it from scaling: take it away"
    pod = next((pod for pod in manifests.services if pod.name == spec["scaleTargetRef"]["name"]), None)
    if pod is None:
        return
    least, most = (spec.get(name, 0) for name in OF_KEDA)
    if not least <= spec.get("fallback", {}).get("replicas", 0) <= most:
        yield f"it needs a fallback from {least} to {most}, for when nobody answers"
    behaviour = spec.get("advanced", {}).get("horizontalPodAutoscalerConfig", {}).get("behavior", {})
    if behaviour.get("scaleDown", {}).get("stabilizationWindowSeconds", 0) < 300:
        yield "it must not shrink within five minutes: scaleDown.stabilizationWindowSeconds"
    for trigger in spec["triggers"]:
        look = {"kafka": _kafka, "prometheus": _prometheus}.get(trigger["type"])
        if look is None:
            yield f"nobody knows the trigger {trigger['type']} here"
        else:
            yield from look(trigger, pod, manifests, metrics)


def _kafka(trigger: Object, pod: Pod, manifests: Manifests, _: Exported) -> Iterator[str]:
    told, asked = pod.environment(pod.container), trigger["metadata"]
    prefix = told["MYBUDDY_TOPIC_PREFIX"]
    group = GROUP.search((ROOT / f"services/{pod.name}/consumer.py").read_text(encoding="utf-8"))
    assert group is not None
    read = {f"{prefix}{topic.name}" for topic in TOPICS if pod.name in topic.consumers}
    if asked.get("consumerGroup") != f"{prefix}{group[1]}":
        yield f"the consumer group is {prefix}{group[1]}, not {asked.get('consumerGroup')}"
    if asked.get("topic") not in read:
        yield f"{pod.name} does not read the topic {asked.get('topic')}"
    if asked.get("bootstrapServers") != told["MYBUDDY_KAFKA_BOOTSTRAP"]:
        yield f"{pod.name} has another Kafka than {asked.get('bootstrapServers')}"
    if tuple(int(part) for part in asked.get("version", "1.0.0").split(".")[:2]) < OLDEST_KAFKA:
        yield "Kafka 4 does not understand what KEDA speaks without a version of 2.1 or newer"
    if not _above_0(lag := asked.get("lagThreshold", "missing")) or "." in lag:
        yield f"lagThreshold is {lag}: it must be a whole number above 0"
    else:
        yield from _much("lagThreshold", lag, pod)


def _prometheus(trigger: Object, pod: Pod, manifests: Manifests, metrics: Exported) -> Iterator[str]:
    asked = trigger["metadata"]
    yield from _read(asked["query"], metrics[pod.name])
    if f'installation="{manifests.overlay}"' not in asked["query"]:
        yield "its query must name this installation: others have the same metric"
    if not asked["query"].startswith("max("):
        yield "its query must be a max: every pod shows the same number"
    if asked.get("ignoreNullValues") != "false":
        yield 'ignoreNullValues must be "false": nobody knows is not nothing to do'
    if trigger.get("metricType", "AverageValue") != "AverageValue":
        yield "a fallback needs metricType AverageValue"
    yield from _asks(asked, pod, manifests)


def _asks(asked: Object, pod: Pod, manifests: Manifests) -> Iterator[str]:
    if not _is_address(asked.get("serverAddress", "")):
        yield f"serverAddress is {asked.get('serverAddress', 'missing')}: it must be an address like http://prometheus:9090"
    if not _above_0(threshold := asked.get("threshold", "missing")):
        yield f"threshold is {threshold}: it must be a number above 0"
    else:
        yield from _much("threshold", threshold, pod)
    if not manifests.of("ServiceMonitor"):
        yield "nobody asks the services for what it looks at: take the component watched too"


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in {"http", "https"} and bool(address.hostname) and address.port != 0
    except ValueError:
        return False


def _much(what: str, number: str, pod: Pod) -> Iterator[str]:
    most = MOST.get(pod.name)
    if most is not None and float(number) > most:
        yield f"{what} is {number}: it must be {most} or less, or there will never be a second pod"


def _one_prometheus(manifests: Manifests) -> Iterator[str]:
    """Where each of them asks; what is no address is said with its scaler."""
    asked = (trigger["metadata"] for one in manifests.of("ScaledObject") for trigger in one["spec"]["triggers"])
    places = sorted({place for one in asked if _is_address(place := one.get("serverAddress", ""))})
    if len(places) > 1:
        yield f"the ScaledObjects ask more than one Prometheus: name the same serverAddress in all, {' or '.join(places)}"


def _busy(one: Object) -> Iterator[str]:
    for metric in one["spec"].get("metrics", []):
        percent = metric.get("resource", {}).get("target", {}).get("averageUtilization")
        if percent not in BUSY:
            yield f"averageUtilization is {'missing' if percent is None else percent}: it must be from {BUSY[0]} to {BUSY[-1]}"


def _above_0(number: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", number)) and float(number) > 0


def _read(query: str, metrics: Mapping[str, set[str]]) -> Iterator[str]:
    try:
        used = promql.used(query)
    except ValueError as error:
        yield str(error)
        return
    for name, labels in used:
        if name not in metrics:
            yield f"nobody exports {name}"
        else:
            yield from (f"{name} has no label {label}" for label in sorted(labels - metrics[name] - BY_SCRAPE))


def _rules(one: Object, metrics: Exported) -> Iterator[str]:
    rules: list[dict[str, Any]] = [rule for group in one["spec"]["groups"] for rule in group["rules"]]
    known = {name for of_service in metrics.values() for name in of_service} | OF_PROMETHEUS
    known |= {rule["record"] for rule in rules if "record" in rule}
    for rule in rules:
        try:
            names = {name for name, _ in promql.used(rule["expr"])}
        except ValueError as error:
            yield str(error)
        else:
            yield from (f"{rule.get('alert', rule.get('record'))}: nobody exports {name}" for name in sorted(names - known))
