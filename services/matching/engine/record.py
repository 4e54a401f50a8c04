"""What identifies a run and its parts in JSON; shared with `verify`, hence without any solver."""

from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np

from services.matching.engine.instance import Instance
from services.matching.engine.listed import listed
from services.matching.engine.people import Job

ENGINE = "national 1"  # changes whenever the same input may give other pairs
SEED = 1

_CANONICAL = msgspec.json.Encoder(order="sorted")


def digest(given: Job | Instance) -> str:
    """SHA-256 over the sorted input and the engine's version: the same digest, the same pairs, if time was no limit."""
    found = sha256(_CANONICAL.encode({"engine": ENGINE, "seed": SEED}))
    for part in _of_job(given) if isinstance(given, Job) else _of_instance(given):
        found.update(part if isinstance(part, bytes) else _CANONICAL.encode(part) + b"\n")
    return found.hexdigest()


def _of_job(job: Job) -> Iterator[Any]:
    """Person by person: as one text, a large round would take a gigabyte."""
    yield {"rules": job.rules}
    yield from vars(job.wishes).items()
    yield from job.people


def _of_instance(instance: Instance) -> Iterator[Any]:
    """An instance is in the engine's order already, whatever its file's was."""
    for side in (instance.newcomers, instance.locals):
        yield from (side.ids, side.waiting.tolist(), side.capacity.tolist())
    yield from (instance.parties, instance.pins, instance.quotas, instance.quality_floor, instance.levels, instance.former)
    yield from (np.ascontiguousarray(column).tobytes() for column in listed(instance).lines)


def rules(given: Job | Instance) -> dict[str, Any]:
    """What held in this run, wishes for floor and levels included."""
    if isinstance(given, Instance):
        return {"quality_floor": given.quality_floor, "levels": list(given.levels)}
    wished = {"quality_floor": given.wishes.quality_floor, "levels": given.wishes.levels}
    return plain(asdict(given.rules) | {name: value for name, value in wished.items() if value is not None})  # type: ignore[no-any-return]


def versions() -> dict[str, str]:
    return {name: version(name) for name in ("numpy", "numba", "ortools")}


def plain(records: Any) -> Any:
    """Frozen records as JSON would give them back: objects and lists."""
    return msgspec.json.decode(msgspec.json.encode(records))


def counts(instance: Instance) -> dict[str, int]:
    return {"newcomers": len(instance.newcomers), "locals": len(instance.locals)}
