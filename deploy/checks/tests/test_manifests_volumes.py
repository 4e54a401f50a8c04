"""Faults planted into where pods write."""

from typing import Any

import pytest

from deploy.checks.manifests import volumes
from deploy.checks.tests.manifests import Plant, container, planted, pod

JOB = "migrate-geo-0.1.0"
KERNELS = "/var/cache/kernels"


def mount(manifests: Any, path: str) -> Any:
    return next(one for one in container(manifests, "matching")["volumeMounts"] if one["mountPath"] == path)


def volume(manifests: Any, name: str = "kernels") -> Any:
    return next(one for one in pod(manifests, "matching")["volumes"] if one["name"] == name)


def claim(**more: bool) -> Plant:
    def plant(manifests: Any) -> None:
        volume(manifests).pop("emptyDir")
        volume(manifests)["persistentVolumeClaim"] = {"claimName": "kernels", **more}

    return plant


PLANTED: list[tuple[Plant, str]] = [
    (lambda m: container(m, "geo").update(volumeMounts=[]), "Deployment geo: /tmp must be a volume: all else cannot be written"),
    (lambda m: container(m, JOB, "Job").update(volumeMounts=[]), f"Job {JOB}: /tmp must be a volume"),
    (
        lambda m: container(m, "matching")["volumeMounts"].remove(mount(m, KERNELS)),
        f"Deployment matching: {KERNELS} must be a volume: the engine's kernels are written there",
    ),
    (lambda m: mount(m, "/tmp").update(readOnly=True), "Deployment matching: /tmp is readOnly: take that away"),
    (lambda m: mount(m, KERNELS).update(readOnly=True), f"Deployment matching: {KERNELS} is readOnly: take that away"),
    (claim(readOnly=True), f"Deployment matching: {KERNELS} is readOnly: take that away"),
    (lambda m: volume(m, "tmp").pop("emptyDir"), "Deployment matching: the volume behind /tmp must be an emptyDir"),
    (lambda m: mount(m, KERNELS).update(name="gone"), f"the volume behind {KERNELS} must be an emptyDir"),
    (
        lambda m: volume(m)["emptyDir"].update(sizeLimit="255Mi"),
        f"Deployment matching: {KERNELS} has room for 255Mi: give it 256Mi or more",
    ),
    (
        lambda m: pod(m, "matching")["volumes"].append({"name": "other", "secret": {"secretName": "databases"}}),
        "Deployment matching: the Secret databases is a volume, and nobody makes one for this pod: take it away",
    ),
    (lambda m: volume(m)["emptyDir"].update(sizeLimit="much"), f"Deployment matching: {KERNELS}: much is no size like 512Mi"),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(volumes.faults, plant)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize("plant", [claim(), lambda m: volume(m).update(emptyDir={}), lambda m: volume(m).update(emptyDir=None)])
def test_all_pods_may_share_their_kernels_and_take_the_room_that_is_there(plant: Plant) -> None:
    assert planted(volumes.faults, plant) == []
