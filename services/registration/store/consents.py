"""The texts that people agreed to, each under its own fingerprint, kept as long as anybody agreed to it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from shared.runtime.db import Connection

VERSION_LETTERS = 16


@dataclass(frozen=True)
class Consent:
    """The text that stands on the form and the privacy page."""

    region: str
    language: str
    said: str

    @cached_property
    def version(self) -> str:
        named = f"{self.region}/{self.language}\n{self.said}"
        return hashlib.sha256(named.encode()).hexdigest()[:VERSION_LETTERS]


async def keep(conn: Connection, given: Iterable[Consent]) -> None:
    """So that years later it can be said what somebody agreed to."""
    await conn.executemany(
        "INSERT INTO consent_texts (version, region, language, said, since) VALUES ($1, $2, $3, $4, clock_now())"
        " ON CONFLICT (version) DO NOTHING",
        [(one.version, one.region, one.language, one.said) for one in given],
    )
