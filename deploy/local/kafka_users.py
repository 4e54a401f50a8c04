"""Users of a broker and what each may do, told to it by its plain listener."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactBytes, CompactString, Int8, Int16, Int32, Schema, TaggedFields

SCRAM_SHA_512, ITERATIONS = 2, 4096
# Codes of Kafka's protocol.
RESOURCES = {"topic": 2, "group": 3}
PATTERNS = {"literal": 3, "prefix": 4}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8}
ALLOW = 3
TAGS = ("tags", TaggedFields)
NAME = ("name", CompactString("utf-8"))


@dataclass(frozen=True, order=True)
class Grant:
    """What a user may do with a topic or group, or with all whose names begin so."""

    user: str
    resource: str
    name: str
    operation: str
    pattern: str = "literal"


class AlteredScram(Response):  # type: ignore[misc]
    """The broker's answer: an error's code for each user."""

    API_KEY, API_VERSION = 51, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", CompactArray(NAME, ("error_code", Int16), ("error_message", CompactString("utf-8")), TAGS)),
        TAGS,
    )


class AlterScramStruct(RequestStruct):  # type: ignore[misc]
    """As it goes over the wire; aiokafka has no such request."""

    API_KEY, API_VERSION, FLEXIBLE_VERSION = 51, 0, True
    RESPONSE_TYPE = AlteredScram
    SCHEMA = Schema(
        ("deletions", CompactArray(NAME, ("mechanism", Int8), TAGS)),
        (
            "upsertions",
            CompactArray(
                NAME, ("mechanism", Int8), ("iterations", Int32), ("salt", CompactBytes), ("salted", CompactBytes), TAGS
            ),
        ),
        TAGS,
    )


class AlterScram(Request[AlterScramStruct]):  # type: ignore[misc]
    """Makes users, or gives those that are there another password."""

    API_KEY = 51

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = passwords

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class([], [_salted(*one) for one in self._passwords.items()], {})


def _salted(user: str, password: str) -> tuple[Any, ...]:
    salt = secrets.token_bytes(16)
    return user, SCRAM_SHA_512, ITERATIONS, salt, hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS), {}


async def set_passwords(plain: str, passwords: Mapping[str, str]) -> None:
    """`plain` is the address of the plain listener. Raises RuntimeError where the broker refuses."""
    (answer,) = await _asked(plain, AlterScram(passwords))
    _right(code for _, code, *_ in answer.results)


async def grant(plain: str, grants: Iterable[Grant]) -> None:
    """Raises RuntimeError where the broker refuses."""
    answers = await _asked(plain, *map(_granting, grants))
    _right(code for answer in answers for code, _ in answer.creation_responses)


def _granting(one: Grant) -> Any:
    resource, pattern, operation = RESOURCES[one.resource], PATTERNS[one.pattern], OPERATIONS[one.operation]
    return CreateAclsRequest(resource, one.name, pattern, f"User:{one.user}", "*", operation, ALLOW)


def _right(codes: Iterable[int]) -> None:
    if wrong := {code for code in codes if code}:
        raise RuntimeError(f"Kafka refuses users or grants: {wrong}")


async def _asked(plain: str, *requests: Any) -> list[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=plain)
    await admin.start()
    try:
        return [await admin._send_request(request) for request in requests]  # noqa: SLF001 - it has no method for these
    finally:
        await admin.close()
