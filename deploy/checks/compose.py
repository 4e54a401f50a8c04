"""`python -m deploy.checks.compose`: does docker-compose.yml follow the specification, and does it tell each service exactly
what its settings know? It is read, never run: there need not be a Docker engine.
"""

import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from ruamel.yaml import YAML

from deploy.checks import environment
from deploy.checks.environment import PREFIX

FILE = Path(__file__).parents[2] / "docker-compose.yml"
ELSEWHERE = frozenset({"MYBUDDY_PUBLIC_URL"})  # an address for people, not for containers
DEFAULTED = re.compile(r"(?<!\$)\$\{\w+:?-([^}]*)\}")
BARE = re.compile(r"(?<!\$)\$(\w+|\{\w+\})")


def faults(compose: Mapping[str, Any]) -> list[str]:
    """One sentence for each."""
    found = list(_against_specification(compose))
    if found:
        return found
    for name, container in compose["services"].items():
        found += [f"{name}: {fault}" for fault in _of_container(container, compose["services"])]
    return found


def _against_specification(compose: Mapping[str, Any]) -> Iterator[str]:
    # The package cannot be imported (it asks for a newer click than Faust allows); its copy of the schema can be read.
    package = importlib.util.find_spec("check_jsonschema")
    assert package is not None
    assert package.origin is not None
    schema = Path(package.origin).parent / "builtin_schemas/vendor/compose-spec.json"
    for error in Draft202012Validator(json.loads(schema.read_text())).iter_errors(compose):
        yield f"{error.json_path}: {error.message}"


def _of_container(container: Mapping[str, Any], containers: Mapping[str, Any]) -> Iterator[str]:
    yield from _ports(container)
    given = {name: "" if value is None else str(value) for name, value in container.get("environment", {}).items()}
    yield from (f"{name} has no default" for name, value in given.items() if BARE.search(value))
    values = {name: DEFAULTED.sub(r"\1", value) for name, value in given.items()}
    yield from environment.faults(_reader(container), values)
    yield from _addresses(values, containers)


def _ports(container: Mapping[str, Any]) -> Iterator[str]:
    for port in container.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"port {port} is published to everybody: begin it with 127.0.0.1:"


def _reader(container: Mapping[str, Any]) -> environment.Reader:
    if "build" not in container:
        return environment.Reader()
    if "command" in container:
        return environment.job(container["command"])
    return environment.service(container["build"]["args"]["SERVICE"])


def _addresses(values: Mapping[str, str], containers: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        host = urlsplit(value).hostname if "://" in value and name.startswith(PREFIX) and name not in ELSEWHERE else None
        if host is not None and host not in containers:
            yield f"{name} names the host {host}, which is no container here"


def read(file: Path) -> dict[str, Any]:
    """With its anchors filled in, as Docker reads it."""
    read: dict[str, Any] = YAML(typ="safe").load(file)
    return read


def main() -> int:
    found = faults(read(FILE))
    sys.stderr.writelines(f"docker-compose.yml: {fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
