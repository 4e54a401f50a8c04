"""Coordinators' signed tokens: a command makes them with the private key, each service checks them with the public one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from fastapi import HTTPException, Request

ALGORITHM = "EdDSA"


@dataclass(frozen=True)
class Coordinator:
    """Who acts, and for which regions."""

    name: str
    role: str
    regions: tuple[str, ...]

    def check(self, region: str) -> None:
        """Raises HTTP 403 for a region that is not theirs."""
        if region not in self.regions:
            raise HTTPException(403, "You are not a coordinator of this region.")


def sign(coordinator: Coordinator, private_key: str, valid: timedelta) -> str:
    """A token for `valid` from now, in real time: sessions of people do not follow a demo's clock."""
    claims = {
        "sub": coordinator.name,
        "role": coordinator.role,
        "regions": list(coordinator.regions),
        "exp": datetime.now(UTC) + valid,
    }
    return jwt.encode(claims, private_key, ALGORITHM)


def verify(request: Request, public_key: str) -> Coordinator:
    """Raises HTTP 401 where the token is missing, forged or too old."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, public_key, [ALGORITHM], options={"require": ["exp", "sub", "role", "regions"]})
    except jwt.ExpiredSignatureError:
        raise HTTPException(401, "This token has expired. Ask for a new one.") from None
    except jwt.PyJWTError:
        raise HTTPException(401, "A coordinator's token is needed.") from None
    return Coordinator(claims["sub"], claims["role"], tuple(claims["regions"]))


def may(request: Request, region: str) -> Coordinator:
    """Who asks. Raises HTTP 401 and 403 for whoever is no coordinator of this region."""
    who = verify(request, request.app.state.settings.coordinator_public_key)
    who.check(region)
    return who
