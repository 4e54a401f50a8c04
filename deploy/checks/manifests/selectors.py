"""Does everything that chooses by label or name find what it is meant for?"""

from collections.abc import Iterator
from typing import Any

from deploy.checks.manifests.rendered import Manifests, Object, Pod, matches

NOWHERE = "nowhere"
SOLVER = "acme.cert-manager.io/http01-solver"  # cert-manager's own pod, here for a minute when a certificate is renewed


def faults(manifests: Manifests) -> Iterator[str]:
    for one in manifests.objects:
        name = f"{one['kind']} {one['metadata']['name']}"
        find = FINDERS.get(one["kind"])
        yield from (f"{name}: {fault}" for fault in (find(one, manifests) if find else ()))
    yield from _complete(manifests)


def _service(one: Object, manifests: Manifests) -> Iterator[str]:
    selector = one["spec"].get("selector")
    if selector is None:
        if one["metadata"]["name"] != NOWHERE:
            yield "it has no selector, so there is nobody behind it"
        return
    found = _pods({"matchLabels": selector}, manifests)
    if not found:
        yield "its selector matches no pod"
    for port in one["spec"]["ports"]:
        for pod in found:
            if port.get("targetPort", port["port"]) not in _ports(pod):
                yield f"its port leads to {port.get('targetPort', port['port'])}, which {pod.name} does not name"


def _of_pods(one: Object, manifests: Manifests) -> Iterator[str]:
    if not _pods(one["spec"]["selector"], manifests):
        yield "its selector matches no pod"


def _policy(one: Object, manifests: Manifests) -> Iterator[str]:
    if not _pods(one["spec"]["podSelector"], manifests) and SOLVER not in one["spec"]["podSelector"].get("matchLabels", {}):
        yield "its podSelector matches no pod"
    for expression in one["spec"]["podSelector"].get("matchExpressions", []):
        known = {pod.labels.get(expression["key"]) for pod in manifests.pods}
        yield from (f"its podSelector names {value}, which no pod has" for value in expression["values"] if value not in known)


def _deployment(one: Object, manifests: Manifests) -> Iterator[str]:
    template = one["spec"]["template"]
    if not matches(one["spec"]["selector"], template["metadata"]["labels"]):
        yield "its selector does not match its own pods"
    for spread in template["spec"].get("topologySpreadConstraints", []):
        if not matches(spread["labelSelector"], template["metadata"]["labels"]):
            yield "its topologySpreadConstraints do not match its own pods"
    account = template["spec"].get("serviceAccountName", "default")
    if manifests.named("ServiceAccount", account) is None:
        yield f"there is no ServiceAccount {account}"
    for volume in template["spec"].get("volumes", []):
        wanted = volume.get("configMap", {}).get("name")
        if wanted and manifests.named("ConfigMap", wanted) is None:
            yield f"there is no ConfigMap {wanted}"


def _scaled(one: Object, manifests: Manifests) -> Iterator[str]:
    wanted = one["spec"]["scaleTargetRef"]
    target = manifests.named(wanted.get("kind", "Deployment"), wanted["name"])
    if target is None:
        yield f"there is no {wanted.get('kind', 'Deployment')} {wanted['name']}"
    elif "replicas" in target["spec"]:
        yield f"{wanted['name']} says a number of replicas, which a release would put back"


def _monitor(one: Object, manifests: Manifests) -> Iterator[str]:
    found = [service for service in manifests.of("Service") if matches(one["spec"]["selector"], service["metadata"]["labels"])]
    watched = {service["metadata"]["name"] for service in found}
    yield from (f"it does not find {pod.name}" for pod in manifests.services if pod.name not in watched)
    ports = {port["name"] for service in found for port in service["spec"]["ports"]}
    yield from (
        f"no Service names the port {end.get('port')}" for end in one["spec"]["endpoints"] if end.get("port") not in ports
    )


def _complete(manifests: Manifests) -> Iterator[str]:
    """Each service can be reached, may be moved from a node, and has a scaler at most."""
    for pod in manifests.services:
        if manifests.named("Service", pod.name) is None:
            yield f"Deployment {pod.name}: there is no Service of that name"
        budgets = [one for one in manifests.of("PodDisruptionBudget") if matches(one["spec"]["selector"], pod.labels)]
        if len(budgets) != 1 or budgets[0]["spec"].get("maxUnavailable") != 1:
            yield f"Deployment {pod.name}: it needs one PodDisruptionBudget, with maxUnavailable 1"
        scalers = [one for one in manifests.objects if one["kind"] in SCALERS]
        if sum(one["spec"]["scaleTargetRef"]["name"] == pod.name for one in scalers) > 1:
            yield f"Deployment {pod.name}: it has two scalers"


def _pods(selector: dict[str, Any], manifests: Manifests) -> list[Pod]:
    return [pod for pod in manifests.pods if matches(selector, pod.labels)]


def _ports(pod: Pod) -> set[str | int]:
    ports = pod.container.get("ports", [])
    return {port["name"] for port in ports} | {port["containerPort"] for port in ports}


SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
FINDERS = {
    "Service": _service,
    "PodDisruptionBudget": _of_pods,
    "NetworkPolicy": _policy,
    "Deployment": _deployment,
    "HorizontalPodAutoscaler": _scaled,
    "ScaledObject": _scaled,
    "ServiceMonitor": _monitor,
}
