"""What `replan` is told: the result of the round before, and what has changed since."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from services.matching.engine.instance import Instance, PairIds
from services.matching.engine.json_file import decoded
from services.matching.engine.parse import BadInputError, naming
from services.matching.engine.replan import Changes


class _Changes(Struct, forbid_unknown_fields=True):
    gone: list[str] = []
    bans: list[PairIds] = []
    pins: list[PairIds] = []
    fixed: list[PairIds] = []


class _Result(Struct):
    """Pairs as `solve` writes them, or as objects."""

    pairs: list[tuple[str, str, int] | dict[str, Any]]


_CHANGES, _RESULT = msgspec.json.Decoder(_Changes), msgspec.json.Decoder(_Result)


def changes(path: Path, instance: Instance, before: Collection[PairIds]) -> Changes:
    """Raises BadInputError."""
    with naming(path):
        return _checked(decoded(path, _CHANGES), instance, before)


def _checked(found: _Changes, instance: Instance, before: Collection[PairIds]) -> Changes:
    rows, columns = set(instance.newcomers.ids), set(instance.locals.ids)
    if strangers := sorted(set(found.gone) - rows - columns):
        raise BadInputError(f"gone: {strangers[0][:60]!r} is nobody's id")
    for name in ("bans", "pins", "fixed"):
        for number, pair in enumerate(getattr(found, name)):
            if pair[0] not in rows or pair[1] not in columns:
                raise BadInputError(
                    f"{name}[{number}]: not a newcomer and a local of the round: {pair[0][:60]!r}, {pair[1][:60]!r}"
                )
    for number, pair in enumerate(found.fixed):
        if pair not in before:
            raise BadInputError(f"fixed[{number}]: no pair of the plan before: {pair[0][:60]!r}, {pair[1][:60]!r}")
    return Changes(frozenset(found.gone), tuple(found.bans), tuple(found.pins), tuple(found.fixed))


def plan(path: Path) -> set[PairIds]:
    """The pairs of a result. Raises BadInputError."""
    with naming(path):
        found = decoded(path, _RESULT).pairs
    pairs = [(pair.get("newcomer"), pair.get("local")) if isinstance(pair, dict) else pair[:2] for pair in found]
    for number, (newcomer, local) in enumerate(pairs):
        if not isinstance(newcomer, str) or not isinstance(local, str):
            raise BadInputError(f"{path}: pairs[{number}]: needs the ids 'newcomer' and 'local'")
    return {(str(newcomer), str(local)) for newcomer, local in pairs}
