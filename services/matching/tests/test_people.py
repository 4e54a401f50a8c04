"""What matching keeps of people, in whatever order it hears of them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.store import plans, rounds
from services.matching.tests.made import hear, located, said
from shared.runtime import db
from shared.schemas.envelope import Event
from shared.schemas.located_participants import Located
from shared.schemas.participants import Erased, Left, Withdrawn
from shared.schemas.receipts import ErasureDone
from shared.schemas.rounds import RoundEnded


@dataclass(frozen=True)
class Kept:
    """What is known of somebody in a round: on the roster with which version, gone or not, with which attributes."""

    version: int | None
    gone: bool
    max_km: int | None


async def kept(pool: db.Pool, round_id: UUID, person: UUID) -> Kept:
    async with db.connection(pool) as conn:
        present, gone = await rounds.present(conn, round_id), await rounds.gone(conn, round_id)
        attributes = await conn.fetchval(
            "SELECT attributes->'max_km' FROM participants WHERE round_id = $1 AND person_id = $2", round_id, person
        )
        solvable = {row["person_id"] for row in await plans.job_people(conn, round_id)}
    assert (person in solvable) == (person in present and person not in gone and attributes is not None)
    return Kept(present.get(person), person in gone, attributes)


def model(events: list[Event]) -> Kept:
    """The same from the set of events alone, whatever their order: the highest version counts."""
    version = max(event.version for event in events)  # type: ignore[attr-defined]
    newest = [event for event in events if event.version == version]  # type: ignore[attr-defined]
    if any(isinstance(event, Left) or (isinstance(event, Erased) and not event.on_roster) for event in newest):
        return Kept(None, False, None)
    gone = any(isinstance(event, Withdrawn | Erased) for event in newest)
    erased = any(isinstance(event, Erased) for event in events)
    here = [event.max_km for event in newest if isinstance(event, Located)]
    return Kept(version, gone, here[0] if here and not erased else None)


LIVES: dict[str, Callable[[UUID, UUID], list[Event]]] = {
    "stays": lambda r, p: [located(r, p, v, max_km=10 + v) for v in (1, 2, 3)],
    "leaves": lambda r, p: [located(r, p, 1), located(r, p, 2), Left(person=p, version=3, round=r)],
    "comes back": lambda r, p: [located(r, p, 1), Left(person=p, version=2, round=r), located(r, p, 3, max_km=13)],
    "never confirmed": lambda r, p: [Left(person=p, version=1, round=r)],
    "withdraws": lambda r, p: [located(r, p, 1), located(r, p, 2, max_km=12), Withdrawn(person=p, version=2, round=r)],
    "erased while open": lambda r, p: [located(r, p, 1), located(r, p, 2), Erased(person=p, version=3, round=r, on_roster=False)],
    "erased after close": lambda r, p: [located(r, p, 1), Erased(person=p, version=1, round=r, on_roster=True)],
    "withdraws, then erased": lambda r, p: [
        *(located(r, p, 1), located(r, p, 2), Withdrawn(person=p, version=2, round=r)),
        Erased(person=p, version=2, round=r, on_roster=True),
    ],
    "withdraws, then reopened": lambda r, p: [
        *(located(r, p, 1), Withdrawn(person=p, version=1, round=r), Left(person=p, version=2, round=r)),
        located(r, p, 3, max_km=13),
    ],
}  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
async def test_every_order_of_somebodys_events_ends_in_the_same(pool: db.Pool, life: str) -> None:
    for order in itertools.permutations(range(len(LIVES[life](uuid4(), uuid4())))):
        round_id, person = uuid4(), uuid4()
        events: list[Event] = LIVES[life](round_id, person)
        await hear(pool, *(events[n] for n in order))
        assert await kept(pool, round_id, person) == model(events), order


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_repeats_and_strangers_in_between_change_nothing(pool: db.Pool, data: st.DataObject) -> None:
    round_id, crowd = uuid4(), {uuid4(): data.draw(st.sampled_from(list(LIVES))) for _ in range(3)}
    events: dict[UUID, list[Event]] = {person: LIVES[life](round_id, person) for person, life in crowd.items()}
    everything = [event for life in events.values() for event in life]
    again = data.draw(st.lists(st.sampled_from(everything), max_size=6))
    await hear(pool, *data.draw(st.permutations([*everything, *again])))
    for person, life in events.items():
        assert await kept(pool, round_id, person) == model(life), crowd[person]


async def test_a_lower_version_is_ignored_and_a_higher_wins(pool: db.Pool) -> None:
    round_id, person = uuid4(), uuid4()
    for version, expected in ((2, 2), (1, 2), (2, 2), (5, 5), (3, 5)):
        await hear(pool, located(round_id, person, version, max_km=10 + version))
        assert await kept(pool, round_id, person) == Kept(expected, False, 10 + expected)


async def test_who_withdrew_before_they_were_heard_of_is_counted_and_never_matched(pool: db.Pool) -> None:
    round_id, person = uuid4(), uuid4()
    await hear(pool, Withdrawn(person=person, version=4, round=round_id))
    assert await kept(pool, round_id, person) == Kept(4, True, None)
    await hear(pool, located(round_id, person, 4))
    assert await kept(pool, round_id, person) == Kept(4, True, 20)


async def test_a_version_of_another_round_is_kept_beside(pool: db.Pool) -> None:
    first, second, person = uuid4(), uuid4(), uuid4()
    await hear(pool, located(first, person, 1), located(second, person, 2), Left(person=person, version=3, round=second))
    assert await kept(pool, first, person) == Kept(1, False, 20)
    assert await kept(pool, second, person) == Kept(None, False, None)


async def test_of_the_erased_only_id_and_version_stay_and_one_receipt_is_said_each_time(pool: db.Pool) -> None:
    first, second, person = uuid4(), uuid4(), uuid4()
    await hear(pool, located(first, person, 1), located(second, person, 2))
    await hear(pool, Erased(person=person, version=1, round=first, on_roster=True))
    for round_id in (first, second):
        rows: list[Any] = await pool.fetch("SELECT version, attributes FROM participants WHERE round_id = $1", round_id)
        assert [row["attributes"] for row in rows] == [None]
    assert {event.person for event in await said(pool, ErasureDone)} == {person}


async def test_of_a_round_that_is_over_nothing_more_is_kept(pool: db.Pool) -> None:
    round_id, person = uuid4(), uuid4()
    await hear(pool, located(round_id, person, 1), RoundEnded(round=round_id))
    await hear(pool, located(round_id, uuid4(), 1), Withdrawn(person=person, version=1, round=round_id))
    for table in ("participants", "gone"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0
