"""A job's people, rules and wishes as frozen data, before any pair is thought of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.matching.engine.instance import DEFAULT_LEVELS, PairIds, Quota

LANGUAGE_LEVELS = ("little", "well", "native")
GENDERS = ("", "f", "m", "d")


@dataclass(frozen=True)
class Person:
    """Coordinates are degrees or None when geo could not place them; limits are None where the region's apply."""

    id: str
    role: str
    lat: float | None
    lon: float | None
    birth_year: int
    gender: str
    wish: str
    languages: tuple[tuple[str, str], ...]
    hobbies: tuple[str, ...]
    max_km: int | None
    max_age_gap: int | None
    capacity: int
    party: str | None
    group: str | None
    waiting: int


@dataclass(frozen=True)
class Weights:
    """Thousandths of the fit that each part may reach; they add up to 1000."""

    languages: int = 350
    hobbies: int = 250
    closeness: int = 250
    age: int = 150


@dataclass(frozen=True)
class Rules:
    """The region's rules as frozen in the round; `year` is the year ages are counted in."""

    year: int
    max_km: int
    min_age: int = 18
    max_age_gap: int | None = None
    quality_floor: int = 0
    levels: tuple[str, ...] = DEFAULT_LEVELS
    weights: Weights = Weights()


@dataclass(frozen=True)
class Wishes:
    """Pairs are (newcomer, local): `met` never again; of the plan being repaired `keep` are fixed, and of
    `former` as many stay as can. `parties`
    besides those that people name themselves; None where floor and levels are left to the rules.
    """

    pins: tuple[PairIds, ...] = ()
    bans: tuple[PairIds, ...] = ()
    quotas: tuple[Quota, ...] = ()
    met: tuple[PairIds, ...] = ()
    keep: tuple[PairIds, ...] = ()
    former: tuple[PairIds, ...] = ()
    parties: tuple[tuple[str, ...], ...] = ()
    quality_floor: int | None = None
    levels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Job:
    """One round to solve; people sorted by id, `time_limit` in seconds or None."""

    people: tuple[Person, ...]
    rules: Rules
    wishes: Wishes
    time_limit: float | None = None


def parties(people: Sequence[Person], wished: Iterable[Sequence[str]] = ()) -> tuple[tuple[str, ...], ...]:
    """Those still here who are placed together or not at all, sorted. One left is no party; two that share somebody are one."""
    named: dict[str, list[str]] = {}
    for person in people:
        if person.party is not None:
            named.setdefault(person.party, []).append(person.id)
    here = {person.id for person in people}
    found: dict[str, set[str]] = {}
    for group in (*named.values(), *wished):
        members = here.intersection(group)
        together = members.union(*(found.get(name, ()) for name in members))
        found |= dict.fromkeys(together, together)
    return tuple(sorted({tuple(sorted(members)) for members in found.values() if len(members) > 1}))
