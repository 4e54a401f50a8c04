"""What the example makes is what the manifests refer to: Secrets, databases, roles and the brokers' name."""

import os
import subprocess
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.checks.__main__ import BIN
from deploy.checks.manifests import references
from deploy.checks.manifests.rendered import K8S
from deploy.checks.tests.manifests import fresh, spec
from deploy.local.databases import SERVICES

EXAMPLE = K8S / "example"
ROLES = [f"{service}_{role}" for service in SERVICES for role in ("owner", "app")]


def documents(file: str) -> list[Any]:
    return list(YAML(typ="safe").load_all((EXAMPLE / file).read_text()))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    key = tmp_path_factory.mktemp("key") / "public.pem"
    key.write_text("-----BEGIN PUBLIC KEY-----\n")
    told = {"MAIL_URL": "smtps://user:it's@mail.example:465", "COORDINATOR_PUBLIC_KEY": str(key), "KUBECONFIG": "/dev/null"}
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", **told}
    done = subprocess.run([EXAMPLE / "secrets", "ludwigsburg"], env=environment, capture_output=True, text=True, check=True)
    return [one for one in YAML(typ="safe").load_all(done.stdout) if one]


def test_every_secret_that_is_referred_to_is_made_and_no_other(secrets: list[Any]) -> None:
    manifests = fresh()
    referred = {
        (variable["valueFrom"]["secretKeyRef"]["name"], variable["valueFrom"]["secretKeyRef"]["key"])
        for pod in manifests.pods
        for variable in pod.container["env"]
        if "valueFrom" in variable
    }
    made = {(one["metadata"]["name"], key) for one in secrets if in_namespace(one, "mybuddy-ludwigsburg") for key in one["data"]}
    assert made == referred
    known = {place.format(service=service) for place in references.SECRETS.values() for service in SERVICES}
    assert known == {"/".join(place) for place in made}


def test_every_role_has_a_password_that_is_made(secrets: list[Any]) -> None:
    cluster = next(one for one in documents("databases.yaml") if one["kind"] == "Cluster")
    referred = {role["name"]: role["passwordSecret"]["name"] for role in cluster["spec"]["managed"]["roles"]}
    assert list(referred) == ROLES
    made = {one["metadata"]["name"]: one for one in secrets if in_namespace(one, "databases")}
    assert {*referred.values()} == made.keys()
    assert {one["type"] for one in made.values()} == {"kubernetes.io/basic-auth"}


def test_each_service_has_a_database_that_its_owner_owns() -> None:
    databases = [one["spec"] for one in documents("databases.yaml") if one["kind"] == "Database"]
    assert [(one["name"], one["owner"]) for one in databases] == [(service, f"{service}_owner") for service in SERVICES]
    manifests = fresh()
    for service in SERVICES:
        command = " ".join(spec(manifests, "Job", f"migrate-{service}-0.1.0")["template"]["spec"]["containers"][0]["command"])
        assert f"shared.runtime.migrate {service} --app {service}_app" in command


def test_network_policies_choose_the_pods_of_the_example() -> None:
    kafka = next(one for one in documents("kafka.yaml") if one["kind"] == "Kafka")["metadata"]
    cluster = next(one for one in documents("databases.yaml") if one["kind"] == "Cluster")["metadata"]
    assert peer("kafka") == (kafka["namespace"], {"strimzi.io/name": f"{kafka['name']}-kafka"})
    assert peer("databases") == (cluster["namespace"], {"cnpg.io/cluster": cluster["name"]})


def peer(policy: str) -> tuple[str, dict[str, str]]:
    to = spec(fresh(), "NetworkPolicy", policy)["egress"][0]["to"][0]
    return to["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], to["podSelector"]["matchLabels"]


def in_namespace(one: Any, namespace: str) -> bool:
    return bool(one["metadata"]["namespace"] == namespace)


def test_the_script_says_what_it_needs() -> None:
    told = {"PATH": os.environ["PATH"]}
    done = subprocess.run([EXAMPLE / "secrets", "ludwigsburg"], env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Set MAIL_URL to the address of the mail server" in done.stderr


def test_the_database_of_the_example_takes_as_many_connections_as_the_overlay_says() -> None:
    cluster = next(one for one in documents("databases.yaml") if one["kind"] == "Cluster")
    assert cluster["spec"]["postgresql"]["parameters"]["max_connections"] == fresh().said["connections"]
