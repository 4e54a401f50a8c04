"""What identifies a run and its parts in JSON; shared with `verify`, hence without any solver."""

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from services.matching.engine.instance import Instance
from services.matching.engine.people import Job

ENGINE = "county 1"  # changes whenever the same input may give other pairs
SEED = 1


def digest(job: Job) -> str:
    """SHA-256 over canonical JSON of the sorted input and the engine's version: the same digest, the same pairs."""
    content = asdict(job) | {"engine": ENGINE, "seed": SEED}
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def plain(record: Any) -> Any:
    """A frozen record as JSON would give it back: lists for tuples."""
    return json.loads(json.dumps(asdict(record)))


def counts(instance: Instance) -> dict[str, int]:
    return {"newcomers": len(instance.newcomers), "locals": len(instance.locals), "edges": len(instance.edges)}
