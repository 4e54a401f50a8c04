"""Can pods write where they must, and nothing but that, with enough room?"""

from collections.abc import Iterator

from deploy.checks.manifests.rendered import Manifests, Object, Pod, size_of

SCRATCH = "/tmp"  # noqa: S108 - the pod's own
KERNELS, ROOM = "/var/cache/kernels", "256Mi"
WRITABLE = ("emptyDir", "persistentVolumeClaim")


def faults(manifests: Manifests) -> Iterator[str]:
    for pod in manifests.pods:
        for container in pod.containers:
            yield from (f"{pod.kind} {pod.name}: {fault}" for fault in _of_container(pod, container))


def _of_container(pod: Pod, container: Object) -> Iterator[str]:
    yield from _written(pod, container, SCRATCH, "all else cannot be written")
    if pod.kind == "Deployment" and pod.name == "matching":
        yield from _written(pod, container, KERNELS, "the engine's kernels are written there")
        yield from _room(_volume(pod, container, KERNELS))


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
