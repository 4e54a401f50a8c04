"""What a page of another site sends with somebody's browser is refused, in their language, and changes nothing."""

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from deploy.local.keys import Keys
from services.registration.tests.front import PAGES, Front, Shown, public, token
from services.registration.tests.made import confirmed, everything, form, one, opened

CROSS = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_whatever_another_sites_page_sends_is_refused_kindly(front: Front, app: FastAPI, language: str) -> None:
    await opened(front.pool)
    (person,) = await confirmed(front.pool, one(1))
    link = (await front.link(person)).replace("/de/", f"/{language}/")
    here = {"language": language, "slug": "ludwigsburg", "token": link.rpartition("/")[2], "action": "erase"}
    before = await everything(front.pool)
    for path in public(app, "POST"):
        address = path.format(**here, pair="x", card="x")
        answer = await front.client.post(address, data=form(), headers=CROSS)
        page = Shown(answer.text)
        assert (answer.status_code, page.language) == (403, language), address
        assert PAGES.text(language, "foreign.text") in page.text
        assert f'href="/{language}/ludwigsburg"' in answer.text
    assert await everything(front.pool) == before
    assert (await front.client.get(link, headers=CROSS)).status_code == 200, "a link may stand anywhere"


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none", None])
async def test_what_our_own_pages_and_programs_send_is_taken(front: Front, site: str | None) -> None:
    await opened(front.pool)
    headers = {"origin": "null"} | ({"sec-fetch-site": site} if site else {})
    sent = await front.client.post("/de/ludwigsburg", data=form(), headers=headers)
    assert sent.headers["location"] == "/de/ludwigsburg/sent"


async def test_commands_are_refused_in_a_sentence(front: Front, keys: Keys) -> None:
    headers = token(keys, "ludwigsburg") | CROSS
    answer = await front.client.post("/coordinator/rounds/ludwigsburg/2021-autumn/open", headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"detail": "This was sent by a page of another site."})


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "X-Forwarded-For"])
async def test_whoever_comes_through_a_proxy_sees_what_is_for_people_and_nothing_else(
    front: Front, app: FastAPI, keys: Keys, header: str
) -> None:
    await opened(front.pool)
    outside = {header: "203.0.113.7"}
    assert (await front.client.get("/de/ludwigsburg", headers=outside)).status_code == 200
    hidden = {route.path for route in iter_route_contexts(app.routes) if route.path} - public(app, "GET") - public(app, "POST")
    assert {"/metrics", "/readyz", "/internal/recipient", "/coordinator/rounds/{region}/{slug}"} <= hidden
    for path in (*hidden, "/internal", "/coordinator/any"):
        answer = await front.client.get(path.format_map(Anything()), headers=outside | token(keys, "ludwigsburg"))
        assert (answer.status_code, answer.text) == (404, '{"detail":"Not found"}'), path
    assert (await front.client.get("/metrics")).status_code == 200


class Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "ludwigsburg"
