"""An installation that stands on other things than the three here: each component may be left out or taken instead."""

import os
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.checks.manifests import volumes
from deploy.checks.manifests.__main__ import all_faults, read
from deploy.checks.manifests.kafka import CA, PASSWORD, USER
from deploy.checks.manifests.rendered import K8S, Manifests
from deploy.checks.tests.manifests import container, one, pod, spec

HAPROXY = {"ingress-class": "haproxy", "ingress-namespace": "haproxy", "ingress-pods": "haproxy-ingress"}
OWN = {"name": "elsewhere", "host": "buddy.elsewhere.example", **HAPROXY}
OTHER_KAFKA = {"kafka": "kafka.example:9092", "kafka-network": "192.0.2.16/28"}
OTHER = {**OWN, **OTHER_KAFKA, "databases": "192.0.2.0/28", "issuer": "letsencrypt"}


def overlay(folder: Path, components: list[str], said: dict[str, str], **more: Any) -> Path:
    """A folder outside the project, as an operator's own repository has it."""
    folder = folder / "elsewhere"
    folder.mkdir()
    model, yaml = K8S / "overlays/ludwigsburg", YAML(typ="safe")
    installation = yaml.load((model / "installation.yaml").read_text())
    installation["data"] |= said
    kustomization = yaml.load((model / "kustomization.yaml").read_text()) | more
    kustomization["namespace"] = "mybuddy-elsewhere"
    kustomization["components"] = [f"../../components/{name}" for name in components]
    for part in (kustomization, *kustomization["configMapGenerator"], *kustomization["replacements"]):
        for key in part.keys() & {"resources", "components", "files", "path"}:
            part[key] = moved(part[key], model, folder)
    for name, content in (("installation.yaml", installation), ("kustomization.yaml", kustomization)):
        with (folder / name).open("w") as file:
            YAML().dump(content, file)
    return folder


def moved(way: Any, old: Path, new: Path) -> Any:
    """The same file or folder, seen from the new place; what lies in the overlay stays in it."""
    if isinstance(way, list):
        return [moved(one, old, new) for one in way]
    return os.path.relpath((old / way).resolve(), new.resolve()) if way.startswith("..") else way


def test_kafka_databases_and_controller_may_be_others_and_nothing_scales_or_watches(tmp_path: Path) -> None:
    folder = overlay(tmp_path, ["databases-elsewhere", "kafka-elsewhere", "cert-manager"], OTHER)
    assert all_faults([folder]) == []
    (made,) = read([folder])
    assert (made.of("ScaledObject"), made.of("ServiceMonitor"), made.of("PrometheusRule")) == ([], [], [])
    assert spec(made, "Deployment", "geo")["replicas"] == 2
    assert goes_to(made, "databases") == [{"ipBlock": {"cidr": "192.0.2.0/28"}}]
    assert goes_to(made, "kafka") == [{"ipBlock": {"cidr": "192.0.2.16/28"}}]
    told = {one["name"]: one.get("value") for one in container(made, "geo")["env"]}
    assert told["MYBUDDY_KAFKA_BOOTSTRAP"] == "kafka.example:9092"
    with_authority = [
        pod.name for pod in made.pods if {"name": "databases", "secret": {"secretName": "databases"}} in pod.spec["volumes"]
    ]
    assert with_authority == [pod.name for pod in made.pods if pod.name != "topics-0.1.0"]
    ingress = one(made, "Ingress", "mybuddy")
    assert ingress["metadata"]["annotations"]["cert-manager.io/cluster-issuer"] == "letsencrypt"
    assert ingress["spec"]["ingressClassName"] == "haproxy"


@pytest.mark.parametrize(("name", "kind"), [("geo", "Deployment"), ("migrate-geo-0.1.0", "Job")])
def test_a_database_elsewhere_is_not_asked_without_the_authority_of_its_certificate(tmp_path: Path, name: str, kind: str) -> None:
    folder = overlay(tmp_path, ["databases-elsewhere", "kafka-elsewhere", "cert-manager"], OTHER)
    (made,) = read([folder])
    container(made, name, kind)["volumeMounts"].pop()
    assert list(volumes.faults(made)) == [
        f"{kind} {name}: /etc/databases must be the Secret databases: without it nobody knows whether that is our database"
    ]


def test_a_container_beside_it_that_asks_no_database_needs_none(tmp_path: Path) -> None:
    (made,) = read([overlay(tmp_path, ["databases-elsewhere", "kafka-elsewhere", "cert-manager"], OTHER)])
    pod(made, "geo")["initContainers"] = [{"name": "first", "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}]
    assert list(volumes.faults(made)) == []


def goes_to(manifests: Manifests, policy: str) -> Any:
    return spec(manifests, "NetworkPolicy", policy)["egress"][0]["to"]


CHOSEN = ["cloudnativepg", "scaling", "kafka-secured", "watched"]


@pytest.mark.parametrize("left_out", CHOSEN[1:])
def test_one_of_them_may_be_left_out(tmp_path: Path, left_out: str) -> None:
    components = [name for name in CHOSEN if name != left_out]
    folder = overlay(tmp_path, components, OWN)
    without_prometheus = [fault for fault in all_faults([folder]) if "watched" not in fault]
    assert without_prometheus == []


def test_without_it_kafka_is_asked_in_plain_text_at_the_port_of_its_address(tmp_path: Path) -> None:
    said = OWN | {"kafka": "mybuddy-kafka-bootstrap.kafka:9092"}
    folder = overlay(tmp_path, ["cloudnativepg", "scaling", "watched"], said)
    assert all_faults([folder]) == []
    (made,) = read([folder])
    assert spec(made, "NetworkPolicy", "kafka")["egress"][0]["ports"] == [{"protocol": "TCP", "port": 9092}]
    assert not {one["name"] for one in container(made, "geo")["env"]} & {CA, USER, PASSWORD}
    assert "authenticationRef" not in spec(made, "ScaledObject", "geo")["triggers"][0]


@pytest.mark.parametrize("components", [["kafka-elsewhere", "kafka-secured"], ["scaling", "kafka-secured", "kafka-elsewhere"]])
def test_a_kafka_elsewhere_may_be_asked_by_tls_and_with_a_name(tmp_path: Path, components: list[str]) -> None:
    said = OWN | {"databases": "192.0.2.0/28"} | OTHER_KAFKA | {"kafka": "kafka.example:9094"}
    folder = overlay(tmp_path, ["databases-elsewhere", *components, "watched"], said)
    assert all_faults([folder]) == []
    (made,) = read([folder])
    rule = spec(made, "NetworkPolicy", "kafka")["egress"][0]
    assert rule == {"to": [{"ipBlock": {"cidr": "192.0.2.16/28"}}], "ports": [{"protocol": "TCP", "port": 9094}]}
    assert {one["name"] for one in container(made, "topics-0.1.0", "Job")["env"]} >= {CA, USER, PASSWORD}


def test_before_scaling_it_would_leave_keda_without_a_name_and_that_is_said(tmp_path: Path) -> None:
    folder = overlay(tmp_path, ["cloudnativepg", "kafka-secured", "scaling", "watched"], OWN)
    assert any("take kafka-secured after scaling" in fault for fault in all_faults([folder]))


DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGES = [
    {"newName": "registry.example:5000/office/mybuddy-{}", "newTag": "0.1.0"},
    {"digest": DIGEST},
    {"newName": "registry.example:5000/office/mybuddy-{}", "newTag": "0.1.0", "digest": DIGEST},
]


@pytest.mark.parametrize("image", IMAGES)
def test_images_may_come_from_a_registry_with_a_port_and_by_digest(tmp_path: Path, image: dict[str, str]) -> None:
    services = ("registration", "geo", "matching", "notification")
    images = [{"name": f"mybuddy-{name}"} | {key: text.format(name) for key, text in image.items()} for name in services]
    folder = overlay(tmp_path, CHOSEN, OWN, images=images)
    assert all_faults([folder]) == []
    (made,) = read([folder])
    assert made.named("Job", "topics-0.1.0")


def test_a_controller_in_the_network_of_its_machines_and_a_registry_with_a_password(tmp_path: Path) -> None:
    said = OWN | {"ingress-network": "192.0.2.32/28", "issuer": "letsencrypt"}
    folder = overlay(tmp_path, [*CHOSEN, "cert-manager", "ingress-network", "image-pull-secret"], said)
    assert all_faults([folder]) == []
    (made,) = read([folder])
    for policy in ("public", "certificate"):
        assert {"ipBlock": {"cidr": "192.0.2.32/28"}} in spec(made, "NetworkPolicy", policy)["ingress"][0]["from"]
    assert {str(pod.spec["imagePullSecrets"]) for pod in made.pods} == {"[{'name': 'registry'}]"}
