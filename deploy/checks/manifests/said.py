"""Is right what an overlay says of its installation? Looked at before Kustomize puts it everywhere."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from deploy.checks.manifests.rendered import UnrenderedError, is_ours, read_yaml

Right = Callable[[str], str | None]
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
NAMES = rf"{LABEL}(\.{LABEL})*"
LEAST, MOST = 50, 2000
WIDEST = {4: 8, 6: 32}


def _like(pattern: str, wanted: str, longest: int = 253) -> Right:
    return lambda text: None if len(text) <= longest and re.fullmatch(pattern, text) else f"it must be {wanted}"


def _network(text: str) -> str | None:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        return f"it must be a network with its mask, like 192.0.2.0/28{' (' + str(error) + ')' if '/' in text else ''}"
    if not re.search(r"/[0-9]+$", text):
        return "it must be a network with its mask as a number, like 192.0.2.0/28"
    if network.prefixlen < (widest := WIDEST[network.version]):
        return f"it is too wide: name the network where they are, /{widest} or narrower"
    return None


def _kafka(text: str) -> str | None:
    name, _, port = text.partition(":")
    right = re.fullmatch(NAMES, name) and re.fullmatch(r"[1-9][0-9]{0,4}", port) and int(port) < 1 << 16
    return None if right else "it must be one address, like mybuddy-kafka-bootstrap.kafka:9093"


def _connections(text: str) -> str | None:
    right = re.fullmatch(r"[0-9]{1,9}", text) and LEAST <= int(text) <= MOST
    return None if right else f"it must be a whole number from {LEAST} to {MOST}: with more, PostgreSQL gets slow"


DNS_LABEL = _like(LABEL, "a name of lower case letters, digits and hyphens, 63 at most")
LINES: dict[str, Right] = {
    "name": _like(LABEL, "a name of lower case letters, digits and hyphens, 50 at most", 50),
    "host": _like(rf"({LABEL}\.)+[a-z]([a-z0-9-]*[a-z0-9])?", "a name like buddy.example.org, without https://, port and path"),
    # Names of Jobs end with it, which allow no more.
    "release": _like(NAMES, "a tag like 0.1.0, of lower case letters, digits, hyphens and dots, 40 at most", 40),
    "ingress-class": DNS_LABEL,
    "ingress-namespace": DNS_LABEL,
    "ingress-pods": DNS_LABEL,
    "kafka": _kafka,
    "connections": _connections,
}
OF_COMPONENTS: dict[str, tuple[str, Right]] = {
    "databases": ("databases-elsewhere", _network),
    "kafka-network": ("kafka-elsewhere", _network),
    "ingress-network": ("ingress-network", _network),
    "issuer": ("cert-manager", _like(NAMES, "the name of a ClusterIssuer, like letsencrypt")),
}
"""What is there exactly where the component is taken."""
DATABASES, KEDA = ("cloudnativepg", "databases-elsewhere"), ("scaling", "kafka-secured")
IMAGE = re.compile(r"[a-z0-9][a-z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def faults(folder: Path) -> Iterator[str]:
    """Raises UnrenderedError."""
    own = _keys(folder / "kustomization.yaml")
    components = [Path(path).name for path in _texts(own.get("components")) if is_ours(folder / path)]
    for fault in _installation(_keys(folder / "installation.yaml"), components, folder.name):
        yield f"installation.yaml: {fault}"
    for fault in (*_namespace(own, folder.name), *_components(components), *_images(own)):
        yield f"kustomization.yaml: {fault}"


def _keys(file: Path) -> dict[str, Any]:
    """Raises UnrenderedError."""
    found = read_yaml(file)
    if not isinstance(found, dict):
        raise UnrenderedError(f"{file.parent.name}: {file.name} holds no keys with values")
    return found


def _texts(found: Any) -> list[str]:
    """What has another form, Kustomize itself refuses."""
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _installation(installation: dict[str, Any], components: list[str], overlay: str) -> Iterator[str]:
    metadata, data = installation.get("metadata"), installation.get("data")
    if installation.get("kind") != "ConfigMap" or not isinstance(metadata, dict) or metadata.get("name") != "installation":
        yield "it must be a ConfigMap with the name installation, where names.yaml looks for it"
    elif not isinstance(data, dict):
        yield "data is missing: what the installation is called, and what it stands on"
    else:
        taken = {key: right for key, (component, right) in OF_COMPONENTS.items() if component in components}
        yield from _lines(data, LINES | taken)
        yield from _beside(data, LINES | taken)
        yield from _together(data, components, overlay)


def _lines(data: dict[str, Any], needed: dict[str, Right]) -> Iterator[str]:
    for key, right in needed.items():
        if key not in data:
            why = f", and the component {OF_COMPONENTS[key][0]} needs it" if key in OF_COMPONENTS else ""
            yield f"{key} is missing{why}: {right('')}"
        elif not isinstance(data[key], str):
            yield f"{key} is no text: write it in quotation marks"
        elif fault := right(data[key]):
            yield f"{key} is {data[key] or 'empty'}: {fault}"


def _beside(data: dict[str, Any], needed: dict[str, Right]) -> Iterator[str]:
    """Nobody would see that a word which is written otherwise counts for nothing."""
    for key in map(str, data):
        if key in OF_COMPONENTS and key not in needed:
            yield f"{key} counts for nothing without the component {OF_COMPONENTS[key][0]}: take that, or leave the line away"
        elif key not in needed:
            yield f"nobody knows {key} here: what there can be is {', '.join((*LINES, *OF_COMPONENTS))}"


def _together(data: dict[str, Any], components: list[str], overlay: str) -> Iterator[str]:
    name, kafka = data.get("name"), data.get("kafka")
    if isinstance(name, str) and name != overlay and not LINES["name"](name):
        yield f"name is {name}: it must be {overlay}, as its folder is called"
    if "kafka-secured" in components and isinstance(kafka, str) and kafka.endswith(":9092"):
        yield f"kafka is {kafka}: with the component kafka-secured it must name the port that listens by TLS, like 9093"


def _namespace(own: dict[str, Any], overlay: str) -> Iterator[str]:
    if own.get("namespace") != f"mybuddy-{overlay}":
        yield f"namespace is {own.get('namespace') or 'missing'}: it must be mybuddy-{overlay}"


def _components(components: list[str]) -> Iterator[str]:
    taken = [name for name in DATABASES if name in components]
    if len(taken) != 1:
        yield f"components must name {' or '.join(DATABASES)}, and {'not both' if taken else 'one of them is needed'}"
    if {*KEDA} <= {*components} and components.index(KEDA[0]) > components.index(KEDA[1]):
        yield "take kafka-secured after scaling, which else asks Kafka without a name"


def _images(own: dict[str, Any]) -> Iterator[str]:
    images = own.get("images")
    for one in images if isinstance(images, list) else []:
        if isinstance(one, dict):
            yield from (f"images: {one.get('name')}: {fault}" for fault in _image(one))


def _image(one: dict[str, Any]) -> Iterator[str]:
    if "newName" in one and not IMAGE.fullmatch(str(one["newName"])):
        yield f"newName is {one['newName']}: it must be like registry.example:5000/mybuddy-geo, in lower case and without a tag"
    if "digest" in one and not DIGEST.fullmatch(str(one["digest"])):
        yield f"digest is {one['digest']}: it must be sha256: and 64 digits from 0 to f, as the registry gives it"
