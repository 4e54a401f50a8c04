"""Does everything run the image and the command of its service, and all of it the same release?"""

import re
from collections.abc import Iterator

from deploy.checks.manifests.references import service_of
from deploy.checks.manifests.rendered import Manifests, Pod, image_of

OURS = "mybuddy-"
TOPICS = "shared.runtime.topics"
ALSO = {"geo": ("services.geo.gazetteer",)}
"""What a service's Job runs beside its migrations."""


def faults(manifests: Manifests) -> Iterator[str]:
    for pod in manifests.pods:
        yield from (f"{pod.kind} {pod.name}: {fault}" for fault in (*_of_service(pod), *_migrates(pod), *_copies(pod)))
    yield from _one_release(manifests)
    yield from _one_digest(manifests)


def _of_service(pod: Pod) -> Iterator[str]:
    service, image = service_of(pod), pod.container["image"]
    if service and _last(image) != f"{OURS}{service}":
        yield f"its image is {image}: it must be {OURS}{service}"


def _last(image: str) -> str:
    return image_of(image)[0].rpartition("/")[2]


def _migrates(pod: Pod) -> Iterator[str]:
    service = service_of(pod)
    if pod.kind != "Job" or service is None:
        return
    words = _words(pod)
    for wanted in (f"shared.runtime.migrate {service} --app {service}_app", *ALSO.get(service, ())):
        if not re.search(rf"python -m {re.escape(wanted)}(?![\w.-])", words):
            yield f"its command must run python -m {wanted}"


def _words(pod: Pod) -> str:
    return " ".join((*pod.container.get("command", ()), *pod.container.get("args", ())))


def _copies(pod: Pod) -> Iterator[str]:
    """With one copy, what is sent is lost with its broker; more than three make nothing safer."""
    if TOPICS in (words := _words(pod)) and not re.search(r"--replication[ =][23](?!\S)", words):
        yield "its command must say --replication 2 or 3: as many copies as there are brokers, at most three"


def _images(manifests: Manifests) -> list[tuple[Pod, str]]:
    """Those that are built from here."""
    found = [(pod, container["image"]) for pod in manifests.pods for container in pod.containers]
    return [(pod, image) for pod, image in found if _last(image).startswith(OURS)]


def _one_release(manifests: Manifests) -> Iterator[str]:
    release = manifests.said["release"]
    for pod, image in _images(manifests):
        if (tag := image_of(image)[1]) and tag != release:
            yield f"{pod.kind} {pod.name}: its image has the tag {tag}: it must be the release of installation.yaml, {release}"


def _one_digest(manifests: Manifests) -> Iterator[str]:
    """A Job that is of another build than its service may make other tables than the service reads."""
    digests = {_last(image): (pod, image_of(image)[2]) for pod, image in _images(manifests) if pod.kind == "Deployment"}
    for pod, image in _images(manifests):
        deployment, digest = digests.get(_last(image), (pod, image_of(image)[2]))
        if image_of(image)[2] != digest:
            yield (
                f"{pod.kind} {pod.name}: the digest of its image is {image_of(image)[2] or 'missing'}: "
                f"it must be that of Deployment {deployment.name}, {digest or 'none'}"
            )
