"""What the example makes is what the manifests refer to: Secrets, databases, roles and the brokers' name."""

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.checks.__main__ import BIN
from deploy.checks.manifests import references, schemas
from deploy.checks.manifests.flows import NAMESPACE
from deploy.checks.manifests.rendered import K8S, OVERLAYS, Manifests
from deploy.checks.manifests.volumes import AUTHORITY, OF_DATABASES
from deploy.checks.tests.manifests import fresh, spec
from deploy.local.certificate import certificate
from deploy.local.databases import SERVICES
from deploy.local.keys import make_keys
from services.geo import consumer as geo
from services.matching import consumer as matching
from services.notification import consumer as notification
from services.registration import consumer as registration
from shared.schemas.topics import TOPICS

EXAMPLE = K8S / "example"
ROLES = [f"{service}_{role}" for service in SERVICES for role in ("owner", "app")]


def documents(file: str) -> list[Any]:
    return list(YAML(typ="safe").load_all((EXAMPLE / file).read_text()))


def told(folder: Path) -> dict[str, str]:
    """What the script must be told, with a key and a certificate that are none of anybody's."""
    files = {"COORDINATOR_PUBLIC_KEY": make_keys(folder).coordinator_public, "KAFKA_CA": certificate()[0]}
    for name, text in files.items():
        (folder / f"{name}.pem").write_text(text)
    places = {name: str(folder / f"{name}.pem") for name in files}
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "KUBECONFIG": "/dev/null",
        "MAIL_URL": "smtps://user:it's@mail.example:465",
    } | places


def made(environment: dict[str, str]) -> list[Any]:
    done = subprocess.run([EXAMPLE / "secrets", "ludwigsburg"], env=environment, capture_output=True, text=True, check=True)
    return [one for one in YAML(typ="safe").load_all(done.stdout) if one]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return made(told(tmp_path_factory.mktemp("keys")))


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


WRONG = [
    ({"MAIL_URL": ""}, "Set MAIL_URL to the address of the mail server"),
    ({"MAIL_URL": "mail.example"}, "MAIL_URL must be like smtps://user:password@host:465"),
    ({"COORDINATOR_PUBLIC_KEY": "{private}"}, "holds no public key in PEM; the private one stays with the office"),
    ({"KAFKA_CA": "/dev/null"}, "/dev/null holds no certificate in PEM"),
    ({"DATABASES": "db.example:5432"}, "Set DATABASES_CA to the file with the certificate of the authority behind the databases"),
    ({"DATABASES": "db.example:5432", "DATABASES_CA": "/dev/null"}, "/dev/null holds no certificate in PEM"),
    ({"DATABASES": "db.example:6432", "DATABASES_CA": "any"}, "DATABASES must be like db.example:5432"),
    ({"DATABASES": "geo:it@db.example:5432", "DATABASES_CA": "any"}, "DATABASES must be like db.example:5432"),
]


@pytest.mark.parametrize(("other", "said"), WRONG)
def test_the_script_says_what_it_needs_and_prints_nothing_before(tmp_path: Path, other: dict[str, str], said: str) -> None:
    private = str(make_keys(tmp_path / "other").coordinator_private_file)
    environment = told(tmp_path) | {name: value.replace("{private}", private) for name, value in other.items()}
    done = subprocess.run([EXAMPLE / "secrets", "ludwigsburg"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_for_databases_and_a_kafka_elsewhere_only_the_installation_is_told(tmp_path: Path) -> None:
    given = told(tmp_path)
    other = {"DATABASES": "db.example:5432", "DATABASES_CA": given["KAFKA_CA"], "KAFKA_ELSEWHERE": "yes"}
    elsewhere = made(given | other)
    assert {one["metadata"]["namespace"] for one in elsewhere} == {"mybuddy-ludwigsburg"}
    (url,) = (one["data"]["url"] for one in elsewhere if one["metadata"]["name"] == "geo-app")
    verified = f"sslmode=verify-full&sslrootcert={AUTHORITY}/ca.crt"
    assert base64.b64decode(url).decode().partition("@")[2] == f"db.example:5432/geo?{verified}"
    (authority,) = (one["data"] for one in elsewhere if one["metadata"]["name"] == OF_DATABASES)
    assert base64.b64decode(authority["ca.crt"]) == Path(given["KAFKA_CA"]).read_bytes()
    plain = made(told(tmp_path) | {"KAFKA_CA": "none"})
    assert not [one for one in plain if "kafka" in one["metadata"]["name"]]


def test_who_may_come_to_the_databases_is_this_installation_and_the_operator(secrets: list[Any]) -> None:
    policy = next(one for one in documents("databases.yaml") if one["kind"] == "NetworkPolicy")
    assert list(schemas.faults(Manifests(K8S / "overlays/ludwigsburg", [policy]))) == []
    ours, operator = policy["spec"]["ingress"]
    own = {"podSelector": policy["spec"]["podSelector"]}
    assert policy["metadata"]["namespace"] == "databases"
    assert ours["from"] == [
        {"namespaceSelector": {"matchLabels": {NAMESPACE: fresh().of("Namespace")[0]["metadata"]["name"]}}},
        own,
    ]
    assert [port["port"] for port in ours["ports"]] == [5432]
    assert operator["from"] == [{"namespaceSelector": {"matchLabels": {NAMESPACE: "cnpg-system"}}}]
    assert [port["port"] for port in operator["ports"]] == [5432, 8000]
    labels = [one["metadata"].get("labels") for one in secrets if in_namespace(one, "databases")]
    assert labels == [{"cnpg.io/reload": "true"}] * len(ROLES)


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
