"""Printed cards: a number that means nothing, and a code that only this person's card has."""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from uuid import UUID

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
CODE_LETTERS = 6
LENGTHS = (4,) * 8 + (5,) * 8 + (7,) * 8  # of numbers to be tried, until one is free


def numbers(region: str) -> Iterator[str]:
    """Random ones, longer where the short ones are taken."""
    for length in LENGTHS:
        digits = "".join(secrets.choice("0123456789") for _ in range(length))
        yield f"{_prefix(region)}-{digits}"


def number_of(region: str, typed: str) -> str | None:
    """The number as it is printed: the letters in front may be missing, digits may be of any script."""
    digits = "".join(str(unicodedata.decimal(sign, "")) for sign in typed)
    return f"{_prefix(region)}-{digits}" if re.fullmatch(r"[0-9]{4,7}", digits) else None


def _prefix(region: str) -> str:
    return region[:2].upper()


def code(person: UUID, generation: int, key: str) -> str:
    said = b"card" + person.bytes + generation.to_bytes(4, "big")
    number = int.from_bytes(hmac.digest(key.encode(), said, "sha256")[:16])
    return "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(CODE_LETTERS))


def is_code(typed: str, person: UUID, generation: int, keys: Sequence[str]) -> bool:
    """True if one of the keys made it; case, gaps and hyphens do not count."""
    plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in typed if sign.isalnum()).upper().encode()
    matches = [hmac.compare_digest(plain, code(person, generation, key).encode()) for key in keys]
    return any(matches)
