"""Has every container its limits and few rights, does every pod start and stop in peace, is no password shown?"""

import re
from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute

from deploy.checks import environment
from deploy.checks.__main__ import ROOT
from deploy.checks.manifests.rendered import Manifests, Object, Pod, image_of, texts
from shared.runtime import http
from shared.runtime.program import STOP_SECONDS

USER = 10001  # of services/Dockerfile
PORT = environment.SETTINGS["registration"].model_fields["http_port"].default
LOCKED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
SECURITY = "pod-security.kubernetes.io/enforce"
PROBES = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
WITH_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@")
STARTS_SECONDS, HANGS_SECONDS = 60, 20  # what a slow start takes, and a busy moment, with some to spare
ACTS_SECONDS = 120  # longer, nobody waits for an answer
TOPOLOGY = ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
KEPT_SECONDS = 3600  # for who waits for a Job, or looks why it failed
RETRIES = 6  # what Kubernetes itself takes, about ten minutes


def faults(manifests: Manifests) -> Iterator[str]:
    for pod in manifests.pods:
        found = [*_of_pod(pod), *(fault for one in pod.containers for fault in _of_container(pod, one))]
        if pod.kind == "Deployment":
            found += [*_probes(pod), *_patience(pod), *_stops(pod)]
        else:
            found += _retries(pod, manifests)
        yield from (f"{pod.kind} {pod.name}: {fault}" for fault in found)
    there = {pod.name for pod in manifests.services}
    yield from (f"there is no Deployment {name}" for name in environment.SETTINGS if name not in there)
    yield from _secrets(manifests)
    yield from _namespace(manifests)


def _namespace(manifests: Manifests) -> Iterator[str]:
    """The cluster itself refuses pods that ask for more, also those that somebody adds later."""
    for one in manifests.of("Namespace"):
        if one["metadata"].get("labels", {}).get(SECURITY) != "restricted":
            yield f"Namespace {one['metadata']['name']}: {SECURITY} must be restricted"
        version = one["metadata"].get("labels", {}).get(f"{SECURITY}-version", "latest")
        if not re.fullmatch(r"v1\.[0-9]+|latest", version):
            yield f"Namespace {one['metadata']['name']}: {SECURITY}-version is {version}: it must be like v1.34, or latest"


def _of_pod(pod: Pod) -> Iterator[str]:
    wanted = {"runAsNonRoot": True, "runAsUser": USER, "seccompProfile": {"type": "RuntimeDefault"}}
    has = pod.spec.get("securityContext", {})
    yield from (f"securityContext.{key} must be {value}" for key, value in wanted.items() if has.get(key) != value)
    yield from (f"{key} is a right of the machine's" for key in ("hostNetwork", "hostPID", "hostIPC") if pod.spec.get(key))
    yield from (
        f"the volume {one['name']} is a folder of the machine's" for one in pod.spec.get("volumes", []) if "hostPath" in one
    )
    if pod.spec.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken must be false"
    if pod.kind == "Deployment":
        yield from _spread(pod.spec.get("topologySpreadConstraints"))


def _spread(constraints: list[Object] | None) -> Iterator[str]:
    if not constraints:
        yield "topologySpreadConstraints are missing"
    for key in (one["topologyKey"] for one in constraints or ()):
        if key not in TOPOLOGY:
            yield f"its topologyKey is {key}: no machine may have that label: take {' or '.join(TOPOLOGY)}"


def _of_container(pod: Pod, container: Object) -> Iterator[str]:
    resources, has = container.get("resources", {}), container.get("securityContext", {})
    for kind in ("requests", "limits"):
        yield from (f"{kind}.{what} is missing" for what in ("cpu", "memory") if what not in resources.get(kind, {}))
    yield from (f"securityContext.{key} must be {value}" for key, value in LOCKED.items() if has.get(key) != value)
    yield from (f"securityContext.{key} is more than is needed" for key in sorted(has.keys() - LOCKED.keys()))
    yield from _image(container["image"])
    yield from environment.faults(_reader(pod, container), pod.environment(container))
    if "envFrom" in container:
        yield "envFrom brings variables that nobody has named"


def _image(image: str) -> Iterator[str]:
    _, tag, digest = image_of(image)
    if not digest and tag in {"", "latest"}:
        yield f"the image {image} has no tag that stays: give it one in the overlay"


def _reader(pod: Pod, container: Object) -> environment.Reader:
    if pod.kind == "Deployment":
        return environment.service(pod.name) if pod.name in environment.SETTINGS else environment.Reader()
    return environment.job(container.get("command", []))


def _probes(pod: Pod) -> Iterator[str]:
    routes = _routes(ROOT / "services" / pod.name / "migrations")
    ports = {port["name"]: port["containerPort"] for port in pod.container.get("ports", [])}
    for probe, path in PROBES.items():
        asked = pod.container.get(probe, {}).get("httpGet", {})
        if asked.get("path") != path or path not in routes:
            yield f"{probe} must ask {path}, a route of the service"
        if asked.get("port") not in ports:
            yield f"{probe} asks the port {asked.get('port')}, which the container does not name"
    if ports.get("http") != PORT:
        yield f"the port http must be {PORT}, where the service listens"


def _routes(migrations: Path) -> set[str]:
    app = FastAPI()
    http.install(app, migrations)
    return {route.path for route in app.routes if isinstance(route, APIRoute)}


def _patience(pod: Pod) -> Iterator[str]:
    """How long a probe may fail before it ends the container, or nobody sends it requests any more."""
    for probe, least in (("startupProbe", STARTS_SECONDS), ("livenessProbe", HANGS_SECONDS)):
        if 0 < (seconds := _fails(pod, probe)) < least:
            yield f"{probe} ends it after {seconds} s: failureThreshold × periodSeconds must be {least} s or more"
    for probe in ("livenessProbe", "readinessProbe"):
        if (seconds := _fails(pod, probe)) > ACTS_SECONDS:
            yield f"{probe} acts after {seconds} s: failureThreshold × periodSeconds must be {ACTS_SECONDS} s or less"


def _fails(pod: Pod, probe: str) -> int:
    """Unsaid, Kubernetes asks three times, each after ten seconds."""
    asked = pod.container.get(probe)
    return int(asked.get("failureThreshold", 3) * asked.get("periodSeconds", 10)) if asked else 0


def _retries(pod: Pod, manifests: Manifests) -> Iterator[str]:
    job = manifests.named(pod.kind, pod.name)
    assert job is not None
    if (limit := job["spec"].get("backoffLimit", RETRIES)) < RETRIES:
        yield f"backoffLimit is {limit}: it must be {RETRIES} or more, for a Job waits for the database by failing"
    if (kept := job["spec"].get("ttlSecondsAfterFinished", KEPT_SECONDS)) < KEPT_SECONDS:
        yield f"ttlSecondsAfterFinished is {kept}: it must be {KEPT_SECONDS} or more, or nobody sees how it ends"
    if (policy := pod.spec.get("restartPolicy", "Always")) not in {"OnFailure", "Never"}:
        yield f"restartPolicy is {policy}: a Job needs OnFailure or Never"


def _stops(pod: Pod) -> Iterator[str]:
    """Nobody must send any more when the process is told to stop, and it must have the time to end what is begun."""
    slept = pod.container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    if slept < 5:
        yield "preStop must sleep for 5 s or more, until nobody sends requests any more"
    if pod.spec.get("terminationGracePeriodSeconds", 30) < slept + STOP_SECONDS:
        yield f"terminationGracePeriodSeconds must be {slept + STOP_SECONDS} or more: preStop, and what stopping may take"


def _secrets(manifests: Manifests) -> Iterator[str]:
    yield from (f"Secret {one['metadata']['name']} is written down: refer to it" for one in manifests.of("Secret"))
    for one in manifests.objects:
        shown = [where for where, text in texts(one) if WITH_PASSWORD.search(text) or "PRIVATE KEY" in text]
        yield from (f"{one['kind']} {one['metadata']['name']}: there is a password in {where}" for where in shown)
