"""My page says how the round ended: who the partners are and what they released, or why there is none."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.registration.handlers import events, own_data
from services.registration.tests.front import NOTIFICATION, Front, Shown
from services.registration.tests.made import ROUND, closed, confirmed, one, opened
from shared.runtime import db
from shared.schemas.pairings import OutcomeAnnounced, PairChanged, PairWhy, Suggestion


@pytest.fixture
async def two(front: Front) -> tuple[UUID, UUID]:
    """A newcomer and a local of a closed round; the local released a phone number, and not the mail address."""
    await opened(front.pool)
    local = {"role": "local", "name": "Käthe Groß", "phone": "0171 555", "release_phone": True, "release_email": False}
    newcomer, other = await confirmed(front.pool, one(1, languages={"uk": "native"}), one(2, **local))
    await closed(front.pool)
    return newcomer, other


def pair(partner: UUID, **other: Any) -> PairWhy:
    why = {"languages": ["de"], "hobbies": ["chess"], "band": "under_5", "writes_first": False}
    return PairWhy(**{"pair": uuid4(), "partner": partner, **why, **other})


async def hear(front: Front, person: UUID, revision: int = 1, **other: Any) -> None:
    change = {"pair": uuid4(), "change": "ended"} if revision > 1 else {}
    kind = PairChanged if revision > 1 else OutcomeAnnounced
    event = kind(person=person, round=ROUND, revision=revision, **other, **change)
    async with db.transaction(front.pool) as conn:
        await events.on_outcome(conn, event)


async def page(front: Front, person: UUID) -> str:
    return " ".join(Shown((await front.client.get(await front.link(person))).text).text.split())


async def test_whoever_has_a_partner_sees_the_first_name_and_the_released_contact(front: Front, two: tuple[UUID, UUID]) -> None:
    newcomer, local = two
    await hear(front, newcomer, outcome="matched", pairs=[pair(local)])
    shown = await page(front, newcomer)
    assert "Käthe" in shown
    assert "0171 555" in shown
    assert "Groß" not in shown
    assert "p2@example.org" not in shown


async def test_whoever_has_none_reads_why_and_what_would_have_helped(front: Front, two: tuple[UUID, UUID]) -> None:
    change = Suggestion(change="max_km", to="30", opens=4)
    await hear(front, two[0], outcome="unmatched", reason="none_within_distance", suggestion=change)
    shown = await page(front, two[0])
    texts = front.tools.pages
    assert texts.text("de", "reason.none_within_distance") in shown
    assert texts.text("de", "suggest.max_km", to="30") in shown
    assert texts.text("de", "outcome.first_next_time") in shown


@pytest.mark.parametrize("reason", ["pair_ended", "partner_gone"])
async def test_whoever_had_a_partner_reads_that_it_is_over_and_not_that_nobody_was_found(
    front: Front, two: tuple[UUID, UUID], reason: str
) -> None:
    newcomer, local = two
    over, sorry = (front.tools.pages.text("de", key) for key in ("outcome.pair_over", "outcome.sorry"))
    await hear(front, newcomer, outcome="matched", pairs=[pair(local)])
    await hear(front, newcomer, 2, outcome="unmatched", reason=reason)
    shown = await page(front, newcomer)
    assert (over in shown, sorry in shown) == (True, False)
    assert (front.tools.pages.text("de", f"reason.{reason}") in shown) == (reason == "partner_gone")
    await hear(front, local, outcome="unmatched", reason="no_partner")
    shown = await page(front, local)
    assert (over in shown, sorry in shown) == (False, True)


async def test_the_highest_revision_counts_in_whatever_order_they_come(front: Front, two: tuple[UUID, UUID]) -> None:
    newcomer, local = two
    await hear(front, newcomer, 2, outcome="unmatched", reason="partner_gone")
    await hear(front, newcomer, 1, outcome="matched", pairs=[pair(local)])
    shown = await page(front, newcomer)
    assert "Käthe" not in shown
    assert front.tools.pages.text("de", "reason.partner_gone") in shown


@pytest.mark.parametrize("way", [own_data.leave, own_data.erase])
async def test_whoever_went_is_named_to_nobody_from_that_moment(front: Front, two: tuple[UUID, UUID], way: Any) -> None:
    newcomer, local = two
    await hear(front, newcomer, outcome="matched", pairs=[pair(local)])
    await hear(front, local, outcome="matched", pairs=[pair(newcomer)])
    async with db.transaction(front.pool) as conn:
        await way(conn, local)
    assert "Käthe" not in await page(front, newcomer)
    if way is own_data.erase:
        assert str(local) not in str(await front.pool.fetch("SELECT * FROM outcomes"))


async def test_whoever_withdrew_sees_no_partner(front: Front, two: tuple[UUID, UUID]) -> None:
    newcomer, local = two
    await hear(front, newcomer, outcome="matched", pairs=[pair(local)])
    async with db.transaction(front.pool) as conn:
        await own_data.leave(conn, newcomer)
    assert "0171 555" not in await page(front, newcomer)


async def test_the_result_is_in_the_downloads_and_goes_with_the_person(front: Front, two: tuple[UUID, UUID]) -> None:
    newcomer, local = two
    await hear(front, newcomer, outcome="matched", pairs=[pair(local)])
    link = await front.link(newcomer)
    stored = json.loads((await front.client.get(f"{link}/data.json")).text)
    assert stored["outcome"]["outcome"] == "matched"
    assert str(local) not in json.dumps(stored)
    assert "Käthe" in (await front.client.get(f"{link}/data.txt")).text
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, newcomer)
    assert await front.pool.fetchval("SELECT count(*) FROM outcomes") == 0
    await hear(front, newcomer, outcome="matched", pairs=[pair(local)])  # what comes late keeps nothing
    assert await front.pool.fetchval("SELECT count(*) FROM outcomes") == 0


async def test_ideas_name_the_readers_own_municipality_and_never_the_partners(front: Front, two: tuple[UUID, UUID]) -> None:
    """Told to notification for the mail too."""
    newcomer, local = two
    await front.pool.execute("UPDATE people SET postcode = '71679' WHERE id = $1", local)
    await hear(front, newcomer, outcome="matched", pairs=[pair(local)])
    assert front.tools.pages.text("de", "idea.town.in", place="Ludwigsburg") in await page(front, newcomer)
    question = {"kind": "introduced", "person": str(newcomer), "partners": [str(local)]}
    told = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    assert (told["town"], "Asperg" in str(told)) == ("Ludwigsburg", False)


@pytest.mark.parametrize(
    ("reason", "promised", "not_said"),
    [
        ("pair_ended", "outcome.first_next_time", "outcome.next_round"),
        ("pair_over", "outcome.next_round", "outcome.first_next_time"),
    ],
)
async def test_only_who_comes_first_next_time_reads_so(
    front: Front, two: tuple[UUID, UUID], reason: str, promised: str, not_said: str
) -> None:
    newcomer, _ = two
    await hear(front, newcomer, 2, outcome="unmatched", reason=reason)
    shown = await page(front, newcomer)
    assert all(front.tools.pages.text("de", key) in shown for key in ("outcome.pair_over", promised))
    assert front.tools.pages.text("de", not_said) not in shown
