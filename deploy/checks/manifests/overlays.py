"""Do overlays differ in nothing but names, region files and sizes, and has each installation names of its own?"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from deploy.checks.__main__ import ROOT
from deploy.checks.manifests.rendered import K8S, Manifests, Object, texts

FILES = {"installation.yaml", "kustomization.yaml", "sizes.yaml"}
OPEN = re.compile(r"\b(INSTALLATION|HOST|RELEASE)\b")
SIZES = re.compile(
    r"^(HorizontalPodAutoscaler/.*\.(min|max)Replicas"
    r"|ScaledObject/.*\.(minReplicaCount|maxReplicaCount|fallback\.replicas)"
    r"|Deployment/.*\.(replicas|resources\.(requests|limits)\.(cpu|memory))"
    r"|Deployment/.*\.env\.MYBUDDY_(SENDERS|MAILS_PER_MINUTE|MAILS_PER_MINUTE_TO_DOMAIN|SOLVER_MEMORY_MB|TRUSTED_PROXIES)\.value"
    r"|(Deployment|Job)/.*\.image|ConfigMap/regions\.data\..*)$"
)


def faults(all_of_them: Sequence[Manifests]) -> Iterator[str]:
    first, *others = all_of_them
    for one in all_of_them:
        yield from (f"{one.overlay}: {fault}" for fault in (*_own(one), *_regions(one), *_folder(one.overlay)))
    for other in others:
        yield from (f"{other.overlay}: {fault}" for fault in _compared(first, other))
    for name in ("Namespace", "Ingress"):
        said = [_named(name, one) for one in all_of_them]
        yield from (f"two overlays have the same {name}: {one}" for one in sorted({*said}) if said.count(one) > 1)


def _named(kind: str, manifests: Manifests) -> str:
    one = manifests.of(kind)[0]
    return str(one["spec"]["rules"][0]["host"] if kind == "Ingress" else one["metadata"]["name"])


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
        tag = pod.container["image"].rpartition(":")[2]
        if pod.kind == "Job" and not pod.name.endswith(f"-{tag}"):
            yield f"Job {pod.name}: its name must end with its release, {tag}"


def _regions(manifests: Manifests) -> Iterator[str]:
    """Each file as it is in deploy/regions, with the picture that it names."""
    found = [one for one in manifests.of("ConfigMap") if one["metadata"]["name"].startswith("regions-")]
    data: dict[str, str] = found[0].get("data", {}) if found else {}
    if not any(name.endswith(".toml") for name in data):
        yield "there is no region file"
    for name, text in data.items():
        if (ROOT / "deploy/regions" / name).read_text(encoding="utf-8") != text:
            yield f"the region file {name} is not that of deploy/regions"
        logo = tomllib.loads(text).get("logo") if name.endswith(".toml") else None
        if logo and logo not in data:
            yield f"{name} names {logo}, which is not there"


def _folder(overlay: str) -> Iterator[str]:
    folder = K8S / "overlays" / overlay
    names = {path.name for path in folder.iterdir()}
    listed = (folder / "kustomization.yaml").read_text(encoding="utf-8")
    unused = sorted(name for name in names & FILES - {"kustomization.yaml"} if name not in listed)
    yield from (f"{name} stands in no list of kustomization.yaml, so that nothing of it counts" for name in unused)
    yield from (f"{name} does not belong into an overlay: {', '.join(sorted(FILES))}" for name in sorted(names - FILES))


def _compared(first: Manifests, other: Manifests) -> Iterator[str]:
    one, two = _flat(first), _flat(other)
    for where in sorted(one.keys() | two.keys()):
        if one.get(where) != two.get(where):
            yield f"{where} is {two.get(where)!r}, and {one.get(where)!r} in {first.overlay}"


def _flat(manifests: Manifests) -> dict[str, Any]:
    """Everything but sizes, with this installation's names taken out."""
    host = _named("Ingress", manifests)
    found: dict[str, Any] = {}
    for one in manifests.objects:
        name = re.sub(r"^(regions)-.*|^([a-z-]+)-\d.*", r"\1\2", one["metadata"]["name"])
        for where, value in _leaves(one, f"{one['kind']}/{name.replace(manifests.overlay, 'NAME')}"):
            if not SIZES.match(where) and not where.endswith(".metadata.name"):
                found[where] = _without_names(value, manifests.overlay, host)
    return found


def _without_names(value: Any, name: str, host: str) -> Any:
    if not isinstance(value, str):
        return value
    return re.sub(r"^regions-\w+$", "regions", value.replace(host, "HOST").replace(name, "NAME"))


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
