"""Where both of a pair are asked first: my page asks without a name and takes one answer; nobody is named before two yeses."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.registration.domain import links
from services.registration.handlers import events, own_data
from services.registration.handlers.helping import sign_up_helped
from services.registration.store import helpers
from services.registration.tests.front import NOTIFICATION, Front, Shown
from services.registration.tests.made import ROUND, closed, confirmed, everything, one, opened, said
from shared.runtime import db
from shared.schemas.answers import Answered
from shared.schemas.pairings import OutcomeAnnounced, PairChanged, PairWhy

PAIR, OTHER = uuid4(), uuid4()
BY, PASSED = "2021-12-01T12:00:00Z", "2021-10-01T12:00:00Z"
NAMES = ("Käthe", "Groß", "0171 555", "p2@example.org")


@pytest.fixture
async def two(front: Front) -> tuple[UUID, UUID]:
    """A newcomer and a local of a closed round, each asked about the other."""
    await opened(front.pool)
    local = {"role": "local", "name": "Käthe Groß", "phone": "0171 555", "release_phone": True, "birth_year": 1986}
    newcomer, other = await confirmed(front.pool, one(1), one(2, **local))
    await closed(front.pool)
    await hear(front, newcomer, 1, pair(other))
    await hear(front, other, 1, pair(newcomer))
    return newcomer, other


def pair(partner: UUID, standing: str = "asked", by: str = BY, of: UUID = PAIR) -> PairWhy:
    why = {"languages": ["de"], "hobbies": ["chess"], "band": "under_5", "writes_first": False}
    return PairWhy.model_validate({"pair": of, "partner": partner, "standing": standing, "answer_by": by, **why})


async def hear(front: Front, person: UUID, revision: int, *pairs: PairWhy, reason: str | None = None) -> None:
    outcome: dict[str, Any] = {"person": person, "round": ROUND, "revision": revision, "reason": reason, "pairs": list(pairs)}
    outcome["outcome"] = "matched" if pairs else "unmatched"
    changed = {"pair": PAIR, "change": "ended"} if revision > 1 else {}
    event = (PairChanged if revision > 1 else OutcomeAnnounced)(**outcome, **changed)
    async with db.transaction(front.pool) as conn:
        await events.on_outcome(conn, event)


async def page(front: Front, person: UUID) -> str:
    return (await front.client.get(await front.link(person))).text


async def address(front: Front, person: UUID, of: UUID = PAIR) -> str:
    return f"{await front.link(person)}/answer/{of}"


def words(html: str) -> str:
    return " ".join(Shown(html).text.split())


def text(front: Front, key: str) -> str:
    return front.tools.pages.text("de", key)


async def test_my_page_asks_with_three_buttons_and_without_a_name(front: Front, two: tuple[UUID, UUID]) -> None:
    html = await page(front, two[0])
    shown = words(html)
    for key in ("proposal.nameless", "proposal.no", "answer.yes", "answer.no", "answer.not_again"):
        assert text(front, key) in shown, key
    for part in ("30", "39", "Ludwigsburg", "Schach", "1. Dezember 2021", "13:00"):
        assert part in shown, part
    assert not [name for name in NAMES if name in html]
    assert f'action="{await address(front, two[0])}"' in html
    assert "/end/" not in html


@pytest.mark.parametrize("answer", ["yes", "no", "not_again"])
async def test_an_answer_is_said_once_and_my_page_says_it_at_once(front: Front, two: tuple[UUID, UUID], answer: str) -> None:
    for _ in range(2):
        done = await front.client.post(await address(front, two[0]), data={"answer": answer})
        assert (done.status_code, done.headers["location"]) == (303, await front.link(two[0]))
    assert await said(front.pool, Answered) == [Answered(pair=PAIR, person=two[0], answer=answer)]
    html = await page(front, two[0])
    assert text(front, f"answer.noted.{answer}") in words(html)
    assert (f"/answer/{PAIR}" in html) == (answer == "yes")  # which can be taken back
    assert not [name for name in NAMES if name in html]
    assert f"/answer/{PAIR}" in await page(front, two[1])  # the other is told nothing


async def test_a_yes_can_be_taken_back_until_the_other_has_said_yes_too(front: Front, two: tuple[UUID, UUID]) -> None:
    mine = await address(front, two[0])
    await front.client.post(mine, data={"answer": "yes"})
    await hear(front, two[0], 2, pair(two[1], "agreed"))
    html = await page(front, two[0])
    assert (html.count(f'action="{mine}"'), 'value="yes"' in html, text(front, "answer.back.text") in words(html)) == (
        1,
        False,
        True,
    )
    assert (await front.client.post(mine, data={"answer": "not_again"})).status_code == 303
    assert [one.answer for one in await said(front.pool, Answered)] == ["yes", "not_again"]
    html = await page(front, two[0])
    assert (text(front, "answer.noted.not_again") in words(html), f'action="{mine}"' in html) == (True, False)


async def test_a_no_stays(front: Front, two: tuple[UUID, UUID]) -> None:
    await front.client.post(await address(front, two[0]), data={"answer": "no"})
    before = await everything(front.pool)
    for answer in ("yes", "not_again"):
        again = await front.client.post(await address(front, two[0]), data={"answer": answer})
        assert (again.status_code, text(front, "answer.over.title") in words(again.text)) == (404, True)
    assert await everything(front.pool) == before


async def test_a_yes_stays_when_the_other_has_said_yes_or_the_time_is_over(front: Front, two: tuple[UUID, UUID]) -> None:
    mine = await address(front, two[0])
    for revision, now in enumerate((pair(two[1], "introduced"), pair(two[1], "agreed", PASSED)), start=2):
        await hear(front, two[0], revision, now)
        assert mine not in await page(front, two[0])
        assert (await front.client.post(mine, data={"answer": "no"})).status_code == 404
    assert await said(front.pool, Answered) == []


async def test_of_two_answers_at_the_same_moment_a_no_stays(front: Front, two: tuple[UUID, UUID]) -> None:
    mine = await address(front, two[0])
    await asyncio.gather(*(front.client.post(mine, data={"answer": answer}) for answer in ("yes", "no") * 3))
    assert [one.answer for one in await said(front.pool, Answered)] in (["no"], ["yes", "no"])


async def test_no_button_of_the_form_is_no_answer_and_it_is_asked_again(front: Front, two: tuple[UUID, UUID]) -> None:
    before = await everything(front.pool)
    for typed in ({}, {"answer": ""}, {"answer": "maybe"}):
        answer = await front.client.post(await address(front, two[0]), data=typed)
        assert (answer.status_code, answer.headers["location"]) == (303, await address(front, two[0]))
    assert await everything(front.pool) == before


def over(two: tuple[UUID, UUID]) -> Iterator[tuple[str, list[PairWhy]]]:
    """What my outcome may have become, and there is nothing to answer any more."""
    yield "over", []
    yield "another pair", [pair(two[1], of=OTHER)]
    yield "introduced", [pair(two[1], "introduced")]
    yield "too late", [pair(two[1], by=PASSED)]


async def test_what_is_not_open_any_more_is_not_answered_and_says_so(front: Front, two: tuple[UUID, UUID]) -> None:
    mine = await address(front, two[0])
    for revision, (what, pairs) in enumerate(over(two), 2):
        await hear(front, two[0], revision, *pairs, reason=None if pairs else "searching")
        before = await everything(front.pool)
        for answer in (await front.client.post(mine, data={"answer": "no"}), await front.client.get(mine)):
            assert (answer.status_code, text(front, "answer.over.title") in words(answer.text)) == (404, True), what
        assert f"/answer/{PAIR}" not in await page(front, two[0]), what
        assert await everything(front.pool) == before, what


async def test_nobody_answers_for_a_pair_of_others(front: Front, two: tuple[UUID, UUID]) -> None:
    stranger = await front.pool.fetchval("SELECT gen_random_uuid()")
    await hear(front, two[0], 2, pair(two[1], of=OTHER))
    before = await everything(front.pool)
    for person, of in ((two[1], OTHER), (two[0], PAIR), (two[0], stranger)):
        assert (await front.client.post(await address(front, person, of), data={"answer": "yes"})).status_code == 404
    strange = await front.client.post((await address(front, two[0])).replace(str(PAIR), "not-an-id"), data={"answer": "yes"})
    assert strange.status_code == 404
    assert await everything(front.pool) == before


@pytest.mark.parametrize("way", [own_data.leave, own_data.erase])
async def test_whoever_went_is_no_question_any_more(front: Front, two: tuple[UUID, UUID], way: Any) -> None:
    async with db.transaction(front.pool) as conn:
        await way(conn, two[1])
    before = await everything(front.pool)
    assert (await front.client.post(await address(front, two[0]), data={"answer": "yes"})).status_code == 404
    assert f"/answer/{PAIR}" not in await page(front, two[0])
    assert await everything(front.pool) == before


async def test_after_a_yes_my_page_waits_with_me_until_the_deadline(front: Front, two: tuple[UUID, UUID]) -> None:
    await front.client.post(await address(front, two[0]), data={"answer": "yes"})
    await hear(front, two[0], 2, pair(two[1], "agreed"))
    html = await page(front, two[0])
    assert "1. Dezember 2021" in words(html)
    assert "Du hast Ja gesagt. Die andere Person kann noch antworten" in words(html)
    assert not [name for name in NAMES if name in html]
    await hear(front, two[0], 3, pair(two[1], "introduced"))
    assert "Käthe" in await page(front, two[0])


async def test_an_answer_goes_with_its_pair(front: Front, two: tuple[UUID, UUID]) -> None:
    await front.client.post(await address(front, two[0]), data={"answer": "no"})
    await hear(front, two[0], 2, pair(two[1]), pair(two[1], of=OTHER))
    kept = "SELECT answers FROM outcomes WHERE person_id = $1"
    assert await front.pool.fetchval(kept, two[0]) == {str(PAIR): "no"}
    await hear(front, two[0], 3, pair(two[1], of=OTHER))
    assert await front.pool.fetchval(kept, two[0]) == {}


@pytest.mark.parametrize("reason", ["searching", "not_this_time", "declined", "no_answer"])
async def test_my_page_says_what_became_of_it(front: Front, two: tuple[UUID, UUID], reason: str) -> None:
    await hear(front, two[0], 2, reason=reason)
    shown = words(await page(front, two[0]))
    assert text(front, f"reason.{reason}") in shown
    assert text(front, "outcome.sorry") not in shown
    assert (text(front, "outcome.first_next_time") in shown) == (reason == "not_this_time")
    assert (text(front, "outcome.next_round") in shown) == (reason in {"declined", "no_answer"})


async def test_a_buddy_and_a_question_stand_side_by_side(front: Front, two: tuple[UUID, UUID]) -> None:
    await hear(front, two[0], 2, pair(two[1], "introduced"), pair(two[1], of=OTHER))
    html = await page(front, two[0])
    assert "Käthe" in html
    assert (f"/end/{PAIR}" in html, f"/answer/{OTHER}" in html) == (True, True)
    assert (f"/end/{OTHER}" in html, f"/answer/{PAIR}" in html) == (False, False)
    assert (await front.client.post(f"{await front.link(two[0])}/end/{OTHER}", data={"reason": "other"})).status_code == 404


async def test_the_downloads_name_nobody_who_is_only_asked_about(front: Front, two: tuple[UUID, UUID]) -> None:
    await front.client.post(await address(front, two[0]), data={"answer": "yes"})
    link = await front.link(two[0])
    stored, read = [(await front.client.get(f"{link}/data.{kind}")).text for kind in ("json", "txt")]
    assert not [name for name in (*NAMES, str(two[1])) if name in stored + read]
    assert (json.loads(stored)["outcome"]["pairs"][0]["answer"], "30" in read) == ("yes", True)


@pytest.mark.parametrize("kind", ["asked", "reminder"])
async def test_notification_is_told_an_age_and_a_place_of_whom_people_are_asked_about(
    front: Front, two: tuple[UUID, UUID], kind: str
) -> None:
    question = {"kind": kind, "person": str(two[0]), "partners": [str(two[1])]}
    answer = await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
    assert answer.json()["partners"] == [{"person": str(two[1]), "age_from": 30, "place": "Ludwigsburg"}]
    assert not [name for name in NAMES if name in answer.text]
    async with db.transaction(front.pool) as conn:
        await own_data.leave(conn, two[1])
    gone = await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
    assert gone.json() == {"answer": "hold"}


async def test_while_geo_is_away_no_place_is_told_and_never_what_somebody_typed(front_without_geo: Front) -> None:
    await opened(front_without_geo.pool)
    newcomer, other = await confirmed(front_without_geo.pool, one(1), one(2))
    await front_without_geo.pool.execute("UPDATE people SET postcode = '', place_text = 'bei Oma' WHERE id = $1", other)
    question = {"kind": "asked", "person": str(newcomer), "partners": [str(other)]}
    answer = await front_without_geo.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
    assert answer.json()["partners"] == [{"person": str(other), "age_from": 30, "place": ""}]


async def test_a_helper_is_told_that_there_is_a_question_until_it_is_answered(front: Front) -> None:
    await opened(front.pool)
    (other,) = await confirmed(front.pool, one(2))
    nobody = one(1, email="", release_email=False)
    async with db.transaction(front.pool) as conn:
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
        assert await sign_up_helped(conn, nobody, helper) == "card"
    await closed(front.pool)
    await front.pool.execute("UPDATE rounds SET progress = 'published' WHERE id = $1", ROUND)

    link = links.make(helper.id, "helper", helper.link_generation, front.tools.settings.keys)

    async def is_asked() -> bool:
        shown = words((await front.client.get(f"/de/ludwigsburg/helper/{link}")).text)
        return text(front, "helper.state.asked") in shown

    assert not await is_asked()
    await hear(front, nobody.person, 1, pair(other))
    assert await is_asked()
    await front.client.post(await address(front, nobody.person), data={"answer": "yes"})
    assert not await is_asked()
    await hear(front, nobody.person, 2, pair(other, by=PASSED, of=OTHER))
    assert not await is_asked()


async def test_who_is_erased_leaves_no_answer(front: Front, two: tuple[UUID, UUID]) -> None:
    await front.client.post(await address(front, two[0]), data={"answer": "not_again"})
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, two[0])
    assert await said(front.pool, Answered) == []
    assert await front.pool.fetchval("SELECT count(*) FROM outcomes WHERE person_id = $1", two[0]) == 0
