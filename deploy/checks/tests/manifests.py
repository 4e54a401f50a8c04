"""The manifests as they are, to plant faults into."""

import copy
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from deploy.checks.manifests.__main__ import read
from deploy.checks.manifests.rendered import Manifests, Object

Plant = Callable[[Manifests], Any]


@cache
def _made() -> dict[str, Manifests]:
    return {one.overlay: one for one in read()}


def fresh(overlay: str = "ludwigsburg") -> Manifests:
    return Manifests(_made()[overlay].folder, copy.deepcopy(_made()[overlay].objects))


def one(manifests: Manifests, kind: str, name: str) -> Object:
    found = manifests.named(kind, name)
    assert found is not None, f"there is no {kind} {name}"
    return found


def spec(manifests: Manifests, kind: str, name: str) -> Any:
    return one(manifests, kind, name)["spec"]


def pod(manifests: Manifests, name: str, kind: str = "Deployment") -> Any:
    return spec(manifests, kind, name)["template"]["spec"]


def container(manifests: Manifests, name: str, kind: str = "Deployment") -> Any:
    return pod(manifests, name, kind)["containers"][0]


def variable(manifests: Manifests, name: str, variable: str, kind: str = "Deployment") -> Any:
    return next(one for one in container(manifests, name, kind)["env"] if one["name"] == variable)


def trigger(manifests: Manifests, name: str) -> Any:
    return spec(manifests, "ScaledObject", name)["triggers"][0]["metadata"]


def planted(check: Callable[[Manifests], Iterator[str]], plant: Plant, overlay: str = "ludwigsburg") -> list[str]:
    """What is said after the fault was planted; nothing was said before."""
    assert list(check(fresh(overlay))) == []
    manifests = fresh(overlay)
    plant(manifests)
    return list(check(Manifests(manifests.folder, manifests.objects)))
