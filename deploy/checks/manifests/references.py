"""Does every variable come from the Secret that holds it, and does every address of ours lead to a port that is there?"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from deploy.checks.manifests.rendered import Manifests, Object, Pod

# As deploy/k8s/example/secrets makes them: Secret/key.
SECRETS = {
    "MYBUDDY_DATABASE_URL": "{service}-app/url",
    "MYBUDDY_OWNER_DATABASE_URL": "{service}-owner/url",
    "MYBUDDY_COORDINATOR_PUBLIC_KEY": "coordinators/public-key",
    "MYBUDDY_INTERNAL_SECRET_REGISTRATION": "internal/registration",
    "MYBUDDY_INTERNAL_SECRET_NOTIFICATION": "internal/notification",
    "MYBUDDY_LINK_KEYS": "links/keys",
    "MYBUDDY_SMTP_URL": "mail/url",
    "MYBUDDY_KAFKA_CA": "kafka/ca",
    "MYBUDDY_KAFKA_USER": "{service}-kafka/user",
    "MYBUDDY_KAFKA_PASSWORD": "{service}-kafka/password",
}
PRIVATE = re.compile(r"PRIVATE_KEY|_SECRET_|_KEYS$|PASSWORD|DATABASE_URL|SMTP_URL")
PORTS = {"http": 80, "https": 443}
MIGRATION = re.compile(r"migrate-([a-z]+)(-.*)?")


def faults(manifests: Manifests) -> Iterator[str]:
    for pod in manifests.pods:
        for container in pod.containers:
            for variable in container.get("env", []):
                found = (*_secret(pod, variable), *_address(variable, manifests))
                yield from (f"{pod.kind} {pod.name}: {variable['name']} {fault}" for fault in found)


def service_of(pod: Pod) -> str | None:
    """Whose a pod is: a Deployment has the name of its service, a migration's Job has it in its own."""
    if pod.kind == "Deployment":
        return pod.name
    found = MIGRATION.fullmatch(pod.name)
    return found[1] if found else None


def _secret(pod: Pod, variable: Object) -> Iterator[str]:
    name, place = variable["name"], _place(variable)
    wanted = SECRETS.get(name, "").format(service=service_of(pod) or pod.app)
    if place is None:
        if wanted or PRIVATE.search(name):
            yield f"must come from a Secret and from nowhere else{f': {wanted}' if wanted else ''}"
    elif not wanted:
        yield f"comes from the Secret {place}, and nobody makes one for it: give it a value, or name its Secret in SECRETS here"
    elif place != wanted:
        yield f"comes from the Secret {place}: it must come from {wanted}"


def _place(variable: Object) -> str | None:
    """A patch that gives a value leaves the reference beside it, which Kubernetes refuses."""
    reference = variable.get("valueFrom", {}).get("secretKeyRef")
    return place_of(reference) if reference and "value" not in variable else None


def place_of(reference: Object) -> str:
    """Secret/key."""
    return f"{reference.get('name')}/{reference.get('key')}"


def _address(variable: Object, manifests: Manifests) -> Iterator[str]:
    """Addresses out of Secrets are not known here."""
    if not variable["name"].endswith("_URL") or "value" not in variable:
        return
    try:
        address = urlsplit(variable["value"])
        port = address.port or PORTS.get(address.scheme)
    except ValueError as error:
        yield f"is no address: {error}"
        return
    for service in manifests.of("Service"):
        ports = [one["port"] for one in service["spec"].get("ports", [])]
        if not _is_name_of(service, address.hostname or ""):
            continue
        if port in ports and address.scheme != "http":
            yield f"asks the Service {service['metadata']['name']} by {address.scheme}: write http, for it has no certificate"
        if port not in ports:
            has = ", ".join(map(str, ports)) or "none"
            yield f"leads to the port {port} of the Service {service['metadata']['name']}: name one that it has ({has})"


def _is_name_of(service: Object, host: str) -> bool:
    """Alone, or with its namespace and what may follow."""
    name, _, rest = host.removesuffix(".").partition(".")
    namespace = service["metadata"].get("namespace")
    return name == service["metadata"]["name"] and rest in {
        "",
        *(f"{namespace}{end}" for end in ("", ".svc", ".svc.cluster.local")),
    }
