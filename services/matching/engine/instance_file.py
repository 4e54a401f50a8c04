"""An instance, or wishes for the people of another file. A file is refused by its first fault, in one line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Raw, Struct, UnsetType
from numpy.typing import NDArray

from services.matching.engine.instance import (
    DEFAULT_LEVELS,
    NO_PAIR,
    Instance,
    PairIds,
    Pin,
    Quota,
    Side,
    numbers,
    order,
    pair_numbers,
    whole,
)
from services.matching.engine.json_file import PIECE_BYTES, decoded, sentence
from services.matching.engine.parse import BadInputError, naming

if TYPE_CHECKING:
    from services.matching.engine.listed import Listed

EDGE = ("newcomer", "local", "fit")
END_OF_EDGE = re.compile(rb"\]\s*,")

Id = Annotated[str, Meta(min_length=1)]
Pair = tuple[Id, Id]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Waiting = Annotated[int, Meta(ge=0, le=1_000)]
Fit = Annotated[int, Meta(ge=0, le=1_000_000)]
Edge = tuple[Id, Id, Fit]
Table = NDArray[np.int32]


class _Newcomer(Struct, forbid_unknown_fields=True):
    id: Id
    waiting: Waiting = 0


class _Local(Struct, forbid_unknown_fields=True):
    id: Id
    waiting: Waiting = 0
    capacity: Annotated[int, Meta(ge=1, le=1_000)] = 1


class _Quota(Struct, forbid_unknown_fields=True):
    name: Id
    members: list[Id]
    min: Count = 0
    max: Count | None = None


class _Wishes(Struct, forbid_unknown_fields=True, kw_only=True):
    parties: list[list[Id]] = []
    pins: list[Pair] = []
    bans: list[Pair] = []
    quotas: list[_Quota] = []
    quality_floor: Fit | UnsetType = UNSET
    levels: tuple[str, ...] | UnsetType = UNSET


class _File(_Wishes, forbid_unknown_fields=True, kw_only=True):
    newcomers: list[_Newcomer]
    locals: list[_Local]
    edges: Raw


_FILE = msgspec.json.Decoder(_File)
_WISHES = msgspec.json.Decoder(_Wishes)
_EDGES = msgspec.json.Decoder(list[Edge])


@dataclass(frozen=True)
class WishFile:
    """Wishes of a file, everything sorted; None where the file leaves it to the rules. No ban is also a pin."""

    parties: tuple[tuple[str, ...], ...] = ()
    pins: tuple[PairIds, ...] = ()
    bans: tuple[PairIds, ...] = ()
    quotas: tuple[Quota, ...] = ()
    quality_floor: int | None = None
    levels: tuple[str, ...] | None = None


def read(path: Path, piece_bytes: int = PIECE_BYTES) -> Instance:
    """The instance of a file, the same in whatever order the file names things. Raises BadInputError."""
    found = decoded(path, _FILE, bulk="edges")
    _check_ids(found)
    capacities = {one.id: one.capacity for one in found.locals}
    newcomers, locals_ = _side(found.newcomers, {}), _side(found.locals, capacities)
    wished = _checked(found, {one.id for one in found.newcomers}, capacities)
    pairs = _pairs(found, numbers(newcomers.ids), numbers(locals_.ids), piece_bytes)
    return Instance(
        newcomers,
        locals_,
        pairs,
        wished.parties,
        tuple(Pin(*pair) for pair in wished.pins),
        wished.quotas,
        wished.quality_floor or 0,
        DEFAULT_LEVELS if wished.levels is None else wished.levels,
    )


def wishes(path: Path, newcomers: AbstractSet[str], capacities: Mapping[str, int]) -> WishFile:
    """The wishes of a file for these newcomers and locals (id and capacity). Raises BadInputError."""
    with naming(path):
        return _checked(decoded(path, _WISHES), newcomers, capacities)


def _check_ids(found: _File) -> None:
    seen: dict[str, str] = {}
    sides: tuple[tuple[str, Sequence[_Newcomer | _Local]], ...] = (("newcomers", found.newcomers), ("locals", found.locals))
    for side, people in sides:
        for number, one in enumerate(people):
            if one.id in seen:
                how = "twice" if seen[one.id] == side else "on both sides"
                raise BadInputError(f"{side}[{number}].id: {one.id[:60]!r} stands {how}")
            seen[one.id] = side


def _side(people: Sequence[_Newcomer | _Local], capacities: Mapping[str, int]) -> Side:
    waiting = {one.id: one.waiting for one in people}
    ids = order(waiting)
    return Side(tuple(ids), whole(waiting[name] for name in ids), whole(capacities.get(name, 1) for name in ids))


def _pairs(found: _File, rows: Mapping[str, int], columns: Mapping[str, int], piece_bytes: int) -> "Listed":
    """The edges that are not banned. Raises BadInputError for one that stands twice and for a pin without one."""
    from services.matching.engine.listed import Listed  # Numba costs a second, bad input need not wait for it

    table = _table(found.edges, rows, columns, piece_bytes)
    found.edges = Raw()  # nobody needs the text any more, which may be the most of all
    pairs = Listed.of(len(rows), len(columns), *table)
    _check_once(table, pairs)
    del table
    pins = pair_numbers(found.pins, rows, columns)
    for number in np.flatnonzero(pairs.fits(*pins) == NO_PAIR):
        newcomer, local = found.pins[number]
        raise BadInputError(f"pins[{number}]: there is no edge {newcomer[:60]!r}, {local[:60]!r}")
    return pairs.without(*pair_numbers(set(found.bans) - set(found.pins), rows, columns))


def _check_once(table: Table, pairs: "Listed") -> None:
    newcomer, local = pairs.newcomer, pairs.local
    for twice in np.flatnonzero((newcomer[1:] == newcomer[:-1]) & (local[1:] == local[:-1])):
        number = np.flatnonzero((table[0] == newcomer[twice]) & (table[1] == local[twice]))[1]
        raise BadInputError(f"edges[{number}]: the pair stands twice")


def _table(raw: Raw, rows: Mapping[str, int], columns: Mapping[str, int], piece_bytes: int) -> Table:
    """The edges as numbers: newcomers, locals and fits, three lines in the order of the file."""
    tables = [np.zeros((3, 0), dtype=np.int32)]
    first = 0
    for piece in _pieces(memoryview(raw), piece_bytes):
        tables.append(_numbered(piece, first, rows, columns))
        first += len(piece)
    return np.concatenate(tables, axis=1)


def _pieces(content: memoryview, piece_bytes: int) -> Iterator[list[Edge]]:
    """All edges, so many at a time that they take little more than `piece_bytes`."""
    if not len(content) or content[0] != ord("["):
        raise BadInputError("edges: expected a list")
    begin, first = 1, 0
    while begin < len(content) - 1:
        piece, begin = _piece(content, begin, first, piece_bytes)
        yield piece
        first += len(piece)


def _piece(content: memoryview, begin: int, first: int, piece_bytes: int) -> tuple[list[Edge], int]:
    """The edges from `begin` on, and where the next piece begins. It is cut behind an edge: where the cut falls into
    an id that looks like the end of one, that id has no end, and a cut farther on is tried.
    """
    last, reach = len(content) - 1, piece_bytes
    while True:
        found = END_OF_EDGE.search(content, begin + reach, last)
        cut, following = (found.start() + 1, found.end()) if found else (last, last)
        try:
            return _EDGES.decode(b"".join((b"[", content[begin:cut], b"]"))), following
        except (ValueError, RecursionError) as error:
            if found is None or "truncated" not in str(error):
                raise BadInputError(_edge_sentence(error, first)) from None
            reach = 2 * (cut - begin)


def _edge_sentence(error: Exception, first: int) -> str:
    """With the edge's number in the file instead of that in the piece, which begins with number `first`."""
    said = sentence(error)
    if found := re.match(r"\[(\d+)\](?:\[(\d)\])?", said):
        field = f".{EDGE[int(found[2])]}" if found[2] else ""
        return f"edges[{int(found[1]) + first}]{field}{said[found.end() :]}"
    return f"edges, from number {first} on: {said}"


def _numbered(piece: list[Edge], first: int, rows: Mapping[str, int], columns: Mapping[str, int]) -> Table:
    try:
        numbered = [rows[edge[0]] for edge in piece], [columns[edge[1]] for edge in piece], [edge[2] for edge in piece]
    except KeyError:
        for number, (newcomer, local, _) in enumerate(piece, first):
            if newcomer not in rows or local not in columns:
                raise BadInputError(f"edges[{number}]: {_no_pair(newcomer, local, rows, columns)}") from None
        raise
    return np.array(numbered, dtype=np.int32)


def _no_pair(newcomer: str, local: str, newcomers: Mapping[str, int] | AbstractSet[str], locals_: Mapping[str, int]) -> str:
    if newcomer in locals_ or local in newcomers:
        return "the wrong way round: a newcomer's id comes first, then a local's"
    return f"{(local if newcomer in newcomers else newcomer)[:60]!r} is nobody's id"


def _checked(found: _Wishes, newcomers: AbstractSet[str], capacities: Mapping[str, int]) -> WishFile:
    _check_parties(found.parties, newcomers, capacities)
    for number, (newcomer, local) in enumerate(found.pins):
        if newcomer not in newcomers or local not in capacities:
            raise BadInputError(f"pins[{number}]: {_no_pair(newcomer, local, newcomers, capacities)}")
    for number, (newcomer, local) in enumerate(found.bans):  # a ban of somebody who is not here bans nothing
        if newcomer in capacities or local in newcomers:
            raise BadInputError(f"bans[{number}]: {_no_pair(newcomer, local, newcomers, capacities)}")
    quotas = [_quota(quota, number, newcomers, capacities) for number, quota in enumerate(found.quotas)]
    _check_names([quota.name for quota in quotas])
    levels = None if found.levels is UNSET else _levels(found.levels)
    return WishFile(
        tuple(sorted(tuple(sorted(party)) for party in found.parties if len(party) > 1)),
        tuple(sorted(set(found.pins))),
        tuple(sorted(set(found.bans) - set(found.pins))),
        tuple(sorted(quotas, key=lambda quota: quota.name)),
        None if found.quality_floor is UNSET else found.quality_floor,
        levels,
    )


def _levels(levels: tuple[str, ...]) -> tuple[str, ...]:
    for number, level in enumerate(levels):
        if level not in DEFAULT_LEVELS:
            raise BadInputError(f"levels[{number}]: {level[:60]!r} is no level; levels are {', '.join(DEFAULT_LEVELS)}")
    if len(set(levels)) < len(levels):
        raise BadInputError("levels: a level stands twice")
    return levels


def _check_parties(parties: list[list[str]], newcomers: AbstractSet[str], capacities: Mapping[str, int]) -> None:
    seen: set[str] = set()
    for number, party in enumerate(parties):
        for member in party:
            if member not in newcomers and member not in capacities:
                raise BadInputError(f"parties[{number}]: {member[:60]!r} is nobody's id")
            if member in seen:
                raise BadInputError(f"parties[{number}]: {member[:60]!r} stands in two parties or twice")
            if capacities.get(member, 1) > 1:
                raise BadInputError(f"parties[{number}]: {member[:60]!r} has a capacity above 1")
            seen.add(member)
        if len({member in newcomers for member in party}) > 1:
            raise BadInputError(f"parties[{number}]: members of both sides")


def _quota(found: _Quota, number: int, newcomers: AbstractSet[str], capacities: Mapping[str, int]) -> Quota:
    where = f"quotas[{number}] {found.name[:60]!r}"
    for member in found.members:
        if member not in newcomers and member not in capacities:
            raise BadInputError(f"{where}: {member[:60]!r} is nobody's id")
    if found.max is not None and found.min > found.max:
        raise BadInputError(f"{where}: min is greater than max")
    return Quota(found.name, tuple(sorted(set(found.members))), found.min, found.max)


def _check_names(quotas: list[str]) -> None:
    for number, name in enumerate(quotas):
        if name in quotas[:number]:
            raise BadInputError(f"quotas[{number}] {name[:60]!r}: the name stands twice")
