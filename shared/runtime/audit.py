"""A chain of audit lines: each holds the hash of the one before, so that none can be changed, taken out or put in unseen.

Whoever can write the whole table could make all of it anew; therefore an office writes down the newest hash now and then.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

BEGINNING = "0" * 64
"""What the very first line of a chain has as the hash before it."""
HASHED = ("previous", "region", "at", "name", "role", "action", "person", "detail")

Line = Mapping[str, Any]
"""As in its JSON form: id, hash, and what is hashed; `at` in ISO 8601 with microseconds, in UTC."""


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def hash_of(line: Line) -> str:
    """SHA-256 of the JSON array of what is hashed: no spaces, keys in order, every sign as itself."""
    said = json.dumps([line.get(name) for name in HASHED], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def json_lines(lines: Iterable[Line]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(line) + "\n" for line in lines)


def first_fault(lines: Iterable[Line]) -> Line | None:
    """The first line that does not fit. The oldest that is kept may follow one that is past its time."""
    before: str | None = None
    for line in lines:
        follows = before is None or line.get("previous") == before
        if not follows or line.get("hash") != hash_of(line):
            return line
        before = line["hash"]
    return None
