"""The public form: in every language, corrected with the sentence beside the field, taken once, never broken."""

import re
from typing import Any

import pytest

from deploy.local.keys import Keys
from services.registration.api.pages import HEADERS
from services.registration.store import rounds
from services.registration.tests.front import PAGES, Front, Shown, token
from services.registration.tests.made import HOSTILE_NAMES, REAL_NAMES, closed, confirmed, everything, form, one, opened
from shared.web.isolation import visible
from shared.web.languages import LANGUAGES

FAULTY = {
    "name": ("a\u202eb", "name_not_allowed", {}),
    "birth_year": ("2015", "under_age", {"min_age": 18}),
    "place": ("123", "postcode_form", {}),
    "level_1": ("", "level_missing", {}),
    "email": ("anna@", "email_invalid", {}),
    "phone": ("call me", "phone_invalid", {}),
    "consent": ("", "consent_missing", {}),
}


@pytest.fixture(autouse=True)
async def _open(front: Front) -> None:
    await opened(front.pool)


async def stored(front: Front) -> dict[str, Any]:
    (row,) = await front.pool.fetch("SELECT * FROM people")
    return dict(row)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_fault_stands_beside_its_field_in_the_readers_language(front: Front, language: str) -> None:
    before = await everything(front.pool)
    answer = await front.post(language, **{name: typed for name, (typed, _, _) in FAULTY.items()}, hobbies=["chess"])
    page = Shown(answer.text)
    assert answer.status_code == 422
    assert page.language == language
    sentences = {name: PAGES.text(language, f"error.{code}", **more) for name, (_, code, more) in FAULTY.items()}
    assert page.faults == {name: " ".join(sentence.split()) for name, sentence in sentences.items()}
    assert [page.values[name] for name in ("name", "email", "phone", "place")] == [["a\u202eb"], ["anna@"], ["call me"], ["123"]]
    assert page.ticked["hobbies"] == ["chess"]
    assert page.values["form_token"] == ["a-form-of-these-tests"]
    after = await everything(front.pool)
    assert after.pop("turned_away") != before.pop("turned_away")
    assert after == before


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_new_form_in_each_language_has_a_token_of_its_own(front: Front, language: str) -> None:
    first, second = [Shown((await front.client.get(f"/{language}/ludwigsburg")).text) for _ in range(2)]
    assert first.language == language
    assert first.values["form_token"] != second.values["form_token"]
    assert len(first.values["form_token"][0]) >= 16


@pytest.mark.parametrize("name", [*REAL_NAMES, *HOSTILE_NAMES], ids=lambda name: ascii(name)[:30])
async def test_a_name_is_stored_and_shown_as_it_was_typed(front: Front, name: str) -> None:
    assert (await front.post(name=name)).status_code == 303
    row = await stored(front)
    assert row["name"] == name
    answer = await front.client.get(await front.link(row["id"]))
    page = Shown(answer.text)
    assert visible(name) in page.text
    assert (page.tags.count("script"), page.tags.count("img")) == (0, 1)  # the region's logo


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Anna@Example.ORG", "Anna@example.org"),
        ("\u200eanna@example.org\u00a0", "anna@example.org"),
        ("anna@bücher.example.org", "anna@xn--bcher-kva.example.org"),
        ("o'neil+x@example.org", "o'neil+x@example.org"),
    ],
    ids=ascii,
)
async def test_an_address_is_kept_as_mail_servers_write_it(front: Front, typed: str, kept: str) -> None:
    assert (await front.post(email=typed)).status_code == 303
    assert (await stored(front))["email"] == kept


@pytest.mark.parametrize(
    "typed",
    ["a@b", "a b@example.org", "a@example.org,b@example.org", "Anna <a@example.org>", "ü@example.org", "a\r\nBcc: x@example.org"],
    ids=ascii,
)
async def test_what_is_no_single_address_is_refused(front: Front, typed: str) -> None:
    answer = await front.post(email=typed)
    assert answer.status_code == 422
    assert set(Shown(answer.text).faults) == {"email"}


BODIES = {
    "broken UTF-8": b"name=%ff%fe&form_token=a-form-of-these-tests",
    "surrogates": b"name=%ed%a0%80&form_token=a-form-of-these-tests",
    "not urlencoded": b'{"name": "Anna"}',
    "bytes": bytes(range(256)),
    "nothing": b"",
    "too many fields": b"&".join(b"a=1" for _ in range(200)),
    "too large": b"name=" + b"x" * 40_000,
    "a strange token": b"form_token=%3Cscript%3E",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_a_body_that_is_no_form_is_answered_with_a_fresh_one(front: Front, body: bytes) -> None:
    before = await everything(front.pool)
    answer = await front.client.post("/en/ludwigsburg", content=body)
    page = Shown(answer.text)
    assert answer.status_code == 422
    code = "too_large" if len(body) > 32_768 else "form_expired"
    assert PAGES.text("en", f"error.{code}") in page.text
    assert len(page.values["form_token"][0]) >= 16
    assert await everything(front.pool) == before


async def test_fifty_one_hobbies_are_too_many_and_none_is_lost_from_the_page(front: Front) -> None:
    answer = await front.post(hobbies=["chess", *(f"hobby{n}" for n in range(50))])
    page = Shown(answer.text)
    assert (answer.status_code, set(page.faults), page.ticked["hobbies"]) == (422, {"hobbies"}, ["chess"])


async def test_every_answer_keeps_links_and_data_to_itself(front: Front) -> None:
    (person,) = await confirmed(front.pool, one(1))
    answers = [
        await front.client.get("/de/ludwigsburg"),
        await front.client.get("/de/ludwigsburg/sent"),
        await front.client.get(await front.link(person)),
        await front.client.get("/de/ludwigsburg/me/AAAA"),
        await front.client.get("/de/ludwigsburg/nothing/here/at/all"),
        await front.post(name=""),
    ]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "set-cookie" not in answer.headers
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    ["/xx/ludwigsburg", "/fr/ludwigsburg", "/de/nowhere", "/nowhere", "/de/ludwigsburg/nothing", "/xx/ludwigsburg/sent"],
)
async def test_an_address_that_leads_nowhere_is_404(front: Front, path: str) -> None:
    assert (await front.client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "asked", "language"),
    [
        ("/", "", "de"),
        ("/", "uk", "uk"),
        ("/de", "uk", "de"),
        ("/ar/nowhere", "uk", "ar"),
        ("/xx/ludwigsburg", "fr, tr;q=0.5", "tr"),
        ("/en/ludwigsburg/nothing", "", "en"),
        ("/nowhere", "fa", "fa"),
        ("/deutsch/und/mehr", "", "de"),
        ("//", "en", "en"),
    ],
)
async def test_who_is_lost_reads_so_in_their_language(front: Front, path: str, asked: str, language: str) -> None:
    answer = await front.client.get(f"http://front{path}", headers={"accept-language": asked})
    page = Shown(answer.text)
    assert (answer.status_code, page.language) == (404, language)
    assert PAGES.text(language, "not_found.title") in page.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_another_language_of_a_page_that_is_not_there_is_that_page_again(front: Front) -> None:
    for path, other in (("/de", "/en"), ("/de/nowhere", "/en/nowhere"), ("/deutsch/mehr", "/en/deutsch/mehr")):
        assert f'href="{other}"' in (await front.client.get(path)).text
        assert Shown((await front.client.get(other)).text).language == "en"


@pytest.mark.parametrize("path", ["/coordinator", "/coordinator/nothing", "/internal/nothing", "/healthz/nothing", "/metrics/x"])
async def test_programs_that_are_lost_are_told_in_a_sentence(front: Front, path: str) -> None:
    answer = await front.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


@pytest.mark.parametrize("path", ["/ludwigsburg", "/de/ludwigsburg", "/de/ludwigsburg/sent", "/de/nowhere"])
async def test_pages_can_be_asked_for_without_their_body(front: Front, path: str) -> None:
    head, whole = await front.client.head(path), await front.client.get(path)
    assert (head.status_code, sorted(head.headers.items())) == (whole.status_code, sorted(whole.headers.items()))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_error_of_ours_is_said_in_the_readers_language(
    front: Front, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    front.tools.open_rounds.clear()
    monkeypatch.setattr(rounds, "open_round", fails)
    for answer in (await front.client.get(f"/{language}/ludwigsburg"), await front.post(language)):
        page = Shown(answer.text)
        assert (answer.status_code, page.language) == (500, language)
        assert PAGES.text(language, "unavailable.title") in page.text
        assert "retry-after" not in answer.headers


async def test_an_error_of_ours_is_said_to_programs_in_a_sentence(
    front: Front, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rounds, "find", fails)
    answer = await front.client.get("/coordinator/rounds/ludwigsburg/x", headers=token(keys, "ludwigsburg"))
    assert (answer.status_code, answer.json()) == (500, {"detail": "Something went wrong on our side."})


@pytest.mark.parametrize("path", ["/xx/ludwigsburg", "/de/nowhere"])
async def test_a_form_sent_nowhere_is_404_and_stores_nothing(front: Front, path: str) -> None:
    before = await everything(front.pool)
    assert (await front.client.post(path, data=form())).status_code == 404
    assert (await front.client.post(path, data=form(name=""))).status_code == 404
    assert await everything(front.pool) == before


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "de"),
        ({"accept-language": "fr, uk;q=0.8, en;q=0.5"}, "uk"),
        ({"accept-language": "prs"}, "fa"),
        ({"accept-language": "tr", "cookie": "language=ar"}, "ar"),
        ({"accept-language": "tr", "cookie": "language=xx"}, "tr"),
        ({"accept-language": "\x00;;q=9,*"}, "de"),
    ],
    ids=str,
)
async def test_without_a_language_the_reader_is_led_to_theirs(front: Front, headers: dict[str, str], language: str) -> None:
    answer = await front.client.get("/ludwigsburg", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (302, f"/{language}/ludwigsburg")
    assert answer.headers["vary"] == "Accept-Language, Cookie"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_when_no_round_is_open_the_page_says_so(front: Front, language: str) -> None:
    await closed(front.pool)
    shown = await front.client.get(f"/{language}/ludwigsburg")
    front.tools.open_rounds.clear()
    sent = await front.post(language)
    assert (shown.status_code, sent.status_code) == (200, 409)
    for answer in (shown, sent):
        assert PAGES.text(language, "not_open.title") in Shown(answer.text).text


async def test_a_form_sent_just_after_close_is_told_so_although_the_round_was_remembered_as_open(front: Front) -> None:
    await front.post(name="")
    await closed(front.pool)
    assert (await front.post()).status_code == 409
    assert await front.pool.fetchval("SELECT count(*) FROM people") == 0


@pytest.mark.parametrize("go", ["walk", "edit"])
async def test_in_another_language_the_form_holds_what_was_typed(front: Front, go: str) -> None:
    before = await everything(front.pool)
    shown = await front.post("ar", go=go, name="سارا", birth_year="20a5", place="Hemmingen", hobbies=["chess", "cooking"])
    page = Shown(shown.text)
    assert (shown.status_code, page.language, page.faults) == (200, "ar", {})
    assert [page.values[name] for name in ("name", "birth_year", "place")] == [["سارا"], ["20a5"], ["Hemmingen"]]
    assert page.values["form_token"] == ["a-form-of-these-tests"]
    assert (page.ticked["role"], sorted(page.ticked["hobbies"])) == (["newcomer"], ["chess", "cooking"])
    assert f'name="go" value="{go}" formaction="/de/ludwigsburg#t-place"' in shown.text
    assert await everything(front.pool) == before


async def test_what_is_wrong_is_shown_as_the_steps_to_mend_and_all_else_is_sent_along(front: Front) -> None:
    answer = await front.post(birth_year="20a5", phone="call me", hobbies=["chess"])
    steps = re.findall(r'<section class="topic[ a-z]*" id="t-([a-z]+)"', answer.text)
    page = Shown(answer.text)
    assert (answer.status_code, steps) == (422, ["you", "contact"])
    assert (page.values["place"], page.ticked["hobbies"], page.ticked["consent"]) == (["71638"], ["chess"], ["1"])
    whole = await front.post(form_token="")
    assert 'id="t-place"' in whole.text, "a fault of no topic is one of the whole form"
