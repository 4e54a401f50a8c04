"""Region files: those we ship are right, and one that is not is named with what is wrong."""

from pathlib import Path

import pytest

from services.registration.regions import read_regions, round_id
from services.registration.tests.made import LUDWIGSBURG, REGIONS, REGIONS_DIR
from shared.schemas.rounds import Rules

TEXT = (REGIONS_DIR / "ludwigsburg.toml").read_text(encoding="utf-8")


def test_both_regions_are_read_with_rules_that_a_round_can_freeze() -> None:
    assert set(REGIONS) == {"hannover", "ludwigsburg"}
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


BROKEN = {
    "no TOML": (TEXT + "\n[[", ""),
    "a field missing": (TEXT.replace('slug = "ludwigsburg"', "", 1), "slug"),
    "a field unknown": (f"colour = 1\n{TEXT}", "colour"),
    "no such time zone": (TEXT.replace("Europe/Berlin", "Europe/Berln"), "Europe/Berln"),
    "weights that do not add up": (TEXT.replace("hobbies = 250", "hobbies = 251"), "1000"),
    "closing before opening": (TEXT.replace("closes = 2021-10-31", "closes = 2021-10-01"), "2021-autumn"),
    "a date with a zone of its own": (TEXT.replace("2021-10-15T00:00:00", "2021-10-15T00:00:00Z"), "opens"),
    "rules nobody can keep": (TEXT.replace("max_km = 40", "max_km = 0"), "max_km"),
    "no German": (TEXT.replace('languages = ["de", ', "languages = ["), "de is missing"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_with_what_is_wrong(name: str, tmp_path: Path) -> None:
    text, word = BROKEN[name]
    (tmp_path / "good.toml").write_text(TEXT.replace('slug = "ludwigsburg"', 'slug = "other"'), encoding="utf-8")
    (tmp_path / "broken.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"(?s)broken\.toml: .*{word}"):
        read_regions(tmp_path)


def test_bytes_that_are_no_text_are_named_too(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_bytes(b"slug = '\xff'")
    with pytest.raises(ValueError, match=r"broken\.toml"):
        read_regions(tmp_path)


def test_two_files_may_not_be_the_same_region(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(ValueError, match=r"b\.toml: .*ludwigsburg"):
        read_regions(tmp_path)


def test_an_installation_without_a_region_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no region file"):
        read_regions(tmp_path)
