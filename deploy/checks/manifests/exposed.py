"""Is there no way in beside the Ingress?"""

from collections.abc import Iterator

from deploy.checks.manifests.rendered import Manifests


def faults(manifests: Manifests) -> Iterator[str]:
    for one in manifests.of("Service"):
        name, kind = one["metadata"]["name"], one["spec"].get("type", "ClusterIP")
        if kind != "ClusterIP":
            yield f"Service {name}: its type is {kind}: it must be ClusterIP, for only the Ingress leads in"
        if one["spec"].get("externalIPs"):
            yield f"Service {name}: externalIPs lead past the Ingress: leave them away"
    for pod in manifests.pods:
        for container in pod.containers:
            opened = [port["hostPort"] for port in container.get("ports", []) if port.get("hostPort")]
            yield from (f"{pod.kind} {pod.name}: hostPort {port} opens a port of the machine: leave it away" for port in opened)
