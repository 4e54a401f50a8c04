"""Do the NetworkPolicies allow exactly what is needed: each flow of the design, and none beside it?

What is needed is read from what each pod is told (whose addresses it has), from the Ingress and from the ServiceMonitors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deploy.checks.manifests.rendered import Manifests, Object, Pod, matches

NAMESPACE = "kubernetes.io/metadata.name"
DATABASE_PORT, MAIL_PORTS = "5432/TCP", ("465/TCP", "587/TCP")
OLD_MAIL_PORT = "25/TCP"  # an office's own relay may know no other
ANYWHERE = "anywhere"
NETWORKS = {"0.0.0.0/0": ANYWHERE, "::/0": ANYWHERE}
DNS, DNS_PORTS = "kube-system[k8s-app=kube-dns]", ("53/UDP", "53/TCP")
PROMETHEUS = "monitoring[app.kubernetes.io/name=prometheus]"


@dataclass(frozen=True, order=True)
class Flow:
    """`source` may open a connection to this port of `target`: an app of ours, pods elsewhere as namespace[label=value], or a
    network.
    """

    source: str
    target: str
    port: str

    def __str__(self) -> str:
        return f"{self.source} to {self.target}, port {self.port}"


def faults(manifests: Manifests) -> Iterator[str]:
    if not any(map(_closes_all, manifests.of("NetworkPolicy"))):
        yield "no NetworkPolicy closes everything in both directions first"
    ours = {pod.app for pod in manifests.pods}
    wanted = {*needed(manifests)}
    out, into = {*allowed(manifests, "Egress")}, {*allowed(manifests, "Ingress")}
    out -= {Flow(flow.source, ANYWHERE, OLD_MAIL_PORT) for flow in wanted if flow.target == ANYWHERE}
    yield from _compared("out of", {flow for flow in wanted if flow.source in ours}, out)
    yield from _compared("into", {flow for flow in wanted if flow.target in ours}, into)


def _compared(way: str, wanted: set[Flow], has: set[Flow]) -> Iterator[str]:
    yield from (f"no NetworkPolicy lets this {way} a pod: {flow}" for flow in sorted(wanted - has))
    yield from (
        f"a NetworkPolicy lets this {way} a pod, and the design has no such flow: {flow}" for flow in sorted(has - wanted)
    )


def _closes_all(policy: Object) -> bool:
    spec = policy["spec"]
    return not spec["podSelector"] and {*spec["policyTypes"]} == {"Ingress", "Egress"} and not spec.keys() & {"ingress", "egress"}


def needed(manifests: Manifests) -> Iterator[Flow]:
    for pod in manifests.pods:
        yield from (Flow(pod.app, DNS, port) for port in DNS_PORTS)
        for container in pod.containers:
            for name, value in pod.environment(container).items():
                yield from _asked(pod, name, value, manifests)
    for source, service in _from_outside(manifests):
        yield from _reached(source, service, manifests)


def _from_outside(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Who comes to which Service."""
    for ingress in manifests.of("Ingress"):
        paths = [path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
        yield from ((controller, path["backend"]["service"]["name"]) for controller in _controllers(manifests) for path in paths)
    for monitor in manifests.of("ServiceMonitor"):
        for service in manifests.of("Service"):
            if matches(monitor["spec"]["selector"], service["metadata"]["labels"]):
                yield PROMETHEUS, service["metadata"]["name"]


def _controllers(manifests: Manifests) -> Iterator[str]:
    yield f"{manifests.said['ingress-namespace']}[app.kubernetes.io/name={manifests.said['ingress-pods']}]"
    if "ingress-network" in manifests.said:
        yield manifests.said["ingress-network"]


def _databases(manifests: Manifests) -> str:
    return manifests.said.get("databases") or f"databases[cnpg.io/cluster={manifests.overlay}]"


def _kafka(host: str, manifests: Manifests) -> str:
    """Strimzi calls the address of a cluster after it, and its pods too."""
    name, _, namespace = host.partition(".")
    return manifests.said.get("kafka-network") or f"{namespace}[strimzi.io/name={name.removesuffix('-bootstrap')}]"


def _asked(pod: Pod, name: str, value: str, manifests: Manifests) -> Iterator[Flow]:
    """Whom a pod asks because it is told where they are."""
    if name.endswith("DATABASE_URL"):
        yield Flow(pod.app, _databases(manifests), DATABASE_PORT)
    elif name == "MYBUDDY_SMTP_URL":
        yield from (Flow(pod.app, ANYWHERE, port) for port in MAIL_PORTS)
    elif name == "MYBUDDY_KAFKA_BOOTSTRAP":
        host, _, port = value.partition(":")
        yield Flow(pod.app, _kafka(host, manifests), f"{port}/TCP")
    elif name.endswith("_URL") and name != "MYBUDDY_PUBLIC_URL":
        yield from _reached(pod.app, str(urlsplit(value).hostname), manifests)


def _reached(source: str, service: str, manifests: Manifests) -> Iterator[Flow]:
    found = manifests.named("Service", service)
    selector = found["spec"].get("selector") if found else {"nobody": "there"}
    for pod in manifests.services:
        if selector and matches({"matchLabels": selector}, pod.labels):
            yield from (Flow(source, pod.app, f"{port['containerPort']}/TCP") for port in pod.container["ports"])


def allowed(manifests: Manifests, direction: str) -> Iterator[Flow]:
    way, peers = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    counts = [one for one in manifests.of("NetworkPolicy") if direction in one["spec"]["policyTypes"]]
    for policy in counts:
        for pod in manifests.pods:
            if matches(policy["spec"]["podSelector"], pod.labels):
                for rule in policy["spec"].get(way, []):
                    for other in _others(rule.get(peers) or [{}], manifests):  # none named is everybody
                        ends = (pod.app, other) if direction == "Egress" else (other, pod.app)
                        yield from (Flow(*ends, port) for port in _ports(rule))


def _others(peers: list[Mapping[str, Any]], manifests: Manifests) -> Iterator[str]:
    for peer in peers:
        if not peer:
            yield "everybody"
        elif "ipBlock" in peer:
            block = peer["ipBlock"]["cidr"]
            yield NETWORKS.get(block, block)
        elif "namespaceSelector" in peer:
            yield _outside(peer)
        else:
            yield from (pod.app for pod in manifests.pods if matches(peer["podSelector"], pod.labels))


def _outside(peer: Mapping[str, Any]) -> str:
    """Only pods that are chosen in a namespace that is named; all else is more than is needed."""
    namespace = peer["namespaceSelector"].get("matchLabels", {}).get(NAMESPACE, "any namespace")
    chosen = peer.get("podSelector", {}).get("matchLabels", {})
    labels = ",".join(f"{key}={value}" for key, value in sorted(chosen.items()))
    return f"{namespace}[{labels}]" if labels else f"every pod of {namespace}"


def _ports(rule: Mapping[str, Any]) -> list[str]:
    return [_port(port) for port in rule.get("ports", [])] or ["any"]


def _port(port: Mapping[str, Any]) -> str:
    """TCP where nothing is said."""
    until = f"-{port['endPort']}" if "endPort" in port else ""
    return f"{port.get('port', 'any')}{until}/{port.get('protocol', 'TCP')}"
