"""My page asks how it goes with a partner: one tap answers, and what is not asked any more is neither shown nor mailed."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.registration.handlers import events, following, own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.tests.front import NOTIFICATION, Front, Shown
from services.registration.tests.made import LUDWIGSBURG, ROUND, closed, confirmed, everything, one, opened, said
from shared.runtime import db
from shared.schemas.answers import FollowUpAnswered, PairEnded
from shared.schemas.pairings import FollowUpDue, OutcomeAnnounced, PairChanged, PairWhy
from shared.schemas.participants import OfficeAlerted

PAIR = uuid4()
STEPS = ("day_5", "week_4", "month_3")


@pytest.fixture
async def two(front: Front) -> tuple[UUID, UUID]:
    """A newcomer and a local who were introduced; the local released a phone number."""
    await opened(front.pool)
    local = {"role": "local", "name": "Käthe Groß", "phone": "0171 555", "release_phone": True, "release_email": False}
    newcomer, other = await confirmed(front.pool, one(1), one(2, **local))
    await closed(front.pool)
    for person, partner in ((newcomer, other), (other, newcomer)):
        await hear(front, OutcomeAnnounced(person=person, round=ROUND, revision=1, outcome="matched", pairs=[why(partner)]))
    return newcomer, other


def why(partner: UUID) -> PairWhy:
    return PairWhy(pair=PAIR, partner=partner, languages=["de"], hobbies=[], band="under_2", writes_first=True)


async def hear(front: Front, event: Any) -> None:
    handler = following.on_follow_up_due if isinstance(event, FollowUpDue) else events.on_outcome
    async with db.transaction(front.pool) as conn:
        await handler(conn, event)


async def asked(front: Front, person: UUID, partner: UUID, step: Any = "day_5") -> None:
    await hear(front, FollowUpDue(person=person, round=ROUND, pair=PAIR, partner=partner, step=step))


async def ended(front: Front, person: UUID) -> None:
    over = {"revision": 2, "outcome": "unmatched", "reason": "pair_ended", "pair": PAIR, "change": "ended"}
    await hear(front, PairChanged(person=person, round=ROUND, **over))


async def tap(front: Front, person: UUID, answer: str, step: str = "day_5", pair: UUID = PAIR) -> httpx.Response:
    return await front.client.post(f"{await front.link(person)}/follow/{pair}", data={"step": step, "answer": answer})


async def shown(front: Front, person: UUID, rest: str = "") -> str:
    page = await front.client.get(f"{await front.link(person)}{rest}")
    return " ".join(Shown(page.text).text.split())


async def answers(front: Front) -> list[tuple[str, str]]:
    return [(event.step, event.answer) for event in await said(front.pool, FollowUpAnswered)]


def text(front: Front, key: str, **params: str) -> str:
    return front.tools.pages.text("de", key, **params).replace("\u2068", "").replace("\u2069", "")


def plain(page: str) -> str:
    return page.replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize("step", STEPS)
async def test_the_question_stands_on_my_page_until_one_tap_answers_it(front: Front, two: tuple[UUID, UUID], step: str) -> None:
    newcomer, local = two
    question = text(front, f"follow_up.ask.{step}", name="Käthe")
    assert question not in plain(await shown(front, newcomer))
    await asked(front, newcomer, local, step)
    assert question in plain(await shown(front, newcomer))
    assert question not in plain(await shown(front, local))
    done = await tap(front, newcomer, "yes", step)
    assert (done.status_code, done.headers["location"]) == (303, f"{await front.link(newcomer)}/follow/{PAIR}")
    assert text(front, "follow_up.glad") in await shown(front, newcomer, f"/follow/{PAIR}")
    assert question not in plain(await shown(front, newcomer))
    (event,) = await said(front.pool, FollowUpAnswered)
    assert event == FollowUpAnswered(pair=PAIR, person=newcomer, step=step, answer="yes")


async def test_after_a_no_the_page_says_what_can_be_done(front: Front, two: tuple[UUID, UUID]) -> None:
    newcomer, local = two
    await asked(front, newcomer, local)
    done = await front.client.get((await tap(front, newcomer, "no")).headers["location"])
    page, mine = Shown(done.text), await front.link(newcomer)
    for said_there in ("follow_up.thanks", "follow_up.write.text", "follow_up.office.text", "follow_up.end.text"):
        assert text(front, said_there) in page.text
    assert "0171 555" in page.text
    assert f'href="{mine}/ask"' in done.text
    assert f'href="{mine}/end/{PAIR}"' in done.text


async def test_a_second_thought_replaces_the_first_and_no_more_questions_is_final(front: Front, two: tuple[UUID, UUID]) -> None:
    newcomer, local = two
    await asked(front, newcomer, local)
    for answer in ("no", "yes", "stop", "no"):
        await tap(front, newcomer, answer)
    assert await answers(front) == [("day_5", "no"), ("day_5", "yes"), ("day_5", "stop")]
    assert text(front, "follow_up.stopped", name="Käthe") in plain(await shown(front, newcomer, f"/follow/{PAIR}"))
    await asked(front, newcomer, local, "week_4")
    assert text(front, "follow_up.ask.week_4", name="Käthe") not in plain(await shown(front, newcomer))


async def test_a_later_question_takes_the_place_of_an_earlier_one_and_never_the_other_way_round(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    newcomer, local = two
    for step in ("day_5", "week_4", "day_5", "week_4"):
        await asked(front, newcomer, local, step)
    await tap(front, newcomer, "no", "day_5")
    assert await answers(front) == []
    assert text(front, "follow_up.ask.week_4", name="Käthe") in plain(await shown(front, newcomer, f"/follow/{PAIR}"))
    await tap(front, newcomer, "no", "week_4")
    await asked(front, newcomer, local, "week_4")
    assert await answers(front) == [("week_4", "no")]
    assert text(front, "follow_up.ask.week_4", name="Käthe") not in plain(await shown(front, newcomer))


@pytest.mark.parametrize("typed", [{}, {"step": "day_5"}, {"step": "day_6", "answer": "yes"}, {"step": "day_5", "answer": "?"}])
async def test_what_is_no_answer_changes_nothing_and_the_question_stands(
    front: Front, two: tuple[UUID, UUID], typed: dict[str, str]
) -> None:
    newcomer, local = two
    await asked(front, newcomer, local)
    before = await everything(front.pool)
    answer = await front.client.post(f"{await front.link(newcomer)}/follow/{PAIR}", data=typed)
    assert answer.status_code == 303
    assert await everything(front.pool) == before


async def test_nobody_answers_for_a_pair_that_is_not_theirs_was_not_asked_or_is_over(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    newcomer, local = two
    await asked(front, newcomer, local)
    assert (await tap(front, newcomer, "yes", pair=uuid4())).status_code == 404
    assert (await tap(front, local, "yes")).status_code == 404
    await ended(front, newcomer)
    assert (await tap(front, newcomer, "yes")).status_code == 404
    assert await answers(front) == []
    assert await front.pool.fetchval("SELECT count(*) FROM follow_ups") == 0


async def test_a_round_does_not_end_before_everybody_was_asked_for_the_last_time_or_wants_no_more_questions(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    newcomer, local = two
    for person, partner in ((newcomer, local), (local, newcomer)):
        await asked(front, person, partner)
    await tap(front, local, "stop")
    async with db.transaction(front.pool) as conn:
        with pytest.raises(round_handlers.WrongPhaseError, match="1 people are not there yet"):
            await round_handlers.end(conn, ROUND)
    await asked(front, newcomer, local, "month_3")
    async with db.transaction(front.pool) as conn:
        assert (await round_handlers.end(conn, ROUND)).phase == "ended"


@pytest.mark.parametrize("way", [own_data.leave, own_data.erase])
async def test_whoever_went_keeps_no_round_from_ending_and_nor_does_their_partner(
    front: Front, two: tuple[UUID, UUID], way: Any
) -> None:
    async with db.transaction(front.pool) as conn:
        with pytest.raises(round_handlers.WrongPhaseError, match="2 people are not there yet"):
            await round_handlers.end(conn, ROUND)
        await way(conn, two[0])
    async with db.transaction(front.pool) as conn:
        assert (await round_handlers.end(conn, ROUND)).phase == "ended"


async def test_questions_go_with_the_person_and_with_the_round_and_are_in_their_data(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    newcomer, local = two
    for person, partner in ((newcomer, local), (local, newcomer)):
        await asked(front, person, partner)
        await tap(front, person, "no")
    mine = await front.link(newcomer)
    stored = json.loads((await front.client.get(f"{mine}/data.json")).text)
    assert [(one_of["step"], one_of["answer"]) for one_of in stored["follow_ups"]] == [("day_5", "no")]
    assert text(front, "follow_up.ask.day_5", name="Käthe") in plain((await front.client.get(f"{mine}/data.txt")).text)
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, newcomer)
    assert {event.person for event in await said(front.pool, FollowUpAnswered)} == {local}
    await asked(front, newcomer, local)  # what comes late keeps nothing
    assert [row["person_id"] for row in await front.pool.fetch("SELECT person_id FROM follow_ups")] == [local]
    async with db.transaction(front.pool) as conn:
        await round_handlers.end_early(conn, ROUND)
    assert await front.pool.fetchval("SELECT count(*) FROM follow_ups") == 0


async def mail(front: Front, person: UUID, partner: UUID, step: str = "day_5") -> dict[str, Any]:
    about = {"pair": str(PAIR), "step": step, "round": str(ROUND)}
    question = {"kind": "follow_up", "person": str(person), "partners": [str(partner)], **about}
    told: dict[str, Any] = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    return told


async def test_a_mail_is_sent_while_its_question_is_open_waits_until_it_is_heard_of_and_is_dropped_afterwards(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    newcomer, local = two
    assert (await mail(front, newcomer, local))["answer"] == "hold"
    await asked(front, newcomer, local)
    told = await mail(front, newcomer, local)
    assert (told["answer"], [partner["first_name"] for partner in told["partners"]]) == ("send", ["Käthe"])
    assert (await mail(front, newcomer, local, "week_4"))["answer"] == "hold"
    await asked(front, newcomer, local, "week_4")
    assert [(await mail(front, newcomer, local, step))["answer"] for step in STEPS] == ["gone", "send", "hold"]
    await tap(front, newcomer, "yes", "week_4")
    assert (await mail(front, newcomer, local, "week_4"))["answer"] == "gone"
    await asked(front, newcomer, local, "month_3")
    await tap(front, newcomer, "stop", "month_3")
    assert [(await mail(front, newcomer, local, step))["answer"] for step in STEPS] == ["gone"] * 3


@pytest.mark.parametrize("how", ["pair ended", "partner went", "round ended"])
async def test_no_mail_about_what_is_over_waits_for_ever(front: Front, two: tuple[UUID, UUID], how: str) -> None:
    newcomer, local = two
    await asked(front, newcomer, local)
    async with db.transaction(front.pool) as conn:
        if how == "partner went":
            await own_data.leave(conn, local)
        if how == "round ended":
            await round_handlers.end_early(conn, ROUND)
    if how == "pair ended":
        await ended(front, newcomer)
    assert {(await mail(front, newcomer, local, step))["answer"] for step in STEPS} == {"gone"}


async def test_the_office_is_alerted_in_the_same_transaction_where_somebody_is_not_safe_and_only_then(
    front: Front, two: tuple[UUID, UUID]
) -> None:
    newcomer, _ = two
    end = f"{await front.link(newcomer)}/end/{PAIR}"
    await front.client.post(end, data={"reason": "other"})
    assert await said(front.pool, OfficeAlerted) == []
    await front.client.post(end, data={"reason": "safety"})
    (alert,) = await said(front.pool, OfficeAlerted)
    assert (alert.region, alert.round, alert.pair) == ("ludwigsburg", ROUND, PAIR)
    assert not [person for person in two if str(person) in alert.model_dump_json()]
    spoken = await front.pool.fetch("SELECT xmin FROM outbox WHERE topic IN ('answers', 'participants') ORDER BY id DESC LIMIT 2")
    assert len({row["xmin"] for row in spoken}) == 1
    assert len(await said(front.pool, PairEnded)) == 2
    question = {"kind": "office_alerted", "person": str(alert.office), "round": str(ROUND)}
    told = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    assert (told["answer"], told["email"], told["language"], told["partners"]) == ("send", LUDWIGSBURG.office.email, "de", [])
    assert (told["region"], told["round"]["slug"]) == ("ludwigsburg", "2021-autumn")
    assert not [word for word in ("Käthe", "Person 1", "p1@example.org") if word in str(told)]
