"""Are the sizes of containers possible, and enough to work with?"""

from collections.abc import Iterator

from deploy.checks.manifests.rendered import Manifests, Object, Pod, cpu_of, size_of

READ = {"cpu": cpu_of, "memory": size_of}
LEAST = {"cpu": "250m", "memory": "256Mi"}  # with less, a service does not start in time
SERVICE_MB = 300  # what matching needs beside its solver, several times what it takes when idle


def faults(manifests: Manifests) -> Iterator[str]:
    for pod in manifests.pods:
        for container in pod.containers:
            for what in READ:
                yield from (f"{pod.kind} {pod.name}: {fault}" for fault in _of(what, pod, container))


def _of(what: str, pod: Pod, container: Object) -> Iterator[str]:
    """What is missing, pods.py says."""
    try:
        asked, limit = (_size(kind, what, container) for kind in ("requests", "limits"))
    except ValueError as error:
        yield f"{what}: {error}"
        return
    if asked is not None and limit is not None and asked > limit:
        yield f"requests.{what} is more than limits.{what}, which Kubernetes refuses: raise the limit, or ask for less"
    if limit is not None and pod.kind == "Deployment" and container is pod.container:
        yield from _little(what, limit, pod)


def _size(kind: str, what: str, container: Object) -> int | None:
    """Raises ValueError. YAML may have read a number."""
    said = container.get("resources", {}).get(kind, {}).get(what)
    return None if said is None else READ[what](str(said))


def _little(what: str, limit: int, pod: Pod) -> Iterator[str]:
    if limit < READ[what](LEAST[what]):
        yield f"limits.{what} is too little to start in time: give it {LEAST[what]} or more"
    elif what == "memory" and pod.name == "matching":
        solver = pod.environment(pod.container).get("MYBUDDY_SOLVER_MEMORY_MB", "0")
        if not solver.isdecimal() or not int(solver) or limit >> 20 < int(solver) + SERVICE_MB:
            yield f"{limit >> 20} MB do not hold the solver ({solver} MB) and the service ({SERVICE_MB} MB)"
