"""A county adds itself with a copy of the template, as docs/regions.md says, and is told of mistakes before it begins."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.checks.__main__ import STEPS
from services.registration.regions import read_regions
from services.registration.regions.sentences import TABLES
from services.registration.tests.made import LUDWIGSBURG, REGIONS, REGIONS_DIR
from services.registration.tests.region_files import TEMPLATE

ROOT = REGIONS_DIR.parents[1]
GUIDE = (ROOT / "docs" / "regions.md").read_text(encoding="utf-8")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    python = [sys.executable, "-m", *command]
    return subprocess.run(python, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | environment, timeout=60)


FILLED_IN = {
    "musterkreis.example": "neukreis.example",
    "12345 Musterstadt": "79098 Freiburg",
    "County of Muster": "County of New",
    "Musterland": "Neuland",
    "Musterkreis": "Neukreis",
    "musterkreis": "neukreis",
    "Musterstadt": "Freiburg im Breisgau",
    "Beispielhausen": "Titisee-Neustadt",
    "+49 30 23125 123": "+49 30 23125 124",
    "2099": "2021",
}


def filled_in(text: str) -> str:
    """With a region's own words in the place of the template's."""
    for example, own in FILLED_IN.items():
        text = text.replace(example, own)
    return text


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with a region of its own, made as the guide says."""
    (tmp_path / "neukreis.toml").write_text(filled_in(TEMPLATE), encoding="utf-8")
    return tmp_path


def test_a_copy_of_the_template_is_a_region(copied: Path) -> None:
    region = read_regions(copied)["neukreis"]
    assert region.named("de") == "Neukreis"
    assert region.contact_for("Titisee-Neustadt") == region.office


def test_the_template_says_the_defaults_and_plans_the_rules_of_a_shipped_region(copied: Path) -> None:
    region = read_regions(copied)["neukreis"]
    assert (region.rules, region.minors) == (LUDWIGSBURG.rules, LUDWIGSBURG.minors)
    assert (region.questions, region.keeping) == (LUDWIGSBURG.questions, LUDWIGSBURG.keeping)


def test_what_the_template_offers_behind_a_number_sign_can_be_used(copied: Path) -> None:
    text = re.sub(r"^# (?=\[\[|\w+ = )", "", TEMPLATE, flags=re.MULTILINE)
    (copied / "neukreis.toml").write_text(text, encoding="utf-8")
    (copied / "musterkreis.svg").write_bytes((REGIONS_DIR / "logo.svg").read_bytes())
    region = read_regions(copied)["musterkreis"]
    assert region.contact_for("Beispielhausen").name == "Rathaus Beispielhausen, Frau Muster"
    assert region.logo == LUDWIGSBURG.logo
    assert region.rules.max_age_gap == 30


def blocks(text: str) -> Iterator[str]:
    """The settings of a file as rules.max_km, those behind a number sign too."""
    table = ""
    for found in re.finditer(r"^(?:# )?(?:\[\[?([a-z.]+)\]\]?$|([a-z_]+) = )", text, re.MULTILINE):
        table = f"{found[1]}." if found[1] else table
        yield f"{table}{found[2]}" if found[2] else found[1]


def settings() -> set[str]:
    return {".".join((*table, key)) for table, keys in TABLES.items() for key in keys if (*table, key) not in TABLES}


def test_the_template_has_every_setting_and_the_guide_explains_each() -> None:
    every = settings()
    assert {"slug", "rules.weights.age", "rounds.opens", "questions.messenger", "contacts.municipality"} <= every
    assert every <= set(blocks(TEMPLATE))
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", GUIDE, re.MULTILINE)) == every


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return run("deploy.checks.regions", str(folder))


def test_the_check_counts_the_files_that_are_in_order(copied: Path) -> None:
    one, several = check(copied), run(*STEPS["regions"][2:])
    assert (one.returncode, one.stdout) == (0, "1 region file is in order\n")
    assert (several.returncode, several.stdout) == (0, f"{len(REGIONS)} region files are in order\n")


@pytest.fixture
def broken(copied: Path) -> Path:
    text = TEMPLATE.replace("max_km = 40", "max_km = 0").replace('address = "du"', 'adress = "du"')
    (copied / "neukreis.toml").write_text(text, encoding="utf-8")
    return copied


SAID = r"""neukreis\.toml, line \d+: adress: there is no such setting here; did you mean "address"\?
neukreis\.toml, line \d+: rules\.max_km: must be at least 1, not 0
"""


def test_the_check_names_what_is_wrong(broken: Path) -> None:
    done = check(broken)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(SAID, done.stderr)


NEEDED = {
    **dict.fromkeys(("DATABASE_URL", "KAFKA_BOOTSTRAP", "PUBLIC_URL", "GEO_URL", "LINK_KEYS"), "http://localhost:1"),
    **dict.fromkeys(("INTERNAL_SECRET_REGISTRATION", "INTERNAL_SECRET_NOTIFICATION"), "secret"),
}


def test_the_service_does_not_start_and_says_the_same(broken: Path) -> None:
    environment = {f"MYBUDDY_{name}": value for name, value in {**NEEDED, "REGIONS_DIR": str(broken)}.items()}
    done = run("services.registration", **environment)
    assert done.returncode == 1
    assert re.fullmatch(SAID, done.stderr)


def test_the_mistakes_that_the_guide_shows_are_said_so(copied: Path) -> None:
    text = filled_in(TEMPLATE).replace("Europe/Berlin", "Europe/Berln").replace("hobbies = 250", "hobbies = 240")
    (copied / "neukreis.toml").unlink()
    (copied / "musterkreis.toml").write_text(text, encoding="utf-8")
    assert f"\n{check(copied).stderr}```" in GUIDE


def test_an_untouched_template_is_refused_and_each_line_to_fill_in_is_named(tmp_path: Path) -> None:
    (tmp_path / "musterkreis.toml").write_text(TEMPLATE, encoding="utf-8")
    done = check(tmp_path)
    said = re.findall(
        r"musterkreis\.toml, line (\d+): (\S+): this is still the template's example; write your own\n", done.stderr
    )
    wanted = "slug municipalities municipalities name.de name.en sender.name sender.email office.name office.phone office.email"
    privacy = ["privacy.controller", "privacy.officer", "privacy.authority"]
    rounds = ["rounds.slug", "rounds.opens", "rounds.closes", "rounds.name.de", "rounds.name.en"]
    assert (done.returncode, [setting for _, setting in said]) == (1, [*wanted.split(), *privacy, *rounds])
    rows = TEMPLATE.split("\n")
    assert all(example in rows[int(said[at][0]) - 1] for at, example in ((0, "musterkreis"), (1, "Musterstadt"), (8, "+49")))


def test_one_line_of_the_template_that_was_forgotten_is_named(copied: Path) -> None:
    text = (copied / "neukreis.toml").read_text(encoding="utf-8").replace("+49 30 23125 124", "+49 30 23125 123")
    (copied / "neukreis.toml").write_text(text, encoding="utf-8")
    assert re.fullmatch(r"neukreis\.toml, line \d+: office\.phone: this is still the .*\n", check(copied).stderr)


@pytest.mark.parametrize(
    ("region", "right", "wrong", "guess"),
    [
        ("ludwigsburg", "Kornwestheim", "Kornwestein", '; did you mean "Kornwestheim"?'),
        ("ludwigsburg", "Walheim", "Hannover", ""),  # there is one, and it is another region's
        ("neukreis", "Titisee-Neustadt", "Titise-Neustadt", '; did you mean "Titisee-Neustadt"?'),
        ("neukreis", "Titisee-Neustadt", "Qqxxyy", ""),
    ],
)
def test_a_municipality_that_the_map_does_not_know_is_named_with_its_line_and_the_nearest(
    copied: Path, region: str, right: str, wrong: str, guess: str
) -> None:
    text = (copied if region == "neukreis" else REGIONS_DIR).joinpath(f"{region}.toml").read_text(encoding="utf-8")
    line = text[: text.index(f'"{right}"')].count("\n") + 1
    (copied / "logo.svg").write_bytes((REGIONS_DIR / "logo.svg").read_bytes())
    (copied / "neukreis.toml").write_text(text.replace(f'"{right}"', f'"{wrong}"'), encoding="utf-8")
    said = f'neukreis.toml, line {line}: municipalities: the map does not know "{wrong}"{guess}\n'
    assert (check(copied).returncode, check(copied).stderr) == (1, said)


def test_a_language_that_is_none_of_our_pages_is_refused_with_line_and_reason(copied: Path) -> None:
    text = filled_in(TEMPLATE).replace('"tr", "uk"]', '"tr", "zz"]')
    (copied / "neukreis.toml").write_text(text, encoding="utf-8")
    reason = r'languages: "zz" is no language of our pages; they are: de, en, ar, fa, tr, uk'
    assert re.fullmatch(rf"neukreis\.toml, line \d+: {reason}\n", check(copied).stderr)
