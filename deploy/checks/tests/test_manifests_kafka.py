"""Faults planted into how pods and KEDA are let in by Kafka."""

from typing import Any

import pytest

from deploy.checks.manifests import kafka
from deploy.checks.manifests.kafka import CA, PASSWORD, USER
from deploy.checks.manifests.rendered import Manifests
from deploy.checks.tests.manifests import Plant, container, one, planted, spec, trigger, variable


def without(pod: str, *names: str, kind: str = "Deployment") -> Plant:
    def plant(manifests: Manifests) -> None:
        for name in names:
            container(manifests, pod, kind)["env"].remove(variable(manifests, pod, name, kind))

    return plant


def secret(manifests: Manifests, parameter: str) -> Any:
    references = spec(manifests, "TriggerAuthentication", "kafka")["secretTargetRef"]
    return next(one for one in references if one["parameter"] == parameter)


def nobody_else(manifests: Manifests) -> None:
    """In plain text all of them, and KEDA still with a name."""
    for pod in ("registration", "geo", "matching", "notification"):
        without(pod, CA, USER, PASSWORD)(manifests)
    without("topics-0.1.0", CA, USER, PASSWORD, kind="Job")(manifests)


PLANTED: list[tuple[Plant, list[str]]] = [
    (
        without("topics-0.1.0", CA, kind="Job"),
        [f"Job topics-0.1.0: {CA} is missing, and others ask Kafka with it"],
    ),
    (
        without("matching", USER, PASSWORD),
        [f"Deployment matching: {name} is missing, and others ask Kafka with it" for name in (PASSWORD, USER)],
    ),
    (
        lambda m: trigger(m, "geo").pop("sasl"),
        ["ScaledObject geo: its sasl is None, and geo asks Kafka as with scram_sha512: take kafka-secured after scaling"],
    ),
    (
        lambda m: trigger(m, "geo").update(sasl="plaintext"),
        ["ScaledObject geo: its sasl is plaintext, and geo asks Kafka as with scram_sha512: take kafka-secured after scaling"],
    ),
    (
        lambda m: trigger(m, "geo").update(tls="disable"),
        ["ScaledObject geo: its tls is disable, and geo asks Kafka as with enable: take kafka-secured after scaling"],
    ),
    (
        lambda m: spec(m, "ScaledObject", "geo")["triggers"][0].pop("authenticationRef"),
        ["ScaledObject geo: there is no TriggerAuthentication None for it"],
    ),
    (
        lambda m: m.objects.remove(one(m, "TriggerAuthentication", "kafka")),
        ["ScaledObject geo: there is no TriggerAuthentication kafka for it"],
    ),
    (
        lambda m: secret(m, "password").update(name="matching-kafka"),
        ["ScaledObject geo: its password comes from the Secret matching-kafka/password, and that of geo from geo-kafka/password"],
    ),
    (
        lambda m: secret(m, "ca").update(key="ca.crt"),
        ["ScaledObject geo: its ca comes from the Secret kafka/ca.crt, and that of geo from kafka/ca"],
    ),
    (
        lambda m: secret(m, "username").update(parameter="user"),
        ["ScaledObject geo: its username comes from the Secret None, and that of geo from geo-kafka/user"],
    ),
    (
        nobody_else,
        [
            "ScaledObject geo: its tls is enable, and geo asks Kafka as with None: take kafka-secured after scaling",
            "ScaledObject geo: its sasl is scram_sha512, and geo asks Kafka as with None: take kafka-secured after scaling",
            "ScaledObject geo: it refers to the TriggerAuthentication kafka, and geo asks Kafka in plain text",
        ],
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: list[str]) -> None:
    assert planted(kafka.faults, plant) == said
