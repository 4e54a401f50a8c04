"""The bearer secret of the few calls between services: the caller shows one, the callee accepts two while they are rotated."""

import hmac

from fastapi import HTTPException, Request


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def require(request: Request, accepted: tuple[str, ...]) -> None:
    """Raises HTTP 401 unless the request shows one of the accepted secrets."""
    shown = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    matches = [hmac.compare_digest(shown, secret.encode()) for secret in accepted]
    if not any(matches):
        raise HTTPException(401, "This address is for another service.")
