"""Has each overlay nothing of its own but names, region files and sizes, and each installation names of its own?"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deploy.checks import regions
from deploy.checks.manifests.rendered import Manifests, Object, render_plain, texts
from services.registration.regions import RegionFilesError, read_regions

FILES = {"installation.yaml", "kustomization.yaml", "sizes.yaml"}
OPEN = re.compile(r"\b(INSTALLATION|HOST|RELEASE|ISSUER|DATABASES|KAFKA|KAFKA_NETWORK|INGRESS_(CLASS|NAMESPACE|PODS|NETWORK))\b")
SIZES = re.compile(
    r"^(HorizontalPodAutoscaler/.*\.(min|max)Replicas"
    r"|ScaledObject/.*\.(minReplicaCount|maxReplicaCount|fallback\.replicas)"
    r"|Deployment/.*\.(replicas|resources\.(requests|limits)\.(cpu|memory))"
    r"|Deployment/.*\.env\.MYBUDDY_(SENDERS|MAILS_PER_MINUTE|MAILS_PER_MINUTE_TO_DOMAIN|SOLVER_MEMORY_MB|TRUSTED_PROXIES)\.value"
    r"|ConfigMap/regions-\w+\.data\..*)$"
)


def faults(all_of_them: Sequence[Manifests]) -> Iterator[str]:
    """Raises UnrenderedError."""
    for one in all_of_them:
        own = (*_own(one), *_regions(one), *files(one.folder), *_beside(one, Manifests(one.folder, render_plain(one.folder))))
        yield from (f"{one.overlay}: {fault}" for fault in own)
    for name, read in ALONE.items():
        said = [read(one) for one in all_of_them]
        yield from (f"two overlays have the same {name}: {one}" for one in sorted({*said}) if said.count(one) > 1)


def _namespace(manifests: Manifests) -> str:
    return str(manifests.of("Namespace")[0]["metadata"]["name"])


def _host(manifests: Manifests) -> str:
    return str(manifests.of("Ingress")[0]["spec"]["rules"][0]["host"])


def _files(manifests: Manifests) -> str:
    """A copied overlay that still has its model's regions would take their people."""
    return ", ".join(sorted(name for name in _data(manifests) if name.endswith(".toml")))


ALONE = {"Namespace": _namespace, "host": _host, "region files": _files}


def _own(manifests: Manifests) -> Iterator[str]:
    namespace = f"mybuddy-{manifests.overlay}"
    for one in manifests.objects:
        name = f"{one['kind']} {one['metadata']['name']}"
        has = one["metadata"]["name"] if one["kind"] == "Namespace" else one["metadata"].get("namespace")
        if has != namespace:
            yield f"{name} is in the namespace {has}, not in {namespace}"
        yield from (f"{name}: {where} still says {text}" for where, text in texts(one) if OPEN.search(text) and len(text) < 200)
    for pod in manifests.pods:
        prefix = pod.environment(pod.container).get("MYBUDDY_TOPIC_PREFIX", f"{manifests.overlay}.")
        if prefix != f"{manifests.overlay}.":
            yield f"{pod.kind} {pod.name}: topics begin with {prefix!r}, not with {manifests.overlay + '.'!r}"
        if pod.kind == "Job" and not pod.name.endswith(f"-{manifests.said['release']}"):
            yield f"Job {pod.name}: its name must end with the release, {manifests.said['release']}"


def _regions(manifests: Manifests) -> Iterator[str]:
    """As registration finds them in its folder."""
    data = _data(manifests)
    if not any(name.endswith(".toml") for name in data):
        yield "there is no region file"
        return
    with TemporaryDirectory() as folder:
        for name, text in data.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        try:
            read_regions(Path(folder), regions.faults)
        except RegionFilesError as error:
            yield from str(error).splitlines()


def _data(manifests: Manifests) -> dict[str, str]:
    found = [one for one in manifests.of("ConfigMap") if one["metadata"]["name"].startswith("regions-")]
    data: dict[str, str] = found[0].get("data", {}) if found else {}
    return data


def files(folder: Path) -> Iterator[str]:
    """What lies in the overlay's folder and should not, or not so."""
    names = {path.name for path in folder.iterdir()}
    listed = (folder / "kustomization.yaml").read_text(encoding="utf-8")
    unused = sorted(name for name in names & FILES - {"kustomization.yaml"} if name not in listed)
    yield from (f"{name} stands in no list of kustomization.yaml, so that nothing of it counts" for name in unused)
    yield from (f"{name} does not belong into an overlay: {', '.join(sorted(FILES))}" for name in sorted(names - FILES))


def _beside(overlay: Manifests, plain: Manifests) -> Iterator[str]:
    """What the overlay changes of what its components make."""
    has, would_have = _flat(overlay), _flat(plain)
    for where in sorted(has.keys() | would_have.keys()):
        if has.get(where) != would_have.get(where):
            yield f"{where} is {has.get(where)!r} here, and {would_have.get(where)!r} for all: an overlay changes sizes alone"


def _flat(manifests: Manifests) -> dict[str, Any]:
    """Everything but sizes."""
    leaves = (leaf for one in manifests.objects for leaf in _leaves(one, f"{one['kind']}/{one['metadata']['name']}"))
    return {where: value for where, value in leaves if not SIZES.match(where)}


def _leaves(tree: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Lists of things that have a name by that, for one more must not move all others."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, f"{where}.{key}")
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from _leaves(value, f"{where}.{_name(value) or number}")
    else:
        yield where, tree


def _name(value: Object | Any) -> str | None:
    return value.get("name") if isinstance(value, dict) else None
