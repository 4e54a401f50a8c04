"""Whoever wants to see the mails finds every kind in every language, as text and as HTML."""

from pathlib import Path

import pytest

from shared.web import mails, sample_mails
from shared.web.check import ROOT
from shared.web.languages import LANGUAGES
from shared.web.preview import CHOICES
from shared.web.tests.reading import Reading


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mails.write(tmp_path_factory.mktemp("mails"))


@pytest.mark.parametrize("choice", CHOICES)
def test_every_kind_is_written_as_text_and_as_html(index: Path, choice: str) -> None:
    files = {path.name for path in (index.parent / choice).iterdir()}
    assert files == {f"{name}.{form}" for name, _, _ in mails.shapes() for form in ("txt", "html")}
    assert {name.rpartition("-")[0] for name in files} == set(sample_mails.KINDS)


def test_the_kinds_are_those_that_have_a_template() -> None:
    templates = (ROOT / "services" / "notification" / "templates").glob("*.html")
    assert {path.stem for path in templates} == set(sample_mails.KINDS)


def test_every_link_of_the_index_leads_to_a_mail(index: Path) -> None:
    page = Reading(index.read_text(encoding="utf-8"))
    assert not page.crossed
    assert not page.unclosed
    links = page.values("href")
    assert len(links) == len(list(mails.shapes())) * (1 + 2 * len(CHOICES))
    assert all((index.parent / link).is_file() for link in links)


def test_side_by_side_every_language_stands_in_its_direction(index: Path) -> None:
    page = Reading((index.parent / "introduced-1.html").read_text(encoding="utf-8"))
    assert page.values("src") == [f"{choice}/introduced-1.html" for choice in CHOICES]
    assert page.values("dir").count("rtl") == 2 * sum(one.direction == "rtl" for one in LANGUAGES.values())


def test_a_region_that_says_sie_has_its_own(index: Path) -> None:
    du, sie = ((index.parent / choice / "welcome-1.txt").read_text(encoding="utf-8") for choice in ("de", "de-formal"))
    assert "Dein" in du
    assert "Dein" not in sie


def test_the_command_says_where_to_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mails.main(["--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'index.html'}\n"


def test_the_mail_with_a_link_is_true_for_who_asked_for_it_and_for_who_signed_up_once_more(index: Path) -> None:
    text = (index.parent / "de" / "link-1.txt").read_text(encoding="utf-8")
    assert "nach Deinem Link gefragt, Dich noch einmal angemeldet oder Deine E-Mail-Adresse geändert" in " ".join(text.split())
