"""Rounds, people and plans of these tests, told to the service as other services would tell it."""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid4

from services.matching.barrier import check
from services.matching.handlers import pairs as pair_handlers
from services.matching.handlers import people as people_handlers
from services.matching.handlers import rounds as round_handlers
from services.matching.handlers import solving
from services.matching.store import rounds, runs
from services.matching.store.runs import Run
from shared.runtime import db
from shared.schemas.envelope import Event, decode
from shared.schemas.located_participants import Located
from shared.schemas.rounds import RoundClosed, RoundOpened, Rules, Weights, roster_digest
from shared.schemas.topics import TOPICS

HANDLERS = (people_handlers, round_handlers, pair_handlers)
LONG = 1e9
E = TypeVar("E", bound=Event)
RULES = Rules(
    year=2021,
    min_age=18,
    max_km=40,
    quality_floor=0,
    levels=["pairs", "waiting", "below_floor", "fit"],
    weights=Weights(),
    languages=["de"],
)


def located(round_id: UUID, person: UUID, version: int = 1, role: str = "newcomer", **other: Any) -> Located:
    given: dict[str, Any] = {
        "person": person, "version": version, "region": "ludwigsburg", "round": round_id, "role": role, "postcode": "71638",
        "place_id": "", "birth_year": 1990, "gender": "f", "wish": "any", "languages": {"de": "well"}, "hobbies": ["cooking"],
        "max_km": 20, "max_age_gap": None, "capacity": 1, "party": None, "group": None, "located": True, "lat": 48.9, "lon": 9.19,
        "municipality": "08118048",
    }  # fmt: skip
    return Located(**(given | other))


def opened(round_id: UUID, slug: str = "2021-autumn") -> RoundOpened:
    when: Any = {"opens_at": "2021-10-15T00:00:00Z", "closes_at": "2021-10-31T00:00:00Z"}
    return RoundOpened(round=round_id, region="ludwigsburg", slug=slug, rules=RULES, **when)


def closed(round_id: UUID, roster: dict[UUID, int], closing: int = 1) -> RoundClosed:
    digest = roster_digest(roster.items())
    return RoundClosed(round=round_id, region="ludwigsburg", closing=closing, count=len(roster), digest=digest)


async def hear(pool: db.Pool, *events: Event) -> None:
    """Each in a transaction of its own, as its consumer would handle it."""
    for event in events:
        name = type(event).__name__
        snake = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
        handler = next(found for one in HANDLERS if (found := getattr(one, f"on{snake}", None)))
        async with db.transaction(pool) as conn:
            await handler(conn, event)


async def checked(pool: db.Pool, round_id: UUID, seconds: float = LONG) -> str:
    """The round's phase after the barrier has looked at it."""
    async with db.transaction(pool) as conn:
        await check(conn, round_id, seconds)
        return (await rounds.locked(conn, round_id)).phase


async def town(pool: db.Pool, newcomers: int, locals_: int, **of_locals: Any) -> tuple[UUID, list[UUID], list[UUID]]:
    """A closed round over these people, whose solving is queued: (round, newcomers, locals)."""
    round_id, new, old = uuid4(), [uuid4() for _ in range(newcomers)], [uuid4() for _ in range(locals_)]
    await hear(pool, opened(round_id, f"r{round_id.hex[:8]}"))
    await hear(pool, *(located(round_id, person) for person in new))
    await hear(pool, *(located(round_id, person, role="local", **of_locals) for person in old))
    await hear(pool, closed(round_id, dict.fromkeys([*new, *old], 1)))
    assert await checked(pool, round_id) == "solving"
    return round_id, new, old


async def claimed(pool: db.Pool) -> Run | None:
    async with db.transaction(pool) as conn:
        return await runs.claim(conn)


def plan(pairs: Sequence[tuple[UUID, UUID]], left: Sequence[UUID] = (), status: str = "optimal") -> dict[str, Any]:
    """A result as the engine gives it."""
    why: dict[str, Any] = {"fit": 700, "languages": ["de"], "hobbies": ["cooking"], "band": "under_2", "parts": {}, "km": 0.0}
    return {
        "status": status,
        "pairs": [{"newcomer": str(newcomer), "local": str(local), **why} for newcomer, local in pairs],
        "unmatched": [{"id": str(person), "reason": "no_partner", "change": None} for person in left],
        "peak_mb": 1,
    }


async def kept(
    pool: db.Pool, run: Run, pairs: Sequence[tuple[UUID, UUID]], left: Sequence[UUID] = ()
) -> Literal["solved", "infeasible", "dropped"]:
    async with db.transaction(pool) as conn:
        return await solving.keep_result(conn, run, run.id.hex, plan(pairs, left), None)


async def solved(pool: db.Pool, pairs: Sequence[tuple[UUID, UUID]], left: Sequence[UUID] = ()) -> None:
    run = await claimed(pool)
    assert run is not None
    assert await kept(pool, run, pairs, left) == "solved"


async def said(pool: db.Pool, kind: type[E]) -> list[E]:
    """Events of this kind, in the order in which they were said."""
    found = await pool.fetch("SELECT topic, payload FROM outbox WHERE payload IS NOT NULL ORDER BY id")
    topics = {topic.name: topic for topic in TOPICS}
    events = [topics[row["topic"]].read(decode(row["payload"])) for row in found]
    return [event for event in events if isinstance(event, kind)]
