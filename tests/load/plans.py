"""What plans are worth, ours and the others'."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from services.matching.engine.instance import NO_PAIR, Edges, Instance
from services.matching.engine.weights import values
from tests.load.measure import Measured

LOWER = "below_floor"  # fewer is better; inside the engine, more is better at every level


@dataclass(frozen=True)
class Plan:
    """Ours: how it is told in the table, and its values by level where there is one."""

    told: str
    values: dict[str, int] = field(default_factory=dict)


def our_plan(result: Path, taken: Measured) -> Plan:
    if taken.late:
        return Plan("ended at the time limit")
    if taken.wrong:
        return Plan(f"failed: {taken.wrong}")
    found = json.loads(result.read_bytes())
    levels: dict[str, dict[str, int]] = found["levels"]
    told = f"{found['status']}: {', '.join(level_told(name, level) for name, level in levels.items())}"
    return Plan(told, {name: level["value"] for name, level in levels.items()})


def level_told(name: str, level: dict[str, int]) -> str:
    """One number where value, bound and price bound are the same."""
    told = f"{name} {level['value']:,}"
    if level["bound"] != level["value"]:
        told += f" (bound {level['bound']:,})"
    if level["price_bound"] != level["bound"]:
        told += f" (prices alone {level['price_bound']:,})"
    return told


def compared(instance: Instance, ours: Plan, taken: Measured, chosen: Path) -> str:
    """A peer's plan beside ours."""
    if taken.late:
        return "ended at the time limit"
    if taken.wrong:
        return f"failed: {taken.wrong[:100]}"
    theirs = values_of(instance, chosen)
    if theirs is None:
        return "has a pair that is not acceptable"
    if not ours.values:
        return "none of ours to compare"
    other = [f"{name} {theirs[name]:,}, ours {value:,}" for name, value in ours.values.items() if theirs[name] != value]
    return "; ".join(other) or "same"


def values_of(instance: Instance, chosen: Path) -> dict[str, int] | None:
    """By level; None where a pair is not acceptable."""
    newcomer, local = np.load(chosen).astype(np.int64)
    fit = instance.pairs.fits(newcomer, local)
    if (fit == NO_PAIR).any():
        return None
    found = values(instance, Edges(newcomer, local, fit))
    return {name: -value if name == LOWER else value for name, value in zip(instance.levels, found, strict=True)}
