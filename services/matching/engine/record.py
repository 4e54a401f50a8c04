"""What identifies a run and its parts in JSON; shared with `verify`, hence without any solver."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from services.matching.engine.instance import Instance
from services.matching.engine.people import Job

ENGINE = "national 1"  # changes whenever the same input may give other pairs
SEED = 1
PLAIN = (str, int, float, bool, type(None))

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=vars)  # ASCII, frozen records as objects


def digest(job: Job) -> str:
    """SHA-256 over the sorted input and the engine's version: the same digest, the same pairs."""
    found = sha256()
    for part in _parts(job):
        found.update(_CANONICAL.encode(part).encode("ascii") + b"\n")
    return found.hexdigest()


def _parts(job: Job) -> Iterator[Any]:
    """Person by person: as one text, a large round would take a gigabyte."""
    yield {"engine": ENGINE, "seed": SEED, "rules": job.rules, "time_limit": job.time_limit}
    yield from vars(job.wishes).items()
    yield from job.people


def plain(record: Any) -> Any:
    """A frozen record as JSON would give it back: lists for tuples."""
    if type(record) in PLAIN:
        return record
    if type(record) in (tuple, list):
        return [plain(item) for item in record]
    fields = record if type(record) is dict else vars(record)
    return {name: plain(value) for name, value in fields.items()}


def counts(instance: Instance) -> dict[str, int]:
    return {"newcomers": len(instance.newcomers), "locals": len(instance.locals)}
