"""The pieces of the main job: its sums, its reading of pages and files, and what its people type."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.local.demo.__main__ import EXAMPLE, read
from deploy.local.demo.mails import CONFIRM
from deploy.local.demo.page import Page
from deploy.local.demo.people import LANGUAGE_ROWS, typed
from deploy.local.demo.report import METRIC, SOLVER, _listed, _mails, sums
from shared.schemas.people_file import COLUMNS, read_people

HEADER = ",".join(COLUMNS)
GOOD = "a,Anna,anna@example.org,local,de,71638,,1980,f,any,de:native,cooking,10,,2,,,"


def shown(**people: int) -> dict[str, Any]:
    """A round of ten: two withdrew, one was erased after close; seven confirmed and still there."""
    counted = {"confirmed": 7, "withdrawn": 2, "erased after close": 1, "unconfirmed": 3, "repeated": 2, "refused": 1} | people
    return {
        "registration": {"count": 10, "people": counted},
        "matching": {"gone": 3, "outcomes": {"matched": 4, "unmatched: no_partner": 3, "withdrawn": 3}},
        "messages": [
            {"kind": "introduced", "language": "de", "state": "sent", "count": 3},
            {"kind": "introduced", "language": "ar", "state": "sent", "count": 1},
            {"kind": "introduced", "language": None, "state": "superseded", "count": 2},
            {"kind": "unmatched", "language": "tr", "state": "sent", "count": 3},
            {"kind": "welcome", "language": "de", "state": "sent", "count": 10},
        ],
    }


def test_right_numbers_are_right() -> None:
    found = sums(16, 1, shown())
    assert found.right
    assert [left for left, _ in found.equations.values()] == [16, 10, 7]


def test_a_form_that_was_turned_back_and_not_counted_as_refused_is_counted_once() -> None:
    assert sums(18, 3, shown()).right


WRONG: dict[str, tuple[int, dict[str, Any]]] = {
    "a person is missing": (17, shown()),
    "a person is counted twice": (16, shown(unconfirmed=4)),
    "an outcome is missing": (16, shown() | {"matching": {"gone": 3, "outcomes": {"matched": 4, "withdrawn": 3}}}),
    "a mail is missing": (16, shown() | {"messages": shown()["messages"][1:]}),
    "a mail was sent twice": (16, shown() | {"messages": [*shown()["messages"], shown()["messages"][0]]}),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_numbers_are_wrong_in_one_equation(what: str) -> None:
    forms, numbers = WRONG[what]
    found = sums(forms, 1, numbers)
    assert not found.right
    assert sum(left != right for left, right in found.equations.values()) == 1


def test_the_report_names_numbers_by_size_and_mails_by_language() -> None:
    assert _listed({"unknown_postcode": 1, "located": 9}) == "9 located, 1 unknown postcode"
    assert _mails(shown()["messages"]) == [
        "Mails       introduced: 4 sent (ar 1 de 3), 2 superseded",
        "Mails       unmatched: 3 sent (tr 3)",
        "Mails       welcome: 10 sent (de 10)",
    ]


def test_metrics_are_read_as_services_write_them() -> None:
    text = (
        'people_located_total{result="located"} 474.0\npeople_located_created{result="located"} 1.0\nsolver_peak_megabytes 97.0\n'
    )
    found = SOLVER.search(text)
    assert METRIC.findall(text) == [("located", "474.0")]
    assert found is not None
    assert found.group(1) == "97.0"


def test_a_page_is_read_as_a_browser_reads_it() -> None:
    page = Page(
        """<a href="/de">x</a><a>y</a><form><input type=hidden name="form_token" value="a&amp;b"><input name="typed" value="z">
        <input type="hidden" name="place_asked"><label><input type=radio name=place_id value="de-1"></label>
        <input type="radio" name="place_id" value="-"><input type="hidden" value="nameless"><input type="checkbox" name="c"></form>"""
    )
    assert page.hidden == {"form_token": "a&b", "place_asked": ""}
    assert page.choices == {"place_id": ["de-1", "-"]}
    assert page.links == ["/de", ""]


@pytest.mark.parametrize(
    "html", ["", "<", "<input", "<!--", "<a href", "\0", "<script><input type=hidden name=a></script>"], ids=ascii
)
def test_a_broken_page_holds_nothing(html: str) -> None:
    assert (Page(html).hidden, Page(html).choices) == ({}, {})


def test_the_confirmation_link_is_found_in_a_mail_and_no_other() -> None:
    text = "Press:\nhttps://buddy.example/de/ludwigsburg/confirm/A-b_9\nYours: https://buddy.example/de/ludwigsburg/me/A-b_9\n"
    assert [one.group() for one in CONFIRM.finditer(text)] == ["https://buddy.example/de/ludwigsburg/confirm/A-b_9"]


def test_bad_rows_of_a_file_are_named_with_line_and_field_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        GOOD,
        GOOD,
        "b" + GOOD[1:].replace(",1980,", ",eighty,"),
        "c" + GOOD[1:].replace("local", "king"),
        'd,"',
        "e" + GOOD[1:],
    ]
    file = tmp_path / "people.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    assert [row.id for row in read(file)] == ["a", "e"]
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[1].strip() for line in said] == ["line 3, id", "line 4, birth_year", "line 5, role", "line 6"]
    assert all(line.startswith("Left out: ") for line in said)


@pytest.mark.parametrize("text", ["", HEADER, "id;name\n1;2", f"{HEADER}\nonly,three,cells"], ids=ascii)
def test_a_file_without_anybody_ends_the_program_with_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"people\.csv has no row that can be used"):
        read(file)


def test_a_file_that_is_not_there_ends_the_program_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="cannot be read: No such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(SystemExit, match="cannot be read: Is a directory"):
        read(tmp_path)


def test_everyone_of_the_example_types_a_whole_form() -> None:
    rows, bad = read_people(EXAMPLE)
    assert bad == []
    for row in rows:
        form = typed(row)
        assert json.loads(json.dumps(form)) == form
        assert form["name"][0]
        assert "@" in form["email"][0]
        assert form["place"] == [row.postcode or row.place]
        languages = [form[f"language_{n}"][0] for n in range(1, LANGUAGE_ROWS + 1) if f"language_{n}" in form]
        assert languages == [tag for tag, _ in row.languages][:LANGUAGE_ROWS]
        assert ("max_km" in form) == (row.max_km is not None)
