"""A file of people with bad rows: they are named and the others go on; where nobody is left the program ends and says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.demo.__main__ import EXAMPLE, read
from deploy.local.demo.tests.test_form import ANNA
from shared.schemas.people_file import COLUMNS, format_people


def test_bad_rows_are_named_and_the_others_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = [replace(ANNA, id=f"p{number}") for number in range(4)]
    lines = format_people(good).splitlines()
    lines[2] = lines[2].replace("1980", "last year")
    lines.insert(4, lines[1])
    lines.append("too,short")
    file = tmp_path / "people.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [row.id for row in read(file)] == ["p0", "p2", "p3"]
    assert capsys.readouterr().out.splitlines() == [
        "Left out: line 3, birth_year: 'last year' is not a whole number.",
        "Left out: line 5, id: The id 'p0' stands in line 2 already.",
        f"Left out: line 7: The line has 2 fields instead of {len(COLUMNS)}.",
    ]


def test_broken_bytes_spoil_their_own_row_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    text = format_people([ANNA, replace(ANNA, id="p2", name="X")]).encode()
    file.write_bytes(text.replace(b",X,", b",\xff\xfe\x00,"))
    assert read(file) == [ANNA]
    assert capsys.readouterr().out == "Left out: line 3, name: The cell is not UTF-8.\n"


@pytest.mark.parametrize("text", ["", ",".join(COLUMNS), "who,are,you\n1,2,3\n", "\x00\xff"], ids=ascii)
def test_where_nobody_is_left_the_program_ends_with_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(SystemExit) as ended:
        read(file)
    assert ended.value.code == f"{file} has no row that can be used."


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "nobody.csv", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(SystemExit) as ended:
            read(path)
        assert ended.value.code == f"{path} cannot be read: {reason}."


def test_the_example_has_no_bad_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(read(EXAMPLE)) > 100
    assert capsys.readouterr().out == ""
