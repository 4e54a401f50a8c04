"""The people file: what is read, what is refused and in which words, and that writing and reading agree."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.schemas.people_file import COLUMNS, BadRow, Row, format_people, read_people

HEADER = ",".join(COLUMNS)
GOOD = {
    "id": "p1",
    "name": "Ada",
    "email": "ada@example.org",
    "role": "local",
    "language": "de",
    "postcode": "71634",
    "place": "Ludwigsburg",
    "birth_year": "1980",
    "gender": "f",
    "wish": "any",
    "languages": "de:native",
    "hobbies": "cooking;football",
    "max_km": "10",
    "max_age_gap": "15",
    "capacity": "1",
    "party": "",
    "group": "",
    "demo": "",
}


def line(**changes: str) -> str:
    return ",".join({**GOOD, **changes}.values())


def read(tmp_path: Path, text: str | bytes) -> tuple[list[Row], list[BadRow]]:
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass") if isinstance(text, str) else text)
    return read_people(path)


def only_bad(tmp_path: Path, text: str) -> BadRow:
    """The line between two good ones is bad, and they go on."""
    rows, bad = read(tmp_path, "\n".join([HEADER, line(id="a"), text, line(id="z"), ""]))
    assert [row.id for row in rows] == ["a", "z"]
    assert [b.line for b in bad] == [3]
    assert "\n" not in bad[0].reason
    assert bad[0].reason.endswith(".")
    assert len(str(bad[0])) < 200
    return bad[0]


def test_reads_a_person(tmp_path: Path) -> None:
    rows, bad = read(tmp_path, f"{HEADER}\n{line()}\n")
    assert not bad
    assert rows[0].languages == (("de", "native"),)
    assert rows[0].hobbies == ("cooking", "football")
    assert (rows[0].birth_year, rows[0].max_km, rows[0].max_age_gap) == (1980, 10, 15)


def test_empty_cells_take_the_default(tmp_path: Path) -> None:
    empty = dict.fromkeys(("name", "email", "language", "postcode", "place", "gender", "wish", "hobbies"), "")
    empty |= dict.fromkeys(("max_km", "max_age_gap", "capacity", "party", "group", "demo"), "")
    rows, bad = read(tmp_path, f"{HEADER}\n{line(**empty)}\n")
    assert not bad
    row = rows[0]
    assert (row.language, row.wish, row.gender, row.hobbies) == ("de", "any", "", ())
    assert (row.max_km, row.max_age_gap, row.capacity) == (None, None, 1)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_byte_order_mark_line_ends_order_of_columns_and_empty_lines(tmp_path: Path, ending: str) -> None:
    names = list(reversed(COLUMNS))
    text = ending.join(["\ufeff" + ",".join(names), "", ",".join(GOOD[name] for name in names), ""])
    rows, bad = read(tmp_path, text)
    assert not bad
    assert rows[0].name == "Ada"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("id", "", "The id is missing."),
        ("id", "a b", "'a b' is not an id"),
        ("email", "ada", "'ada' is not an e-mail address."),
        ("role", "", "The role is missing."),
        ("role", "guest", "'guest' is not one of: local, newcomer."),
        ("language", "german!", "'german!' is not the code of a language"),
        ("postcode", "7163", "'7163' is not a postcode of five digits."),
        ("postcode", "٧١٦٣٤", "is not a postcode of five digits."),
        ("birth_year", "", "The birth_year is missing."),
        ("birth_year", "20a5", "'20a5' is not a whole number."),
        ("birth_year", "１９８０", "is not a whole number."),
        ("birth_year", "1492", "'1492' is not between 1900 and 2100."),
        ("gender", "x", "'x' is not one of: f, m, d."),
        ("wish", "men", "'men' is not one of: any, same."),
        ("languages", "", "The languages are missing"),
        ("languages", "de", "'de' does not say how well"),
        ("languages", "de:fluent", "'de:fluent' does not say how well"),
        ("languages", "de:well;", "'' is not the code of a language"),
        ("languages", "de:well;DE:little", "'DE' stands twice."),
        ("hobbies", "cooking;;chess", "'' is not the code of a hobby"),
        ("hobbies", "Kochen!", "'Kochen!' is not the code of a hobby"),
        ("hobbies", "chess;chess", "'chess' stands twice."),
        ("max_km", "-3", "'-3' is not between 1 and 200."),
        ("max_km", "1e3", "'1e3' is not a whole number."),
        ("max_age_gap", "-1", "'-1' is not between 1 and 99."),
        ("capacity", "0", "'0' is not between 1 and 3."),
        ("capacity", "9" * 30, "is not a whole number."),
        ("party", "Müller", "'Müller' is not a word of small letters and digits."),
        ("group", "a b", "'a b' is not a word of small letters and digits."),
        ("demo", "sleeps", "'sleeps' is not one of: unconfirmed, leaves, withdraws, repeats, declines, silent."),
        ("name", "A\0da", "The cell holds a NUL character."),
        ("name", "A\x07da", "The cell holds a control character."),
        ("name", "A" * 501, "The cell is longer than 500 characters."),
        ("name", "A" * 10_000_000, "The cell is longer than 500 characters."),
        ("hobbies", '"' + "x" * 200_000, "The cell is longer than 500 characters."),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, field: str, value: str, words: str) -> None:
    bad = only_bad(tmp_path, line(**{field: value}))
    assert bad.field == field
    assert words in bad.reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (line() + ",x" * 33, "The line has 51 fields instead of 18."),
        ("a,b", "The line has 2 fields instead of 18."),
        (" ", "The line has 1 fields instead of 18."),
        (line(name='"Ada'), "A quotation mark is not closed"),
        (line(name='"A"da'), "A quotation mark is not closed"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, words: str) -> None:
    bad = only_bad(tmp_path, text)
    assert bad.field == ""
    assert words in bad.reason


def test_broken_utf8_spoils_its_own_line_only(tmp_path: Path) -> None:
    text = "\n".join([HEADER, line(id="a"), line(id="b", name="J@rg"), line(id="c")]).encode()
    rows, bad = read(tmp_path, text.replace(b"J@rg", b"J\xf6rg"))
    assert [row.id for row in rows] == ["a", "c"]
    assert str(bad[0]) == "line 3, name: The cell is not UTF-8."


def test_an_id_stands_once(tmp_path: Path) -> None:
    _, bad = read(tmp_path, "\n".join([HEADER, line(), line(id="b"), line()]))
    assert str(bad[0]) == "line 4, id: The id 'p1' stands in line 2 already."


def test_the_id_of_a_bad_line_is_free(tmp_path: Path) -> None:
    rows, bad = read(tmp_path, "\n".join([HEADER, line(role="x"), line()]))
    assert (len(rows), len(bad)) == (1, 1)


def test_a_party_has_one_role_and_at_most_four_people(tmp_path: Path) -> None:
    lines = [line(id=f"p{n}", party="ab") for n in range(5)] + [line(id="q", party="ab", role="newcomer")]
    rows, bad = read(tmp_path, "\n".join([HEADER, *lines]))
    assert len(rows) == 4
    assert [str(b) for b in bad] == [
        "line 6, party: The party 'ab' has more than 4 people.",
        "line 7, party: The party 'ab' mixes locals and newcomers.",
    ]


@pytest.mark.parametrize("changes", [{"role": "newcomer"}, {"party": "ab"}])
def test_only_a_single_local_takes_more_than_one_buddy(tmp_path: Path, changes: dict[str, str]) -> None:
    assert only_bad(tmp_path, line(capacity="2", **changes)).field == "capacity"


@pytest.mark.parametrize(
    ("header", "field", "words"),
    [
        ("", "", "The first line is empty"),
        (HEADER.replace("birth_year,", ""), "header", "the column 'birth_year' is missing."),
        (HEADER + ",phone", "header", "the column 'phone' is not known."),
        (HEADER + ",id", "header", "the column 'id' stands twice."),
        (HEADER.replace(",", ";"), "header", "separated by semicolons: commas are needed."),
        (HEADER.replace(",", "\0,"), "header", "The file is not UTF-8."),
        (HEADER.replace("role", "Rolle"), "header", "the column 'role' is missing."),
        ("x" * 1_000_000, "header", "is missing."),
        ('"', "", "A quotation mark"),
    ],
)
def test_a_bad_header_is_one_clear_error(tmp_path: Path, header: str, field: str, words: str) -> None:
    rows, bad = read(tmp_path, f"{header}\n{line()}\n" if header else "")
    assert not rows
    assert [(b.line, b.field) for b in bad] == [(1, field)]
    assert words in bad[0].reason


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_people(tmp_path / "none.csv")


text = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)
code = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)
tag = st.from_regex(r"[a-z]{2,3}(-[A-Z]{2})?", fullmatch=True)
level = st.sampled_from(["little", "well", "native"])


@st.composite
def people(draw: st.DrawFn) -> list[Row]:
    ids = draw(st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True), unique=True, max_size=8))
    return [draw(person(i)) for i in ids]


def person(row_id: str) -> st.SearchStrategy[Row]:
    fields: dict[str, Any] = {
        "id": st.just(row_id),
        "name": text,
        "email": st.sampled_from(["", "a@example.org", "ü.b+c@example.net"]),
        "role": st.just("local"),
        "language": tag,
        "postcode": st.from_regex(r"([0-9]{5})?", fullmatch=True).filter(str.isascii),
        "place": text,
        "birth_year": st.integers(1900, 2100),
        "gender": st.sampled_from(["f", "m", "d", ""]),
        "wish": st.sampled_from(["any", "same"]),
        "languages": st.dictionaries(tag, level, min_size=1, max_size=5).map(lambda d: tuple(d.items())),
        "hobbies": st.lists(code, unique=True, max_size=6).map(tuple),
        "max_km": st.none() | st.integers(1, 200),
        "max_age_gap": st.none() | st.integers(1, 99),
        "capacity": st.integers(1, 3),
        "party": st.just(""),
        "group": st.just("") | code,
        "demo": st.sampled_from(["", "unconfirmed", "leaves", "withdraws", "repeats", "declines", "silent"]),
    }
    return st.builds(Row, **fields)


quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


@quick
@given(rows=people())
def test_writing_and_reading_agree(tmp_path: Path, rows: list[Row]) -> None:
    assert read(tmp_path, format_people(rows)) == (rows, [])


@quick
@given(tail=st.binary(max_size=400))
def test_no_bytes_raise_and_good_lines_go_on(tmp_path: Path, tail: bytes) -> None:
    rows, bad = read(tmp_path, f"{HEADER}\n{line()}\n".encode() + tail)
    assert rows[0].id == "p1"
    assert len(rows) + len(bad) <= 2 + tail.count(b"\n")
