"""A region that says "Sie" says it on every page and in what people agree to; its neighbour says "Du" as before."""

from dataclasses import replace
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.keys import Keys
from services.registration.api.my_page import Done
from services.registration.consents import consents
from services.registration.domain import life, links
from services.registration.limits import Limits
from services.registration.store import helpers
from services.registration.store.consents import keep
from services.registration.tests.front import CONSENTS, NOTIFICATION, PAGES, Front, Shown, token
from services.registration.tests.made import HANNOVER, LUDWIGSBURG, REGIONS, closed, confirmed, form, one, opened, signed_up
from shared.runtime import db
from shared.web.formal import informal
from shared.web.isolation import isolated_html
from shared.web.languages import LANGUAGES
from shared.web.tests.reading import Reading, squeezed

FORMAL = LUDWIGSBURG.model_copy(update={"address": "sie"})
PUBLIC = (
    "",
    "/sent",
    "/privacy",
    "/link",
    "/link/sent",
    "/notice",
    "/notice/sent",
    "/card",
    "/me/AAAA",
    "/helper/AAAA",
    "/nowhere",
)
WRONG: dict[str, Any] = dict.fromkeys(("name", "email", "place", "birth_year", "language_1", "phone", "role", "consent"), "") | {
    "messenger": "x",
    "release_phone": "1",
    "release_messenger": "1",
}


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


@pytest.fixture
async def formal(front: Front, app: FastAPI) -> Front:
    """Ludwigsburg says "Sie", Hannover "Du"."""
    regions = REGIONS | {"ludwigsburg": FORMAL}
    app.state.context = replace(front.tools, regions=regions, consents=consents(PAGES, regions))
    return Front(app.state.context, front.client)


@pytest.fixture
async def desk(formal: Front) -> str:
    async with db.transaction(formal.pool) as conn:
        made = await helpers.insert(conn, uuid4(), "ludwigsburg", "Unterkunft Weststadt", "west", 90)
    return f"/de/ludwigsburg/helper/{links.make(made.id, 'helper', 1, formal.tools.settings.keys)}"


def read(answer: httpx.Response) -> str:
    assert answer.headers["content-type"].startswith("text/html")
    page = Reading(answer.text)
    assert page.attributes("html")["lang"] == "de"
    return page.said


def is_formal(answer: httpx.Response, status: int = 200) -> bool:
    said = read(answer)
    assert (answer.status_code, informal(said)) == (status, [])
    return bool({"Sie", "Ihre", "Ihnen", "Ihr"} & set(said.split()))


@pytest.mark.parametrize("path", PUBLIC)
async def test_pages_that_anybody_can_open_say_sie(formal: Front, path: str) -> None:
    found = await formal.client.get(f"/de/ludwigsburg{path}")
    assert is_formal(found, 404 if path in {"/me/AAAA", "/helper/AAAA", "/nowhere"} else 200)


@pytest.mark.parametrize("what", get_args(Done))
async def test_what_was_done_is_told_with_sie(formal: Front, what: str) -> None:
    found = await formal.client.get(f"/de/ludwigsburg/done/{what}")
    assert is_formal(found)


async def test_the_form_its_faults_and_the_check_say_sie(formal: Front) -> None:
    assert is_formal(await formal.post(**WRONG), 422)
    assert is_formal(await formal.post(go="check"))
    assert is_formal(await formal.post(go="edit"))
    assert is_formal(await formal.client.post("/de/ludwigsburg/link", data={"email": "x"}), 422)
    assert is_formal(await formal.client.post("/de/ludwigsburg/card", data={"card": "LU-1", "code": "x"}), 422)


async def test_who_has_to_wait_and_who_comes_too_late_is_told_with_sie(formal: Front) -> None:
    object.__setattr__(formal.tools, "limits", Limits(0.01))
    assert is_formal([await formal.post() for _ in range(30)][-1], 429)
    object.__setattr__(formal.tools, "limits", Limits())
    await closed(formal.pool)
    formal.tools.open_rounds.clear()
    assert is_formal(await formal.client.get("/de/ludwigsburg"))


async def test_my_page_and_all_that_is_done_there_say_sie(formal: Front) -> None:
    new = await signed_up(formal.pool, one(1))
    confirm = await formal.link(new, "confirm")
    assert is_formal(await formal.client.get(await formal.link(new)))
    assert is_formal(await formal.client.get(confirm))
    assert is_formal(await formal.client.post(confirm))
    link = await formal.link(new)
    assert is_formal(await formal.client.post(f"{link}/ask", data={"question": ""}), 422)
    question = {"form_token": "a-form-with-a-question", "question": "Wann?"}
    assert (await formal.client.post(f"{link}/ask", data=question)).status_code == 303
    for path in ("", "/change", "/ask", *(f"/{action}" for action in get_args(life.Action))):
        assert is_formal(await formal.client.get(f"{link}{path}"))
    assert is_formal(await formal.client.post(f"{link}/change", data=form(**WRONG)), 422)
    text = (await formal.client.get(f"{link}/data.txt")).text
    assert ("Ihre" in text, informal(text)) == (True, [])


@pytest.mark.parametrize("phase", ["open", "closed"])
@pytest.mark.parametrize(
    "state", ["unconfirmed", "in_doubt", "confirmed", "paused", "left", "withdrawn", "refused", "not_checked"]
)
async def test_my_page_says_sie_in_every_state(formal: Front, state: str, phase: str) -> None:
    (person,) = await confirmed(formal.pool, one(1))
    await formal.pool.execute("UPDATE people SET state = $1", state)
    await formal.pool.execute("UPDATE rounds SET phase = $1", phase)
    assert is_formal(await formal.client.get(await formal.link(person)))


async def test_helpers_their_cards_and_flyers_say_sie(formal: Front, desk: str, keys: Keys) -> None:
    assert is_formal(await formal.client.get(desk))
    assert is_formal(await formal.client.get(f"{desk}/person"))
    for number, email in enumerate(("", "card@example.org")):
        typed = form(email=email, release_email=email, form_token=f"a-form-with-a-helper-{number}")
        assert is_formal(await formal.client.post(f"{desk}/person", data=typed | {"go": ["check"]}))
        done = await formal.client.post(f"{desk}/person", data=typed)
        assert is_formal(await formal.client.get(done.headers["location"]))
    flyer = await formal.client.get("/coordinator/flyers/ludwigsburg/de", headers=token(keys, "ludwigsburg"))
    assert is_formal(flyer)


async def test_the_words_that_were_agreed_to_are_the_ones_that_are_kept(formal: Front) -> None:
    async with db.transaction(formal.pool) as conn:
        await keep(conn, [*CONSENTS.values(), *formal.tools.consents.values()])
    await formal.post()
    said = await formal.pool.fetchval("SELECT said FROM consent_texts c JOIN people ON consent_version = c.version")
    shown = read(await formal.client.get("/de/ludwigsburg"))
    office = isolated_html(FORMAL.office.name).striptags()
    for key in ("form.consent.text", "form.consent.back"):
        words = PAGES.text("de", key, "sie", **({"office": office} if key == "form.consent.text" else {}))
        assert words in squeezed(shown)
        assert words in said.replace("\u2068", "").replace("\u2069", "")
    assert informal(said) == []
    assert CONSENTS["ludwigsburg", "de"].version != formal.tools.consents["ludwigsburg", "de"].version


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "de"])
async def test_other_languages_are_the_same_but_for_the_german_beside_them(formal: Front, language: str) -> None:
    page = Shown((await formal.client.get(f"/{language}/ludwigsburg")).text)
    assert PAGES.text("de", "form.consent.back", "sie") in page.text
    assert PAGES.text("de", "form.consent.back") not in page.text
    assert PAGES.text(language, "form.title") in page.text
    assert formal.tools.consents["ludwigsburg", language] == CONSENTS["ludwigsburg", language]


async def test_notification_is_told_how_the_region_speaks(formal: Front) -> None:
    (person,) = await confirmed(formal.pool, one(1))
    assert (await asked(formal, person))["address"] == "sie"


async def asked(front: Front, person: UUID) -> Any:
    question = {"kind": "welcome", "person": str(person)}
    return (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()


async def test_a_language_is_offered_once_however_it_speaks(formal: Front) -> None:
    page = Reading((await formal.client.get("/de/ludwigsburg")).text)
    offered = [attributes["hreflang"] for tag, attributes in page.tags if tag == "a" and "hreflang" in attributes]
    assert offered == [language for language in LUDWIGSBURG.languages if language != "de"]
    assert (await formal.client.get("/de-formal/ludwigsburg")).status_code == 404


async def test_the_neighbour_says_du_as_before(formal: Front) -> None:
    for path in ("/privacy", "/link", "/card"):
        page = await formal.client.get(f"/de/hannover{path}")
        assert informal(read(page))
        assert "Sie haben" not in page.text
    assert formal.tools.consents["hannover", "de"] == CONSENTS["hannover", "de"]


async def test_who_comes_to_no_region_is_told_with_du_unless_all_say_sie(formal: Front, app: FastAPI) -> None:
    assert informal(read(await formal.client.get("/de/nowhere")))
    both = {"ludwigsburg": FORMAL, "hannover": HANNOVER.model_copy(update={"address": "sie"})}
    app.state.context = replace(formal.tools, regions=both)
    assert is_formal(await formal.client.get("/de/nowhere"), 404)
