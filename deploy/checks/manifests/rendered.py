"""What Kustomize makes of an overlay, and how its objects are found."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from deploy.checks.__main__ import BIN, ROOT

K8S = ROOT / "deploy/k8s"
COMPONENTS = K8S / "components"
OVERLAYS = tuple(sorted(path.parent for path in K8S.glob("overlays/*/kustomization.yaml")))
ELSEWHERE = "from elsewhere"
Object = dict[str, Any]
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


class UnrenderedError(RuntimeError):
    """Kustomize could not make the manifests; the message is what it said."""


@dataclass(frozen=True)
class Pod:
    """What a Deployment or a Job runs."""

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Object

    @property
    def container(self) -> Object:
        container: Object = self.spec["containers"][0]
        return container

    @property
    def containers(self) -> list[Object]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def app(self) -> str:
        return self.labels.get("app.kubernetes.io/name", self.name)

    def environment(self, container: Object) -> dict[str, str]:
        """What comes out of a Secret is not known here; its place is."""
        return {one["name"]: one.get("value", ELSEWHERE) for one in container.get("env", [])}


class Manifests:
    """All objects of one overlay, a folder that is called as its installation."""

    def __init__(self, folder: Path, objects: Sequence[Object]) -> None:
        self.folder = folder
        self.overlay = folder.name
        self.objects = list(objects)

    @cached_property
    def said(self) -> Mapping[str, str]:
        """What the overlay's installation.yaml says of it."""
        data: Mapping[str, str] = read_yaml(self.folder / "installation.yaml")["data"]
        return data

    def of(self, kind: str) -> list[Object]:
        return [one for one in self.objects if one["kind"] == kind]

    def named(self, kind: str, name: str) -> Object | None:
        return next((one for one in self.of(kind) if one["metadata"]["name"] == name), None)

    @cached_property
    def pods(self) -> list[Pod]:
        return [
            Pod(one["kind"], one["metadata"]["name"], made["metadata"]["labels"], made["spec"])
            for one in self.objects
            if one["kind"] in {"Deployment", "Job"}
            for made in [one["spec"]["template"]]
        ]

    @property
    def services(self) -> list[Pod]:
        return [pod for pod in self.pods if pod.kind == "Deployment"]


def render(folder: Path) -> list[Object]:
    """Raises UnrenderedError."""
    command = [str(BIN / "kubectl"), "kustomize", str(folder), "--load-restrictor", "LoadRestrictionsNone"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnrenderedError(f"{folder.name}: {done.stderr.strip()}")
    return list(YAML(typ="safe").load_all(done.stdout))


def render_plain(folder: Path) -> list[Object]:
    """The overlay with nothing of its own but its names, region files and images, and with components of ours alone.

    Raises UnrenderedError.
    """
    own = read_yaml(folder / "kustomization.yaml")
    with TemporaryDirectory() as made:

        def from_there(path: str | Path) -> str:
            return os.path.relpath((folder / path).resolve(), Path(made).resolve())

        regions = [one for one in own.get("configMapGenerator", []) if one.get("name") == "regions"]
        plain = {
            "namespace": own.get("namespace"),
            "resources": [from_there(K8S / "base"), from_there("installation.yaml")],
            "components": [from_there(path) for path in own.get("components", []) if is_ours(folder / path)],
            "configMapGenerator": [{**one, "files": [from_there(file) for file in one.get("files", [])]} for one in regions],
            "images": own.get("images", []),
            "replacements": [{"path": from_there(K8S / "names.yaml")}],
        }
        (Path(made) / "kustomization.yaml").write_text(json.dumps(plain), encoding="utf-8")
        return render(Path(made))


def is_ours(component: Path) -> bool:
    """Not one of an operator's own, which may change anything."""
    return component.resolve().parent == COMPONENTS


def read_yaml(file: Path) -> Any:
    """Raises UnrenderedError."""
    try:
        return YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise UnrenderedError(f"{file.parent.name}: {file.name} cannot be read: {error}") from error


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """As Kubernetes reads matchLabels and matchExpressions; an empty selector matches everything."""
    equal = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return equal and all(_expressed(one, labels) for one in selector.get("matchExpressions", []))


def _expressed(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case _:
            return value is None


def size_of(quantity: str) -> int:
    """Bytes of a quantity like 512Mi or 1.5Gi. Raises ValueError for one that is written otherwise."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G|)", quantity)
    if not found:
        raise ValueError(f"{quantity} is no size like 512Mi")
    return int(float(found[1]) * UNITS[found[2]])


def cpu_of(quantity: str) -> int:
    """Thousandths of a processor in a quantity like 250m, 1 or 0.5. Raises ValueError for one that is written otherwise."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m|)", quantity)
    if not found:
        raise ValueError(f"{quantity} is no part of a processor like 250m")
    return round(float(found[1]) * (1 if found[2] else 1000))


def image_of(text: str) -> tuple[str, str, str]:
    """Name with registry, tag and digest; a tag or digest that is not there is empty. A registry's port is no tag."""
    tagged, _, digest = text.partition("@")
    path, slash, last = tagged.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{path}{slash}{name}", tag, digest


def texts(tree: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text in an object with the way to it."""
    if isinstance(tree, str):
        yield where, tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield from texts(value, f"{where}.{key}" if where else str(key))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from texts(value, f"{where}.{number}")
