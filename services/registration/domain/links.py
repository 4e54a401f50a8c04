"""Personal links: a token anybody can carry and nobody can make, the same every time it is made for the same purpose."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

Purpose = Literal["confirm", "me", "helper", "card", "address"]  # of a person; of a helper; `address`: of an asking for one
MAC_BYTES = 16
GROUP_MAC_LETTERS = 6  # forged, it only counts somebody for a group they are not of
FRIENDS = "friends"  # the group of whoever came through somebody without one


def make(person: UUID, purpose: Purpose, generation: int, keys: Sequence[str]) -> str:
    """The token, signed with the first key: 43 letters of the URL-safe alphabet."""
    return base64.urlsafe_b64encode(person.bytes + _mac(person, purpose, generation, keys[0])).decode().rstrip("=")


def person_of(token: str) -> UUID | None:
    """Whose token it claims to be; nothing is proved yet."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return UUID(bytes=raw[:16]) if len(raw) == 16 + MAC_BYTES else None


def is_valid(token: str, person: UUID, purpose: Purpose, generation: int, keys: Sequence[str]) -> bool:
    """True if one of the keys made it: two are valid while they are rotated."""
    matches = [hmac.compare_digest(token, make(person, purpose, generation, [key])) for key in keys]
    return any(matches)


def _mac(person: UUID, purpose: Purpose, generation: int, key: str) -> bytes:
    said = person.bytes + purpose.encode() + generation.to_bytes(4, "big")
    return hmac.digest(key.encode(), said, "sha256")[:MAC_BYTES]


def way_of(group: str, keys: Sequence[str]) -> str:
    """What an address carries to say through which group somebody came; nobody else can invent one."""
    return f"{group}.{_group_mac(group, keys[0])}"


def group_of(way: str, keys: Sequence[str]) -> str | None:
    """The group of a way that one of the keys made."""
    if not way:
        return None
    group, _, mac = way.rpartition(".")
    valid = [hmac.compare_digest(mac.encode(), _group_mac(group, key).encode()) for key in keys]
    return group if group and any(valid) else None


def _group_mac(group: str, key: str) -> str:
    mac = hmac.digest(key.encode(), b"group" + group.encode(), "sha256")
    return base64.b32encode(mac)[:GROUP_MAC_LETTERS].decode().lower()
