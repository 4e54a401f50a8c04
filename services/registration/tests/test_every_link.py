"""Every page and every link there is: opening changes nothing, and a link that does not hold is refused everywhere alike.

The tables are held against the routes of the app, so that a new page has to be named here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from services.registration.api.my_page import Done
from services.registration.domain import links
from services.registration.domain.life import Action
from services.registration.handlers import own_data, returning
from services.registration.handlers.helping import sign_up_helped
from services.registration.store import follow_ups, helpers, outcomes
from services.registration.store.outcomes import Outcome
from services.registration.tests.front import PAGES, Front, Shown, public
from services.registration.tests.made import ROUND, confirmed, everything, form, one, opened, signed_up
from shared.runtime import db

HERE = "/{language}/{slug}"
ME, HELPER = f"{HERE}/me/{{token}}", f"{HERE}/helper/{{token}}"
CONFIRM, CARD, ADDRESS = f"{HERE}/confirm/{{token}}", f"{HELPER}/card/{{card}}", f"{HERE}/address/{{token}}"
WITHOUT_LINK = {
    "/{slug}", HERE, f"{HERE}/sent", f"{HERE}/done/{{what}}", f"{HERE}/privacy", f"{HERE}/card",
    *(f"{HERE}/{kind}{rest}" for kind in ("link", "notice") for rest in ("", "/sent")),
}  # fmt: skip
WITH_LINK: dict[str, links.Purpose] = {
    **dict.fromkeys((ME, f"{ME}/change", f"{ME}/ask", f"{ME}/{{action}}", f"{ME}/end/{{pair}}", f"{ME}/suggestion"), "me"),
    f"{ME}/answer/{{pair}}": "me",
    f"{ME}/follow/{{pair}}": "me",
    f"{ME}/address": "me",
    **dict.fromkeys((f"{ME}/data.json", f"{ME}/data.txt"), "me"),
    CONFIRM: "confirm",
    **dict.fromkeys((HELPER, f"{HELPER}/person", f"{HELPER}/known"), "helper"),
    CARD: "card",
    ADDRESS: "address",
}
PAIR, ASKED = str(uuid4()), str(uuid4())
DOWNLOADS = {f"{ME}/data.json", f"{ME}/data.txt"}
REFUSAL = {
    **dict.fromkeys(("me", "confirm", "address"), "link_unknown.title"),
    "helper": "helper_over.text",
    "card": "card_over.title",
}


@dataclass(frozen=True)
class Holders:
    """Whose links there are: people by their state, one of them with a card of this helper; what they asked of an address."""

    people: dict[str, UUID]
    helper: UUID
    asking: UUID


@pytest.fixture
async def holders(front: Front) -> Holders:
    await opened(front.pool)
    known, paused, left, erased = await confirmed(front.pool, one(1), one(2), one(3), one(4))
    doubtful = await signed_up(front.pool, one(5, name="Asdfgh Qwertz"))
    people = {"confirmed": known, "paused": paused, "left": left, "erased": erased, "in doubt": doubtful}
    people["unconfirmed"] = await signed_up(front.pool, one(6))
    async with db.transaction(front.pool) as conn:
        await returning.pause(conn, paused)
        await own_data.leave(conn, left)
        await own_data.erase(conn, erased)
        await front.pool.execute("UPDATE people SET state = 'in_doubt', confirmed_at = clock_now() WHERE id = $1", doubtful)
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
        assert await sign_up_helped(conn, one(7, email="", release_email=False), helper) == "card"
    for person in {*people.values(), one(7).person} - {erased}:
        await matched(front, person, known if person != known else paused)
    people["card"] = one(7).person
    for year, person in enumerate((known, paused, people["card"], doubtful), 1980):
        changed = form(birth_year=str(year), email="elsewhere@example.org")
        assert (await front.client.post(f"{await front.link(person)}/change", data=changed)).status_code == 303
    return Holders(people, helper.id, await front.pool.fetchval("SELECT new_email_id FROM people WHERE id = $1", known))


async def matched(front: Front, person: UUID, partner: UUID) -> None:
    """One whom they are introduced to, and whether they want another they are asked."""
    pair = {"pair": PAIR, "partner": str(partner), "languages": ["de"], "hobbies": [], "band": "under_2", "writes_first": True}
    asked = pair | {"pair": ASKED, "standing": "asked", "answer_by": "2021-12-01T12:00:00Z"}
    async with db.transaction(front.pool) as conn:
        await outcomes.keep(conn, Outcome(person, ROUND, 1, "matched", None, None, [pair, asked]))
        await follow_ups.keep(conn, person, ROUND, UUID(PAIR), "day_5")


def filled(path: str, language: str = "de", **tokens: str) -> list[str]:
    """The addresses that a path stands for; of an action or an answer all that there are."""
    given = {"language": language, "slug": "ludwigsburg", "pair": ASKED if "/answer/" in path else PAIR, **tokens}
    for name, values in (("action", get_args(Action)), ("what", get_args(Done))):
        if f"{{{name}}}" in path:
            return [path.format(**given, **{name: value}) for value in values]
    return [path.format(**given)]


def test_every_page_is_named_here(app: FastAPI) -> None:
    assert public(app, "GET") == public(app, "HEAD") == WITHOUT_LINK | set(WITH_LINK)
    assert {path for path in public(app, "POST") if "{token}" in path} <= set(WITH_LINK)


def made(front: Front, holder: UUID, purpose: links.Purpose) -> str:
    return links.make(holder, purpose, 1, front.tools.settings.keys)


def addresses(front: Front, holders: Holders) -> Iterator[str]:
    """Of every page, with every link that holds."""
    helper, carded = made(front, holders.helper, "helper"), made(front, holders.people["card"], "card")
    for path in WITHOUT_LINK:
        yield from filled(path)
    for path, purpose in WITH_LINK.items():
        if purpose in {"helper", "card"}:
            yield from filled(path, token=helper, card=carded)
        elif purpose == "address":
            yield from filled(path, token=made(front, holders.asking, "address"))
        else:
            for state, person in holders.people.items():
                yield from filled(path, token=made(front, person, purpose)) if state != "erased" else ()


async def test_opening_every_page_and_link_ten_times_changes_nothing(front: Front, holders: Holders) -> None:
    """Mail scanners do this, with JavaScript and without."""
    before = await everything(front.pool)
    for address in addresses(front, holders):
        for _ in range(10):
            opened_ = await front.client.get(address)
            assert opened_.status_code == (302 if address == "/ludwigsburg" else 200), address
            assert (await front.client.head(address)).status_code == opened_.status_code
        for method in ("OPTIONS", "PUT", "DELETE"):
            assert (await front.client.request(method, address)).status_code == 405, (method, address)
    assert await everything(front.pool) == before


def forged(front: Front, holders: Holders, purpose: links.Purpose) -> Iterator[str]:
    """Whatever could be taken for a link of this purpose, and is none."""
    keys, person, helper = front.tools.settings.keys, holders.people["confirmed"], holders.helper
    holder = {"helper": helper, "card": holders.people["card"], "address": holders.asking}.get(purpose, person)
    right = made(front, holder, purpose)
    for other in get_args(links.Purpose):
        yield from (made(front, one_of, other) for one_of in (person, helper, holder) if other != purpose)
    yield made(front, helper if holder != helper else person, purpose)
    yield made(front, holders.people["erased"], purpose)
    yield links.make(uuid4(), purpose, 1, keys)
    yield links.make(holder, purpose, 2, keys)
    yield links.make(holder, purpose, 1, ("another key",))
    yield from (right[:-1] + ("A" if right[-1] != "A" else "B"), right.swapcase(), right[1:], "A" * 43, "nobody-made-this")


async def refusals(front: Front, method: str, path: str, tokens: dict[str, str], language: str) -> set[tuple[int, str]]:
    """Status and page, without what the address says. What is sent has no fault but the link."""
    found = set()
    for address in filled(path, language, **tokens):
        answer, page = await front.client.request(method, address, data=form() if method == "POST" else None), ""
        for said in (*tokens.values(), address.rpartition("/")[2]):
            page = (page or answer.text).replace(said, "…")
        found.add((answer.status_code, page))
    return found


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_a_link_that_does_not_hold_has_one_and_the_same_404_everywhere(
    front: Front, app: FastAPI, holders: Holders, language: str
) -> None:
    helper, before = made(front, holders.helper, "helper"), await everything(front.pool)
    for path, purpose in WITH_LINK.items():
        for method in ("GET", "POST"):
            if path not in public(app, method) or (path, method) == (CARD, "POST"):
                continue
            seen = set()
            for token in forged(front, holders, purpose):
                tokens = {"token": helper, "card": token} if purpose == "card" else {"token": token}
                seen |= await refusals(front, method, path, tokens, language)
            ((status, page),) = seen
            title = "not_found.title" if path in DOWNLOADS else REFUSAL[purpose]
            assert (status, PAGES.text(language, title) in Shown(page).text) == (404, True), (method, path)
    assert await everything(front.pool) == before


async def test_whoever_has_no_card_to_hand_over_begins_anew_and_changes_nothing(front: Front, holders: Holders) -> None:
    helper, before = made(front, holders.helper, "helper"), await everything(front.pool)
    for card in forged(front, holders, "card"):
        (address,) = filled(CARD, token=helper, card=card)
        answer = await front.client.post(address)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/de/ludwigsburg/helper/{helper}")
    assert await everything(front.pool) == before


async def test_a_card_is_shown_and_handed_over_by_its_own_helper_alone(front: Front, holders: Holders) -> None:
    async with db.transaction(front.pool) as conn:
        other = await helpers.insert(conn, uuid4(), "ludwigsburg", "Haus am Park", "park", 90)
    card, before = made(front, holders.people["card"], "card"), await everything(front.pool)
    for token in (made(front, other.id, "helper"), *forged(front, holders, "helper")):
        (address,) = filled(CARD, token=token, card=card)
        assert (await front.client.get(address)).status_code == 404
        await front.client.post(address)
    assert await everything(front.pool) == before


@pytest.mark.parametrize(("language", "slug"), [("xx", "ludwigsburg"), ("de", "hannover"), ("de", "nowhere")])
async def test_a_link_holds_in_its_own_region_and_an_offered_language_alone(
    front: Front, holders: Holders, language: str, slug: str
) -> None:
    before = await everything(front.pool)
    for address in addresses(front, holders):
        parts = address.split("/")
        if len(parts) > 4 and parts[3] in {"me", "confirm", "helper", "address"}:
            elsewhere = "/".join(["", language, slug, *parts[3:]])
            assert (await front.client.get(elsewhere)).status_code == 404, elsewhere
            assert (await front.client.post(elsewhere, data=form())).status_code in {404, 405}, elsewhere
    assert await everything(front.pool) == before
