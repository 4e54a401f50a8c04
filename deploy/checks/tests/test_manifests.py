"""The manifests as they are, and faults of form planted into them."""

from pathlib import Path

import pytest

from deploy.checks.manifests import __main__ as manifests
from deploy.checks.manifests import scaling, schemas, written
from deploy.checks.manifests.rendered import OVERLAYS, UnrenderedError, cpu_of, image_of, render, size_of
from deploy.checks.tests.manifests import Plant, container, fresh, one, planted, spec, trigger
from deploy.k8s import __main__ as k8s


def test_nothing_is_wrong_with_them() -> None:
    assert manifests.all_faults() == []


PLANTED: list[tuple[Plant, str]] = [
    (lambda m: container(m, "geo").update(resource={}), "Deployment geo: spec.template.spec.containers.0: Additional properties"),
    (lambda m: container(m, "geo")["ports"][0].update(containerPort="8000"), "is not of type 'integer'"),
    (lambda m: one(m, "Service", "geo").update(apiVersion="v2"), "Service geo: Kubernetes 1.34 knows no Service of v2"),
    (lambda m: spec(m, "ScaledObject", "geo").update(maxReplicas=3), "ScaledObject geo: spec.maxReplicas is no field there"),
    (lambda m: spec(m, "ScaledObject", "geo").pop("scaleTargetRef"), "ScaledObject geo: spec.scaleTargetRef: Field required"),
    (lambda m: trigger(m, "geo").update(lagThreshold=[1]), "ScaledObject geo: spec.triggers.0.metadata.lagThreshold"),
    (lambda m: one(m, "ScaledObject", "geo").update(kind="ScaledObjekt"), "keda.sh/v1alpha1 has no kind ScaledObjekt"),
    (
        lambda m: spec(m, "ServiceMonitor", "mybuddy")["endpoints"][0].update(intervall="5s"),
        "ServiceMonitor mybuddy: spec.endpoints.0.intervall is no field there",
    ),
    (
        lambda m: spec(m, "PrometheusRule", "mybuddy")["groups"][0]["rules"][0].update(fore="5m"),
        "PrometheusRule mybuddy: spec.groups.0.rules.0.fore is no field there",
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_what_is_no_object_of_its_kind_is_found(plant: Plant, said: str) -> None:
    found = planted(schemas.faults, plant)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy: [n, yes]", "write n in quotation marks"),
        ("- on: 1", "write on in quotation marks"),
        ("mode: 0644", "write 0644 in quotation marks"),
        ("newTag: 1.10", "write 1.10 in quotation marks"),
        ("time: 12:30", "write 12:30 in quotation marks"),
        ("a: 1\na: 2", "it cannot be read"),
    ],
)
def test_what_is_read_in_two_ways_is_found(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "some.yaml").write_text('fine: ["n", true, 8080, 10m]\n')
    assert list(written.faults(tmp_path)) == []
    (tmp_path / "other.yaml").write_text(f"{text}\n")
    found = list(written.faults(tmp_path))
    assert found
    assert all(fault.startswith("other.yaml: ") for fault in found)
    assert said in found[0]


def test_rules_and_dashboards_that_are_out_of_date_are_named(tmp_path: Path) -> None:
    for name, text in k8s.written().items():
        (tmp_path / name).write_text(text)
    assert k8s.outdated(tmp_path) == []
    (tmp_path / "rules.yaml").write_text("of last week")
    assert k8s.outdated(tmp_path) == ["rules.yaml"]
    (tmp_path / "kustomization.yaml").unlink()
    assert k8s.outdated(tmp_path) == ["rules.yaml", "kustomization.yaml"]


def test_what_kustomize_cannot_make_is_said_with_its_words(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [nowhere.yaml]\n")
    with pytest.raises(UnrenderedError, match=r"nowhere\.yaml"):
        render(tmp_path)


def test_what_every_overlay_has_alike_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [fresh(folder.name) for folder in OVERLAYS]
    for each in made:
        container(each, "geo").update(resource={})
    spec(made[1], "ScaledObject", "geo").update(maxReplicas=3)
    monkeypatch.setattr(scaling, "exported", dict)
    monkeypatch.setattr(manifests, "read", lambda _: made)
    first, second = manifests.all_faults()
    assert first.startswith("every overlay: Deployment geo: spec.template.spec.containers.0")
    assert second == f"{OVERLAYS[1].name}: ScaledObject geo: spec.maxReplicas is no field there"


def test_what_is_said_keeps_its_order() -> None:
    found = ["a.yaml: 1", "a: 2", "a: 3", "a: 4", "b: 3", "b: 2", "b: 5"]
    assert manifests.once(found, ["a", "b"]) == ["a.yaml: 1", "every overlay: 2", "every overlay: 3", "a: 4", "b: 5"]


def test_sizes_are_read_as_kubernetes_does() -> None:
    assert [size_of("512Mi"), size_of("1.5Gi"), size_of("2G"), size_of("384")] == [512 << 20, 3 << 29, 2 * 10**9, 384]
    with pytest.raises(ValueError, match="512 MB is no size"):
        size_of("512 MB")


def test_parts_of_processors_are_read_as_kubernetes_does() -> None:
    assert [cpu_of("250m"), cpu_of("1"), cpu_of("0.57")] == [250, 1000, 570]
    with pytest.raises(ValueError, match="1 core is no part of a processor"):
        cpu_of("1 core")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mybuddy-geo", ("mybuddy-geo", "", "")),
        ("mybuddy-geo:0.1.0", ("mybuddy-geo", "0.1.0", "")),
        ("registry.example:5000/mybuddy-geo", ("registry.example:5000/mybuddy-geo", "", "")),
        ("registry.example:5000/a/mybuddy-geo:0.1.0", ("registry.example:5000/a/mybuddy-geo", "0.1.0", "")),
        ("a.example/mybuddy-geo@sha256:12", ("a.example/mybuddy-geo", "", "sha256:12")),
        ("a.example:5000/mybuddy-geo:0.1.0@sha256:12", ("a.example:5000/mybuddy-geo", "0.1.0", "sha256:12")),
    ],
)
def test_images_are_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    assert image_of(text) == parts
