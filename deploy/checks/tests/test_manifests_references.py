"""Faults planted into Secrets that pods refer to, addresses they are told, and ways in beside the Ingress."""

from typing import Any

import pytest

from deploy.checks.manifests import exposed, references
from deploy.checks.tests.manifests import Plant, container, planted, spec, variable

JOB = "migrate-geo-0.1.0"


def refer(pod: str, told: str, kind: str = "Deployment", **reference: str) -> Plant:
    return lambda m: variable(m, pod, told, kind)["valueFrom"]["secretKeyRef"].update(reference)


def ask(name: str, told: str, address: str) -> Plant:
    return lambda m: variable(m, name, told).update(value=address)


OWNER, COORDINATORS = "MYBUDDY_OWNER_DATABASE_URL", "MYBUDDY_COORDINATOR_PUBLIC_KEY"
PLANTED: list[tuple[Plant, str]] = [
    (
        refer("geo", "MYBUDDY_DATABASE_URL", name="matching-app"),
        "Deployment geo: MYBUDDY_DATABASE_URL comes from the Secret matching-app/url: it must come from geo-app/url",
    ),
    (refer("geo", "MYBUDDY_DATABASE_URL", name="geo-owner"), "Secret geo-owner/url: it must come from geo-app/url"),
    (
        refer(JOB, OWNER, "Job", name="geo-app"),
        f"Job {JOB}: {OWNER} comes from the Secret geo-app/url: it must come from geo-owner/url",
    ),
    (refer(JOB, OWNER, "Job", name="matching-owner"), "matching-owner/url: it must come from geo-owner/url"),
    (refer("matching", COORDINATORS, key="public"), "coordinators/public: it must come from coordinators/public-key"),
    (
        refer("registration", "MYBUDDY_INTERNAL_SECRET_REGISTRATION", key="notification"),
        "internal/notification: it must come from internal/registration",
    ),
    (
        refer("notification", "MYBUDDY_INTERNAL_SECRET_NOTIFICATION", key="registration"),
        "internal/registration: it must come from internal/notification",
    ),
    (refer("registration", "MYBUDDY_LINK_KEYS", name="link"), "link/keys: it must come from links/keys"),
    (refer("geo", "MYBUDDY_KAFKA_CA", key="ca.crt"), "kafka/ca.crt: it must come from kafka/ca"),
    (refer("geo", "MYBUDDY_KAFKA_USER", name="matching-kafka"), "matching-kafka/user: it must come from geo-kafka/user"),
    (refer("topics-0.1.0", "MYBUDDY_KAFKA_PASSWORD", "Job", name="geo-kafka"), "it must come from topics-kafka/password"),
    (refer("notification", "MYBUDDY_SMTP_URL", key="address"), "mail/address: it must come from mail/url"),
    (
        lambda m: container(m, "geo")["env"].append(
            {"name": "MYBUDDY_LOG_LEVEL", "valueFrom": {"secretKeyRef": {"name": "log", "key": "level"}}}
        ),
        "Deployment geo: MYBUDDY_LOG_LEVEL comes from the Secret log/level, and nobody makes one for it",
    ),
    (
        lambda m: container(m, "geo")["env"].append({"name": "MYBUDDY_PASSWORD", "value": "known"}),
        "Deployment geo: MYBUDDY_PASSWORD must come from a Secret and from nowhere else",
    ),
    (
        ask("registration", "MYBUDDY_GEO_URL", "http://geo"),
        "MYBUDDY_GEO_URL leads to the port 80 of the Service geo: name one that it has (8000)",
    ),
    (ask("registration", "MYBUDDY_GEO_URL", "https://geo:8000"), "MYBUDDY_GEO_URL asks the Service geo by https: write http"),
    (ask("registration", "MYBUDDY_GEO_URL", "https://geo/"), "leads to the port 443 of the Service geo"),
    (ask("registration", "MYBUDDY_GEO_URL", "http://geo.mybuddy-ludwigsburg.svc:8080"), "the port 8080 of the Service geo"),
    (ask("notification", "MYBUDDY_REGISTRATION_URL", "http://registration:80"), "the port 80 of the Service registration"),
    (ask("registration", "MYBUDDY_GEO_URL", "http://geo:80000"), "MYBUDDY_GEO_URL is no address: Port out of range"),
    (
        lambda m: spec(m, "Service", "geo")["ports"][0].update(port=80),
        "the port 8000 of the Service geo: name one that it has (80)",
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(references.faults, plant)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize("name", sorted(references.SECRETS.keys() - {OWNER, "MYBUDDY_SMTP_URL"}))
@pytest.mark.parametrize("other", [{"value": "known to all"}, {"valueFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}])
def test_a_secret_that_is_written_down_is_found(name: str, other: dict[str, Any]) -> None:
    def plant(manifests: Any) -> None:
        variable(manifests, "registration", name).pop("valueFrom")
        variable(manifests, "registration", name).update(other)

    (found,) = planted(references.faults, plant)
    place = references.SECRETS[name].format(service="registration")
    assert found == f"Deployment registration: {name} must come from a Secret and from nowhere else: {place}"


def test_a_value_beside_the_reference_is_found() -> None:
    found = planted(references.faults, ask("notification", "MYBUDDY_SMTP_URL", "smtp://mail.example"))
    assert found == ["Deployment notification: MYBUDDY_SMTP_URL must come from a Secret and from nowhere else: mail/url"]


@pytest.mark.parametrize("address", ["http://geo.mybuddy-ludwigsburg:8000", "http://geo.elsewhere:80", "http://geo.example"])
def test_addresses_that_lead_there_or_elsewhere_are_no_fault(address: str) -> None:
    assert planted(references.faults, ask("registration", "MYBUDDY_GEO_URL", address)) == []


EXPOSED: list[tuple[Plant, str]] = [
    (lambda m: spec(m, "Service", "geo").update(type="NodePort"), "Service geo: its type is NodePort: it must be ClusterIP"),
    (lambda m: spec(m, "Service", "registration").update(type="LoadBalancer"), "registration: its type is LoadBalancer"),
    (lambda m: spec(m, "Service", "geo").update(externalIPs=["192.0.2.1"]), "Service geo: externalIPs lead past the Ingress"),
    (
        lambda m: container(m, "geo")["ports"][0].update(hostPort=8000),
        "Deployment geo: hostPort 8000 opens a port of the machine",
    ),
]


@pytest.mark.parametrize(("plant", "said"), EXPOSED)
def test_ways_in_beside_the_ingress_are_found(plant: Plant, said: str) -> None:
    found = planted(exposed.faults, plant)
    assert len(found) == 1
    assert said in found[0]
