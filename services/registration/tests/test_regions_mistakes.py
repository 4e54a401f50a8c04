"""Mistakes in a region file are named with file, line and reason, in sentences that somebody in an office understands."""

import re
from pathlib import Path

import pytest

from services.registration.regions import RegionFilesError, read_regions
from services.registration.tests.made import REGIONS_DIR
from services.registration.tests.region_files import TEXT

ROUND = '\n[[rounds]]\nslug = "{}"\nopens = {}T00:00:00\ncloses = {}T00:00:00\nname = {{ de = "Runde" }}\n'
CONTACT = '\n[[contacts]]\nmunicipality = "{}"\nname = "Frau Muster"\nphone = "030 23125 456"\nemail = "m@murr.example"\n'
MISSING = "is a quotation mark, bracket, comma or = missing here or just above?"
AT_THE_TOP = "; it belongs at the top, before the first line with a [ ]"

# What stands in the file, what somebody made of it, and what is said of the first line that is another now.
MISTAKES = {
    "unknown and near a known one": ("[sender]", "[Sender]", 'Sender: there is no such setting here; did you mean "sender"?'),
    "unknown and near another here": (
        "same_gender = true",
        "same_gende = true",
        'questions.same_gende: there is no such setting here; did you mean "same_gender"?',
    ),
    "unknown and near nothing": ("[rules]", "[rules]\nxyzxyz = 1", "rules.xyzxyz: there is no such setting here"),
    "unknown in the weights": (
        "closeness = 250",
        "closenes = 250",
        'rules.weights.closenes: there is no such setting here; did you mean "closeness"?',
    ),
    "in the wrong block": (
        "[office]",
        "[office]\nmax_km = 3",
        "office.max_km: there is no such setting here; it belongs below [rules]",
    ),
    "below a block instead of above": (
        "[sender]",
        '[sender]\naddress = "du"',
        f"sender.address: there is no such setting here{AT_THE_TOP}",
    ),
    "among the names": (
        "[name]",
        '[name]\naddress = "du"',
        f'name.address: "address" is no language of our pages; they are: de, en, ar, fa, tr, uk{AT_THE_TOP}',
    ),
    "text for a number": (
        "max_km = 40",
        'max_km = "40"',
        'rules.max_km: must be a whole number, without quotation marks, not "40"',
    ),
    "a number for text": ('slug = "ludwigsburg"', "slug = 5", "slug: must be text between quotation marks, not 5"),
    "text for yes or no": (
        "party = true",
        'party = "yes"',
        'questions.party: must be true or false, without quotation marks, not "yes"',
    ),
    "text for a list": (
        'levels = ["pairs", "waiting", "below_floor", "fit"]',
        'levels = "pairs"',
        'rules.levels: must be a list in square brackets, not "pairs"',
    ),
    "one block for a list of blocks": (
        "[[rounds]]",
        "[rounds]",
        "rounds: must be a block of its own that begins with [[rounds]]",
    ),
    "no date": (
        "opens = 2021-10-15T00:00:00",
        'opens = "soon"',
        'rounds.opens: must be a day and time like 2021-10-15T00:00:00, without quotation marks, not "soon"',
    ),
    "a date with a zone of its own": (
        "opens = 2021-10-15T00:00:00",
        "opens = 2021-10-15T00:00:00Z",
        "rounds.opens: must be a day and time like 2021-10-15T00:00:00, with no zone behind it, not 2021-10-15 00:00:00+00:00",
    ),
    "a year far away": (
        "opens = 2021-10-15T00:00:00",
        "opens = 1921-10-15T00:00:00",
        "rounds.opens: the year 1921 is not between 2000 and 2100",
    ),
    "no such time zone": (
        "Europe/Berlin",
        "Europe/Berln",
        'timezone: "Europe/Berln" is no time zone; did you mean "Europe/Berlin"?',
    ),
    "a path for a time zone": (
        "Europe/Berlin",
        "../Berlin",
        'timezone: "../Berlin" is no time zone; did you mean "Europe/Berlin"?',
    ),
    "no such language": (
        'languages = ["de", "en", "ar"',
        'languages = ["de", "en", "arabic"',
        'languages: "arabic" is no language of our pages; they are: de, en, ar, fa, tr, uk',
    ),
    "a language twice": ('languages = ["de", ', 'languages = ["de", "de", ', 'languages: "de" stands there twice'),
    "no German": ('languages = ["de", ', "languages = [", "languages: de is missing; German and English always belong to them"),
    "a municipality twice": ('"Asperg",', '"Asperg", "Asperg",', 'municipalities: "Asperg" stands there twice'),
    "an empty name": (
        '"Asperg",',
        '" ",',
        "municipalities: must hold some text, without tabs or other signs that cannot be seen",
    ),
    "a sender of two lines": ('"myBuddy Ludwigsburg"', '"my\\nBuddy"', "sender.name: must be on one line"),
    "an e-mail without @": (
        "mybuddy@ludwigsburg.example",
        "ludwigsburg.example",
        'sender.email: "ludwigsburg.example" is no e-mail address; write it like name@county.example',
    ),
    "no phone number": ("+49 89 99998 123", "ask", 'office.phone: "ask" is no phone number; write it like +49 30 23125 123'),
    "a slug with a space": (
        'slug = "ludwigsburg"',
        'slug = "lud burg"',
        'slug: must be of at most 64 small letters a to z, digits, - and _, not "lud burg"',
    ),
    "no such form of address": ('address = "du"', 'address = "ihr"', 'address: must be "du" or "sie", not "ihr"'),
    "no such introduction": (
        'introduction = "direct"',
        'introduction = "asked"',
        'introduction: must be "direct" or "agreed", not "asked"',
    ),
    "no day to answer": (
        'introduction = "direct"',
        "answer_days = 0",
        "answer_days: must be at least 1, not 0",
    ),
    "asked without end": ('introduction = "direct"', "asked_again = 11", "asked_again: must be at most 10, not 11"),
    "no such writer": (
        'who_writes_first = "local"',
        'who_writes_first = "both"',
        'who_writes_first: must be "local" or "newcomer", not "both"',
    ),
    "children": ("min_age = 18", "min_age = 13", "rules.min_age: must be at least 14, not 13"),
    "a quality nobody has": (
        "quality_floor = 400",
        "quality_floor = 1001",
        "rules.quality_floor: must be at most 1000, not 1001",
    ),
    "more suggested than allowed": (
        "default_km = 10",
        "default_km = 41",
        "rules.default_km: 41 is more than max_km, which is 40",
    ),
    "a level twice": ('"waiting", ', '"waiting", "waiting", ', 'rules.levels: "waiting" stands there twice'),
    "no level": (
        'levels = ["pairs", "waiting", "below_floor", "fit"]',
        "levels = []",
        "rules.levels: must name at least one",
    ),
    "kept for no time": ("unconfirmed_days = 7", "unconfirmed_days = 0", "keeping.unconfirmed_days: must be at least 1, not 0"),
    "kept for ever": ("audit_months = 24", "audit_months = 999", "keeping.audit_months: must be at most 120, not 999"),
    "closing before opening": (
        "closes = 2021-10-31T23:59:00",
        "closes = 2021-10-01T23:59:00",
        "rounds.closes: the round closes before it opens",
    ),
    "curved quotation marks": (
        'address = "du"',
        "address = “du”",
        'this cannot be read: quotation marks must be straight ones, like "this"',
    ),
    "an open quotation mark": (
        'address = "du"',
        'address = "du',
        f"this cannot be read (Expected newline or end of document after a statement); {MISSING}",
    ),
}


def said_of(text: str, folder: Path) -> list[str]:
    (folder / "logo.svg").write_bytes((REGIONS_DIR / "logo.svg").read_bytes())
    (folder / "county.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RegionFilesError) as caught:
        read_regions(folder)
    return caught.value.sentences


def line(text: str, beginning: str) -> int:
    """The last line that begins so."""
    return max(number for number, one in enumerate(text.split("\n"), 1) if one.startswith(beginning))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    old, new, sentence = MISTAKES[name]
    text = TEXT.replace(old, new, 1)
    pairs = enumerate(zip(TEXT.split("\n"), text.split("\n"), strict=False), 1)
    first = next(number for number, (before, after) in pairs if before != after)
    assert f"county.toml, line {first}: {sentence}" in said_of(text, tmp_path)


def test_weights_that_do_not_add_up_are_named_with_their_sum(tmp_path: Path) -> None:
    text = TEXT.replace("hobbies = 250", "hobbies = 240")
    at = line(text, "[rules.weights]")
    assert said_of(text, tmp_path) == [
        f"county.toml, line {at}: rules.weights: the four numbers add up to 990, not to 1000",
    ]


@pytest.mark.parametrize(
    ("removed", "sentence"),
    [
        ("slug = ", "line 1: slug: is missing; it belongs at the top, before the first line with a [ ]"),
        ("[sender]", "line 1: sender: is missing; write a block that begins with [sender]"),
        ("min_age = ", "line {rules}: rules.min_age: is missing; it belongs below [rules]"),
        ("[rounds.name]", "line {rounds}: rounds.name: is missing; write a block that begins with [rounds.name]"),
    ],
)
def test_what_is_missing_is_named_with_where_it_belongs(removed: str, sentence: str, tmp_path: Path) -> None:
    text = re.sub(rf"^{re.escape(removed)}", "# ", TEXT, count=1, flags=re.MULTILINE)
    where = {"rules": line(text, "[rules]"), "rounds": line(text, "[[rounds]]")}
    assert f"county.toml, {sentence.format_map(where)}" in said_of(text, tmp_path)


def test_a_region_without_a_german_name_is_told_what_it_is_for(tmp_path: Path) -> None:
    text = TEXT.replace('de = "Landkreis Ludwigsburg"', "", 1)
    sentence = "name: de is missing; there must be a German name, which stands where a language has none"
    assert said_of(text, tmp_path) == [f"county.toml, line {line(text, '[name]')}: {sentence}"]


def test_people_who_are_asked_for_must_be_younger_than_all_others(tmp_path: Path) -> None:
    text = TEXT.replace('rule = "no"', 'rule = "ask"').replace("from_age = 16", "from_age = 18")
    assert said_of(text, tmp_path) == [
        f"county.toml, line {line(text, 'from_age')}: minors.from_age: 18 is not below rules.min_age, which is 18"
    ]


def test_a_setting_that_stands_twice_is_named_where_it_stands_again(tmp_path: Path) -> None:
    text = TEXT.replace("max_km = 40", "max_km = 40\nmax_km = 30")
    assert said_of(text, tmp_path) == [
        f"county.toml, line {line(text, 'max_km = 30')}: this setting or block stands in the file twice"
    ]


def test_rounds_that_overlap_are_named(tmp_path: Path) -> None:
    text = (
        TEXT + ROUND.format("2022-spring", "2021-11-01", "2021-11-20") + ROUND.format("2022-autumn", "2021-10-30", "2021-11-01")
    )
    sentence = "round 2022-autumn and round 2021-autumn overlap; one must close before the next opens"
    assert said_of(text, tmp_path) == [f"county.toml, line {line(text, 'opens')}: rounds.opens: {sentence}"]


def test_two_rounds_with_one_slug_are_named(tmp_path: Path) -> None:
    text = TEXT + ROUND.format("2021-autumn", "2021-11-01", "2021-11-20")
    sentence = '"2021-autumn" stands there twice'
    assert said_of(text, tmp_path) == [f"county.toml, line {line(text, 'slug')}: rounds.slug: {sentence}"]


def test_contacts_are_for_municipalities_of_the_region_and_one_each(tmp_path: Path) -> None:
    text = TEXT + CONTACT.format("Murr") + CONTACT.format("Mur") + CONTACT.format("Murr")
    third = line(text, "municipality")
    second = line(text, 'municipality = "Mur"')
    assert said_of(text, tmp_path) == [
        f'county.toml, line {second}: contacts.municipality: "Mur" is not among the municipalities; did you mean "Murr"?',
        f'county.toml, line {third}: contacts.municipality: "Murr" stands there twice',
    ]


def test_mistakes_of_all_files_are_said_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("slug =", encoding="utf-8")
    text = TEXT.replace("max_km = 40", "max_km = 0").replace('address = "du"', "address = 1").replace("party = true", "party = 1")
    said = said_of(text, tmp_path)
    assert [sentence.split(": ")[1] for sentence in said[1:]] == ["address", "questions.party", "rules.max_km"]
    assert said[0].startswith("a.toml, line 1: this cannot be read")


def test_of_very_many_mistakes_twenty_are_said_and_the_rest_counted(tmp_path: Path) -> None:
    strange = "\n".join(f"strange_{number} = 1" for number in range(25))
    (tmp_path / "county.toml").write_text(f"{strange}\n{TEXT.replace('logo = ', '# ')}", encoding="utf-8")
    with pytest.raises(RegionFilesError) as caught:
        read_regions(tmp_path)
    rows = str(caught.value).split("\n")
    assert (len(rows), rows[-1]) == (21, "… and 5 more")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"slug = 'a'\n\nname = '\xff'", "county.toml, line 3: this cannot be read; save the file as UTF-8"),
        (b"slug = " + b"[" * 100_000, "county.toml: the file cannot be read as TOML"),
        (b"slug = " + b"1" * 10_000, "county.toml: the file cannot be read as TOML"),
        (
            b"slug = 'a'\n[rules\n",
            f"county.toml, line 2: this cannot be read (Expected ']' at the end of a table declaration); {MISSING}",
        ),
    ],
)
def test_what_is_no_toml_is_named_too(content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "county.toml").write_bytes(content)
    with pytest.raises(RegionFilesError) as caught:
        read_regions(tmp_path)
    assert str(caught.value) == sentence


def test_a_folder_is_no_region_file(tmp_path: Path) -> None:
    (tmp_path / "county.toml").mkdir()
    with pytest.raises(RegionFilesError, match=r"^county\.toml: the file cannot be read \(Is a directory\)$"):
        read_regions(tmp_path)
