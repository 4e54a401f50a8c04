"""Does the Ingress show people what is for people, and nothing else?"""

from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from fastapi.routing import APIRoute

from deploy.checks.__main__ import ROOT
from deploy.checks.manifests.rendered import Manifests, Object

FOR_PEOPLE = ("/{language}", "/{slug}")
TRAEFIK = "traefik.ingress.kubernetes.io/router"
ANNOTATIONS = {f"{TRAEFIK}.entrypoints": "websecure", f"{TRAEFIK}.tls": "true"}
ISSUER = "cert-manager.io/cluster-issuer"


def faults(manifests: Manifests) -> Iterator[str]:
    ingresses = manifests.of("Ingress")
    if len(ingresses) != 1 or len(ingresses[0]["spec"]["rules"]) != 1:
        yield "there must be one Ingress, with one host"
        return
    looks = (_host, _controller, _backends, _paths)
    yield from (f"Ingress: {fault}" for look in looks for fault in look(ingresses[0], manifests))


def _host(ingress: Object, manifests: Manifests) -> Iterator[str]:
    host = ingress["spec"]["rules"][0]["host"]
    if [(tls["hosts"], bool(tls.get("secretName"))) for tls in ingress["spec"].get("tls", [])] != [([host], True)]:
        yield f"tls must name {host} and a Secret"
    for pod in manifests.services:
        said = pod.environment(pod.container).get("MYBUDDY_PUBLIC_URL")
        if said is not None and said != f"https://{host}":
            yield f"links in mails lead to {urlsplit(said).hostname}, not to {host}"


def _controller(ingress: Object, manifests: Manifests) -> Iterator[str]:
    """A controller does as annotations say; one that rewrites paths or lets people in without TLS undoes all else."""
    has = ingress["metadata"].get("annotations", {})
    yield from (f"the annotation {key} must be {value}" for key, value in ANNOTATIONS.items() if has.get(key) != value)
    yield from (f"nobody knows the annotation {key} here" for key in sorted(has.keys() - ANNOTATIONS.keys() - {ISSUER}))
    if ingress["spec"].get("ingressClassName") != manifests.said["ingress-class"]:
        yield f"ingressClassName must be {manifests.said['ingress-class']}, as installation.yaml says"


def _backends(ingress: Object, manifests: Manifests) -> Iterator[str]:
    if "defaultBackend" in ingress["spec"]:
        yield "a defaultBackend would answer for other hosts too"
    for path in ingress["spec"]["rules"][0]["http"]["paths"]:
        wanted = path["backend"]["service"]
        service = manifests.named("Service", wanted["name"])
        if service is None:
            yield f"there is no Service {wanted['name']}"
        elif wanted["port"] not in [{"name": port.get("name")} for port in service["spec"]["ports"]]:
            yield f"{path['path']} leads to a port that the Service {wanted['name']} does not name: {wanted['port']}"
        if path["pathType"] != "Prefix":
            yield f"the pathType of {path['path']} must be Prefix: what lies below it belongs to it"


def _paths(ingress: Object, manifests: Manifests) -> Iterator[str]:
    paths = {path["path"]: path["backend"]["service"]["name"] for path in ingress["spec"]["rules"][0]["http"]["paths"]}
    for route in routes():
        public = _leads(paths, route) == "registration"
        if public and not route.startswith(FOR_PEOPLE):
            yield f"{route} is not for people, and is shown to them"
        if not public and route.startswith(FOR_PEOPLE):
            yield f"{route} is for people, and they do not reach it"


def _leads(paths: dict[str, str], route: str) -> str | None:
    """As with pathType Prefix: whole parts, and the longest wins."""
    found = [path for path in paths if path in {"/", route} or route.startswith(f"{path}/")]
    return paths[max(found, key=len)] if found else None


@cache
def routes() -> tuple[str, ...]:
    from services.registration.app import create_app
    from services.registration.settings import Settings

    anything = dict.fromkeys(("database_url", "kafka_bootstrap", "link_keys"), "any")
    secrets = dict.fromkeys(("internal_secret_registration", "internal_secret_notification"), "any")
    urls = dict.fromkeys(("public_url", "geo_url"), "http://any.example")
    app = create_app(Settings.model_validate(anything | secrets | urls | {"regions_dir": ROOT / "deploy/regions"}))
    return tuple(dict.fromkeys(route.path for route in app.routes if isinstance(route, APIRoute)))
