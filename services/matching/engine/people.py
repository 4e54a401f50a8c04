"""A job's people, rules and wishes as frozen data, before any pair is thought of."""

from dataclasses import dataclass

from services.matching.engine.instance import DEFAULT_LEVELS, Quota

PairIds = tuple[str, str]

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
    """Pairs are (newcomer, local): `met` never again, `keep` fixed because the plan being repaired has them."""

    pins: tuple[PairIds, ...] = ()
    bans: tuple[PairIds, ...] = ()
    quotas: tuple[Quota, ...] = ()
    met: tuple[PairIds, ...] = ()
    keep: tuple[PairIds, ...] = ()


@dataclass(frozen=True)
class Job:
    """One round to solve; people sorted by id, `time_limit` in deterministic time or None."""

    people: tuple[Person, ...]
    rules: Rules
    wishes: Wishes
    time_limit: float | None = None


def parties(people: tuple[Person, ...]) -> dict[str, tuple[str, ...]]:
    """Members still here by party, sorted; a party of one left is none."""
    members: dict[str, list[str]] = {}
    for person in people:
        if person.party is not None:
            members.setdefault(person.party, []).append(person.id)
    return {party: tuple(sorted(ids)) for party, ids in sorted(members.items()) if len(ids) > 1}
