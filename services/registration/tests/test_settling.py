"""Places that were taken while geo was away: geo is asked once more, and only what it does not know waits for the office."""

import asyncio
import socket
from uuid import UUID

import httpx
import pytest

from deploy.local.keys import Keys
from services.registration.handlers import own_data
from services.registration.places import Places
from services.registration.settling import settle_unseen
from services.registration.store import people, rounds
from services.registration.store.people import Place
from services.registration.tests.front import SECRET, Front, token
from services.registration.tests.made import ROUND, closed, confirmed, everything, one, opened, said
from shared.runtime import db
from shared.schemas.participants import Attributes

QUESTIONS = "/coordinator/rounds/ludwigsburg/2021-autumn/questions"
TYPED = {"Marbach am Neckar": 1, "71638": 2, "beim Bahnhof": 3, "Hemmingen": 4, "71699": 5}


async def taken(front: Front, *typed: str) -> dict[str, UUID]:
    """Confirmed, all of them, while nobody answers where geo should be."""
    await opened(front.pool)
    found = {}
    for text in typed:
        await front.post(place=text, email=f"{TYPED[text]}@example.org", form_token=f"a-form-of-number-{TYPED[text]}")
        found[text] = await front.pool.fetchval("SELECT id FROM people WHERE email = $1", f"{TYPED[text]}@example.org")
        async with db.transaction(front.pool) as conn:
            assert await own_data.confirm(conn, found[text]) == "confirmed"
    return found


async def place(pool: db.Pool, person: UUID) -> Place:
    async with db.connection(pool) as conn:
        found = await people.get(conn, person)
    assert found is not None
    return Place(found.postcode, found.place_id, found.place_text, found.place_unseen)


async def test_what_geo_knows_is_settled_when_it_is_back_and_the_rest_waits_for_the_office(
    front_without_geo: Front, geo: httpx.AsyncClient, keys: Keys
) -> None:
    pool = front_without_geo.pool
    who = await taken(front_without_geo, *TYPED)
    assert await settle_unseen(pool, Places(geo, SECRET)) == 1
    assert {text: await place(pool, person) for text, person in who.items()} == {
        "Marbach am Neckar": Place("71672", "de-71672-marbach-am-neckar", ""),
        "71638": Place("71638", "", ""),
        "beim Bahnhof": Place("", "", "beim Bahnhof"),
        "Hemmingen": Place("", "", "Hemmingen"),
        "71699": Place("71699", "", ""),
    }
    told = [(event.person, event.version, event.postcode) for event in await said(pool, Attributes) if event.version > 1]
    assert told == [(who["Marbach am Neckar"], 2, "71672")]
    open_ones = (await front_without_geo.client.get(QUESTIONS, headers=token(keys, "ludwigsburg"))).json()["questions"]
    assert {one["typed"] for one in open_ones} == {"beim Bahnhof", "Hemmingen"}
    before = await everything(pool)
    assert await settle_unseen(pool, Places(geo, SECRET)) == 0, "each is asked about once"
    assert await everything(pool) == before


async def test_while_nobody_listens_where_geo_should_be_nothing_changes(front_without_geo: Front) -> None:
    await taken(front_without_geo, "Marbach am Neckar", "71638")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # a port of ours on which nothing listens
        before = await everything(front_without_geo.pool)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}", timeout=0.3) as nobody:
            assert await settle_unseen(front_without_geo.pool, Places(nobody, SECRET)) == 0
    assert await everything(front_without_geo.pool) == before


async def test_two_replicas_settle_a_place_once(front_without_geo: Front, geo: httpx.AsyncClient) -> None:
    await taken(front_without_geo, "Marbach am Neckar")
    pool = front_without_geo.pool
    await asyncio.gather(*(settle_unseen(pool, Places(geo, SECRET)) for _ in range(4)))
    assert [event.version for event in await said(pool, Attributes)] == [1, 2]


async def test_after_the_close_a_settled_place_counts_for_the_next_round(
    front_without_geo: Front, geo: httpx.AsyncClient
) -> None:
    who = await taken(front_without_geo, "Marbach am Neckar")
    pool = front_without_geo.pool
    await closed(pool)
    assert await settle_unseen(pool, Places(geo, SECRET)) == 1
    assert (await place(pool, who["Marbach am Neckar"])).postcode == "71672"
    assert [event.version for event in await said(pool, Attributes)] == [1]
    async with db.connection(pool) as conn:
        assert await rounds.changed_since_close(conn, ROUND) == list(who.values())


@pytest.mark.parametrize("known", [Place("71672", "", ""), Place("", "", "elsewhere")])
async def test_who_has_changed_the_place_meanwhile_is_left_alone(pool: db.Pool, known: Place) -> None:
    await opened(pool)
    form = one(1)
    (person,) = await confirmed(pool, form)
    async with db.transaction(pool) as conn:
        await people.overwrite(conn, person, "de", form.answers, known)
    before = await everything(pool)
    async with db.transaction(pool) as conn:
        await own_data.settle_place(conn, person, Place("", "", "Marbach", unseen=True), Place("71672", "x", ""))
    assert await everything(pool) == before
