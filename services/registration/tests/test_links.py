"""Personal links: buttons act once, the key before still opens, and my page shows and changes what is stored."""

from typing import Any
from uuid import UUID

import pytest

from services.registration.domain import links
from services.registration.store.people import Place
from services.registration.tests.front import PAGES, Front, Shown
from services.registration.tests.made import closed, confirmed, everything, form, one, opened, signed_up
from shared.web.languages import LANGUAGES


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


async def state(front: Front, person: UUID) -> str | None:
    found: str | None = await front.pool.fetchval("SELECT state FROM people WHERE id = $1", person)
    return found


async def test_the_button_of_the_mail_confirms_and_leads_to_my_page(front: Front) -> None:
    person = await signed_up(front.pool, one(1))
    address = await front.link(person, "confirm")
    for _ in range(2):
        answer = await front.client.post(address)
        assert answer.status_code == 200
        assert await front.link(person) in answer.text
    assert await state(front, person) == "confirmed"


async def test_each_button_works_and_leads_to_a_page_that_says_what_was_done(front: Front) -> None:
    leaves, withdraws, erases = await confirmed(front.pool, one(1), one(2), one(3))
    left = await front.client.post(f"{await front.link(leaves)}/leave")
    erased = await front.client.post(f"{await front.link(erases)}/erase")
    await closed(front.pool)
    address = f"{await front.link(withdraws)}/withdraw"
    withdrawn = [await front.client.post(address), await front.client.post(address)]
    for answer, what in ((left, "left"), (erased, "erased"), (withdrawn[0], "withdrawn"), (withdrawn[1], "withdrawn")):
        assert answer.status_code == 303
        page = await front.client.get(answer.headers["location"])
        assert PAGES.text("de", f"done.{what}.title") in Shown(page.text).text
    assert [await state(front, one_of) for one_of in (leaves, withdraws, erases)] == ["left", "withdrawn", None]


@pytest.mark.parametrize("token", ["x", "~%C3%A4", "%00", "a%20b", "%3Cscript%3E", "A" * 5000, "%F0%9F%98%80"])
async def test_garbage_instead_of_a_link_is_404(front: Front, token: str) -> None:
    for purpose in ("me", "confirm"):
        answer = await front.client.get(f"/de/ludwigsburg/{purpose}/{token}")
        assert answer.status_code == 404
        assert "script" not in Shown(answer.text).tags


async def test_a_link_of_the_key_before_still_opens_my_page(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    token = links.make(person, "me", 1, ("old key",))
    assert (await front.client.get(f"/de/ludwigsburg/me/{token}")).status_code == 200


@pytest.mark.parametrize("action", ["nothing", "confirm", "unpause", "%3Cscript%3E"])
async def test_an_action_that_does_not_exist_is_404(front: Front, action: str) -> None:
    (person,) = await confirmed(front.pool, one(1))
    for method in ("GET", "POST"):
        assert (await front.client.request(method, f"{await front.link(person)}/{action}")).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_my_page_shows_everything_that_is_stored_in_each_language(front: Front, language: str) -> None:
    person = await signed_up(front.pool, one(1, phone="0171 1234567", hobbies=["chess"], capacity=2, role="local"))
    answer = await front.client.get((await front.link(person)).replace("/de/", f"/{language}/", 1))
    page = Shown(answer.text)
    assert (answer.status_code, page.language) == (200, language)
    for shown in ("Person 1", "p1@example.org", "0171 1234567", "1990", "71638", PAGES.text(language, "hobby.chess")):
        assert shown in page.text


CHANGES: list[tuple[Place, str]] = [
    (Place("71638", "", ""), "71638"),
    (Place("", "", "beim Bahnhof links"), "beim Bahnhof links"),
    (Place("", "de-71638-ludwigsburg", ""), "ludwigsburg"),
]


@pytest.mark.parametrize(("place", "shown"), CHANGES, ids=lambda value: str(value)[:30])
async def test_the_page_for_changes_holds_what_is_stored_and_can_be_sent_as_it_is(front: Front, place: Place, shown: str) -> None:
    person = await signed_up(front.pool, one(1))
    await front.pool.execute(
        "UPDATE people SET postcode = $2, place_id = $3, place_text = $4 WHERE id = $1",
        person,
        place.postcode,
        place.place_id,
        place.text,
    )
    address = f"{await front.link(person)}/change"
    page = Shown((await front.client.get(address)).text)
    assert (page.values["name"], page.values["place"], page.ticked["hobbies"]) == (["Person 1"], [shown], ["cooking"])
    again: dict[str, Any] = {"place": shown, "place_id": "-", "name": "Person 1", "email": "p1@example.org"}
    answer = await front.client.post(address, data=form(**again))
    assert (answer.status_code, answer.headers.get("location")) == (303, "/de/ludwigsburg/done/changed")


async def test_a_faulty_change_is_shown_again_and_changes_nothing(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    address, before = f"{await front.link(person)}/change", await everything(front.pool)
    answer = await front.client.post(address, data=form(name="", hobbies=["chess"]))
    page = Shown(answer.text)
    assert (answer.status_code, set(page.faults), page.ticked["hobbies"]) == (422, {"name"}, ["chess"])
    broken = await front.client.post(address, content=b"name=%ff")
    assert broken.status_code == 422
    assert Shown(broken.text).values["name"] == ["Person 1"]
    assert await everything(front.pool) == before
