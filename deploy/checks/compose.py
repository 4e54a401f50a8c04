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
from pydantic import ValidationError
from ruamel.yaml import YAML

from services.geo.settings import Settings as Geo
from services.matching.settings import Settings as Matching
from services.notification.settings import Settings as Notification
from services.registration.settings import Settings as Registration
from shared.runtime.settings import RuntimeSettings

FILE = Path(__file__).parents[2] / "docker-compose.yml"
PREFIX = "MYBUDDY_"
SETTINGS: dict[str, type[RuntimeSettings]] = {
    "registration": Registration,
    "geo": Geo,
    "matching": Matching,
    "notification": Notification,
}
# What one-shot jobs read; a container with a command of its own runs one or several of these modules.
OWNER = frozenset({"MYBUDDY_OWNER_DATABASE_URL"})
JOBS = {
    "shared.runtime.migrate": OWNER,
    "services.geo.gazetteer": OWNER,
    "shared.runtime.topics": frozenset({"MYBUDDY_KAFKA_BOOTSTRAP"}),
}
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
    environment = {name: "" if value is None else str(value) for name, value in container.get("environment", {}).items()}
    yield from (f"{name} has no default" for name, value in environment.items() if BARE.search(value))
    values = {name: DEFAULTED.sub(r"\1", value) for name, value in environment.items()}
    yield from _names(container, {name: value for name, value in values.items() if name.startswith(PREFIX)})
    yield from _addresses(values, containers)


def _ports(container: Mapping[str, Any]) -> Iterator[str]:
    for port in container.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"port {port} is published to everybody: begin it with 127.0.0.1:"


def _names(container: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    known, required, settings = _expected(container)
    yield from (f"{name} is known to nobody there" for name in sorted(values.keys() - known))
    yield from (f"{name} is missing or empty" for name in sorted(required) if not values.get(name))
    if settings and required <= values.keys() <= known:
        yield from _refused(settings, values)


def _expected(container: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str], type[RuntimeSettings] | None]:
    """Which variables are known there, which of them are required, and the settings they go to."""
    if "build" not in container:
        return frozenset(), frozenset(), None
    if "command" in container:
        command = " ".join(container["command"])
        names = frozenset[str]().union(*(names for module, names in JOBS.items() if module in command))
        return names, names, None
    settings = SETTINGS[container["build"]["args"]["SERVICE"]]
    fields = {f"{PREFIX}{name.upper()}": field for name, field in settings.model_fields.items()}
    return frozenset(fields), frozenset(name for name, field in fields.items() if field.is_required()), settings


def _refused(settings: type[RuntimeSettings], values: Mapping[str, str]) -> Iterator[str]:
    try:
        settings.model_validate({name.removeprefix(PREFIX).lower(): value for name, value in values.items()})
    except ValidationError as error:
        yield from (f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())


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
