"""Only a token signed with the coordinators' key, still valid and complete, opens a region, and only that region."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from fastapi import HTTPException, Request

from shared.runtime.coordinators import Coordinator, sign, verify

ADA = Coordinator("Ada", "coordinator", ("ludwigsburg", "hannover"))
NEEDED = "A coordinator's token is needed."


def new_keys() -> tuple[str, str]:
    """Private, public."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


PRIVATE, PUBLIC = new_keys()
CLAIMS = {"sub": "Ada", "role": "coordinator", "regions": ["ludwigsburg"], "exp": datetime.now(UTC) + timedelta(hours=1)}


def shown(authorization: str | None) -> Request:
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    return Request({"type": "http", "headers": headers})


def refused(authorization: str | None, public: str = PUBLIC) -> tuple[int, str]:
    with pytest.raises(HTTPException) as caught:
        verify(shown(authorization), public)
    return caught.value.status_code, caught.value.detail


def signed(private: str = PRIVATE, algorithm: str = "EdDSA", **claims: Any) -> str:
    kept = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return f"Bearer {jwt.encode(kept, private, algorithm)}"


def by_hand(algorithm: str, signature: bytes = b"") -> str:
    """As somebody would who is not held back by a library."""
    header, claims = ({"typ": "JWT", "alg": algorithm}, {**CLAIMS, "exp": 4_000_000_000})
    body = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    if algorithm == "HS256":
        signature = hmac.digest(PUBLIC.encode(), body.encode(), "sha256")
    return f"Bearer {body}.{_encoded(signature)}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_a_signed_token_says_who_acts_and_for_which_regions() -> None:
    assert verify(shown(f"Bearer {sign(ADA, PRIVATE, timedelta(minutes=1))}"), PUBLIC) == ADA


def test_a_token_that_has_expired_is_refused_with_what_to_do() -> None:
    assert refused(f"Bearer {sign(ADA, PRIVATE, timedelta(seconds=-1))}") == (401, "This token has expired. Ask for a new one.")


FORGED = {
    "nothing": None,
    "empty": "Bearer ",
    "not a token": "Bearer ünïcode.x.y",
    "signed with another key": signed(new_keys()[0]),
    "not signed": by_hand("none"),
    "signed with the public key as a secret": by_hand("HS256"),
    "other algorithm, no signature": by_hand("EdDSA"),
    "without an end": signed(exp=None),
    "without a name": signed(sub=None),
    "without a role": signed(role=None),
    "without regions": signed(regions=None),
}


@pytest.mark.parametrize("authorization", FORGED.values(), ids=FORGED.keys())
def test_refused(authorization: str | None) -> None:
    assert refused(authorization) == (401, NEEDED)


@pytest.mark.parametrize("public", ["", "no key at all"])
def test_where_no_key_was_given_nobody_is_a_coordinator(public: str) -> None:
    assert refused(signed(), public) == (401, NEEDED)


def test_a_coordinator_acts_in_their_own_regions_only() -> None:
    ADA.check("hannover")
    with pytest.raises(HTTPException) as caught:
        ADA.check("berlin")
    assert (caught.value.status_code, caught.value.detail) == (403, "You are not a coordinator of this region.")
