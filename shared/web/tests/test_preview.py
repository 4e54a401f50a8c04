"""The preview shows a translator every text of a language in its place, with its key."""

import re
from pathlib import Path

import pytest

from shared.web import preview
from shared.web.tests.reading import Reading, squeezed

# It stands beside the other languages only, to say that nobody has read them.
NOT_IN = {"de": {"privacy.machine", "form.consent.german"}, "de-formal": {"privacy.machine", "form.consent.german"}}


@pytest.mark.parametrize("language", preview.CHOICES)
def test_every_text_stands_somewhere_in_the_preview(language: str) -> None:
    texts = set(preview.load_all(language))
    shown = {key for _, rendered in preview.shown(language) for key in preview.keys_in(rendered)}
    assert texts - shown == NOT_IN.get(language, set())
    assert shown <= texts


@pytest.mark.parametrize("language", preview.CHOICES)
def test_the_preview_is_a_whole_page_with_key_and_maker_at_each_text(language: str) -> None:
    html = preview.preview(language)
    page = Reading(html)
    assert not page.crossed
    assert not page.unclosed
    assert not re.search("[\ue000-\ue002]", html)
    assert {"form.title · machine", "mail.hello · machine"} <= set(page.values("title"))
    # A choice of a list cannot be pointed at: it stands below.
    level = preview.load_all(language)["level.native"][1][0]
    assert f"level.native · machine: {level}" in squeezed(page.text)


def test_the_command_writes_one_file_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "ar.html"
    assert preview.main(["ar", "--out", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert Reading(file.read_text(encoding="utf-8")).attributes("html") == {"lang": "ar", "dir": "rtl"}
