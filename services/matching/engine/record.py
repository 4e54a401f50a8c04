"""What identifies a run and its parts in JSON; shared with `verify`, hence without any solver."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from services.matching.engine.instance import Instance
from services.matching.engine.people import Job

ENGINE = "national 1"  # changes whenever the same input may give other pairs
SEED = 1

_CANONICAL = msgspec.json.Encoder(order="sorted")


def digest(job: Job) -> str:
    """SHA-256 over the sorted input and the engine's version: the same digest, the same pairs."""
    found = sha256()
    for part in _parts(job):
        found.update(_CANONICAL.encode(part) + b"\n")
    return found.hexdigest()


def _parts(job: Job) -> Iterator[Any]:
    """Person by person: as one text, a large round would take a gigabyte."""
    yield {"engine": ENGINE, "seed": SEED, "rules": job.rules, "time_limit": job.time_limit}
    yield from vars(job.wishes).items()
    yield from job.people


def plain(records: Any) -> Any:
    """Frozen records as JSON would give them back: objects and lists."""
    return msgspec.json.decode(msgspec.json.encode(records))


def counts(instance: Instance) -> dict[str, int]:
    return {"newcomers": len(instance.newcomers), "locals": len(instance.locals)}
