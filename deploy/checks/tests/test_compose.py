"""The compose file as it is, and errors planted into it."""

from collections.abc import Callable
from typing import Any

import pytest

from deploy.checks.compose import FILE, faults, read
from deploy.local.kafka import VERSION
from deploy.local.parts import POSTGRES_IMAGE

Compose = dict[str, Any]


def environment(compose: Compose, name: str) -> dict[str, Any]:
    # Anchors are shared: a planted error must stay where it was planted.
    compose["services"][name] = {**compose["services"][name], "environment": dict(compose["services"][name]["environment"])}
    found: dict[str, Any] = compose["services"][name]["environment"]
    return found


def test_nothing_is_wrong_with_it() -> None:
    assert faults(read(FILE)) == []


def test_the_parts_are_those_of_the_local_stack() -> None:
    services = read(FILE)["services"]
    assert services["kafka"]["image"] == f"apache/kafka:{VERSION}"
    assert services["postgres"]["image"] == POSTGRES_IMAGE


PLANTED: list[tuple[Callable[[Compose], Any], str]] = [
    (lambda c: environment(c, "geo").update(MYBUDDY_GEO_URI="x"), "geo: MYBUDDY_GEO_URI is known to nobody there"),
    (lambda c: environment(c, "registration").pop("MYBUDDY_LINK_KEYS"), "registration: MYBUDDY_LINK_KEYS is missing or empty"),
    (
        lambda c: environment(c, "matching").update(MYBUDDY_DATABASE_URL=None),
        "matching: MYBUDDY_DATABASE_URL is missing or empty",
    ),
    (lambda c: environment(c, "geo").update(MYBUDDY_HTTP_PORT="web"), "geo: MYBUDDY_HTTP_PORT: Input should be a valid integer"),
    (
        lambda c: environment(c, "notification").update(MYBUDDY_REGISTRATION_URL="http://registrations:8000"),
        "notification: MYBUDDY_REGISTRATION_URL names the host registrations, which is no container here",
    ),
    (lambda c: environment(c, "migrate-geo").clear(), "migrate-geo: MYBUDDY_OWNER_DATABASE_URL is missing or empty"),
    (
        lambda c: environment(c, "migrate-geo").update(MYBUDDY_DATABASE_URL="postgresql://postgres/geo"),
        "migrate-geo: MYBUDDY_DATABASE_URL is known to nobody there",
    ),
    (lambda c: environment(c, "postgres").update(MYBUDDY_X="1"), "postgres: MYBUDDY_X is known to nobody there"),
    (lambda c: environment(c, "postgres").update(POSTGRES_PASSWORD="${PASSWORD}"), "postgres: POSTGRES_PASSWORD has no default"),
    (lambda c: c["services"]["grafana"].update(ports=["3000:3000"]), "grafana: port 3000:3000 is published to everybody"),
    (lambda c: c["services"]["kafka"].update(dependson=["x"]), "dependson"),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_errors_are_found(plant: Callable[[Compose], Any], said: str) -> None:
    compose = read(FILE)
    plant(compose)
    found = faults(compose)
    assert len(found) == 1
    assert said in found[0]


def test_a_dollar_sign_in_a_value_is_no_variable() -> None:
    compose = read(FILE)
    environment(compose, "postgres").update(POSTGRES_PASSWORD="$${PASSWORD}")
    assert faults(compose) == []
