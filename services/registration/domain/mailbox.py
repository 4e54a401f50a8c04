"""A name for a mailbox that is not its address: for counting what is sent there."""

import hmac
from uuid import UUID

MOST_UNCONFIRMED = 12
"""Mails a day to one mailbox for sign-ups that nobody confirmed: a family or a helper needs several, nobody needs more."""
LATER_SECONDS = 600.0
"""When to ask again: sooner than tomorrow, for each sign-up that is confirmed makes room for another."""


def hashed(email: str, key: str) -> bytes:
    """The same for all spellings that many providers bring to one person: case, dots, and what follows a plus."""
    local, _, domain = email.casefold().rpartition("@")
    same = f"{local.partition('+')[0].replace('.', '')}@{domain}"
    return hmac.digest(key.encode(), f"mailbox\x1f{same}".encode(), "sha256")[:16]


def notice_id(region: str, email: str, key: str) -> UUID:
    """It leaves this service: without the key nobody can try addresses to see whose it is."""
    said = f"notice\x1f{region}\x1f{email.casefold()}"
    return UUID(bytes=hmac.digest(key.encode(), said.encode(), "sha256")[:16])
