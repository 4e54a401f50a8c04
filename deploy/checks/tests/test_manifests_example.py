"""What the example makes is what the manifests refer to: Secrets, databases, roles and the brokers' name."""

import base64
import os
import subprocess
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.checks.__main__ import BIN
from deploy.checks.manifests import references
from deploy.checks.manifests.rendered import K8S, OVERLAYS
from deploy.checks.tests.manifests import fresh, spec
from deploy.local.databases import SERVICES
from services.geo import consumer as geo
from services.matching import consumer as matching
from services.notification import consumer as notification
from services.registration import consumer as registration
from shared.schemas.topics import TOPICS

EXAMPLE = K8S / "example"
ROLES = [f"{service}_{role}" for service in SERVICES for role in ("owner", "app")]


def documents(file: str) -> list[Any]:
    return list(YAML(typ="safe").load_all((EXAMPLE / file).read_text()))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    key = tmp_path_factory.mktemp("key") / "public.pem"
    key.write_text("-----BEGIN PUBLIC KEY-----\n")
    ca = key.with_name("ca.crt")
    ca.write_text("-----BEGIN CERTIFICATE-----\n")
    told = {"MAIL_URL": "smtps://user:it's@mail.example:465", "COORDINATOR_PUBLIC_KEY": str(key), "KAFKA_CA": str(ca)}
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "KUBECONFIG": "/dev/null", **told}
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
    known |= {"topics-kafka/user", "topics-kafka/password"}
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


def users() -> dict[str, Any]:
    return {one["metadata"]["name"].removeprefix("ludwigsburg-"): one["spec"] for one in documents("kafka-users.yaml")}


def test_every_user_of_kafka_has_the_name_and_password_that_its_pods_are_told(secrets: list[Any]) -> None:
    made = {(one["metadata"]["namespace"], one["metadata"]["name"]): one["data"] for one in secrets}
    assert [*users()] == [*SERVICES, "topics"]
    for name, spec_of_user in users().items():
        told, reference = made["mybuddy-ludwigsburg", f"{name}-kafka"], spec_of_user["authentication"]["password"]["valueFrom"]
        assert base64.b64decode(told["user"]).decode() == f"ludwigsburg-{name}"
        assert reference["secretKeyRef"]["key"] == "password"
        assert made["kafka", reference["secretKeyRef"]["name"]]["password"] == told["password"]
    assert len({one["password"] for (place, _), one in made.items() if place == "kafka"}) == len(users())


def test_every_user_of_kafka_may_do_what_the_topics_draw_and_no_more() -> None:
    subscriptions = [registration.SUBSCRIPTION, geo.SUBSCRIPTION, matching.SUBSCRIPTION, notification.SUBSCRIPTION]
    groups = dict(zip(SERVICES, (one.group for one in subscriptions), strict=True))
    for service in SERVICES:
        wanted = {("topic", f"ludwigsburg.{topic.name}", "literal", "Read") for topic in TOPICS if service in topic.consumers}
        wanted |= {("topic", f"ludwigsburg.{topic.name}", "literal", "Write") for topic in TOPICS if service in topic.producers}
        assert granted(service) == sorted({*wanted, ("group", f"ludwigsburg.{groups[service]}", "literal", "Read")})
    assert granted("topics") == [("topic", "ludwigsburg.", "prefix", "Create")]


def granted(user: str) -> list[tuple[str, str, str, str]]:
    acls = users()[user]["authorization"]["acls"]
    return sorted((*(one["resource"][key] for key in ("type", "name", "patternType")), *one["operations"]) for one in acls)


def test_kafka_listens_where_every_overlay_asks_it_and_lets_nobody_in_without_a_name() -> None:
    kafka = next(one for one in documents("kafka.yaml") if one["kind"] == "Kafka")
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert (listener["tls"], listener["authentication"]) == (True, {"type": "scram-sha-512"})
    assert kafka["spec"]["kafka"]["authorization"] == {"type": "simple"}
    address = f"{kafka['metadata']['name']}-kafka-bootstrap.{kafka['metadata']['namespace']}:{listener['port']}"
    assert {fresh(folder.name).said["kafka"] for folder in OVERLAYS} == {address}
    assert {one["metadata"]["labels"]["strimzi.io/cluster"] for one in documents("kafka-users.yaml")} == {
        kafka["metadata"]["name"]
    }
