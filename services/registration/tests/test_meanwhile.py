"""What there is until the next round: the region's own text, for whoever was left over."""

from pathlib import Path
from uuid import UUID

import pytest

from services.registration.regions import Region
from services.registration.store import outcomes
from services.registration.store.outcomes import Outcome
from services.registration.tests.front import NOTIFICATION, Front, Shown
from services.registration.tests.made import LUDWIGSBURG, REGIONS, ROUND, closed, confirmed, one, opened
from services.registration.tests.region_files import NEEDED, TEXT
from services.registration.tests.test_regions_mistakes import line, said_of
from shared.runtime import db


@pytest.fixture
async def person(front: Front) -> UUID:
    await opened(front.pool)
    (found,) = await confirmed(front.pool, one(1))
    await closed(front.pool)
    async with db.transaction(front.pool) as conn:
        await outcomes.keep(conn, Outcome(found, ROUND, 1, "unmatched", "no_partner", None, []))
    return found


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
def test_the_regions_we_ship_have_it_in_all_their_languages(region: Region) -> None:
    assert {len(region.meanwhile_in(language)) for language in region.languages} == {4}


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_whoever_was_left_over_reads_it_in_their_language(front: Front, person: UUID, language: str) -> None:
    await front.pool.execute("UPDATE people SET language = $2 WHERE id = $1", person, language)
    lines = LUDWIGSBURG.meanwhile_in(language)
    page = Shown((await front.client.get(await front.link(person))).text).text
    assert all(said in page for said in lines)
    question = {"kind": "unmatched", "person": str(person)}
    told = (await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)).json()
    assert told["meanwhile"] == lines


async def test_a_region_without_such_a_text_says_nothing_of_it(
    front: Front, person: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(front.tools.regions, "ludwigsburg", LUDWIGSBURG.model_copy(update={"meanwhile": None}))
    page = Shown((await front.client.get(await front.link(person))).text).text
    assert front.tools.pages.text("de", "meanwhile.title") not in page


def test_a_language_without_its_text_is_named_with_the_line_of_the_block(tmp_path: Path) -> None:
    text = TEXT.replace('languages = ["de", "en", "ar", "fa", "tr", "uk"]', 'languages = ["de", "en", "ar"]', 1)
    block = text[text.index("[meanwhile]") : text.index('en = """', text.index("[meanwhile]"))]
    text = text.replace(text[text.index("[meanwhile]") : text.index("# How long data are kept.")], block)
    at, rule = line(text, "[meanwhile]"), "there must be a text for each of the languages above"
    assert said_of(text, tmp_path) == [f"county.toml, line {at}: meanwhile: {tag} is missing; {rule}" for tag in ("ar", "en")]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ("{}", "meanwhile: must hold a text for each language, or the block must go"),
        ('{ de = " ", en = "x" }', "meanwhile.de: must hold some text, without tabs or other signs that cannot be seen"),
        (f'{{ de = "{"x" * 501}", en = "x" }}', "meanwhile.de: is longer than 500 letters"),
        ('{ de = "x", en = "x", xx = "x" }', 'meanwhile.xx: "xx" is no language of our pages; they are: de, en, ar, fa, tr, uk'),
        ('"x"', "meanwhile: must be a block of its own that begins with [meanwhile]"),
    ],
)
def test_mistakes_in_it_are_named_with_their_line(texts: str, sentence: str, tmp_path: Path) -> None:
    assert said_of(f"meanwhile = {texts}\n{NEEDED}", tmp_path) == [f"county.toml, line 1: {sentence}"]
