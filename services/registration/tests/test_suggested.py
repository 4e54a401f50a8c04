"""A yes to what would have opened a partner: one press on my page changes that one wish, for the next round."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.registration.domain.wishes import Offer, offer
from services.registration.store import outcomes, people
from services.registration.store.outcomes import Outcome
from services.registration.store.people import Person
from services.registration.tests.front import PAGES, Front, Shown
from services.registration.tests.made import ROUND, closed, confirmed, everything, next_round, one, opened, said
from shared.runtime import db
from shared.schemas.participants import Changed

FURTHER = {"change": "max_km", "to": "25", "opens": 4}
YES = PAGES.text("de", "suggestion.yes")


@pytest.fixture
async def person(front: Front) -> UUID:
    """Left over in a closed round."""
    await opened(front.pool)
    (found,) = await confirmed(front.pool, one(1, max_age_gap=5, wish="same"))
    await closed(front.pool)
    await left_over(front, found, FURTHER)
    return found


async def left_over(front: Front, person: UUID, suggestion: dict[str, Any] | None, revision: int = 1) -> None:
    async with db.transaction(front.pool) as conn:
        await outcomes.keep(conn, Outcome(person, ROUND, revision, "unmatched", "no_partner", suggestion, []))


async def stored(front: Front, person: UUID) -> Person:
    async with db.connection(front.pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return found


async def page(front: Front, address: str) -> str:
    return " ".join(Shown((await front.client.get(address)).text).text.split())


@pytest.mark.parametrize(
    ("suggestion", "wish", "value"),
    [
        (FURTHER, "max_km", 25),
        ({"change": "max_age_gap", "to": "15", "opens": 1}, "max_age_gap", 15),
        ({"change": "wish", "to": "any", "opens": 1}, "wish", "any"),
    ],
    ids=["distance", "age", "gender"],
)
async def test_a_yes_changes_the_one_wish_for_the_next_round(
    front: Front, person: UUID, suggestion: dict[str, Any], wish: str, value: object
) -> None:
    await left_over(front, person, suggestion, 2)
    me, before = await front.link(person), await stored(front, person)
    assert f'action="{me}/suggestion"' in (await front.client.get(me)).text
    done = await front.client.post(f"{me}/suggestion")
    assert (done.status_code, done.headers["location"]) == (303, "/de/ludwigsburg/done/changed_next_round")
    assert vars(await stored(front, person)) == vars(before) | {wish: value}
    assert await said(front.pool, Changed) == []
    assert PAGES.text("de", "suggestion.taken") in await page(front, me)
    assert YES not in await page(front, me)


async def test_pressed_twice_it_is_done_once_and_answers_the_same(front: Front, person: UUID) -> None:
    me = await front.link(person)
    first = await front.client.post(f"{me}/suggestion")
    before = await everything(front.pool)
    again = await front.client.post(f"{me}/suggestion")
    assert (again.status_code, again.headers["location"]) == (first.status_code, first.headers["location"])
    assert await everything(front.pool) == before


async def test_opening_the_question_changes_nothing_and_offers_the_button(front: Front, person: UUID) -> None:
    before, address = await everything(front.pool), f"{await front.link(person)}/suggestion"
    assert YES in await page(front, address)
    assert PAGES.text("de", "suggest.max_km", to="25") in await page(front, address)
    assert await everything(front.pool) == before


async def test_said_by_somebody_who_is_in_an_open_round_it_counts_for_that_one(front: Front, person: UUID) -> None:
    later, me = await next_round(front.pool), await front.link(person)
    assert (await front.client.post(f"{me}/return")).headers["location"].endswith("/done/returned")
    for _ in range(2):
        assert (await front.client.post(f"{me}/suggestion")).headers["location"] == "/de/ludwigsburg/done/changed"
    (changed,) = await said(front.pool, Changed)
    assert (changed.round, changed.max_km) == (later, 25)


@pytest.mark.parametrize("suggestion", [None, {"change": "language", "to": "en", "opens": 3}, {"change": "hobby", "opens": 3}])
async def test_what_nobody_can_do_by_agreeing_has_no_button(
    front: Front, person: UUID, suggestion: dict[str, Any] | None
) -> None:
    await left_over(front, person, suggestion, 2)
    me, before = await front.link(person), await everything(front.pool)
    assert "/suggestion" not in (await front.client.get(me)).text
    assert PAGES.text("de", "suggestion.none") in await page(front, f"{me}/suggestion")
    answer = await front.client.post(f"{me}/suggestion")
    assert (answer.status_code, answer.headers["location"]) == (303, me)
    assert await everything(front.pool) == before


@pytest.mark.parametrize(
    ("suggestion", "expected"),
    [
        ({"change": "max_km", "to": "10"}, Offer("max_km", 10, taken=True)),
        ({"change": "max_km", "to": "1000"}, Offer("max_km", 200, taken=False)),
        ({"change": "max_km"}, None),
        ({"change": "max_km", "to": "-5"}, None),
        ({"change": "max_age_gap", "to": "15"}, Offer("max_age_gap", 15, taken=True)),
        ({"change": "wish", "to": "same"}, None),
        ({"change": "name", "to": "x"}, None),
        ({}, None),
    ],
)
def test_what_a_yes_would_change(suggestion: dict[str, str], expected: Offer | None) -> None:
    assert offer(suggestion, SimpleNamespace(max_km=10, max_age_gap=None, wish="any")) == expected
