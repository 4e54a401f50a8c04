"""Region files: those we ship are right, they say what a county may decide, and what is not said stays as it was."""

from pathlib import Path
from typing import Any

import pytest

from services.registration.regions import Region, RegionFilesError, read_regions, round_id
from services.registration.regions.model import Keeping, Minors, Privacy, Questions
from services.registration.tests.made import HANNOVER, LUDWIGSBURG, REGIONS, REGIONS_DIR
from services.registration.tests.region_files import NEEDED, TEXT
from shared.schemas.rounds import Rules


def read(folder: Path, text: str) -> Region:
    (folder / "region.toml").write_text(text, encoding="utf-8")
    (region,) = read_regions(folder).values()
    return region


def test_both_regions_are_read_with_rules_that_a_round_can_freeze() -> None:
    assert {"hannover", "ludwigsburg"} <= set(REGIONS)
    for region in REGIONS.values():
        for draft in region.rounds:
            assert isinstance(region.frozen_rules(draft), Rules)
            assert region.moment(draft.closes).utcoffset() is not None


def test_names_fall_back_to_german_and_a_round_without_a_file_to_its_slug() -> None:
    assert LUDWIGSBURG.named("tr") == "Ludwigsburg İlçesi"
    assert LUDWIGSBURG.named("xx") == "Landkreis Ludwigsburg"
    assert LUDWIGSBURG.round_name("2021-autumn", "uk") == "Осінь 2021"
    assert LUDWIGSBURG.round_name("2020-autumn", "uk") == "2020-autumn"


def test_the_id_of_a_round_follows_from_its_names_alone() -> None:
    assert str(round_id("ludwigsburg", "2021-autumn")) == "bd27d1d8-aae3-52bf-ac1a-2a450ec421ba"
    assert round_id("ludwigsburg", "2021-autumn") != round_id("hannover", "2021-autumn")


def test_what_is_not_said_stays_as_it_was(tmp_path: Path) -> None:
    region = read(tmp_path, NEEDED)
    assert (region.address, region.introduction, region.who_writes_first) == ("du", "direct", "local")
    assert (region.answer_days, region.asked_again) == (7, 2)
    assert (region.minors, region.youngest) == (Minors(rule="no", from_age=16), 18)
    assert all(region.questions.model_dump().values())
    assert region.keeping.model_dump() == {"unconfirmed_days": 7, "after_round_months": 6, "audit_months": 24}
    assert region.privacy == Privacy()
    assert region.privacy.controller == region.privacy.officer == region.privacy.authority == ""
    assert (region.contacts, region.logo, region.rounds) == ([], "", [])


@pytest.mark.parametrize("region", [HANNOVER, LUDWIGSBURG], ids=lambda region: region.slug)
def test_the_files_we_ship_say_the_defaults_and_whom_the_privacy_page_names(region: Region) -> None:
    assert (region.minors, region.questions, region.keeping) == (Minors(), Questions(), Keeping())
    assert len(region.privacy.controller.splitlines()) == 3
    assert region.privacy.officer.endswith(".example")
    assert region.privacy.authority


def test_a_region_that_asks_first_says_so_to_its_rounds(tmp_path: Path) -> None:
    region = read(tmp_path, f'introduction = "agreed"\nanswer_days = 5\nasked_again = 1\n{NEEDED}')
    rules = region.frozen_rules(LUDWIGSBURG.rounds[0])
    assert (rules.introduction, rules.answer_days, rules.asked_again) == ("agreed", 5, 1)


@pytest.mark.parametrize(("rule", "youngest"), [("no", 18), ("ask", 15)])
def test_the_form_takes_younger_people_where_the_office_decides(tmp_path: Path, rule: str, youngest: int) -> None:
    assert read(tmp_path, f'{NEEDED}\n[minors]\nrule = "{rule}"\nfrom_age = 15').youngest == youngest


def test_a_municipality_has_its_own_contact_and_all_others_the_office(tmp_path: Path) -> None:
    said = '\n[[contacts]]\nmunicipality = "Murr"\nname = "Frau Muster"\nphone = "030 23125 456"\nemail = "m@murr.example"'
    region = read(tmp_path, NEEDED + said)
    assert region.contact_for("Murr").name == "Frau Muster"
    assert region.contact_for("Asperg") == region.contact_for("") == region.office


def test_questions_can_be_left_out(tmp_path: Path) -> None:
    questions = read(tmp_path, f"{NEEDED}\n[questions]\nparty = false").questions
    assert (questions.party, questions.hobbies) == (False, True)


@pytest.mark.parametrize("changed", [TEXT.replace("\n", "\r\n"), f"\ufeff{TEXT}"], ids=["Windows line ends", "byte order mark"])
def test_a_file_saved_by_another_editor_is_the_same(changed: str, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes((REGIONS_DIR / "logo.svg").read_bytes())
    (tmp_path / "region.toml").write_bytes(changed.encode())
    assert read_regions(tmp_path) == {"ludwigsburg": LUDWIGSBURG}


def changed(**settings: Any) -> dict[str, Any]:
    return {**LUDWIGSBURG.model_dump(exclude={"logo"}), **settings}


def test_no_region_is_made_with_a_setting_that_does_not_exist_and_none_can_be_changed() -> None:
    with pytest.raises(ValueError, match="motto"):
        Region.model_validate(changed(motto="x"))
    with pytest.raises(ValueError, match="frozen"):
        LUDWIGSBURG.minors.rule = "ask"


def test_two_files_may_not_be_the_same_region(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(NEEDED, encoding="utf-8")
    with pytest.raises(RegionFilesError, match=r'^b\.toml, line 2: slug: another file has "smallest" too$'):
        read_regions(tmp_path)


def test_an_installation_without_a_region_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(RegionFilesError, match="no region file"):
        read_regions(tmp_path)
