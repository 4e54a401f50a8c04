"""A stranger cannot find out who is registered; who asks on behalf of a service or an office must show that they may."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from deploy.local.keys import Keys
from services.registration.handlers import own_data
from services.registration.tests.front import NOTIFICATION, Front, token
from services.registration.tests.made import (
    LUDWIGSBURG,
    ROUND,
    closed,
    confirmed,
    everything,
    one,
    opened,
    said,
    signed_up,
)
from shared.runtime import db
from shared.schemas.participants import Changed, LinkAsked

ROUND_PATH = "/coordinator/rounds/ludwigsburg/2021-autumn"


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


def seen(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, sorted(answer.headers.items()), answer.content


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_a_new_sign_up_and_every_kind_of_repeat_look_the_same(front: Front, language: str) -> None:
    new = await front.post(language, email="new@example.org")
    again = await front.post(language, email="new@example.org")
    unconfirmed = await front.post(language, email="new@example.org", form_token="another-form-of-new")
    (known,) = await confirmed(front.pool, one(1))
    same: dict[str, Any] = {"name": "Person 1", "email": "p1@example.org"}
    repeated = await front.post(language, **same, form_token="a-second-form-of-one")
    async with db.transaction(front.pool) as conn:
        await own_data.leave(conn, known)
    back = await front.post(language, **same, form_token="a-form-of-who-left")
    answers = [seen(one_of) for one_of in (new, again, unconfirmed, repeated, back)]
    assert len({str(one_of) for one_of in answers}) == 1
    assert answers[0][0] == 303
    page = await front.client.get(new.headers["location"])
    assert (await front.client.get(repeated.headers["location"])).content == page.content
    assert len(await said(front.pool, LinkAsked)) == 2


async def ask(front: Front, kind: str, person: UUID, partners: tuple[UUID, ...] = (), **headers: str) -> httpx.Response:
    question = {"kind": kind, "person": str(person), "partners": [str(partner) for partner in partners]}
    return await front.client.post("/internal/recipient", json=question, headers=headers or NOTIFICATION)


async def people(front: Front) -> dict[str, UUID]:
    (known, left), unconfirmed = await confirmed(front.pool, one(1), one(2)), await signed_up(front.pool, one(3))
    async with db.transaction(front.pool) as conn:
        await own_data.leave(conn, left)
    return {"confirmed": known, "left": left, "unconfirmed": unconfirmed, "nobody": uuid4()}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("confirm", {"unconfirmed"}),
        ("link", {"unconfirmed", "confirmed", "left"}),  # asked for by themselves
        ("opens", set()),
        ("welcome", {"confirmed"}),
        ("introduced", {"confirmed"}),
        ("unmatched", {"confirmed"}),
        ("pair_ended", {"confirmed"}),
    ],
)
async def test_who_is_told_which_kind_follows_from_their_state_at_this_moment(front: Front, kind: str, told: set[str]) -> None:
    known = await people(front)
    answers = {state: (await ask(front, kind, person)).json() for state, person in known.items()}
    assert {state for state, answer in answers.items() if answer["answer"] == "send"} == told
    assert all(answer == {"answer": "gone"} for state, answer in answers.items() if state not in told)


async def test_the_answer_holds_the_links_that_the_person_can_use(front: Front) -> None:
    known = await people(front)
    unconfirmed = (await ask(front, "confirm", known["unconfirmed"])).json()
    welcome = (await ask(front, "welcome", known["confirmed"])).json()
    assert unconfirmed["links"]["confirm"].startswith("https://buddy.example/de/ludwigsburg/confirm/")
    assert welcome["links"]["confirm"] is None
    assert welcome["links"]["me"].endswith(await front.link(known["confirmed"]))
    assert (welcome["name"], welcome["language"], welcome["email"]) == ("Person 1", "de", "p1@example.org")
    assert welcome["office"] == LUDWIGSBURG.office.model_dump()


async def test_several_are_answered_at_once_as_each_would_be(front: Front) -> None:
    known = await people(front)
    questions = [{"kind": "welcome", "person": str(person), "partners": []} for person in known.values()]
    answers = (await front.client.post("/internal/recipients", json={"questions": questions}, headers=NOTIFICATION)).json()
    assert answers == {"answers": [(await ask(front, "welcome", person)).json() for person in known.values()]}
    assert [answer["answer"] for answer in answers["answers"]] == ["send", "gone", "gone", "gone"]
    for many, status in ((20, 200), (21, 422)):
        asked = {"questions": questions[:1] * many}
        assert (await front.client.post("/internal/recipients", json=asked, headers=NOTIFICATION)).status_code == status


async def test_of_a_partner_only_the_first_name_and_released_contacts_leave(front: Front) -> None:
    both = {"phone": "0171 1234567", "release_email": False, "release_phone": True}
    me, partner, quiet = await confirmed(
        front.pool, one(1), one(2, name="Sara Jan Ahmadi", **both), one(3, name="Ben Ali", phone="0171 7654321")
    )
    answer = await ask(front, "introduced", me, (partner, quiet))
    assert answer.json()["partners"] == [
        {"person": str(partner), "first_name": "Sara", "contacts": [{"kind": "phone", "value": "0171 1234567"}]},
        {"person": str(quiet), "first_name": "Ben", "contacts": [{"kind": "email", "value": "p3@example.org"}]},
    ]
    assert not {"Ahmadi", "Jan", "Ali", "p2@example.org", "0171 7654321"} & set(answer.text.replace('"', " ").split())


@pytest.mark.parametrize("action", [own_data.leave, own_data.erase])
async def test_while_a_partner_is_gone_the_message_is_held(front: Front, action: Any) -> None:
    me, partner, other = await confirmed(front.pool, one(1), one(2), one(3))
    await closed(front.pool)
    async with db.transaction(front.pool) as conn:
        await action(conn, partner)
    assert (await ask(front, "introduced", me, (other, partner))).json() == {"answer": "hold"}
    assert (await ask(front, "introduced", partner, (me,))).json() == {"answer": "gone"}


@pytest.mark.parametrize("shown", ["", "Bearer wrong", "Bearer ", "Basic of notification", "Bearer of registration", "Bearer ü"])
async def test_without_the_secret_nothing_is_said(front: Front, shown: str) -> None:
    (person,) = await confirmed(front.pool, one(1))
    question = {"kind": "welcome", "person": str(person)}
    for path, asked in (("recipient", question), ("recipients", {"questions": [question]})):
        answer = await front.client.post(f"/internal/{path}", json=asked, headers={b"authorization": shown.encode()})
        assert answer.status_code == 401
        assert "Person 1" not in answer.text


async def test_both_secrets_count_while_they_are_rotated(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    for secret in ("of notification", "of notification before"):
        assert (await ask(front, "welcome", person, authorization=f"Bearer {secret}")).status_code == 200


@pytest.mark.parametrize("body", [{}, {"kind": "x", "person": str(ROUND)}, {"kind": "link", "person": "1"}, [], "x"], ids=str)
async def test_a_question_of_the_wrong_form_is_422(front: Front, body: Any) -> None:
    assert (await front.client.post("/internal/recipient", json=body, headers=NOTIFICATION)).status_code == 422


ROUTES = [
    ("GET", ROUND_PATH),
    *(("POST", f"{ROUND_PATH}/{step}") for step in ("open", "close", "reopen", "end", "end-early")),
    ("GET", f"{ROUND_PATH}/questions"),
    ("GET", f"/coordinator/people/ludwigsburg/{ROUND}"),
    ("POST", f"/coordinator/people/ludwigsburg/{ROUND}/place"),
    ("POST", f"/coordinator/people/ludwigsburg/{ROUND}/erase"),
    ("GET", f"/coordinator/people/ludwigsburg/{ROUND}/receipts"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda value: str(value)[-10:])
async def test_every_command_needs_a_token_of_this_region(front: Front, keys: Keys, method: str, path: str) -> None:
    before = await everything(front.pool)
    body = {"postcode": "71638"} if path.endswith("place") else None
    forged = jwt.encode({"sub": "x", "role": "x", "regions": ["ludwigsburg"], "exp": 2**40}, "a" * 32, "HS256")
    for shown, status, sentence in (
        ({}, 401, "A coordinator's token is needed."),
        ({"Authorization": "Bearer x"}, 401, "A coordinator's token is needed."),
        ({"Authorization": f"Bearer {forged}"}, 401, "A coordinator's token is needed."),
        (token(keys, "ludwigsburg", days=-1), 401, "This token has expired. Ask for a new one."),
        (token(keys, "hannover"), 403, "You are not a coordinator of this region."),
        (token(keys), 403, "You are not a coordinator of this region."),
    ):
        answer = await front.client.request(method, path, headers=shown, json=body)
        assert (answer.status_code, answer.json()["detail"]) == (status, sentence)
    assert await everything(front.pool) == before


async def test_what_does_not_exist_is_404_with_a_sentence(front: Front, keys: Keys) -> None:
    mine = token(keys, "ludwigsburg")
    for method, path, sentence in (
        ("GET", "/coordinator/rounds/ludwigsburg/2020-autumn", "This region has no such round."),
        ("POST", f"{ROUND_PATH}/publish", "open, close, reopen, end and end-early are the steps of a round here."),
        ("POST", f"/coordinator/people/ludwigsburg/{uuid4()}/place", "Nobody of this region has this id."),
    ):
        answer = await front.client.request(method, path, headers=mine, json={"postcode": "71638"})
        assert (answer.status_code, answer.json()["detail"]) == (404, sentence)


async def test_a_step_out_of_turn_is_409_with_a_sentence_and_the_same_step_again_is_the_same_answer(
    front: Front, keys: Keys
) -> None:
    mine = token(keys, "ludwigsburg")
    refused = await front.client.post(f"{ROUND_PATH}/end", headers=mine)
    assert (refused.status_code, refused.json()["detail"]) == (409, "The round is open; only a closed one can end.")
    closed_twice = [await front.client.post(f"{ROUND_PATH}/close", headers=mine) for _ in range(2)]
    assert [one_of.json()["phase"] for one_of in closed_twice] == ["closed", "closed"]
    assert closed_twice[0].json() == closed_twice[1].json()
    shown = (await front.client.get(ROUND_PATH, headers=mine)).json()
    assert (shown["phase"], shown["count"], shown["people"]) == ("closed", 0, {})


async def test_a_coordinator_sees_whose_place_nobody_understood_and_answers_it(front: Front, keys: Keys) -> None:
    mine = token(keys, "ludwigsburg")
    (person,) = await confirmed(front.pool, one(1))
    await front.pool.execute("UPDATE people SET postcode = '', place_text = 'beim Bahnhof' WHERE id = $1", person)
    found = (await front.client.get(f"{ROUND_PATH}/questions", headers=mine)).json()
    asked = {"person": str(person), "typed": "beim Bahnhof", "language": "de"}
    assert found == {"round": str(ROUND), "questions": [asked]}
    path = f"/coordinator/people/ludwigsburg/{person}/place"
    for wrong in ("", "7163", "716380", "٧١٦٣٨", "71638\n"):
        refused = await front.client.post(path, headers=mine, json={"postcode": wrong})
        assert (refused.status_code, refused.json()["detail"]) == (422, "A postcode has five digits.")
    assert (await front.client.post(path, headers=mine, json={"postcode": "71638"})).json() == {"counts": "now"}
    assert (await front.client.get(f"{ROUND_PATH}/questions", headers=mine)).json()["questions"] == []
    assert [event.postcode for event in await said(front.pool, Changed)] == ["71638"]
    await closed(front.pool)
    assert (await front.client.post(path, headers=mine, json={"postcode": "71634"})).json() == {"counts": "for the next round"}


async def test_what_is_no_id_of_a_person_is_said_so(front: Front, keys: Keys) -> None:
    mine = token(keys, "ludwigsburg")
    for method, command in (("GET", ""), ("POST", "/place"), ("POST", "/erase"), ("GET", "/receipts")):
        path = f"/coordinator/people/ludwigsburg/abc{command}"
        answer = await front.client.request(method, path, headers=mine, json={"postcode": "71638"})
        assert (answer.status_code, answer.json()["detail"]) == (422, "“abc” is not the id of a person.")


async def test_receipts_are_of_people_who_were_erased_in_this_region_alone(front: Front, keys: Keys) -> None:
    both = token(keys, "ludwigsburg", "hannover")
    erased, there = await confirmed(front.pool, one(1), one(2))
    async with db.transaction(front.pool) as conn:
        await own_data.erase(conn, erased)

    async def receipts(region: str, person: UUID) -> httpx.Response:
        return await front.client.get(f"/coordinator/people/{region}/{person}/receipts", headers=both)

    found = await receipts("ludwigsburg", erased)
    assert (found.status_code, found.json()) == (200, ["registration"])
    for region, person in (("hannover", erased), ("ludwigsburg", there), ("ludwigsburg", uuid4())):
        answer = await receipts(region, person)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"Nobody with this id was erased in {region}.")


async def test_somebody_of_another_region_is_nobody_here(front: Front, keys: Keys) -> None:
    (person,) = await confirmed(front.pool, one(1))
    path = f"/coordinator/people/hannover/{person}/place"
    answer = await front.client.post(path, headers=token(keys, "hannover"), json={"postcode": "30159"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "Nobody of this region has this id.")
