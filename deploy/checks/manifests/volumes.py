"""Can pods write where they must, and nothing but that, with enough room; and read what they are told is there?"""

from collections.abc import Iterator

from deploy.checks.manifests.rendered import Manifests, Object, Pod, size_of

SCRATCH = "/tmp"  # noqa: S108 - the pod's own
KERNELS, ROOM = "/var/cache/kernels", "256Mi"
AUTHORITY, OF_DATABASES = "/etc/databases", "databases"
"""Where a pod finds who made its database's certificate, and the Secret that has it: as deploy/k8s/example/secrets says."""
WRITABLE = ("emptyDir", "persistentVolumeClaim")


def faults(manifests: Manifests) -> Iterator[str]:
    for pod in manifests.pods:
        for container in pod.containers:
            yield from (f"{pod.kind} {pod.name}: {fault}" for fault in _of_container(pod, container))
        found = _authority(pod, elsewhere="databases" in manifests.said)
        yield from (f"{pod.kind} {pod.name}: {fault}" for fault in found)


def _of_container(pod: Pod, container: Object) -> Iterator[str]:
    yield from _written(pod, container, SCRATCH, "all else cannot be written")
    if pod.kind == "Deployment" and pod.name == "matching":
        yield from _written(pod, container, KERNELS, "the engine's kernels are written there")
        yield from _room(_volume(pod, container, KERNELS))


def _authority(pod: Pod, *, elsewhere: bool) -> Iterator[str]:
    """A database in the cluster is not asked for it."""
    asking = [one for one in pod.containers if elsewhere and any(name.endswith("DATABASE_URL") for name in pod.environment(one))]
    for container in asking:
        if _volume(pod, container, AUTHORITY).get("secret", {}).get("secretName") != OF_DATABASES:
            yield f"{AUTHORITY} must be the Secret {OF_DATABASES}: without it nobody knows whether that is our database"
    for name in (one["secret"].get("secretName") for one in pod.spec.get("volumes", []) if "secret" in one):
        if not asking or name != OF_DATABASES:
            yield f"the Secret {name} is a volume, and nobody makes one for this pod: take it away"


def _written(pod: Pod, container: Object, path: str, why: str) -> Iterator[str]:
    mount, volume = _mount(container, path), _volume(pod, container, path)
    if not mount:
        yield f"{path} must be a volume: {why}"
    elif mount.get("readOnly") or volume.get("persistentVolumeClaim", {}).get("readOnly"):
        yield f"{path} is readOnly: take that away, {why}"
    elif not volume.keys() & {*WRITABLE}:
        yield f"the volume behind {path} must be an emptyDir: {why}"


def _mount(container: Object, path: str) -> Object:
    return next((one for one in container.get("volumeMounts", []) if one["mountPath"] == path), {})


def _volume(pod: Pod, container: Object, path: str) -> Object:
    name = _mount(container, path).get("name")
    return next((one for one in pod.spec.get("volumes", []) if one["name"] == name), {})


def _room(volume: Object) -> Iterator[str]:
    """Without a limit it is the machine's."""
    limit = str((volume.get("emptyDir") or {}).get("sizeLimit", ROOM))
    try:
        if size_of(limit) < size_of(ROOM):
            yield f"{KERNELS} has room for {limit}: give it {ROOM} or more"
    except ValueError as error:
        yield f"{KERNELS}: {error}"
