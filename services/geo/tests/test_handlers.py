"""People get coordinates or an open question; whatever ends goes on in their order, and nothing is kept of the erased."""

from typing import Any
from uuid import UUID

import pytest

from services.geo.tests.made import (
    ANNA,
    BEN,
    CEM,
    EXAMPLE,
    NEXT_ROUND,
    NOWHERE,
    ROUND,
    asked,
    changed,
    confirmed,
    erased,
    hear,
    hear_records,
    left,
    lost,
    record,
    said,
    withdrawn,
)
from shared.runtime import db
from shared.schemas.envelope import Event
from shared.schemas.located_participants import Located
from shared.schemas.participants import Attributes, Erased, LinkAsked, SignedUp
from shared.schemas.receipts import ErasureDone

LUDWIGSBURG = "08118048"


async def test_a_person_goes_on_unchanged_with_the_centre_of_their_postcode(pool: db.Pool) -> None:
    event = confirmed(postcode="71638", place_id="")
    await hear(pool, event)
    (located,) = await said(pool)
    assert isinstance(located, Located)
    assert located.model_dump(include=set(Attributes.model_fields)) == event.model_dump()
    assert (located.located, located.reason, located.municipality) == (True, None, LUDWIGSBURG)
    assert located.lat == pytest.approx(48.9, abs=0.05)
    assert located.lon == pytest.approx(9.2, abs=0.05)
    assert await asked(pool) == {}


async def test_a_place_without_a_postcode_is_located_by_its_id(pool: db.Pool) -> None:
    await hear(pool, confirmed(postcode="", place_id="de-71634-ludwigsburg"))
    (located,) = await said(pool)
    assert (located.located, located.municipality) == (True, LUDWIGSBURG)


@pytest.mark.parametrize(
    ("postcode", "place_id", "reason"),
    [
        (NOWHERE, "", "unknown_postcode"),
        (NOWHERE, "no-such-place", "unknown_postcode"),
        ("", "no-such-place", "unknown_place"),
        ("", "", "no_place"),
    ],
)
async def test_who_cannot_be_placed_goes_on_with_the_reason_and_opens_a_question(
    pool: db.Pool, postcode: str, place_id: str, reason: str
) -> None:
    event = confirmed(postcode=postcode, place_id=place_id)
    await hear(pool, event)
    (located,) = await said(pool)
    assert located == Located(**event.model_dump(), located=False, reason=reason)
    assert await asked(pool) == {ANNA: (1, postcode, reason)}
    (row,) = await pool.fetch("SELECT region, round_id FROM questions")
    assert tuple(row) == (EXAMPLE["region"], ROUND)


async def test_a_newer_version_that_is_placed_settles_the_question(pool: db.Pool) -> None:
    await hear(pool, lost(ANNA), lost(BEN))
    await hear(pool, changed(ANNA, 2, postcode="71638"))
    assert set(await asked(pool)) == {BEN}
    assert [(one.person, one.version, one.located) for one in await said(pool)] == [
        (ANNA, 1, False),
        (BEN, 1, False),
        (ANNA, 2, True),
    ]


async def test_the_same_version_said_again_after_the_map_knows_more_settles_it_too(pool: db.Pool) -> None:
    await hear(pool, lost(version=3))
    await hear(pool, changed(version=3))
    assert await asked(pool) == {}


async def test_a_newer_version_that_is_not_placed_either_is_the_same_question(pool: db.Pool) -> None:
    await hear(pool, lost(version=1))
    since = await pool.fetchval("SELECT asked_at FROM questions")
    await hear(pool, changed(version=2, postcode="", place_id=""))
    assert await asked(pool) == {ANNA: (2, "", "no_place")}
    assert await pool.fetchval("SELECT asked_at FROM questions") == since


@pytest.mark.parametrize(
    "older", [changed(version=2), lost(version=2, postcode="00002"), left(version=2), withdrawn(version=2)], ids=lambda e: e.TYPE
)
async def test_an_older_version_neither_settles_nor_changes_the_question(pool: db.Pool, older: Event) -> None:
    await hear(pool, lost(version=3))
    await hear(pool, older)
    assert await asked(pool) == {ANNA: (3, NOWHERE, "unknown_postcode")}


@pytest.mark.parametrize("last", [left(), withdrawn(), erased()], ids=lambda event: event.TYPE)
async def test_who_goes_is_forwarded_unchanged_and_is_asked_about_no_more(pool: db.Pool, last: Event) -> None:
    await hear(pool, lost(ANNA), lost(BEN))
    await hear(pool, last)
    assert (await said(pool))[-1] == last
    assert set(await asked(pool)) == {BEN}


async def test_everything_of_one_batch_is_said_in_its_order(pool: db.Pool) -> None:
    await hear(
        pool,
        *(confirmed(ANNA), lost(BEN), changed(ANNA), left(ANNA, 3), confirmed(CEM), changed(ANNA, 4), withdrawn(ANNA, 4)),
        *(withdrawn(BEN), changed(CEM)),
    )
    told: dict[UUID, list[tuple[str, int]]] = {}
    for event in await said(pool):
        told.setdefault(event.person, []).append((event.TYPE, event.version))
    assert told[ANNA] == [("Located.v1", 1), ("Located.v1", 2), ("Left.v1", 3), ("Located.v1", 4), ("Withdrawn.v1", 4)]
    assert told[BEN] == [("Located.v1", 1), ("Withdrawn.v1", 1)]
    assert told[CEM] == [("Located.v1", 1), ("Located.v1", 2)]


async def rows_of(pool: db.Pool, person: UUID) -> list[dict[str, Any]]:
    rows = await pool.fetch("SELECT topic, payload, published_at FROM outbox WHERE key = $1 ORDER BY id", str(person))
    return [dict(row) for row in rows]


async def test_of_the_erased_only_the_erasure_is_left_and_a_receipt_is_given(pool: db.Pool) -> None:
    await hear(pool, confirmed(ANNA), changed(ANNA), confirmed(BEN))
    await pool.execute("UPDATE outbox SET published_at = now() WHERE id = 1")
    await hear(pool, erased(ANNA, 3))
    first, second, *_ = await rows_of(pool, ANNA)
    for row in (first, second):
        assert row["payload"] is None
        assert row["published_at"] is not None
    assert [event.person for event in await said(pool)] == [BEN, ANNA]
    assert await said(pool, "receipts") == [ErasureDone(person=ANNA, service="geo")]
    waiting = await pool.fetch("SELECT key FROM outbox WHERE published_at IS NULL ORDER BY id")
    assert [row["key"] for row in waiting] == [str(BEN), str(ANNA), str(ANNA)]


async def test_an_erasure_forgets_a_question_of_any_version(pool: db.Pool) -> None:
    await hear(pool, lost(ANNA, 5), lost(BEN, 5))
    await hear(pool, erased(ANNA, 4))
    assert set(await asked(pool)) == {BEN}


async def test_who_is_erased_from_two_rounds_is_erased_from_both(pool: db.Pool) -> None:
    await hear(pool, confirmed(), erased(version=1), erased(version=2, round_=NEXT_ROUND))
    assert [(event.TYPE, event.round) for event in await said(pool)] == [(Erased.TYPE, ROUND), (Erased.TYPE, NEXT_ROUND)]


async def test_an_event_that_comes_twice_is_handled_once(pool: db.Pool) -> None:
    first, last = record(lost()), record(left())
    await hear_records(pool, first, first)
    await hear_records(pool, first, last)
    await hear_records(pool, first, last)
    assert [event.TYPE for event in await said(pool)] == ["Located.v1", "Left.v1"]
    assert await asked(pool) == {}


async def test_what_concerns_notification_alone_is_passed_over(pool: db.Pool) -> None:
    await hear(
        pool,
        SignedUp(person=ANNA, region="ludwigsburg", round=ROUND, language="de"),
        LinkAsked(person=ANNA, round=ROUND, language="de"),
    )
    assert await pool.fetchval("SELECT count(*) FROM outbox") == await pool.fetchval("SELECT count(*) FROM inbox") == 0
