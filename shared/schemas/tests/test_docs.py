"""The topic table and the picture of the flow in docs/design.md are drawn from the topics."""

from pathlib import Path

import pytest

from shared.schemas.docs import BEGIN, END, drawn, main, picture, table
from shared.schemas.topics import TOPICS


def test_every_topic_is_in_the_table_and_in_the_picture_with_its_producers_and_consumers() -> None:
    for topic in TOPICS:
        (row,) = [line for line in table().splitlines() if line.startswith(f"| `{topic.name}` ")]
        assert all(event.TYPE in row for event in topic.events)
        for producer in topic.producers:
            assert f"  {producer} --> topic-{topic.name}([{topic.name}])" in picture()
        for consumer in topic.consumers:
            assert f"  topic-{topic.name}([{topic.name}]) --> {consumer}" in picture()


def test_only_what_stands_between_the_markers_is_written() -> None:
    page = drawn(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert page.startswith(f"before\n{BEGIN}\n")
    assert page.endswith(f"{END}\nafter\n")
    assert "old" not in page
    assert drawn(page) == page


def test_a_page_without_markers_is_refused_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "design.md"
    file.write_text("words")
    with pytest.raises(SystemExit, match="markers are missing"):
        main(["--file", str(file)])
    assert file.read_text() == "words"


def test_check_says_whether_the_page_is_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "design.md"
    with pytest.raises(SystemExit, match="not up to date"):
        main(["--check", "--file", str(file)])
    main(["--file", str(file)])
    main(["--check", "--file", str(file)])
    file.write_text(file.read_text().replace("messages", "letters"))
    with pytest.raises(SystemExit, match="not up to date"):
        main(["--check", "--file", str(file)])
