"""Calls between services: while a secret is rotated the old and the new one are accepted, and nothing else ever is."""

import pytest
from fastapi import HTTPException, Request

from shared.runtime.internal import bearer, require
from shared.runtime.settings import RuntimeSettings, secrets

ACCEPTED = secrets("new-secret, old-secret")


def request(headers: dict[str, str]) -> Request:
    return Request(
        {"type": "http", "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]}
    )


@pytest.mark.parametrize("secret", ACCEPTED)
def test_both_secrets_are_accepted_while_they_are_rotated(secret: str) -> None:
    require(request(bearer(secret)), ACCEPTED)


@pytest.mark.parametrize(
    "headers", [{}, bearer(""), bearer("other"), bearer("new-secret,old-secret"), bearer("ñew-secret")], ids=str
)
def test_anything_else_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(HTTPException) as caught:
        require(request(headers), ACCEPTED)
    assert (caught.value.status_code, caught.value.detail) == (401, "This address is for another service.")


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_no_secret_is_no_secret(value: str) -> None:
    with pytest.raises(ValueError, match="no secret given"):
        secrets(value)


def test_settings_do_not_show_the_databases_password() -> None:
    settings = RuntimeSettings(database_url="postgresql://app:hidden@db/x", kafka_bootstrap="kafka:9092", topic_prefix="city.")
    assert "hidden" not in repr(settings)
    assert settings.topic("rounds") == "city.rounds"
