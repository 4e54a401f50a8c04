"""The office sees who stands behind an id: to call somebody, it needs their name and a way to reach them."""

from uuid import UUID, uuid4

from deploy.local.keys import Keys
from services.registration.handlers import own_data
from services.registration.store import helpers
from services.registration.tests.front import Front, token
from services.registration.tests.made import confirmed, one, opened
from shared.runtime import audit_chain, db


async def actions(front: Front) -> list[tuple[str, str]]:
    async with db.connection(front.pool) as conn:
        return [(line["action"], line["person"]) for line in await audit_chain.after(conn, "ludwigsburg", 0)]


async def signed_up(front: Front) -> UUID:
    await opened(front.pool)
    (person,) = await confirmed(front.pool, one(1, phone="+49 7141 1234", messenger="@p1"))
    return person


async def test_the_office_learns_who_somebody_is_and_the_look_is_written_down(front: Front, keys: Keys) -> None:
    person = await signed_up(front)
    path = f"/coordinator/people/ludwigsburg/{person}"
    shown = (await front.client.get(path, headers=token(keys, "ludwigsburg"))).json()
    assert {name: shown[name] for name in ("id", "name", "email", "phone", "messenger")} == {
        "id": str(person),
        "name": "Person 1",
        "email": "p1@example.org",
        "phone": "+49 7141 1234",
        "messenger": "@p1",
    }
    assert (shown["language"], shown["state"], shown["round"]) == ("de", "confirmed", "2021-autumn")
    assert (shown["role"] in {"local", "newcomer"}, bool(shown["postcode"]), shown["helper"]) == (True, True, None)
    assert await actions(front) == [("person.show", str(person))]


async def test_of_somebody_without_an_address_the_place_that_signed_them_up_is_named(front: Front, keys: Keys) -> None:
    person = await signed_up(front)
    async with db.transaction(front.pool) as conn:
        helper = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft West", "west", 9)
        await conn.execute("UPDATE people SET email = '', helper = $2 WHERE id = $1", person, helper.id)
    shown = await front.client.get(f"/coordinator/people/ludwigsburg/{person}", headers=token(keys, "ludwigsburg"))
    assert shown.json()["helper"] == "Unterkunft West"


async def test_who_is_of_another_region_or_erased_is_nobody_and_no_look(front: Front, keys: Keys) -> None:
    person = await signed_up(front)
    mine = token(keys, "ludwigsburg", "hannover")

    async def ask(region: str) -> tuple[int, str]:
        answer = await front.client.get(f"/coordinator/people/{region}/{person}", headers=mine)
        return answer.status_code, answer.json()["detail"]

    assert await ask("hannover") == (404, "Nobody of this region has this id.")
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, person)
    assert await ask("ludwigsburg") == (404, "Nobody of this region has this id.")
    assert await actions(front) == []
