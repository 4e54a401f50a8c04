"""Whoever was left over is asked once, when the next round opens, and is in again with one press before it closes."""

from uuid import UUID, uuid4

import pytest

from services.registration.handlers import by_address, own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.regions import RoundDraft, round_id
from services.registration.store import outcomes, rounds
from services.registration.store.outcomes import Outcome
from services.registration.tests.front import NOTIFICATION, PAGES, Front, Shown
from services.registration.tests.made import (
    LUDWIGSBURG,
    NEXT_CLOSES,
    NEXT_OPENS,
    ROUND,
    closed,
    confirmed,
    draft,
    next_round,
    one,
    opened,
    said,
)
from shared.runtime import db
from shared.schemas.participants import Confirmed, NoticeDue


@pytest.fixture
async def three(front: Front) -> tuple[UUID, UUID, UUID]:
    """Two left over, and one who found a buddy."""
    await opened(front.pool)
    first, second, matched = await confirmed(front.pool, one(1), one(2), one(3))
    await closed(front.pool)
    why = {"languages": ["de"], "hobbies": [], "band": "under_2", "writes_first": True}
    pair = {"pair": str(uuid4()), "partner": str(first), **why}
    async with db.transaction(front.pool) as conn:
        for person in (first, second):
            await outcomes.keep(conn, Outcome(person, ROUND, 1, "unmatched", "no_partner", None, []))
        await outcomes.keep(conn, Outcome(matched, ROUND, 1, "matched", None, None, [pair]))
    return first, second, matched


async def invited(front: Front) -> list[UUID]:
    return [event.person for event in await said(front.pool, NoticeDue)]


async def asked(front: Front, person: UUID) -> dict[str, object]:
    """What notification is told just before it sends."""
    question = {"kind": "opens", "person": str(person)}
    told: dict[str, object] = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    return told


async def after_next(front: Front) -> None:
    """The round after the next one, open."""
    async with db.transaction(front.pool) as conn:
        await round_handlers.close(conn, round_id("ludwigsburg", "next"))
    last = RoundDraft(slug="last", name={"de": "Letzte"}, opens=NEXT_OPENS, closes=NEXT_CLOSES)
    await draft(front.pool, LUDWIGSBURG.model_copy(update={"rounds": [last]}))
    async with db.transaction(front.pool) as conn:
        await round_handlers.open_(conn, round_id("ludwigsburg", "last"))


async def test_only_who_was_left_over_is_asked_and_once(front: Front, three: tuple[UUID, UUID, UUID]) -> None:
    later = await next_round(front.pool)
    assert sorted(await invited(front)) == sorted(three[:2])
    assert {event.round for event in await said(front.pool, NoticeDue)} == {later}
    async with db.transaction(front.pool) as conn:
        await by_address.say_open(conn, await rounds.get(conn, later))
    await after_next(front)
    assert len(await invited(front)) == 2


async def test_the_mail_names_the_new_round_and_leads_to_my_page(front: Front, three: tuple[UUID, UUID, UUID]) -> None:
    await next_round(front.pool)
    told = await asked(front, three[0])
    assert (told["answer"], told["left_over"]) == ("send", True)
    async with db.connection(front.pool) as conn:
        open_round = await rounds.open_round(conn, "ludwigsburg")
    assert open_round is not None
    assert told["round"]["closes_at"] == open_round.closes_at.isoformat().replace("+00:00", "Z")  # type: ignore[index]
    assert told["links"]["me"] == f"https://buddy.example{await front.link(three[0])}"  # type: ignore[index]


async def test_one_press_on_my_page_is_enough_and_who_does_nothing_is_not_in(
    front: Front, three: tuple[UUID, UUID, UUID]
) -> None:
    later, (first, *_) = await next_round(front.pool), three
    me = await front.link(first)
    page = (await front.client.get(me)).text
    assert page.count(f"{me}/return") == page.count(f'<form method="post" action="{me}/return">') == 1
    for _ in range(2):
        assert (await front.client.post(f"{me}/return")).headers["location"] == "/de/ludwigsburg/done/returned"
    assert [event.person for event in await said(front.pool, Confirmed) if event.round == later] == [first]
    assert PAGES.text("de", "again.first") in Shown((await front.client.get(me)).text).text
    assert PAGES.text("de", "me.phase.open") in Shown((await front.client.get(me)).text).text
    async with db.transaction(front.pool) as conn:
        await round_handlers.close(conn, later)
        assert [person for person, _ in await rounds.roster(conn, later)] == [first]


async def test_nobody_is_written_to_who_is_in_again_or_gone_or_too_late(front: Front, three: tuple[UUID, UUID, UUID]) -> None:
    await next_round(front.pool)
    first, second, _ = three
    await front.client.post(f"{await front.link(first)}/return")
    assert await asked(front, first) == {"answer": "gone"}
    async with db.transaction(front.pool) as conn:
        assert await own_data.erase(conn, second)
    assert await asked(front, second) == {"answer": "gone"}
    assert second not in await invited(front)  # the event is blanked with them
    async with db.transaction(front.pool) as conn:
        await round_handlers.close(conn, round_id("ludwigsburg", "next"))
    assert await asked(front, first) == {"answer": "gone"}


async def test_before_the_next_round_opens_there_is_no_button_and_nobody_is_asked(
    front: Front, three: tuple[UUID, UUID, UUID]
) -> None:
    page = (await front.client.get(await front.link(three[0]))).text
    assert "/return" not in page
    assert PAGES.text("de", "outcome.first_next_time") in page
    assert await invited(front) == []


async def test_whose_pair_ended_before_is_asked_too(front: Front, three: tuple[UUID, UUID, UUID]) -> None:
    async with db.transaction(front.pool) as conn:
        await outcomes.keep(conn, Outcome(three[2], ROUND, 2, "unmatched", "pair_ended", None, []))
    await next_round(front.pool)
    assert sorted(await invited(front)) == sorted(three)


@pytest.mark.parametrize(
    ("reason", "promised"),
    [("not_this_time", "again.first"), ("declined", "again.in"), ("pair_ended", "again.first"), ("pair_over", "again.in")],
)
async def test_whoever_is_in_the_next_round_already_is_promised_no_more_than_they_have(
    front: Front, three: tuple[UUID, UUID, UUID], reason: str, promised: str
) -> None:
    await front.pool.execute("UPDATE outcomes SET reason = $2 WHERE person_id = $1", three[0], reason)
    await next_round(front.pool)
    me = await front.link(three[0])
    assert (await front.client.post(f"{me}/return")).status_code == 303
    shown = Shown((await front.client.get(me)).text).text
    assert PAGES.text("de", promised) in shown
    assert not [key for key in ("outcome.first_next_time", "outcome.next_round") if PAGES.text("de", key) in shown]
