"""Faults planted into one overlay where it must have nothing of its own, or something that no other has."""

from pathlib import Path
from typing import Any

import pytest

from deploy.checks.manifests import overlays
from deploy.checks.manifests.rendered import OVERLAYS, Manifests
from deploy.checks.tests.manifests import Plant, container, fresh, one, spec, trigger, variable

NAMES = [folder.name for folder in OVERLAYS]


def found_after(plant: Plant, overlay: str = "hannover") -> list[str]:
    made = [fresh(name) for name in NAMES]
    assert list(overlays.faults(made)) == []
    plant(made[NAMES.index(overlay)])
    return list(overlays.faults([Manifests(one.folder, one.objects) for one in made]))


def regions(manifests: Manifests) -> Any:
    return next(one for one in manifests.of("ConfigMap") if one["metadata"]["name"].startswith("regions-"))["data"]


def instead(manifests: Manifests, other: str) -> None:
    """The region files of another installation."""
    regions(manifests).clear()
    regions(manifests).update(regions(fresh(other)))


PLANTED: list[tuple[Plant, str]] = [
    (lambda m: container(m, "geo").pop("lifecycle"), "Deployment/geo.spec.template.spec.containers.service.lifecycle"),
    (
        lambda m: variable(m, "registration", "MYBUDDY_GEO_URL").update(value="http://elsewhere:8000"),
        "env.MYBUDDY_GEO_URL.value is 'http://elsewhere:8000' here, and 'http://geo:8000' for all",
    ),
    (lambda m: trigger(m, "geo").update(lagThreshold="5"), "ScaledObject/geo.spec.triggers.0.metadata.lagThreshold"),
    (lambda m: one(m, "Service", "geo")["metadata"].update(namespace="x"), "Service geo is in the namespace x"),
    (lambda m: one(m, "Namespace", "mybuddy-hannover")["metadata"].update(name="x"), "Namespace x is in the namespace x"),
    (lambda m: trigger(m, "geo").update(topic="INSTALLATION.x"), "spec.triggers.0.metadata.topic still says INSTALLATION.x"),
    (lambda m: trigger(m, "geo").update(bootstrapServers="KAFKA"), "spec.triggers.0.metadata.bootstrapServers still says KAFKA"),
    (
        lambda m: variable(m, "geo", "MYBUDDY_TOPIC_PREFIX").update(value="ludwigsburg."),
        "Deployment geo: topics begin with 'ludwigsburg.', not with 'hannover.'",
    ),
    (
        lambda m: one(m, "Job", "topics-0.1.0")["metadata"].update(name="topics-0.0.9"),
        "Job topics-0.0.9: its name must end with the release, 0.1.0",
    ),
    (
        lambda m: spec(m, "Ingress", "mybuddy")["rules"][0].update(host="buddy.ludwigsburg.example"),
        "two overlays have the same host: buddy.ludwigsburg.example",
    ),
    (lambda m: regions(m).pop("hannover.toml"), "hannover: there is no region file"),
    (lambda m: regions(m).pop("logo.svg"), 'line 21: logo: "logo.svg" is not there; put it beside'),
    (lambda m: regions(m).update({"hannover.toml": "slug = 1"}), "hannover: hannover.toml, line 1: slug: must be"),
    (lambda m: instead(m, "ludwigsburg"), "two overlays have the same region files: ludwigsburg.toml"),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_an_overlay_that_differs_in_more_is_found(plant: Plant, said: str) -> None:
    assert any(said in fault for fault in found_after(plant)), found_after(plant)


SIZES: list[Plant] = [
    lambda m: spec(m, "ScaledObject", "geo").update(maxReplicaCount=5),
    lambda m: spec(m, "HorizontalPodAutoscaler", "registration").update(maxReplicas=5),
    lambda m: container(m, "geo")["resources"]["limits"].update(memory="1Gi"),
    lambda m: variable(m, "notification", "MYBUDDY_SENDERS").update(value="4"),
]


@pytest.mark.parametrize("plant", SIZES)
def test_sizes_may_differ(plant: Plant) -> None:
    assert found_after(plant) == []


def test_a_file_that_does_not_belong_into_an_overlay_or_counts_for_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [installation.yaml]")
    (tmp_path / "installation.yaml").write_text("")
    assert list(overlays.files(tmp_path)) == []
    (tmp_path / "network.yaml").write_text("")
    (tmp_path / "sizes.yaml").write_text("")
    assert list(overlays.files(tmp_path)) == [
        "sizes.yaml stands in no list of kustomization.yaml, so that nothing of it counts",
        "network.yaml does not belong into an overlay: installation.yaml, kustomization.yaml, sizes.yaml",
    ]
